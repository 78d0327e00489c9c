"""The header of our own model file, checked before anything else is read. Standard library only.

The file is a safetensors file: 8 bytes of length N, N bytes of JSON, the tensors. The JSON names each tensor with
its dtype, shape and place, and under `__metadata__` holds two texts of ours: `stylescope`, a JSON text that says
what the model is, and `stylescope-seal`, the SHA-256 of length and header with the seal's own digits as zeros. So
the header alone tells what sliders a model needs, and no bit of it can change unseen.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from engine import families, recipe_json
from engine.errors import RecipeError, StylescopeError, clipped
from engine.family import Description, ModelInfo
from engine.files import strict_json
from engine.files.source import Damage

FORMAT = 1
MAX_HEADER = 6_000_000  # bytes; an honest header has some 20 thousand
MAX_PARTS = 100_000  # lists and objects in it; honest ones have some thousand
META, SEAL = "stylescope", "stylescope-seal"
SEAL_FIELD = f'"{SEAL}":"'.encode()
NO_SEAL = b"0" * 64
NETWORKS = ("G_ema", "G")  # the first that is in the file is the one that is shown
WEIGHTS = ("F32", "F16")  # what our tensors may be
SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4, "F32": 4}
SIZES |= {"U64": 8, "I64": 8, "F64": 8}  # of what other programs keep in such files: their layout is checked first
MAX_AXES = 8


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where a tensor is, counted in bytes from the end of the header, and what."""

    begin: int
    end: int
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A header that has been checked against the family it names and against the file's size."""

    info: ModelInfo
    checksum: str  # SHA-256 of all bytes behind the header
    start: int  # where the tensors begin, in bytes
    tensors: Mapping[str, Span]  # "G_ema.NAME" -> where it is


def read_header(file: BinaryIO, size: int) -> Header:
    """The checked header of an open file of `size` bytes. Raises Damage."""
    first = file.read(8)
    length = int.from_bytes(first, "little")
    if len(first) < 8 or not 2 <= length <= size - 8:
        raise Damage("it is truncated or no model (its header does not fit the file)")
    if length > MAX_HEADER:
        raise Damage(f"its header is too large ({length} bytes)", "give a model that Stylescope wrote")
    raw = file.read(length)
    if raw.count(b"[") + raw.count(b"{") > MAX_PARTS:  # Python would make millions of lists in one go
        raise Damage("its header has more parts than that of any model", "give a model that Stylescope wrote")
    top = _parsed(raw, "header")
    if not isinstance(top, dict):
        raise Damage("its header is no JSON object")
    metadata = top.pop("__metadata__", None)
    spans = _layout(top, size - 8 - length)
    if not isinstance(metadata, dict) or not isinstance(metadata.get(META), str):
        raise Damage("its header does not say that it is a Stylescope model", "give a model that Stylescope wrote")
    _check_seal(first, raw, metadata.get(SEAL))
    meta = _parsed(metadata[META].encode("utf-8", "surrogatepass"), "description in the header")
    fields = _checked_meta(meta)
    description = _described(fields["family"], fields["settings"])
    networks = _check_tensors(spans, description)
    return Header(_info(fields, description, networks), fields["checksum"], 8 + length, spans)


def seal(first: bytes, raw: bytes) -> str:
    """SHA-256, in hexadecimal, of the length field and a header whose seal is still `NO_SEAL`."""
    return hashlib.sha256(first + raw).hexdigest()


def _check_seal(first: bytes, raw: bytes, claimed: object) -> None:
    place = raw.find(SEAL_FIELD) + len(SEAL_FIELD)
    if not isinstance(claimed, str) or raw.count(SEAL_FIELD) != 1 or raw[place : place + 64] != claimed.encode():
        raise Damage("its header has no proper seal", "give a model that Stylescope wrote")
    if seal(first, raw[:place] + NO_SEAL + raw[place + 64 :]) != claimed:
        raise Damage("its header is damaged or was changed by another program (the seal does not fit)")


def _parsed(raw: bytes, what: str) -> Any:
    """The JSON object of a part of the header. Raises Damage."""
    try:
        text = raw.decode("utf-8")
        if not text.startswith("{"):  # no byte order mark, no white space: we write neither
            raise Damage(f"its {what} is no JSON object")
        return strict_json.parse(text)
    except UnicodeDecodeError:
        raise Damage(f"its {what} is damaged (no UTF-8 text)") from None
    except strict_json.NotStrict as error:
        raise Damage(f"its {what} is damaged ({error})") from None


