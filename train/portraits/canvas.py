"""The picture while it is being painted: colour layers over each other, soft shadows, soft light.

Letters: H = W = resolution. Masks and fields are float32 [H, W]; positions are in the frame, -1..1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

Mask = np.ndarray

# The part of the frame that a picture shows: near enough for eyes to be read at 64x64. x is -REACH..REACH.
REACH = 0.87
TOP = -0.86  # y of the upper border; the lower one is at TOP + 2 * REACH


@lru_cache(maxsize=8)
def pixel_centres(resolution: int) -> np.ndarray:
    """Distances of pixel centres from the left or upper border in frame units, float32 [resolution]."""
    return ((np.arange(resolution, dtype=np.float32) + 0.5) * (2 * REACH / resolution)).astype(np.float32)


def _smear(resolution: int, sigma: float, shift: float) -> np.ndarray:
    """The matrix [H, H] that blurs a column by sigma and moves it by shift; rows sum to 1."""
    at = pixel_centres(resolution)
    weights = np.exp(-0.5 * ((at[:, None] - shift - at[None, :]) / sigma) ** 2) + 1e-12
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


_still = lru_cache(maxsize=64)(_smear)  # blurs without a shift repeat from picture to picture


def smoothstep(low: float, high: float, x: np.ndarray | np.floating) -> np.ndarray:
    """0 below low, 1 above high, smooth between."""
    t = ((x - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)


class Canvas:
    """A picture [3, H, W] (sRGB 0..1) with the positions of its pixels."""

    def __init__(self, resolution: int) -> None:
        self.resolution = resolution
        self.image = np.zeros((3, resolution, resolution), np.float32)
        at = pixel_centres(resolution)
        self.x = np.broadcast_to(at - np.float32(REACH), (resolution,) * 2)
        self.y = np.broadcast_to(at[:, None] + np.float32(TOP), (resolution,) * 2)

    def over(self, alpha: Mask, colour: np.ndarray) -> None:
        """Lay a colour ([3] or [3, H, W]) over the picture where alpha (0..1) says."""
        colour = colour if colour.ndim == 3 else colour[:, None, None]
        self.image += alpha * (colour - self.image)

    def add(self, light: Mask, colour: np.ndarray) -> None:
        """Screen light of a colour [3] on top: brightens, never beyond white."""
        self.image += light * colour[:, None, None] * (1 - self.image)

    def blur(self, mask: Mask, sigma: float, dx: float = 0.0, dy: float = 0.0) -> Mask:
        """The mask blurred by sigma and moved by (dx, dy), all in frame units."""
        down = _smear(self.resolution, sigma, dy) if dy else _still(self.resolution, sigma, 0.0)
        across = _smear(self.resolution, sigma, dx) if dx else _still(self.resolution, sigma, 0.0)
        return down @ mask @ across.T

    def glow(self, x: float, y: float, rx: float, ry: float) -> Mask:
        """A soft spot: 1 at (x, y), 0.6 at the radii."""
        across = np.exp(-0.5 * ((self.x[:1] - np.float32(x)) / np.float32(rx)) ** 2)
        down = np.exp(-0.5 * ((self.y[:, :1] - np.float32(y)) / np.float32(ry)) ** 2)
        return across * down

    def pixels(self) -> np.ndarray:
        """The picture as uint8 [H, W, 3]."""
        return np.ascontiguousarray((self.image * 255 + 0.5).clip(0, 255).astype(np.uint8).transpose(1, 2, 0))
