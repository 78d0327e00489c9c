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