def _checked_meta(meta: object) -> dict[str, Any]:
    """The description, its entries of the right types. Their meaning is checked where they are used."""
    if not isinstance(meta, dict) or isinstance(meta.get("format"), bool) or not isinstance(meta.get("format"), int):
        raise Damage("its header names no format", "give a model that Stylescope wrote")
    if meta["format"] != FORMAT:
        raise Damage(f"its format {clipped(meta['format'], 20)} is not known here", "update Stylescope")
    kinds = {"format": int, "family": str, "settings": dict, "name": str, "class_names": list, "licence": str}
    kinds |= {"origin": str, "training": dict, "opening": dict, "content_id": str, "checksum": str}
    if set(meta) != set(kinds):
        odd = sorted(set(meta) ^ set(kinds))[0]
        raise Damage(f"the entry {clipped(repr(odd), 60)} in its header is missing or unknown")
    for key, kind in kinds.items():
        if not isinstance(meta[key], kind) and not (key == "opening" and meta[key] is None):
            raise Damage(f"the entry {key!r} in its header is of the wrong type")
    _check_text(meta["name"], "name", 200)
    _check_text(meta["licence"], "licence", 20_000)
    _check_text(meta["origin"], "origin", 2_000)
    for key, digits in (("content_id", 32), ("checksum", 64)):
        if not re.fullmatch(f"[0-9a-f]{{{digits}}}", meta[key]):
            raise Damage(f"the entry {key!r} in its header is no checksum")
    for class_name in meta["class_names"]:
        _check_text(class_name, "class name", 200)
    if meta["opening"] is not None:
        _check_opening(meta["opening"])
    return meta


def _check_text(value: object, what: str, limit: int) -> None:
    if not isinstance(value, str) or len(value) > limit or not (value or what != "name"):
        raise Damage(f"the {what} in its header is no text of up to {limit} characters")
    if any("\ud800" <= c <= "\udfff" for c in value):  # half a character: it cannot be written or shown
        raise Damage(f"the {what} in its header is no proper text")


def _check_opening(opening: dict[str, Any]) -> None:
    try:
        recipe_json.from_dict(opening)
    except RecipeError as error:
        raise Damage(f"its opening recipe is not valid ({clipped(error.what, 80)})") from None


def _described(name: str, settings: Mapping[str, Any]) -> Description:
    try:
        return families.family(name).describe(settings)
    except StylescopeError as error:
        raise Damage(error.what, error.remedy) from None
    except (ArithmeticError, TypeError, ValueError) as error:  # a family that trusts a setting too far
        raise Damage(f"its network settings make no network ({clipped(error, 60)})") from None


def _layout(entries: Mapping[str, Any], data_bytes: int) -> dict[str, Span]:
    """Where each tensor of a safetensors file is: they follow each other without gaps and fill the file."""
    spans = {name: _span(name, entry) for name, entry in entries.items()}
    place = 0
    for span in sorted(spans.values()):
        if span.begin != place:
            raise Damage("the offsets of its tensors leave gaps or overlap")
        place = span.end
    if place != data_bytes:
        raise Damage(f"it is truncated or has bytes at its end (tensors of {place} bytes, the file has {data_bytes})")
    return spans


def _span(name: str, entry: object) -> Span:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Damage(f"the tensor {clipped(name, 80)} has no proper entry (dtype, shape, offsets) in the header")
    shape, offsets = entry["shape"], entry["data_offsets"]
    item = SIZES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    if item is None:
        raise Damage(f"the dtype of {clipped(name, 80)} is {clipped(repr(entry['dtype']), 20)}, which is none")
    if not _whole(shape) or len(shape) > MAX_AXES:
        raise Damage(f"the shape of {clipped(name, 80)} in the header is none")
    if not _whole(offsets) or len(offsets) != 2 or offsets[1] - offsets[0] != math.prod(shape) * item:
        raise Damage(f"the offsets of {clipped(name, 80)} do not fit its shape")
    return Span(offsets[0], offsets[1], entry["dtype"], tuple(shape))


def _check_tensors(spans: Mapping[str, Span], description: Description) -> tuple[str, ...]:
    """Each tensor of the networks is there once, in its shape, and no other. The networks."""
    networks = tuple(n for n in NETWORKS if any(name.startswith(f"{n}.") for name in spans))
    if not networks:
        raise Damage("there is no generator in this model (no tensors named G_ema or G)")
    expected = {f"{n}.{name}": shape for n in networks for name, shape in description.tensors.items()}
    for odd in sorted(spans.keys() ^ expected.keys()):
        state = "is missing from the model" if odd in expected else "does not belong into this model"
        raise Damage(f"the tensor {clipped(repr(odd), 80)} {state}")
    for name, shape in expected.items():
        if spans[name].dtype not in WEIGHTS:
            raise Damage(f"the dtype of {clipped(name, 80)} is {spans[name].dtype}, not F32 or F16")
        if spans[name].shape != shape:
            raise Damage(f"the shape of {clipped(name, 80)} is not {list(shape)}")
    return networks


def _whole(values: object) -> bool:
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 1 << 48 for v in values)


def _info(fields: Mapping[str, Any], description: Description, networks: tuple[str, ...]) -> ModelInfo:
    if len(fields["class_names"]) not in (0, description.classes):
        raise Damage(f"it has {len(fields['class_names'])} class names for {description.classes} classes")
    return ModelInfo(
        name=fields["name"],
        family=fields["family"],
        config=description.config,
        resolution=description.resolution,
        channels=description.channels,
        z_dim=description.z_dim,
        w_dim=description.w_dim,
        layers=description.layers,
        noise=description.noise,
        classes=description.classes,
        class_names=tuple(fields["class_names"]),
        features=description.features,
        parameters=description.parameters,
        networks=networks,
        content_id=fields["content_id"],
        licence=fields["licence"],
        origin=fields["origin"],
        settings=fields["settings"],
        training=fields["training"],
        opening=fields["opening"],
    )
