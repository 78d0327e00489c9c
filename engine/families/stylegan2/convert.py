"""StyleGAN2 networks of other programs -> ours. numpy and the standard library only.

Each dialect has a module that says what our settings are and which foreign array each of our tensors is. Here both are
checked against the arrays that are really there, before anything is copied, and carried out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFileError, clipped
from engine.families.foreign import Converted, Foreign, Role
from engine.families.stylegan2 import convert_rosinality, convert_tf, convert_torch
from engine.families.stylegan2.settings import GeneratorSettings, plain
from engine.families.stylegan2.tensors import discriminator_tensors, generator_tensors

Array = npt.NDArray[Any]

DIALECTS: Mapping[str, ModuleType] = {"tf": convert_tf, "torch": convert_torch, "rosinality": convert_rosinality}
REMEDY = "the file is damaged or of another program"

# Axes of a foreign array -> axes of ours; axes of length 1 may come and go besides. The mirrored kernels are those of
# TensorFlow's up-convolutions, which turn them round before they use them.
AXES = {"": None, "+1": None, "IO": (1, 0), "HWIO": (3, 2, 0, 1), "~HWIO": (3, 2, 0, 1)}


def recognise(foreign: Foreign) -> Role | None:
    """The role of a network of this family, None for any other."""
    role: Role | None = DIALECTS[foreign.dialect].role(foreign) if foreign.dialect in DIALECTS else None
    return role


def convert(foreign: Foreign) -> Converted:
    """Our settings and tensors. Raises ModelFileError where names or shapes are not those that the settings say."""
    role = recognise(foreign)
    if role is None:
        raise ModelFileError(f"the network {clipped(repr(foreign.kind), 60)} is no StyleGAN2", REMEDY)
    dialect = DIALECTS[foreign.dialect]
    settings, table = dialect.generator(foreign) if role == "G" else dialect.discriminator(foreign)
    shapes = generator_tensors(settings) if isinstance(settings, GeneratorSettings) else discriminator_tensors(settings)
    _check_names(foreign, {theirs for theirs, _ in table.values()}, dialect.LEFT_OUT)
    for ours, (theirs, layout) in table.items():
        if not _fits(foreign.arrays[theirs], layout, shapes[ours]):
            have, need = list(np.shape(foreign.arrays[theirs])), list(shapes[ours])
            what = f"the array {clipped(theirs, 80)} has shape {have}, its settings make a tensor of shape {need}"
            raise ModelFileError(what, REMEDY)
    tensors = {name: _laid_out(foreign.arrays[table[name][0]], table[name][1], shapes[name]) for name in shapes}
    return Converted(role=role, settings=plain(settings), tensors=tensors)


def _check_names(foreign: Foreign, wanted: set[str], left_out: str) -> None:
    """Each array has a place, or is known to need none."""
    missing = sorted(wanted - foreign.arrays.keys())
    surplus = sorted(n for n in foreign.arrays.keys() - wanted if not re.fullmatch(left_out, n))
    if missing or surplus:
        state = "has no array" if missing else "has an unknown array"
        raise ModelFileError(f"the StyleGAN2 network {state} {clipped(repr((missing + surplus)[0]), 80)}", REMEDY)


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
    moved = turned + 1 if layout == "+1" else turned  # style biases: TensorFlow adds their 1 in the network
    return np.array(moved, dtype=np.float32, order="C").reshape(shape)
