"""Colours in Oklab: gradients through curated stops, and the shadow and light of a colour.

Colours are float32 [3], sRGB 0..1 (gamma-encoded: picture space) unless they are called `lab`.
Stops are written as (lightness 0..1, chroma 0..0.3, hue in degrees). Oklab: Ottosson 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LAB_TO_LMS = np.array([
    [1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480],
])
_LMS_TO_RGB = np.array([
    [4.0767416621, -3.3077115913, 0.2309699292],
    [-1.2684380046, 2.6097574011, -0.3413193965],
    [-0.0041960863, -0.7034186147, 1.7076147010],
])


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
_SKIN = np.array([
    [.885, .045, 52], [.850, .060, 56], [.800, .073, 60], [.745, .084, 60], [.680, .090, 57],
    [.600, .088, 54], [.520, .079, 50], [.445, .066, 47], [.385, .052, 44],
])

# black, espresso, brown, chestnut, auburn, copper, honey, blond, platinum, silver | rose, teal, indigo
_HAIR_NATURAL = lab_of(np.array([
    [.24, .015, 290], [.29, .030, 40], [.37, .050, 50], [.42, .070, 48], [.45, .100, 42],
    [.58, .125, 52], [.64, .095, 70], [.76, .095, 84], [.86, .055, 92], [.74, .010, 250],
]))
_HAIR_DYED = lab_of(np.array([[.70, .120, 5], [.56, .120, 330], [.45, .120, 290], [.55, .090, 215], [.62, .085, 185]]))


def hair_lab(at: float) -> np.ndarray:
    """Natural colours up to 0.9, dyed ones above."""
    return along(_HAIR_NATURAL, at / 0.9) if at < 0.9 else along(_HAIR_DYED, (at - 0.9) / 0.1)


EYES = lab_of(np.array([
    [.30, .05, 50], [.38, .075, 55], [.47, .090, 65], [.55, .090, 100], [.58, .085, 140],
    [.60, .080, 200], [.60, .095, 240], [.64, .040, 245],
]))
FRAMES = lab_of(np.array([[.22, .01, 280], [.33, .07, 45], [.62, .11, 80], [.45, .10, 20], [.30, .07, 265]]))


@dataclass(frozen=True)
class Palette:
    """A background from its upper to its lower colour, a rim light and a garment that goes with them."""

    above: np.ndarray    # Oklab [3]
    below: np.ndarray    # Oklab [3]
    rim: np.ndarray      # Oklab [3]
    garment: np.ndarray  # Oklab [3]


# Per palette: above, below, rim, then four garments. Neighbours are related, so that the way round is smooth.
_PALETTES = lab_of(np.array([
    [(.91, .035, 82), (.83, .065, 68), (.97, .03, 80), (.36, .07, 265), (.56, .13, 38), (.44, .06, 160), (.30, .02, 280)],
    [(.85, .100, 86), (.75, .115, 74), (.95, .06, 90), (.42, .07, 205), (.93, .02, 85), (.38, .08, 345), (.52, .12, 40)],
    [(.79, .090, 48), (.68, .110, 40), (.95, .06, 70), (.93, .02, 80), (.38, .07, 250), (.62, .06, 160), (.42, .07, 200)],
    [(.82, .065, 15), (.71, .085, 8), (.96, .04, 40), (.40, .10, 15), (.93, .02, 70), (.42, .06, 165), (.42, .04, 255)],
    [(.64, .080, 345), (.47, .090, 338), (.88, .08, 20), (.90, .04, 60), (.74, .10, 70), (.34, .07, 300), (.62, .07, 190)],
    [(.80, .065, 305), (.67, .095, 298), (.95, .04, 340), (.40, .10, 300), (.92, .03, 85), (.78, .11, 80), (.38, .07, 200)],
    [(.45, .095, 282), (.31, .085, 276), (.78, .09, 330), (.80, .09, 75), (.68, .12, 20), (.88, .02, 270), (.60, .09, 200)],
    [(.68, .090, 252), (.53, .105, 256), (.90, .06, 220), (.92, .03, 85), (.66, .13, 45), (.33, .07, 265), (.80, .10, 85)],
    [(.86, .050, 228), (.74, .080, 230), (.97, .03, 200), (.45, .10, 258), (.64, .13, 35), (.94, .02, 90), (.45, .07, 180)],
    [(.63, .075, 196), (.46, .070, 202), (.88, .07, 170), (.80, .11, 80), (.92, .03, 85), (.62, .13, 32), (.30, .05, 240)],
    [(.81, .055, 155), (.68, .070, 152), (.96, .05, 120), (.40, .06, 165), (.93, .02, 90), (.62, .12, 35), (.38, .08, 320)],
    [(.52, .070, 158), (.37, .060, 164), (.82, .09, 110), (.88, .05, 85), (.72, .11, 55), (.56, .09, 190), (.48, .11, 25)],
    [(.74, .085, 112), (.61, .090, 106), (.94, .07, 100), (.36, .06, 190), (.92, .03, 90), (.50, .12, 35), (.40, .07, 280)],
]))


def palette(at: float, clothes: float) -> Palette:
    """The palette at 0..1 around their circle, with the garment at 0..1 along its four."""
    ring = np.concatenate([_PALETTES, _PALETTES[:1]])
    table = along(ring, at)  # [7, 3]
    return Palette(table[0], table[1], table[2], along(table[3:], clothes))
