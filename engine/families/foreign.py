"""A network as a file of another program holds it, and what a family makes of it. numpy and the standard library only.

Reading a foreign file ends with one `Foreign` for each network in it; a family that recognises it gives `Converted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Dialect = Literal["tf", "torch", "rosinality"]
Role = Literal["G", "D"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What a foreign file tells of one network. Nothing in it was checked but its types."""

    dialect: Dialect
    kind: str  # tf: name of the network function ("G_style"); torch: of the class ("Generator")
    module: str = ""  # tf: module of that function where known ("networks_stylegan"), else ""
    settings: Mapping[str, Any]  # its keyword arguments: plain data
    arrays: Mapping[str, npt.NDArray[Any]]  # full foreign name -> values, sub-networks' names included


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The same network as ours."""

    role: Role
    settings: Mapping[str, Any]  # plain data for the family's `describe` or discriminator settings
    tensors: Mapping[str, npt.NDArray[np.float32]]  # our name -> values, each of the shape that the settings say
