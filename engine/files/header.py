"""The header of our own model file, checked before anything else is read. Standard library only.

The file is a safetensors file: 8 bytes of length N, N bytes of JSON, the tensors. The JSON names each tensor with
its dtype, shape and place, and under `__metadata__` holds two texts of ours: `stylescope`, a JSON text that says
what the model is, and `stylescope-seal`, the SHA-256 of length and header with the seal's own digits as zeros. So
the header alone tells what sliders a model needs, and no bit of it can change unseen.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from engine import families, recipe_json
from engine.errors import ModelFileError, ModelNotFoundError, RecipeError, StylescopeError, clipped
from engine.family import Description, ModelInfo

FORMAT = 1
MAX_HEADER = 16_000_000  # bytes; an honest header has some 20 thousand
META, SEAL = "stylescope", "stylescope-seal"
SEAL_FIELD = f'"{SEAL}":"'.encode()
NO_SEAL = b"0" * 64
NETWORKS = ("G_ema", "G")  # the first that is in the file is the one that is shown
ITEM_BYTES = {"F32": 4, "F16": 2}
AGAIN = "get the file again"


class Damage(Exception):
    """Something is wrong in a file; the reader that knows the file's name makes a ModelFileError of it."""

    def __init__(self, what: str, remedy: str = AGAIN) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True, slots=True)
class Header:
    """A header that has been checked against the family it names and against the file's size."""

    info: ModelInfo
    checksum: str  # SHA-256 of all bytes behind the header
    start: int  # where the tensors begin, in bytes


def opened(path: Path) -> tuple[BinaryIO, int]:
    """The file, open for reading, if it is an ordinary one, and its size. Raises ModelNotFoundError, ModelFileError."""
    name = clipped(path.name)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would block for ever
            raise ModelFileError(f"{name} is no ordinary file", "give a model file")
        file = open(path, "rb")  # noqa: SIM115  # the reader closes it
        return file, os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise ModelNotFoundError(f"there is no file {clipped(path)}", "check the name") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = clipped(getattr(error, "strerror", None) or error, 80)
        raise ModelFileError(f"{name} cannot be read ({reason})", "check the file and its folder") from None


def read_header(file: BinaryIO, size: int) -> Header:
    """The checked header of an open file of `size` bytes. Raises Damage."""
    first = file.read(8)
    length = int.from_bytes(first, "little")
    if len(first) < 8 or not 2 <= length <= size - 8:
        if first[:1] == b"\x80" or first[:2] == b"PK":
            kind = "a pickle" if first[:1] == b"\x80" else "a zip archive"
            raise Damage(f"it is {kind}, not a safetensors model with a header", "give a Stylescope .safetensors model")
        raise Damage("it is truncated or no model (its header does not fit the file)")
    if length > MAX_HEADER:
        raise Damage(f"its header is too large ({length} bytes)", "give a model that Stylescope wrote")
    raw = file.read(length)
    top = _parsed(raw, "header")
    if not isinstance(top, dict):
        raise Damage("its header is no JSON object")
    metadata = top.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not isinstance(metadata.get(META), str):
        raise Damage("its header does not say that it is a Stylescope model", "give a model that Stylescope wrote")
    _check_seal(first, raw, metadata.get(SEAL))
    meta = _parsed(metadata[META].encode("utf-8", "surrogatepass"), "description in the header")
    fields = _checked_meta(meta)
    description = _described(fields["family"], fields["settings"])
    networks = _check_tensors(top, description, size - 8 - length)
    return Header(_info(fields, description, networks), fields["checksum"], 8 + length)


def seal(first: bytes, raw: bytes) -> str:
    """SHA-256, in hexadecimal, of the length field and a header whose seal is still `NO_SEAL`."""
    return hashlib.sha256(first + raw).hexdigest()


def refused(path: Path, damage: Damage) -> ModelFileError:
    """The one sentence that a user sees."""
    return ModelFileError(f"{clipped(path.name)} cannot be opened: {damage.what}", damage.remedy)


def _check_seal(first: bytes, raw: bytes, claimed: object) -> None:
    place = raw.find(SEAL_FIELD) + len(SEAL_FIELD)
    if not isinstance(claimed, str) or raw.count(SEAL_FIELD) != 1 or raw[place : place + 64] != claimed.encode():
        raise Damage("its header has no proper seal", "give a model that Stylescope wrote")
    if seal(first, raw[:place] + NO_SEAL + raw[place + 64 :]) != claimed:
        raise Damage("its header is damaged or was changed by another program (the seal does not fit)")


def _parsed(raw: bytes, what: str) -> Any:
    """Strict JSON: UTF-8, no duplicate keys, no NaN, bounded depth and digits."""
    try:
        text = raw.decode("utf-8")
        if not text.startswith("{"):  # no byte order mark, no white space: we write neither
            raise Damage(f"its {what} is no JSON object")
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Damage(f"its {what} is damaged (no UTF-8 text)") from None
    except RecursionError:
        raise Damage(f"its {what} is nested too deeply") from None
    except ValueError as error:
        raise Damage(f"its {what} is damaged ({clipped(error, 60)})") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Damage("its header names something twice")
    return result


def _no_constant(name: str) -> NoReturn:
    raise Damage(f"its header holds {name} where a number belongs")


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


def _check_tensors(entries: Mapping[str, Any], description: Description, data_bytes: int) -> tuple[str, ...]:
    """Each tensor of the networks is there once, in its shape, and together they fill the file. The networks."""
    networks = tuple(n for n in NETWORKS if any(name.startswith(f"{n}.") for name in entries))
    if not networks:
        raise Damage("there is no generator in this model (no tensors named G_ema or G)")
    expected = {f"{n}.{name}": shape for n in networks for name, shape in description.tensors.items()}
    for odd in entries.keys() ^ expected.keys():
        state = "is missing from the model" if odd in expected else "does not belong into this model"
        raise Damage(f"the tensor {clipped(repr(odd), 80)} {state}")
    spans = sorted(_span(name, entries[name], shape) for name, shape in expected.items())
    place = 0
    for begin, end in spans:
        if begin != place:
            raise Damage("the offsets of its tensors leave gaps or overlap")
        place = end
    if place != data_bytes:
        raise Damage(f"it is truncated or has bytes at its end (tensors of {place} bytes, the file has {data_bytes})")
    return networks


def _span(name: str, entry: object, shape: tuple[int, ...]) -> tuple[int, int]:
    """Where a tensor begins and ends, counted from the end of the header."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Damage(f"the tensor {clipped(name, 80)} has no proper entry in the header")
    item = ITEM_BYTES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    if item is None:
        raise Damage(f"the dtype of {clipped(name, 80)} is {clipped(repr(entry['dtype']), 20)}, not F32 or F16")
    if not _whole(entry["shape"]) or tuple(entry["shape"]) != shape:
        raise Damage(f"the shape of {clipped(name, 80)} is not {list(shape)}")
    offsets = entry["data_offsets"]
    if not _whole(offsets) or len(offsets) != 2 or offsets[1] - offsets[0] != math.prod(shape) * item:
        raise Damage(f"the offsets of {clipped(name, 80)} do not fit its shape")
    return offsets[0], offsets[1]


def _whole(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(v, int) and not isinstance(v, bool) for v in values)


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
