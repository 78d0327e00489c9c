"""StyleGAN2 networks of other programs -> ours. numpy and the standard library only.

Each dialect has a module that says what our settings are and which foreign array each of our tensors is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from engine.errors import ModelFileError, clipped
from engine.families import tables
from engine.families.foreign import Converted, Foreign, Role
from engine.families.stylegan2 import convert_rosinality, convert_tf, convert_torch
from engine.families.stylegan2.settings import GeneratorSettings, plain
from engine.families.stylegan2.tensors import discriminator_tensors, generator_tensors

DIALECTS: Mapping[str, ModuleType] = {"tf": convert_tf, "torch": convert_torch, "rosinality": convert_rosinality}


def recognise(foreign: Foreign) -> Role | None:
    """The role of a network of this family, None for any other."""
    role: Role | None = DIALECTS[foreign.dialect].role(foreign) if foreign.dialect in DIALECTS else None
    return role


def convert(foreign: Foreign) -> Converted:
    """Our settings and tensors. Raises ModelFileError where names or shapes are not those that the settings say."""
    role = recognise(foreign)
    if role is None:
        raise ModelFileError(f"the network {clipped(repr(foreign.kind), 60)} is no StyleGAN2", tables.REMEDY)
    dialect = DIALECTS[foreign.dialect]
    settings, table = dialect.generator(foreign) if role == "G" else dialect.discriminator(foreign)
    shapes = generator_tensors(settings) if isinstance(settings, GeneratorSettings) else discriminator_tensors(settings)
    return tables.converted(foreign, "StyleGAN2", role, plain(settings), table, shapes, dialect.LEFT_OUT)
