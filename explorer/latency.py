"""How long a picture takes from the edit to the paint, over the last couple of hundred pictures. Standard library only.

An edit is noted when the document changes; the picture's paint ends it. Edits that were overtaken (their picture was
never rendered, because a newer one was asked for) are dropped with the first later paint. Of a preview and the whole
picture that follows it only the first is counted: it is what the hand sees.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

WINDOW = 200  # pictures

Part = Literal["ms", "waited", "computed", "shown"]
PARTS: tuple[tuple[Part, str], ...] = (
    ("ms", "slider to pixel"),
    ("waited", "until it is taken up"),  # the picture before may still be under way
    ("computed", "network"),
    ("shown", "window"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Milliseconds of one picture, and what it was."""

    ms: float  # from the edit to the paint: the sum of the three parts
    waited: float = 0.0  # from the edit until the render thread took it up
    computed: float = 0.0  # until it was an image
    shown: float = 0.0  # until it was painted
    kind: str = ""  # e.g. "preview 64x64 float32"


class Latency:
    """Slider-to-pixel milliseconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter, window: int = WINDOW) -> None:
        self._clock = clock
        self._asked: deque[tuple[int, float]] = deque()
        self._made: dict[int, tuple[float, float, str]] = {}  # by stamp: taken up, done, kind
        self.samples: deque[Sample] = deque(maxlen=window)  # oldest first

    def asked(self, stamp: int, since: float | None = None) -> None:
        """The picture of `stamp` is wanted; `since`: the clock's time when the edit was made (None: now)."""
        self._asked.append((stamp, self._clock() if since is None else since))

    def made(self, stamp: int, began: float, ended: float, kind: str) -> None:
        """The picture of `stamp` is there: the clock's times when work on it began and ended, and what it is."""
        self._made = {stamp: (began, ended, kind)}  # one that was not painted was overtaken

    def painted(self, stamp: int) -> float | None:
        """The picture of `stamp` is on the screen: its milliseconds, or None when it was counted before."""
        found, now = None, self._clock()
        while self._asked and self._asked[0][0] <= stamp:
            number, since = self._asked.popleft()
            if number == stamp:
                found = (now - since) * 1000
                began, ended, kind = self._made.get(stamp, (since, now, ""))
                parts = {"waited": began - since, "computed": ended - began, "shown": now - ended}
                self.samples.append(Sample(ms=found, kind=kind, **{k: 1000 * v for k, v in parts.items()}))
        return found

    def forget(self) -> None:
        """What is under way is no edit of a picture (a model is being opened): do not count it."""
        self._asked.clear()

    def of(self, part: Part, percent: float) -> float | None:
        """A percentile of a part, None before the first picture."""
        return percentile((getattr(sample, part) for sample in self.samples), percent)

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """What was measured, and how many pictures of each kind, the most frequent first."""
        return Counter(sample.kind for sample in self.samples).most_common()

    @property
    def p50(self) -> float | None:
        """The median, None before the first picture."""
        return self.of("ms", 50)

    @property
    def p95(self) -> float | None:
        """19 of 20 pictures are faster."""
        return self.of("ms", 95)


def percentile(samples: Iterable[float], percent: float) -> float | None:
    """The nearest-rank percentile, None of nothing."""
    ordered = sorted(samples)
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -int(-percent * len(ordered) // 100) - 1))]
