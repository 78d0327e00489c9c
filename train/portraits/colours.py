"""Colours in Oklab: gradients through curated stops, and the shadow and light of a colour.

Colours are float32 [3], sRGB 0..1 (gamma-encoded: picture space) unless they are called `lab`.
Stops are written as (lightness 0..1, chroma 0..0.3, hue in degrees). Oklab: Ottosson 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LAB_TO_LMS = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def srgb(lab: np.ndarray) -> np.ndarray:
    """Oklab [3] to sRGB [3], clipped to the gamut."""
    linear = (_LMS_TO_RGB @ (_LAB_TO_LMS @ lab) ** 3).clip(0, 1)
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return curve.astype(np.float32)


def lab_of(stops: np.ndarray) -> np.ndarray:
    """Lightness, chroma, hue [..., 3] to Oklab [..., 3]."""
    lightness, chroma, hue = np.moveaxis(np.asarray(stops, float), -1, 0)
    hue = np.deg2rad(hue)
    return np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], -1)


def along(labs: np.ndarray, at: float) -> np.ndarray:
    """The colour (or table of colours) at 0..1 of the way along stops at even distances. [n, ...] -> [...]"""
    place = float(np.clip(at, 0, 1)) * (len(labs) - 1)
    low = min(int(place), len(labs) - 2)
    return labs[low] + (place - low) * (labs[low + 1] - labs[low])


@dataclass(frozen=True)
class Ramp:
    """A material: its colour in shadow, in plain light and in full light, each sRGB [3]."""

    shadow: np.ndarray
    base: np.ndarray
    light: np.ndarray


def ramp(lab: np.ndarray, warmth: float = 0.0, depth: float = 1.0) -> Ramp:
    """Shadows keep their saturation and turn cooler when the light is warm, and the other way round."""
    lightness, a, b = lab
    drop = depth * (0.10 + 0.12 * lightness)
    shadow = np.array([lightness - drop, 1.02 * a + 0.006, 0.98 * b - 0.014 - 0.008 * warmth])
    lift = 0.05 + 0.04 * (1 - lightness)
    light = np.array([lightness + lift, a * 0.92 + 0.002 * warmth, b * 0.95 + 0.008 + 0.016 * warmth])
    return Ramp(srgb(shadow), srgb(lab), srgb(light))


def skin_lab(tone: float, undertone: float) -> np.ndarray:
    """Fair (0) to deep (1) skin; undertone -1 rosy .. 1 golden."""
    lightness, chroma, hue = along(_SKIN, tone)
    return lab_of(np.array([lightness, chroma, hue + 9 * undertone]))


# Fair to deep. Chroma is highest in the middle; the deepest tones turn a little redder.
_SKIN = np.array(
    [
        [0.885, 0.045, 52],
        [0.850, 0.060, 56],
        [0.800, 0.073, 60],
        [0.745, 0.084, 60],
        [0.680, 0.090, 57],
        [0.600, 0.088, 54],
        [0.520, 0.079, 50],
        [0.445, 0.066, 47],
        [0.385, 0.052, 44],
    ]
)

# black, espresso, brown, chestnut, auburn, copper, honey, blond, platinum, silver | rose, teal, indigo
_HAIR_NATURAL = lab_of(
    np.array(
        [
            [0.24, 0.015, 290],
            [0.29, 0.030, 40],
            [0.37, 0.050, 50],
            [0.42, 0.070, 48],
            [0.45, 0.100, 42],
            [0.58, 0.125, 52],
            [0.64, 0.095, 70],
            [0.76, 0.095, 84],
            [0.86, 0.055, 92],
            [0.74, 0.010, 250],
        ]
    )
)
_HAIR_DYED = lab_of(
    np.array([[0.70, 0.120, 5], [0.56, 0.120, 330], [0.45, 0.120, 290], [0.55, 0.090, 215], [0.62, 0.085, 185]])
)


def hair_lab(at: float) -> np.ndarray:
    """Natural colours up to 0.9, dyed ones above."""
    return along(_HAIR_NATURAL, at / 0.9) if at < 0.9 else along(_HAIR_DYED, (at - 0.9) / 0.1)


EYES = lab_of(
    np.array(
        [
            [0.30, 0.05, 50],
            [0.38, 0.075, 55],
            [0.47, 0.090, 65],
            [0.55, 0.090, 100],
            [0.58, 0.085, 140],
            [0.60, 0.080, 200],
            [0.60, 0.095, 240],
            [0.64, 0.040, 245],
        ]
    )
)
FRAMES = lab_of(np.array([[0.22, 0.01, 280], [0.33, 0.07, 45], [0.62, 0.11, 80], [0.45, 0.10, 20], [0.30, 0.07, 265]]))


@dataclass(frozen=True)
class Palette:
    """A background from its upper to its lower colour, a rim light and a garment that goes with them."""

    above: np.ndarray  # Oklab [3]
    below: np.ndarray  # Oklab [3]
    rim: np.ndarray  # Oklab [3]
    garment: np.ndarray  # Oklab [3]


# Per palette: above, below, rim, then four garments. Neighbours are related, so that the way round is smooth.
_PALETTES = lab_of(
    np.array(
        [
            [
                (0.91, 0.035, 82),
                (0.83, 0.065, 68),
                (0.97, 0.03, 80),
                (0.36, 0.07, 265),
                (0.56, 0.13, 38),
                (0.44, 0.06, 160),
                (0.30, 0.02, 280),
            ],
            [
                (0.85, 0.100, 86),
                (0.75, 0.115, 74),
                (0.95, 0.06, 90),
                (0.42, 0.07, 205),
                (0.93, 0.02, 85),
                (0.38, 0.08, 345),
                (0.52, 0.12, 40),
            ],
            [
                (0.79, 0.090, 48),
                (0.68, 0.110, 40),
                (0.95, 0.06, 70),
                (0.93, 0.02, 80),
                (0.38, 0.07, 250),
                (0.62, 0.06, 160),
                (0.42, 0.07, 200),
            ],
            [
                (0.82, 0.065, 15),
                (0.71, 0.085, 8),
                (0.96, 0.04, 40),
                (0.40, 0.10, 15),
                (0.93, 0.02, 70),
                (0.42, 0.06, 165),
                (0.42, 0.04, 255),
            ],
            [
                (0.64, 0.080, 345),
                (0.47, 0.090, 338),
                (0.88, 0.08, 20),
                (0.90, 0.04, 60),
                (0.74, 0.10, 70),
                (0.34, 0.07, 300),
                (0.62, 0.07, 190),
            ],
            [
                (0.80, 0.065, 305),
                (0.67, 0.095, 298),
                (0.95, 0.04, 340),
                (0.40, 0.10, 300),
                (0.92, 0.03, 85),
                (0.78, 0.11, 80),
                (0.38, 0.07, 200),
            ],
            [
                (0.45, 0.095, 282),
                (0.31, 0.085, 276),
                (0.78, 0.09, 330),
                (0.80, 0.09, 75),
                (0.68, 0.12, 20),
                (0.88, 0.02, 270),
                (0.60, 0.09, 200),
            ],
            [
                (0.68, 0.090, 252),
                (0.53, 0.105, 256),
                (0.90, 0.06, 220),
                (0.92, 0.03, 85),
                (0.66, 0.13, 45),
                (0.33, 0.07, 265),
                (0.80, 0.10, 85),
            ],
            [
                (0.86, 0.050, 228),
                (0.74, 0.080, 230),
                (0.97, 0.03, 200),
                (0.45, 0.10, 258),
                (0.64, 0.13, 35),
                (0.94, 0.02, 90),
                (0.45, 0.07, 180),
            ],
            [
                (0.63, 0.075, 196),
                (0.46, 0.070, 202),
                (0.88, 0.07, 170),
                (0.80, 0.11, 80),
                (0.92, 0.03, 85),
                (0.62, 0.13, 32),
                (0.30, 0.05, 240),
            ],
            [
                (0.81, 0.055, 155),
                (0.68, 0.070, 152),
                (0.96, 0.05, 120),
                (0.40, 0.06, 165),
                (0.93, 0.02, 90),
                (0.62, 0.12, 35),
                (0.38, 0.08, 320),
            ],
            [
                (0.52, 0.070, 158),
                (0.37, 0.060, 164),
                (0.82, 0.09, 110),
                (0.88, 0.05, 85),
                (0.72, 0.11, 55),
                (0.56, 0.09, 190),
                (0.48, 0.11, 25),
            ],
            [
                (0.74, 0.085, 112),
                (0.61, 0.090, 106),
                (0.94, 0.07, 100),
                (0.36, 0.06, 190),
                (0.92, 0.03, 90),
                (0.50, 0.12, 35),
                (0.40, 0.07, 280),
            ],
        ]
    )
)


def palette(at: float, clothes: float) -> Palette:
    """The palette at 0..1 around their circle, with the garment at 0..1 along its four."""
    ring = np.concatenate([_PALETTES, _PALETTES[:1]])
    table = along(ring, at)  # [7, 3]
    return Palette(table[0], table[1], table[2], along(table[3:], clothes))
