"""What a foreign model file holds, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import clipped
from engine.families.foreign import Foreign
from engine.files.numbers import ArrayToBe, Numbers
from engine.files.source import Damage
from engine.files.values import kind_of

Array = npt.NDArray[np.float32]
SLACK = 1_000_000  # bytes
MAX_NAME = 400  # characters of a tensor's full name; the longest honest one has some fifty


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The networks of a file. Each is put together when it is asked for; that raises Damage where it is damaged."""

    writer: str  # the program, for people
    networks: Mapping[str, Callable[[], Foreign]]  # "G_ema", "G", "D", those that are there


def no_model(value: object) -> Damage:
    """For a sound pickle of something else."""
    return Damage(
        f"it holds {kind_of(value)}, which is no model with a generator in a format known here", "give a model"
    )


@dataclass(slots=True)
class Room:
    """Bytes that the tensors of a network may take together. Honest ones have bytes of their own in the file."""

    left: int

    @classmethod
    def of_file(cls, size: int) -> Room:
        """For one network of a file of `size` bytes."""
        return cls(size + SLACK)


def joined(path: str, name: str, dot: str = ".") -> str:
    """The name of something inside of something. Raises Damage for names so long that many would fill the memory."""
    if len(path) + len(name) > MAX_NAME:
        raise Damage(f"the name {clipped(name, 40)} in {clipped(path, 40)} is too long")
    return f"{path}{dot}{name}" if path else name


def floats(found: Iterable[tuple[str, object]], room: Room) -> dict[str, Array]:
    """Names and what should be weights -> finite float32 arrays. Raises Damage, which names the first that is not."""
    arrays: dict[str, Array] = {}
    for name, value in found:
        if isinstance(value, ArrayToBe) and value.numbers is not None:
            value = value.numbers
        if not isinstance(value, Numbers):
            raise Damage(f"{clipped(name, 80)} is {kind_of(value)}, not a tensor")
        if name in arrays:
            raise Damage(f"the tensor {clipped(name, 80)} is there twice")
        room.left -= value.nbytes
        if room.left < 0:
            raise Damage("its tensors, taken together, are larger than the file: some of them share their storage")
        try:
            arrays[name] = value.float32()
        except Damage as damage:
            raise Damage(f"the tensor {clipped(name, 80)} {damage.what}", damage.remedy) from None
    return arrays
