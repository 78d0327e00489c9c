"""The wall behind the sitter: a two-colour gradient, a soft disc of light, a vignette."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas
from train.portraits.scene import Scene


def paint(scene: Scene, canvas: Canvas) -> None:
    above, below = colours.srgb(scene.palette.above), colours.srgb(scene.palette.below)
    slope = 0.22 * scene.factors.light
    t = (0.5 + 0.42 * canvas.y - slope * canvas.x).clip(0, 1)
    canvas.image[:] = above[:, None, None] + t * (below - above)[:, None, None]
    glow = canvas.glow(0.35 * scene.factors.light, -0.25, 0.62, 0.62)
    canvas.over(0.5 * glow, colours.srgb(scene.palette.above + (0.07, 0, 0.01)))
    corner = (canvas.x**2 + canvas.y**2 - 0.7).clip(0, None)
    canvas.over((0.16 * corner).clip(0, 0.3), colours.srgb(scene.palette.below - (0.14, 0, 0)))


def paint_shadow(scene: Scene, canvas: Canvas, figure: np.ndarray) -> None:
    """The sitter's soft shadow on the wall, away from the key light."""
    cast = canvas.blur(figure, 0.10, -0.10 * scene.factors.light, 0.06)
    canvas.over(0.30 * cast, colours.srgb(scene.palette.below - (0.20, 0, 0)))
