"""Our own model files: reading, complete checking, writing. See header.py for the layout.

`read_info` needs the standard library only; numpy is imported when tensors are touched.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ModelFileError, StylescopeError, clipped
from engine.family import ModelInfo
from engine.files import header as h
from engine.files.atomic import write_atomically
from engine.files.source import CHUNK, Damage, Digest, Watch, opened, read_all, refused

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float32]
    Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ModelData:
    """A model file that was read and checked completely."""

    info: ModelInfo
    networks: Mapping[str, Mapping[str, Array]]  # "G_ema" -> name -> float32 tensor

    @property
    def shown(self) -> Mapping[str, Array]:
        """The tensors of the network that is shown: G_ema, or G where there is no other."""
        return self.networks[self.info.networks[0]]


def read_info(path: Path | str) -> ModelInfo:
    """What the header of a model file says. Raises ModelNotFoundError, ModelFileError. Does not see the tensors."""
    path = Path(path)
    file, size = opened(path)
    with file:
        try:
            return h.read_header(file, size).info
        except (Damage, OSError) as error:
            raise refused(path, error) from None


def is_whole(path: Path) -> bool:
    """Whether header and weights are as they were written. Reads all of the file, piece by piece."""
    try:
        file, size = opened(path)
        with file:
            header = h.read_header(file, size)
            digest = hashlib.sha256()
            while piece := file.read(CHUNK):
                digest.update(piece)
            return digest.hexdigest() == header.checksum
    except (Damage, StylescopeError, OSError):
        return False


def read(path: Path | str, watch: Watch = Watch()) -> ModelData:  # noqa: B008  # frozen
    """A model file with all its tensors, everything verified. Raises ModelNotFoundError, ModelFileError, Stopped."""
    path = Path(path)
    file, size = opened(path)
    with file:
        try:
            header = h.read_header(file, size)
            file.seek(0)
            data = read_all(file, size, watch, 0.5)  # into memory, never mapped: the file stays free to be replaced
            return _verified(header, data, watch)
        except (Damage, OSError, MemoryError) as error:
            raise refused(path, error) from None


def write(
    path: Path | str,
    *,
    family: str,
    settings: Mapping[str, Any],  # the family's own; what JSON can hold
    tensors: Tensors,  # "G_ema.NAME" or "G.NAME", float32 or float16
    name: str,
    licence: str = "",
    origin: str = "",
    training: Mapping[str, Any] | None = None,
    opening: Mapping[str, Any] | None = None,  # a recipe as recipe_json.to_dict gives it; its model is filled in
    class_names: Sequence[str] = (),
) -> str:
    """Write a model file, whole or not at all, and return its content id. Raises StylescopeError."""
    import numpy as np

    arrays = {n: _plain(n, np.asarray(tensors[n])) for n in sorted(tensors)}
    network = next((n for n in h.NETWORKS if any(k.startswith(f"{n}.") for k in arrays)), "G_ema")
    shown = {k[len(network) + 1 :]: a for k, a in arrays.items() if k.startswith(f"{network}.")}
    content_id = content_id_of(family, settings, shown)
    checksum = hashlib.sha256()
    for array in arrays.values():
        checksum.update(array.data)
    meta = {
        "format": h.FORMAT,
        "family": family,
        "settings": dict(settings),
        "name": name,
        "class_names": list(class_names),
        "licence": licence,
        "origin": origin,
        "training": dict(training or {}),
        "opening": None if opening is None else {**opening, "model": {"name": name, "content_id": content_id}},
        "content_id": content_id,
        "checksum": checksum.hexdigest(),
    }
    _put(path, _header(meta, arrays), arrays)
    return content_id


def content_id_of(family: str, settings: Mapping[str, Any], tensors: Tensors) -> str:
    """Name of a network by what it is: SHA-256, cut to 32 digits, over family, settings and float32 tensors."""
    import numpy as np

    digest = hashlib.sha256(f"{family}\n{_canonical(settings)}\n".encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name], dtype="<f4")
        digest.update(f"{name} float32 {list(tensors[name].shape)}\n".encode())
        digest.update(array.data)
    return digest.hexdigest()[:32]


def _verified(header: h.Header, data: memoryview, watch: Watch) -> ModelData:
    """Checksum, finite numbers and content id of what the header describes. Raises Damage, Stopped."""
    import numpy as np

    with Digest(data) as digest:
        if hashlib.sha256(data[header.start :]).hexdigest() != header.checksum:
            raise Damage("its weights are damaged (the checksum does not fit)")
        watch.at(0.7)
        networks: dict[str, dict[str, Array]] = {n: {} for n in header.info.networks}
        for name, span in header.tensors.items():
            raw = data[header.start + span.begin : header.start + span.end]
            array = np.frombuffer(raw, f"<f{2 if span.dtype == 'F16' else 4}").reshape(span.shape)
            if not np.isfinite(array).all():
                raise Damage(f"the tensor {clipped(name, 80)} holds NaN or infinity")
            network, _, rest = name.partition(".")
            networks[network][rest] = np.require(array, np.float32, ["C", "A", "W"])
        model = ModelData(replace(header.info, sha256=digest.hexdigest()), networks)
    watch.at(0.8)
    if content_id_of(model.info.family, model.info.settings, model.shown) != model.info.content_id:
        raise Damage("its content id is not that of its weights")
    watch.at(1.0)
    return model


def _put(path: Path | str, header: bytes, arrays: Tensors) -> None:
    """Write the file. Raises ModelFileError, and writes nothing, where it could not be read."""
    try:
        h.read_header(io.BytesIO(header), len(header) + sum(a.nbytes for a in arrays.values()))
    except Damage as damage:
        raise ModelFileError(f"this model cannot be written: {damage.what}", "correct what is given") from None
    with write_atomically(path) as file:
        file.write(header)
        for array in arrays.values():
            file.write(array.data)


def _header(meta: Mapping[str, Any], arrays: Tensors) -> bytes:
    """Length and sealed header."""
    try:
        text = json.dumps(meta, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        what = f"a model's description cannot be JSON ({clipped(error, 60)})"
        raise ModelFileError(what, "give plain data") from None
    top: dict[str, Any] = {"__metadata__": {h.META: text, h.SEAL: h.NO_SEAL.decode()}}
    place = 0
    for name, array in arrays.items():
        dtype = "F32" if array.dtype.itemsize == 4 else "F16"
        top[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [place, place + array.nbytes]}
        place += array.nbytes
    raw = json.dumps(top, ensure_ascii=True, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)  # tensors begin at a multiple of 8
    first = len(raw).to_bytes(8, "little")
    return first + raw.replace(h.SEAL_FIELD + h.NO_SEAL, h.SEAL_FIELD + h.seal(first, raw).encode())


def _plain(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Little-endian and contiguous, as the file holds it; refused unless finite float32 or float16."""
    import numpy as np

    if array.dtype not in (np.float32, np.float16):
        raise ModelFileError(f"the tensor {clipped(name, 80)} is {array.dtype}", "give float32 or float16")
    if not np.isfinite(array).all():
        raise ModelFileError(f"the tensor {clipped(name, 80)} holds NaN or infinity", "do not keep this model")
    # ascontiguousarray would make [1] of a scalar
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _canonical(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
