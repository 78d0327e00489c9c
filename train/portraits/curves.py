"""Closed curves as polygons: splines, ellipses and tapered strokes.

Shapes: P control points, S samples per span. Every function returns a closed polygon, float64 [n, 2] of
(x, y), its last point not repeated. Curves are drawn in whatever units their points have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

Points = np.ndarray | Sequence[Sequence[float]]


@lru_cache(maxsize=16)
def _catmull_rom(samples: int) -> np.ndarray:
    """Weights [S, 4] of the four neighbouring control points, from one point up to (not with) the next."""
    t = np.arange(samples)[:, None] / samples
    return 0.5 * np.hstack(
        [
            -t + 2 * t**2 - t**3,
            2 - 5 * t**2 + 3 * t**3,
            t + 4 * t**2 - 3 * t**3,
            -(t**2) + t**3,
        ]
    )


def closed(points: Points, samples: int = 6) -> np.ndarray:
    """The smooth closed curve through all points. [P * S, 2]"""
    p = np.asarray(points, float)
    spans = np.stack([np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)], 1)  # [P, 4, 2]
    return (_catmull_rom(samples) @ spans).reshape(-1, 2)


def open_curve(points: Points, samples: int = 6) -> np.ndarray:
    """The smooth curve from the first point to the last. [(P - 1) * S + 1, k], any number of columns k."""
    p = np.asarray(points, float)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    spans = np.stack([p[:-3], p[1:-2], p[2:-1], p[3:]], 1)
    return np.concatenate([(_catmull_rom(samples) @ spans).reshape(-1, p.shape[1]), p[-2:-1]])


def ribbon(points: Points, widths: Sequence[float], samples: int = 5) -> np.ndarray:
    """A brush stroke along the points, `widths` wide at each of them (full width, same units)."""
    p = np.column_stack([np.asarray(points, float), np.asarray(widths, float)])
    path = open_curve(p, samples)
    centre, half = path[:, :2], np.maximum(path[:, 2:], 0) / 2
    along = np.gradient(centre, axis=0)
    along /= np.hypot(along[:, :1], along[:, 1:]) + 1e-9
    across = along[:, ::-1] * (-1, 1) * half
    return np.concatenate([centre + across, (centre - across)[::-1]])


@lru_cache(maxsize=16)
def _circle(samples: int) -> np.ndarray:
    angle = np.arange(samples) * (2 * np.pi / samples)
    # A polygon inside a circle is too small; this radius gives it the circle's area.
    grow = np.sqrt((2 * np.pi / samples) / np.sin(2 * np.pi / samples))
    return grow * np.column_stack([np.cos(angle), np.sin(angle)])


def ellipse(x: float, y: float, rx: float, ry: float, samples: int = 24) -> np.ndarray:
    """An ellipse with radii rx, ry around (x, y)."""
    return _circle(samples) * (rx, ry) + (x, y)


def superellipse(x: float, y: float, rx: float, ry: float, power: float, samples: int = 36) -> np.ndarray:
    """Between an ellipse (power 2) and a rectangle (power above 6)."""
    c = _circle(samples)
    return np.sign(c) * np.abs(c) ** (2 / power) * (rx, ry) + (x, y)


def mirrored(right_half: Points) -> np.ndarray:
    """A symmetric closed outline from its right half, given from its top point (x=0) to its bottom (x=0)."""
    p = np.asarray(right_half, float)
    return np.concatenate([p, p[-2:0:-1] * (-1, 1)])
