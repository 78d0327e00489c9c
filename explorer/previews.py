"""Which picture to make while the hand moves: the whole one where there is time for it, else the largest there is for.

Arithmetic on what the engine offers (engine.renderer.Offer); knows no thread. What is shown must not flicker between
two sizes when a machine is now a little slower and now a little quicker: a drag keeps its size until it is late twice
in a row, and takes a larger one only after a second in which that one would have been well in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch comes with it
    from engine.renderer import Offer

BUDGET = 55.0  # ms of computing: 15 pictures a second, with what handing over and painting take
LATE = 64.0  # ms: a size that was chosen may take so long
EARLY = 40.0  # ms: a larger one must be so quick
LATE_TIMES, EARLY_TIMES = 2, 15  # pictures in a row
SMALLEST = 16  # pixels: less tells nothing


class Previews:
    """The choices of one drag after the other."""

    def __init__(self) -> None:
        self._last: Offer | None = None  # what this drag shows
        self._late = self._early = 0

    def rest(self) -> None:
        """The hand rests: the next choice is free."""
        self._last = None
        self._late = self._early = 0

    def choose(self, offers: Sequence[Offer]) -> Offer | None:
        """What to make; None: the whole picture in full precision."""
        if not offers:
            return None
        whole = max(offer.resolution for offer in offers)
        usable = [offer for offer in offers if offer.resolution >= min(SMALLEST, whole)]
        chosen = self._last = self._chosen(usable)
        return None if chosen.resolution == whole and not chosen.quick else chosen

    def _chosen(self, offers: Sequence[Offer]) -> Offer:
        same = next((o for o in offers if self._last is not None and _kind(o) == _kind(self._last)), None)
        best = _largest(offers, BUDGET)
        if same is None:  # a drag begins, or this size does not show what changes now
            self._late = self._early = 0
            return best
        self._late = self._late + 1 if same.ms > LATE else 0
        larger = _largest(offers, EARLY)
        self._early = self._early + 1 if _rank(larger) > _rank(same) and larger.ms <= EARLY else 0
        if self._late >= LATE_TIMES or self._early >= EARLY_TIMES:
            self._late, same = 0, best if self._late else larger
            self._early = 0
        return same


def _kind(offer: Offer) -> tuple[int, bool]:
    return offer.resolution, offer.quick


def _rank(offer: Offer) -> tuple[int, bool]:
    """Larger is better, and of one size the full precision is."""
    return offer.resolution, not offer.quick


def _largest(offers: Sequence[Offer], ms: float) -> Offer:
    """The best of those within a time, else the quickest."""
    within = [offer for offer in offers if offer.ms <= ms]
    return max(within, key=_rank) if within else min(offers, key=lambda offer: offer.ms)
