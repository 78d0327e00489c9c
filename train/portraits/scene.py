"""What all parts of a portrait share: the person, the pose, the colours, the light."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask, smoothstep
from train.portraits.factors import Factors
from train.portraits.palettes import palette
from train.portraits.pose import Pose


class Scene:
    """One portrait before it is drawn."""

    def __init__(self, factors: Factors) -> None:
        self.factors = factors
        self.pose = Pose(factors)
        warmth = factors.light_warmth
        self.skin = colours.ramp(colours.skin_lab(factors.skin, factors.undertone), warmth)
        self.skin_lab = colours.skin_lab(factors.skin, factors.undertone)
        self.hair_lab = colours.hair_lab(factors.hair)
        self.hair = colours.ramp(self.hair_lab, warmth, depth=0.95)
        self.palette = palette(factors.palette, factors.clothes)
        self.garment = colours.ramp(self.palette.garment, warmth)
        self.key = _unit(0.85 * factors.light, -0.45, 0.62)  # towards the light, (x, y, out of the picture)
        self.key_colour = colours.srgb(np.array([0.95, 0.010 + 0.006 * warmth, 0.025 + 0.035 * warmth]))
        # Head sizes in head coordinates
        self.width = 0.445 * (1 + 0.075 * factors.face_width)
        self.chin = 0.575 * (1 + 0.055 * factors.face_length)

    def skin_tone(self, lightness: float, a: float = 0.0, b: float = 0.0) -> np.ndarray:
        """The skin, lighter by `lightness` and moved in Oklab by a (redder) and b (yellower). sRGB [3]"""
        return colours.srgb(self.skin_lab + (lightness * (0.45 + 0.65 * self.skin_lab[0]), a, b))

    def lambert(self, x: Mask, y: Mask, rx: float, ry: float) -> Mask:
        """Light 0..1 on an ellipsoid of radii rx, ry, for positions x, y from its centre."""
        nx, ny = x / np.float32(rx), y / np.float32(ry)
        square = nx * nx + ny * ny
        # Beyond the outline the normal lies in the picture plane, so that hair and ears go on smoothly.
        nz = np.sqrt((1 - square).clip(0.02, 1))
        length = np.sqrt(square + nz * nz)
        lx, ly, lz = (np.float32(k) for k in self.key)
        return (nx * lx + ny * ly + nz * lz) / length


def shade(canvas: Canvas, alpha: Mask, material: colours.Ramp, light: Mask) -> None:
    """Paint a material under light -1..1: shadow, a soft edge, plain colour, a soft highlight."""
    lit = smoothstep(-0.15, 0.62, light)
    glow = 0.85 * smoothstep(0.68, 1.02, light)
    base, shadow, bright = (c[:, None, None] for c in (material.base, material.shadow, material.light))
    colour = shadow + lit * (base - shadow)
    colour += glow * (bright - colour)
    canvas.over(alpha, colour)


def _unit(*vector: float) -> np.ndarray:
    v = np.array(vector)
    return v / np.sqrt((v * v).sum())
