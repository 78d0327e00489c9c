"""Named training configurations. Only this folder of train/ names a family."""

from __future__ import annotations

from engine.errors import TrainingError, clipped
from train.config import TrainConfig
from train.presets import published, stylegan2
from train.presets.preset import Preset

PRESETS: dict[str, Preset] = {p.name: p for p in (*stylegan2.PRESETS, *published.PRESETS)}


def preset(name: str, resolution: int | None = None, gpus: int = 1) -> TrainConfig:
    """A preset's configuration for pictures of this resolution (None: its own, or that of the paper).

    Raises TrainingError for a name that is none and a resolution that it is not made for.
    """
    if name not in PRESETS:
        raise TrainingError(f"there is no preset {clipped(repr(name), 60)}", f"known are {', '.join(PRESETS)}")
    found = PRESETS[name]
    size = (found.resolution or found.usual) if resolution is None else resolution
    if found.resolution not in (None, size):
        raise TrainingError(
            f"preset {name} is made for {found.resolution} pixels, not {size}", "take another preset or other data"
        )
    if not (8 <= size <= 1024 and size & (size - 1) == 0):
        raise TrainingError(f"a resolution of {size} pixels cannot be trained", "give a power of two from 8 to 1024")
    return found.make(size, gpus)
