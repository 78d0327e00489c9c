"""What a preset is: a name, and a configuration as a function of the pictures and of the GPUs at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from train.config import TrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named configuration. Numbers that papers give are cited where they stand."""

    name: str
    make: Callable[[int, int], TrainConfig]  # of (resolution in pixels, GPUs)
    resolution: int | None = None  # the only one it is made for; None: that of the data
    usual: int = 1024  # resolution where nothing else is said
