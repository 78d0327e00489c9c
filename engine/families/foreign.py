"""A network as a file of another program holds it, and what a family makes of it. numpy and the standard library only.

Reading a foreign file ends with one `Foreign` for each network in it; a family that recognises it gives `Converted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Dialect = Literal["tf", "torch", "rosinality"]
Role = Literal["G", "D"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What a foreign file tells of one network. Nothing in it was checked but its types.

    Names of arrays: tf, those of the original variable table ("lod", "G_synthesis/4x4/Const/const"); torch, those of
    its state dictionary ("synthesis.b8.conv0.weight"), buffers included; rosinality, those of its state dictionary
    ("convs.0.conv.weight"), and "latent_avg" where the file has that.
    """

    dialect: Dialect
    kind: str  # tf: name of the network function ("G_style"); torch: of the class; rosinality: "Generator" or so
    module: str = ""  # tf: module of that function where known ("networks_stylegan"), else ""
    version: int = 0  # tf: of the state dictionary (2 ProGAN, 3 StyleGAN, 4 StyleGAN2, 5 StyleGAN2-ADA); else 0
    settings: Mapping[str, Any]  # keyword arguments: plain data; rosinality: of the training script, if there
    arrays: Mapping[str, npt.NDArray[Any]]  # full foreign name -> finite float32 values
    parts: Mapping[str, Foreign] = field(default_factory=dict)  # tf: component ("synthesis") -> it, by itself
    attributes: Mapping[str, Any] = field(default_factory=dict)  # torch: "synthesis.b8.conv0.conv_clamp" -> plain value


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The same network as ours."""

    role: Role
    settings: Mapping[str, Any]  # plain data for the family's `describe` or discriminator settings
    tensors: Mapping[str, npt.NDArray[np.float32]]  # our name -> values, each of the shape that the settings say


def tf_module(kind: str, version: int) -> str:
    """The module that a network function of the TensorFlow programs lies in; their files do not name it."""
    if version == 2 or version == 5:
        return "networks"
    if kind.endswith("_paper"):
        return "networks_progan"
    is_second = kind in ("G_main", "D_stylegan", "D_stylegan2") or kind.startswith("G_synthesis_")
    return "networks_stylegan2" if version == 4 and is_second else "networks_stylegan"


def not_built_yet(foreign: Foreign) -> str:
    """The name of a published network that is known but that no family here makes; "" for any other."""
    is_third = foreign.dialect == "torch" and any(name.startswith("synthesis.input.") for name in foreign.arrays)
    return "StyleGAN3" if is_third else ""
