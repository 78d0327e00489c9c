"""How long the steps of a network take here and now, so that a picture's time is known before it is made."""

from __future__ import annotations

from collections import deque

KEPT = 3  # passes; their median passes over a first one that warms up, and follows a machine that becomes busy


class Pace:
    """Milliseconds of each step over the last passes that ran it. Means nothing where kernels run by themselves."""

    def __init__(self, steps: int) -> None:
        self._ms: tuple[deque[float], ...] = tuple(deque(maxlen=KEPT) for _ in range(steps))

    def note(self, step: int, ms: float) -> None:
        """A step took so long."""
        self._ms[step].append(ms)

    def forecast(self, first: int, end: int) -> float | None:
        """Milliseconds of the steps from `first` until before `end`; None where one of them never ran."""
        passes = self._ms[first:end]
        if not all(passes):
            return None
        return sum(sorted(ms)[(len(ms) - 1) // 2] for ms in passes)
