"""How long the steps of a network take here and now, so that a picture's time is known before it is made."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

KEPT = 3  # passes; their median passes over a first one that warms up, and follows a machine that becomes busy
SHARE = 0.5  # of what a step takes for a pixel, a preview takes for one of its own; near what is measured later


class Pace:
    """Milliseconds of each step over the last passes that ran it. Means nothing where kernels run by themselves."""

    def __init__(self, resolutions: Sequence[int]) -> None:  # of the steps
        self._resolutions = tuple(resolutions)
        self._ms: tuple[deque[float], ...] = tuple(deque(maxlen=KEPT) for _ in resolutions)
        self._previews: dict[int, deque[float]] = {}  # by the steps before it

    def note(self, step: int, ms: float) -> None:
        """A step took so long."""
        self._ms[step].append(ms)

    def note_preview(self, end: int, ms: float) -> None:
        """To make a preview of what the steps before `end` had given took so long."""
        self._previews.setdefault(end, deque(maxlen=KEPT)).append(ms)

    def forecast(self, first: int, end: int) -> float | None:
        """Milliseconds of the steps from `first` until before `end`, and of the preview if these are not the last;
        None where it cannot be known, as one of them never ran."""
        passes = self._ms[first:end]
        after = self._preview(end) if end < len(self._ms) else 0.0
        if after is None or not all(passes):
            return None
        return sum(map(_median, passes)) + after

    def _preview(self, end: int) -> float | None:
        """Of making a preview alone; before there was one, from the times of the steps that it stands for."""
        if end in self._previews:
            return _median(self._previews[end])
        later = list(zip(self._resolutions, self._ms, strict=True))[end:]
        if not all(ms for _, ms in later):
            return None
        here = self._resolutions[end - 1]
        return sum(SHARE * (here / resolution) ** 2 * _median(ms) for resolution, ms in later)


def _median(ms: Sequence[float]) -> float:
    """The lower one of two in the middle."""
    return sorted(ms)[(len(ms) - 1) // 2]
