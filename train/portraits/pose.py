"""How the head's turn and lean move points: features slide over an ellipsoid, the outline hardly moves.

Head coordinates: origin in the middle of the head, x to the right and y down, unit as in the frame
(half its width). Frame coordinates: -1..1 to the right and down.
"""

from __future__ import annotations

import numpy as np

from train.portraits.factors import Factors

CENTRE = np.array([0.0, -0.07])  # of the head, in the frame
PIVOT = np.array([0.0, 0.50])  # about which the head leans, in head coordinates: the top of the neck
_RADII = (0.52, 0.70)  # of the ellipsoid that carries the features
_DEPTH = 0.36  # its third radius: how far features travel when the head turns
_OUTLINE_Y = (-0.65, -0.1, 0.25, 0.65)
_OUTLINE_DEPTH = (-0.05, 0.02, 0.07, 0.15)  # a chin stands before the axis of the neck, a crown behind it


class Pose:
    """Maps head coordinates [n, 2] to frame coordinates [n, 2]."""

    def __init__(self, factors: Factors) -> None:
        yaw, tilt = np.deg2rad(25 * factors.yaw), np.deg2rad(10 * factors.tilt)
        self.sin_yaw, self.cos_yaw = float(np.sin(yaw)), float(np.cos(yaw))
        c, s = np.cos(tilt), np.sin(tilt)
        self._lean = np.array([[c, s], [-s, c]])  # right-multiplied: turns clockwise for tilt > 0

    def face(self, points, lift: float | np.ndarray = 0.0) -> np.ndarray:
        """Points on the front of the head, raised by `lift` (scalar or [n]) above its surface."""
        p = np.asarray(points, float)
        x, y = p[:, 0], p[:, 1]
        rest = 1 - (x / _RADII[0]) ** 2 - (y / _RADII[1]) ** 2
        z = _DEPTH * np.sqrt(rest.clip(0.06, 1)) + lift
        return self.place(np.column_stack([x * self.cos_yaw + z * self.sin_yaw, y]))

    def outline(self, points, depth: float = 0.0) -> np.ndarray:
        """Points of the silhouette, `depth` before (or, below 0, behind) where it usually runs."""
        p = np.asarray(points, float)
        z = np.interp(p[:, 1], _OUTLINE_Y, _OUTLINE_DEPTH) + depth
        return self.place(np.column_stack([p[:, 0] + z * self.sin_yaw, p[:, 1]]))

    def place(self, points: np.ndarray) -> np.ndarray:
        """Head coordinates to the frame: lean and position only."""
        return (np.asarray(points, float) - PIVOT) @ self._lean + PIVOT + CENTRE

    def head_grid(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The head coordinates of frame positions x, y (any one shape): the inverse of `place`."""
        dx, dy = x - np.float32(PIVOT[0] + CENTRE[0]), y - np.float32(PIVOT[1] + CENTRE[1])
        (c, s), _ = self._lean.astype(np.float32)
        return c * dx + s * dy + np.float32(PIVOT[0]), -s * dx + c * dy + np.float32(PIVOT[1])
