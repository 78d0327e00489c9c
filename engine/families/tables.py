"""A foreign network becomes ours by a table: our name -> (foreign name, layout). numpy and standard library only."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFileError, clipped
from engine.families.foreign import Converted, Foreign, Role

Array = npt.NDArray[Any]
Table = dict[str, tuple[str, str]]

REMEDY = "the file is damaged or of another program"

# What foreign axes are called, in their order -> where those of ours are found there; axes of length 1 may come and go
# besides. ~: a kernel that is mirrored, as those of TensorFlow's fused up-convolutions. +1: style biases, where
# TensorFlow's networks add their 1 themselves.
AXES = {"": None, "+1": None, "IO": (1, 0), "HWIO": (3, 2, 0, 1), "~HWIO": (3, 2, 0, 1), "~HWOI": (2, 3, 0, 1)}


def layer(ours: str, theirs: str, layout: str = "HWIO") -> Table:
    """Weight and bias of a TensorFlow program's layer."""
    return {f"{ours}.weight": (f"{theirs}/weight", layout), f"{ours}.bias": (f"{theirs}/bias", "")}


def renamed(foreign: Foreign, names: Mapping[str, str], defaults: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Those arguments of a network that have a name (theirs -> ours), where they are given or have a default there."""
    given = {**(defaults or {}), **foreign.settings}
    return {ours: given[theirs] for theirs, ours in names.items() if theirs in given}


def level_of_detail(foreign: Foreign, name: str, resolution: object) -> float:
    """The scalar of this name, as far as there is such a level: growing ends at 4x4. Raises ModelFileError."""
    lod = np.asarray(foreign.arrays.get(name, 0.0))
    if lod.shape != () or lod.dtype.kind != "f" or not 0 <= lod < math.inf:
        raise ModelFileError("the level of detail of this network is no number from 0 up", REMEDY)
    if not isinstance(resolution, int) or resolution < 4:
        return 0.0  # refused with the other settings
    return min(float(lod), math.log2(resolution) - 2)


def converted(
    foreign: Foreign,
    family: str,  # for messages
    role: Role,
    settings: Mapping[str, Any],
    table: Table,
    shapes: Mapping[str, tuple[int, ...]],  # our name -> shape, as the settings say
    left_out: str,  # pattern of the names of arrays that need no place
) -> Converted:
    """The network that a table makes. Raises ModelFileError where names or shapes are not those that the settings say.

    Both are checked against the arrays that are really there before anything is copied.
    """
    _check_names(foreign, family, {theirs for theirs, _ in table.values()}, left_out)
    for ours, (theirs, layout) in table.items():
        if not _fits(foreign.arrays[theirs], layout, shapes[ours]):
            have, need = list(np.shape(foreign.arrays[theirs])), list(shapes[ours])
            what = f"the array {clipped(theirs, 80)} has shape {have}, its settings make a tensor of shape {need}"
            raise ModelFileError(what, REMEDY)
    tensors = {name: _laid_out(foreign.arrays[table[name][0]], table[name][1], shapes[name]) for name in shapes}
    return Converted(role=role, settings=settings, tensors=tensors)


def _check_names(foreign: Foreign, family: str, wanted: set[str], left_out: str) -> None:
    """Each array has a place, or is known to need none."""
    missing = sorted(wanted - foreign.arrays.keys())
    surplus = sorted(n for n in foreign.arrays.keys() - wanted if not re.fullmatch(left_out, n))
    if missing or surplus:
        state = "has no array" if missing else "has an unknown array"
        raise ModelFileError(f"the {family} network {state} {clipped(repr((missing + surplus)[0]), 80)}", REMEDY)


def _fits(array: Array, layout: str, shape: tuple[int, ...]) -> bool:
    axes = AXES[layout]
    theirs = np.shape(array)
    if axes is not None:
        if len(theirs) != len(axes):
            return False
        theirs = tuple(theirs[axis] for axis in axes)
    return np.asarray(array).dtype.kind == "f" and [n for n in theirs if n != 1] == [n for n in shape if n != 1]


def _laid_out(array: Array, layout: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    turned = array[::-1, ::-1] if layout.startswith("~") else np.asarray(array)
    turned = turned if AXES[layout] is None else turned.transpose(AXES[layout])
    moved = turned + 1 if layout == "+1" else turned
    return np.array(moved, dtype=np.float32, order="C").reshape(shape)
