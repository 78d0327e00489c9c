"""Arrays and tensors of foreign files: a fixed table of number types, and shapes that are checked against bytes.

numpy sees only types of our table, and shapes and strides whose last element lies inside the bytes that are there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import clipped
from engine.files.source import Damage

# Code -> bytes of an element. "bf" is bfloat16, the upper half of a float32, which numpy does not know.
SIZES = {"b1": 1, "i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "i8": 8, "u8": 8, "f2": 2, "f4": 4, "f8": 8}
STORED = SIZES | {"bf": 2}
MAX_AXES = 8


@dataclass(slots=True, eq=False)
class NumberType:
    """A numpy dtype of the table, whose byte order is told afterwards by BUILD."""

    code: str
    order: str = ""  # "": not told yet

    def build(self, state: object) -> None:
        """BUILD with the state of a plain dtype: only the byte order may differ. Raises Damage."""
        plain = (3, "<", None, None, None, -1, -1, 0)
        if not isinstance(state, tuple) or [type(s) for s in state] != [type(s) for s in plain] or self.order:
            raise Damage(f"the dtype {self.code!r} is described in a way that no plain array type is")
        if state[1] not in ("<", ">", "|", "=") or state[:1] + state[2:] != plain[:1] + plain[2:]:
            raise Damage(f"the dtype {self.code!r} has no proper byte order, or fields")
        self.order = ">" if state[1] == ">" else "<"


@dataclass(slots=True, eq=False)
class Storage:
    """The bytes that one or more tensors lie in. In some files they come after the tensors."""

    code: str  # of STORED
    count: int  # elements
    raw: memoryview | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """An array, or a tensor: a view of bytes. Shape, strides and offset are in elements and were checked."""

    storage: Storage
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    order: str = "<"

    @property
    def nbytes(self) -> int:
        """What it takes when it is copied as it is, in bytes."""
        return math.prod(self.shape) * STORED[self.storage.code]

    def float32(self) -> npt.NDArray[np.float32]:
        """The values, a view where they are little-endian float32. Raises Damage unless they are floats and finite."""
        code = self.storage.code
        if code[0] not in "fb" or code == "b1":
            words = {"b": "bool values", "i": "whole numbers", "u": "whole numbers"}
            raise Damage(f"holds {words[code[0]]} where weights belong", "give a model with floats")
        array = self._array("u2" if code == "bf" else code)
        if code == "bf":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        with np.errstate(over="ignore", invalid="ignore"):  # too large for float32: infinity, which is refused
            numbers = array.astype("<f4", copy=False)
        if not np.isfinite(numbers).all():
            raise Damage("holds NaN or infinity", "this model is spoilt: get another copy or an earlier snapshot")
        return numbers

    def item(self) -> Any:
        """The one value of an array without axes."""
        return self._array(self.storage.code)[()].item()

    def _array(self, code: str) -> npt.NDArray[Any]:
        raw, size = self.storage.raw, SIZES[code]
        if raw is None:
            raise Damage("the bytes of a tensor's storage are missing")
        if 0 in self.shape:
            return np.zeros(self.shape, code)
        strides = tuple(size * s for s in self.strides)
        # numpy checks once more that all of it lies inside the buffer
        return np.ndarray(self.shape, self.order + code, raw, size * self.offset, strides)


@dataclass(slots=True, eq=False)
class ArrayToBe:
    """A numpy array between `_reconstruct`, which tells nothing, and BUILD, which tells all."""

    numbers: Numbers | None = None

    def build(self, state: object) -> None:
        """BUILD with (1, shape, dtype, is Fortran order, bytes). Raises Damage."""
        good = isinstance(state, tuple) and len(state) == 5 and type(state[0]) is int and type(state[3]) is bool
        if not good or not isinstance(state, tuple) or state[0] != 1 or self.numbers:
            raise Damage("an array is not of the form that numpy writes")
        self.numbers = array(state[4], state[2], state[1], "F" if state[3] else "C")


def number_type(code: object) -> NumberType:
    """A type of the table. Raises Damage for all others: objects, records, texts, complex numbers."""
    if type(code) is not str or code not in SIZES:
        shown = clipped(repr(code), 60) if type(code) is str else "given"  # a repr of anything else may never end
        raise Damage(f"the array type (dtype) {shown} is not one of plain numbers")
    return NumberType(code)


def array(raw: object, kind: object, shape: object, order: str) -> Numbers:
    """A numpy array of bytes, in C or Fortran order. Raises Damage unless the bytes are as many as the shape says."""
    if type(kind) is not NumberType:
        raise Damage("an array has no dtype")
    if type(raw) is str:  # a byte string of Python 2
        raw = memoryview(raw.encode("latin-1", "replace"))
    sizes = _shape(shape)
    if type(raw) is not memoryview or math.prod(sizes) * SIZES[kind.code] != len(raw):
        raise Damage("the shape of an array does not fit its bytes")
    strides = _strides(sizes) if order == "C" else _strides(sizes[::-1])[::-1]
    return Numbers(Storage(kind.code, math.prod(sizes), raw), sizes, strides, 0, kind.order or "<")


def tensor(storage: object, offset: object, size: object, stride: object) -> Numbers:
    """A torch tensor. Raises Damage unless its last element lies inside its storage."""
    if type(storage) is not Storage:
        raise Damage("a tensor has no storage")
    sizes, strides = _shape(size), _sizes(stride)
    fits = len(sizes) == len(strides) and type(offset) is int and offset >= 0
    if fits and 0 not in sizes:
        assert type(offset) is int
        fits = offset + sum((n - 1) * s for n, s in zip(sizes, strides, strict=True)) < storage.count
    if not fits:
        raise Damage("the shape, stride and offset of a tensor do not fit its storage")
    assert type(offset) is int
    return Numbers(storage, sizes, strides, offset)


def _shape(value: object) -> tuple[int, ...]:
    """Lengths of the axes. Without any elements there are no bytes to compare them with, but numpy has limits."""
    sizes = _sizes(value)
    if 0 in sizes and math.prod(n or 1 for n in sizes) >= 1 << 40:
        raise Damage("the shape of an empty array is not possible")
    return sizes


def _sizes(value: object) -> tuple[int, ...]:
    """Lengths or strides of the axes: whole numbers from 0 up to what any file can hold."""
    good = type(value) is tuple and len(value) <= MAX_AXES and all(type(n) is int and 0 <= n < 1 << 40 for n in value)
    if not good:
        raise Damage("the shape or stride of an array or tensor in its storage is not made of whole numbers from 0 up")
    assert isinstance(value, tuple)
    return value


def _strides(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Elements from one index to the next, the last axis being the quickest."""
    strides = [1]
    for n in sizes[:0:-1]:
        strides.append(strides[-1] * max(n, 1))
    return tuple(strides[::-1]) if sizes else ()
