"""A portrait from its factors: draw every outline, scan them all at once, paint back to front."""

from __future__ import annotations

import numpy as np

from train.portraits.canvas import Canvas, Mask
from train.portraits.factors import Factors, generator, grain_seed_of, sample_factors
from train.portraits.parts import backdrop, beard, body, eyes, glasses, hair, hair_shapes, head, nose_mouth
from train.portraits.scan import masks as scan
from train.portraits.scene import Scene

RESOLUTIONS = (32, 64, 128, 256)
GRAIN_SIGMA = 2.5  # grey levels of 255 at grain 1


def draw(seed: int, index: int, resolution: int) -> np.ndarray:
    """Picture `index` of the data set `seed`, uint8 [H, W, 3]: a pure function of (VERSION, seed, index)."""
    return draw_factors(sample_factors(seed, index), resolution, grain_seed=grain_seed_of(seed, index))


def draw_factors(factors: Factors, resolution: int, *, grain_seed: int = 0) -> np.ndarray:
    """The person described by `factors`, uint8 [H, W, 3]; grain_seed places freckles, bristles and grain."""
    if resolution not in RESOLUTIONS:
        raise ValueError(f"portraits come at {RESOLUTIONS} pixels, not at {resolution}")
    rng = generator(grain_seed)
    scene, canvas = Scene(factors), Canvas(resolution)
    masks = scan(_outlines(scene, rng), resolution)
    speckle = rng.standard_normal((resolution, resolution), np.float32)
    _paint(scene, canvas, masks, speckle)
    grain = rng.standard_normal((resolution, resolution), np.float32)
    canvas.image += grain * np.float32(GRAIN_SIGMA / 255 * factors.grain)
    return canvas.pixels()


def _outlines(scene: Scene, rng: np.random.Generator) -> dict[str, list[np.ndarray]]:
    drawn: dict[str, list[np.ndarray]] = {}
    for part in (body, head, eyes, nose_mouth, beard, hair_shapes, glasses):
        drawn.update(part.outlines(scene))
    drawn["freckles"] = head.freckles(scene, rng)
    return drawn


def _paint(scene: Scene, canvas: Canvas, masks: dict[str, Mask], speckle: Mask) -> None:
    """The order is that of paint on paper: what lies behind comes first."""
    figure = np.maximum.reduce([masks[n] for n in ("face", "hair_back", "hair_front", "hair_bun", "clothes")])
    backdrop.paint(scene, canvas)
    backdrop.paint_shadow(scene, canvas, figure)
    hair.paint_back(scene, canvas, masks)
    body.paint(scene, canvas, masks)
    head.paint_ears(scene, canvas, masks)
    head.paint_face(scene, canvas, masks)
    hair.paint_shadow(scene, canvas, masks)
    nose_mouth.paint_nose(scene, canvas, masks)
    beard.paint(scene, canvas, masks, speckle)
    nose_mouth.paint_mouth(scene, canvas, masks)
    eyes.paint(scene, canvas, masks)
    eyes.paint_brows(scene, canvas, masks)
    hair.paint_front(scene, canvas, masks)
    glasses.paint(scene, canvas, masks)
