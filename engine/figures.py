"""Figures of pictures: of one that was made, and of those that could be made next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderStats:
    """Figures of one picture."""

    ms: float  # from the recipe to pixels on the host
    first_step: int  # index of the first step that was computed; their number: none was
    first_name: str  # its name, e.g. "b32.conv0"; "" when nothing was computed
    reused_to: int  # resolution up to which the last pass was reused; 0: not at all
    resolution: int  # of what the network made: less than the model's in a preview
    device: str
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A picture that could be made of a recipe, and how long that would take."""

    resolution: int
    quick: bool  # in the quick precision
    ms: float


def stats_of(synthesizer: Synthesizer, ms: float) -> RenderStats:
    """Figures of the picture that a synthesizer made last."""
    model, first = synthesizer.model, synthesizer.first
    steps = model.generator.steps
    return RenderStats(
        ms=ms,
        first_step=first,
        first_name=steps[first].name if first < synthesizer.end else "",
        reused_to=steps[first - 1].resolution if first else 0,
        resolution=steps[synthesizer.end - 1].resolution,
        device=str(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
    )
