"""Our own model files: reading, complete checking, writing. See header.py for the layout.

`read_info` needs the standard library only; numpy and safetensors are imported when tensors are touched.
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
    file, size = h.opened(path)
    with file:
        try:
            return h.read_header(file, size).info
        except (h.Damage, OSError) as error:
            raise _refused(path, error) from None


def read(path: Path | str) -> ModelData:
    """A model file with all its tensors, everything verified. Raises ModelNotFoundError, ModelFileError."""
    path = Path(path)
    file, size = h.opened(path)
    with file:
        try:
            header = h.read_header(file, size)
            file.seek(0)
            data = file.read()  # into memory, never mapped: the file stays free to be replaced
            return _verified(header, data)
        except (h.Damage, OSError, MemoryError) as error:
            raise _refused(path, error) from None


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
    header = _header(meta, arrays)
    try:  # never write what would not be read
        h.read_header(io.BytesIO(header), len(header) + sum(a.nbytes for a in arrays.values()))
    except h.Damage as damage:
        raise ModelFileError(f"this model cannot be written: {damage.what}", "correct what is given") from None
    with write_atomically(path) as file:
        file.write(header)
        for array in arrays.values():
            file.write(array.data)
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


def _verified(header: h.Header, data: bytes) -> ModelData:
    """Checksum, finite numbers and content id of what the header describes. Raises Damage."""
    import numpy as np
    import safetensors.numpy

    if hashlib.sha256(memoryview(data)[header.start :]).hexdigest() != header.checksum:
        raise h.Damage("its weights are damaged (the checksum does not fit)")
    try:
        loaded = safetensors.numpy.load(data)
    except Exception as error:  # TypeError and others besides SafetensorError: a second opinion on the header
        raise h.Damage(f"its header is not sound ({clipped(error, 60)})") from None
    networks: dict[str, dict[str, Array]] = {n: {} for n in header.info.networks}
    for name, array in loaded.items():
        if not np.isfinite(array).all():
            raise h.Damage(f"the tensor {clipped(name, 80)} holds NaN or infinity")
        network, _, rest = name.partition(".")
        networks[network][rest] = array.astype(np.float32, copy=False)
    info = replace(header.info, sha256=hashlib.sha256(data).hexdigest())
    model = ModelData(info, networks)
    if content_id_of(info.family, info.settings, model.shown) != info.content_id:
        raise h.Damage("its content id is not that of its weights")
    return model


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
    return np.array(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _canonical(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _refused(path: Path, error: BaseException) -> StylescopeError:
    if isinstance(error, h.Damage):
        return h.refused(path, error)
    if isinstance(error, MemoryError):
        return ModelFileError(f"{clipped(path.name)} does not fit into memory", "close other programs")
    return ModelFileError(f"{clipped(path.name)} cannot be read ({clipped(error, 80)})", "check the disk")
