"""Named training configurations. Only this folder of train/ names a family."""

from __future__ import annotations

from engine.errors import TrainingError, clipped
from train.config import TrainConfig
from train.presets import stylegan2

PRESETS: dict[str, TrainConfig] = {c.preset: c for c in stylegan2.PRESETS}


def preset(name: str) -> TrainConfig:
    """A preset by name. Raises TrainingError."""
    if name not in PRESETS:
        raise TrainingError(f"there is no preset {clipped(repr(name), 60)}", f"known are {', '.join(PRESETS)}")
    return PRESETS[name]
