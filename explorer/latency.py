"""How long a picture takes from the edit to the paint, over the last couple of hundred pictures. Standard library only.

An edit is noted when the document changes; the picture's paint ends it. Edits that were overtaken (their picture was
never rendered, because a newer one was asked for) are dropped with the first later paint.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

WINDOW = 200  # pictures


class Latency:
    """Slider-to-pixel milliseconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter, window: int = WINDOW) -> None:
        self._clock = clock
        self._asked: deque[tuple[int, float]] = deque()
        self.samples: deque[float] = deque(maxlen=window)  # milliseconds, oldest first

    def asked(self, stamp: int, since: float | None = None) -> None:
        """The picture of `stamp` is wanted; `since`: the clock's time when the edit was made (None: now)."""
        self._asked.append((stamp, self._clock() if since is None else since))

    def painted(self, stamp: int) -> float | None:
        """The picture of `stamp` is on the screen: its milliseconds, or None when it was counted before."""
        found = None
        while self._asked and self._asked[0][0] <= stamp:
            number, since = self._asked.popleft()
            if number == stamp:
                found = (self._clock() - since) * 1000
                self.samples.append(found)
        return found

    def forget(self) -> None:
        """What is under way is no edit of a picture (a model is being opened): do not count it."""
        self._asked.clear()

    @property
    def p50(self) -> float | None:
        """The median, None before the first picture."""
        return percentile(self.samples, 50)

    @property
    def p95(self) -> float | None:
        """19 of 20 pictures are faster."""
        return percentile(self.samples, 95)


def percentile(samples: Sequence[float] | deque[float], percent: float) -> float | None:
    """The nearest-rank percentile, None of nothing."""
    if not samples:
        return None
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -int(-percent * len(ordered) // 100) - 1))]
