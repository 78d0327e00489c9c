"""Figures of pictures: of one that was made, and of those that could be made next."""

from __future__ import annotations

from dataclasses import dataclass


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
