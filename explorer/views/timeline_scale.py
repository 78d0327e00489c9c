"""Where an instant is on the strip and on the lanes under it: all of them share one scale. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass

from engine.timeline.value import Timeline

HEADER = 176  # px at the left: names and curves of the parameters, buttons beside the keyframes
INSET = 26  # px between the header and second 0, so that a picture there is whole
ROOM = 0.06  # of the duration behind the end, to drag the last keyframe into
LEAST = 1.0  # seconds
TICK = 56  # px between two words of the ruler, at least
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)  # seconds


@dataclass(frozen=True, slots=True)
class Scale:
    """Seconds to pixels of a widget of some width."""

    seconds: float  # that are seen
    width: int

    @property
    def left(self) -> int:
        return HEADER + INSET

    @property
    def pixels(self) -> int:
        """Of all seconds."""
        return max(1, self.width - self.left - INSET)

    def x(self, time: float) -> float:
        return self.left + time / self.seconds * self.pixels

    def time(self, x: float) -> float:
        """The instant at a place, within what is seen."""
        return min(max((x - self.left) / self.pixels, 0.0), 1.0) * self.seconds

    @property
    def step(self) -> float:
        """Seconds between two words of the ruler."""
        return next((step for step in STEPS if step / self.seconds * self.pixels >= TICK), STEPS[-1])


def scale_of(timeline: Timeline, width: int) -> Scale:
    """The scale that shows all of a timeline."""
    return Scale(max(LEAST, timeline.seconds * (1 + ROOM)), width)
