"""Curves between keyframes: numbers by value, anything else by the weights of four keys. Standard library only.

A curve meets every key exactly. f runs from 0 to 1 on a segment between two keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

CurveKind = Literal["linear", "cubic", "ease", "hold"]
Weights = tuple[float, float, float, float]  # of the key before, the two of the segment, the key after


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instant is among keys."""

    keys: tuple[int, int, int, int]  # before the segment, its two, after it; at an open end its own key once more
    f: float  # 0..1 on the segment
    before: float | None = None  # lengths of the segments beside it, in lengths of this one; None: there is none
    after: float | None = None


def eased(kind: CurveKind, f: float) -> float:
    """How far a curve that knows two keys only is on its way."""
    if kind == "hold":
        return 1.0 if f == 1 else 0.0
    return f * f * (3 - 2 * f) if kind == "ease" else f


def cubic_weights(f: float, before: float | None = 1.0, after: float | None = 1.0) -> Weights:
    """A cubic whose slope at a key is that of the parabola through it and its neighbours, so that it has no corner
    and its speed no jump; equal segments make it that of Catmull and Rom (1974).

    before, after: lengths of the segments beside this one in lengths of this one; None: the curve rests at that key.
    """
    first, last = f * (1 - f) ** 2, -f * f * (1 - f)  # of the slopes (Hermite)
    w1 = 1 - f * f * (3 - 2 * f)
    w0, w2, w3 = 0.0, 1 - w1, 0.0
    if before is not None:
        far, near = 1 / (before * (before + 1)), before / (before + 1)
        w0, w1, w2 = w0 - first * far, w1 + first * (far - near), w2 + first * near
    if after is not None:
        far, near = 1 / (after * (after + 1)), after / (after + 1)
        w1, w2, w3 = w1 - last * near, w2 + last * (near - far), w3 + last * far
    return w0, w1, w2, w3


def number(kind: CurveKind, value: Callable[[int], float], place: Place) -> float:
    """A number on its way between those of the keys. It never leaves the range of the two that it is between."""
    o, p, q, r = map(value, place.keys)
    if place.f in (0, 1) or p == q or kind != "cubic":
        share = eased(kind, place.f)
        return q if share == 1 else p + share * (q - p)
    f, here = place.f, q - p
    first = here if place.before is None else _slope((p - o) / place.before, here, place.before)
    last = here if place.after is None else _slope((r - q) / place.after, here, place.after)
    found = p + f * f * (3 - 2 * f) * here + f * (1 - f) ** 2 * first - f * f * (1 - f) * last
    return min(max(found, min(p, q)), max(p, q))  # rounding


def _slope(beside: float, here: float, length: float) -> float:
    """The slope at a key between two segments that does not overshoot (Fritsch and Butland 1984): 0 at a turning
    point, else the harmonic mean of theirs, weighted by the segments' lengths (this one: 1)."""
    if beside * here <= 0:
        return 0.0
    outer, inner = 2 + length, 1 + 2 * length
    return (outer + inner) / (outer / beside + inner / here)
