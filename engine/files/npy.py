"""Arrays of numbers in .npy files: reading what may be hostile, writing picture after picture. numpy only."""

from __future__ import annotations

import math
import os
import stat
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from engine.errors import UsageError, clipped
from engine.files.atomic import write_atomically

Array = npt.NDArray[np.float32]


def read(path: Path | str, shape: tuple[int | None, ...], what: str) -> Array:
    """The finite numbers of a .npy file as float32, of a given shape (None: any size). Raises UsageError.

    Nothing is unpickled, and no more memory is taken than the file has bytes, whatever its header claims.
    """
    path = Path(path)
    name = clipped(path.name)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UsageError(f"{name} is no ordinary file", "give a .npy file")
        with open(path, "rb") as file:
            numbers = _numbers(file, name)
    except FileNotFoundError:
        raise UsageError(f"there is no file {clipped(path)}", "check the name") from None
    except (OSError, MemoryError) as error:
        raise UsageError(f"{name} cannot be read ({clipped(error, 80)})", "check the file") from None
    if numbers.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, numbers.shape, strict=True)):
        need = ", ".join("N" if n is None else str(n) for n in shape)
        raise UsageError(f"{name} has the shape {list(numbers.shape)[:8]}", f"give {what} of shape [{need}]")
    if not np.isfinite(numbers).all():
        raise UsageError(f"{name} holds NaN, infinity or numbers too large for float32", "give finite numbers")
    return numbers


def write(path: Path | str, pictures: Iterable[Array], shape: tuple[int, ...]) -> None:
    """Write shape[0] float32 arrays of shape[1:] as one, whole or not at all. One is in memory at a time."""
    with write_atomically(path) as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        count = 0
        for picture in pictures:
            if picture.shape != shape[1:]:
                raise ValueError(f"a picture of shape {picture.shape} among those of {shape[1:]}")
            file.write(np.ascontiguousarray(picture, dtype="<f4").tobytes())
            count += 1
        if count != shape[0]:
            raise ValueError(f"{count} pictures where {shape[0]} were announced")


def _numbers(file: BinaryIO, name: str) -> Array:
    dtype, shape, fortran = _header(file, name)
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise UsageError(f"{name} holds {clipped(dtype, 40)}, not plain numbers", "give a float32 array")
    left = os.fstat(file.fileno()).st_size - file.tell()
    if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != left:
        raise UsageError(f"{name} is truncated or damaged (its size is not that of its shape)", "save it again")
    numbers = np.frombuffer(file.read(left), dtype).reshape(shape, order="F" if fortran else "C")
    with np.errstate(over="ignore"):  # too large for float32: infinity, which the caller refuses
        return np.ascontiguousarray(numbers, dtype=np.float32)


def _header(file: BinaryIO, name: str) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a header of Python 2 or worse
            version = np.lib.format.read_magic(file)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, fortran, dtype = read_header(file)
            return np.dtype(dtype), shape, fortran
    except OSError:
        raise
    except Exception as error:  # numpy evaluates the header as a literal: a dozen types of error
        raise UsageError(f"{name} is no .npy file of numbers ({clipped(error, 60)})", "give one") from None
