"""Moustache, goatee, full beard, and the shade of stubble."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask
from train.portraits.curves import closed, ribbon
from train.portraits.factors import Beard
from train.portraits.parts.head import face_outline
from train.portraits.parts.nose_mouth import MOUTH_Y, tip_of
from train.portraits.scan import Outlines
from train.portraits.scene import Scene, shade


def outlines(scene: Scene) -> Outlines:
    f = scene.factors
    drawn: dict[str, list[np.ndarray]] = {"beard": [], "stubble": []}
    if f.beard != Beard.NONE:
        drawn["beard"].append(_moustache(scene))
    if f.beard == Beard.GOATEE:
        drawn["beard"] += _goatee(scene)
    if f.beard == Beard.FULL:
        drawn["beard"].append(_along_jaw(scene, 0.02 + 0.13 * f.beard_length))
    if f.stubble > 0:
        drawn["stubble"] = [_along_jaw(scene, -0.004), _moustache(scene)]
    return drawn


def _moustache(scene: Scene) -> np.ndarray:
    base = tip_of(scene) + 0.045
    thick = 0.05 + 0.03 * scene.factors.beard_length
    end = MOUTH_Y + 0.015 - 0.02 * scene.factors.smile
    spine = [(-0.185, end), (-0.10, base + 0.045), (0, base + 0.035), (0.10, base + 0.045), (0.185, end)]
    return scene.pose.face(ribbon(spine, [0.02, thick, 0.85 * thick, thick, 0.02]), 0.03)


def _goatee(scene: Scene) -> list[np.ndarray]:
    f, chin = scene.factors, scene.chin
    reach = chin + 0.015 + 0.10 * f.beard_length
    tuft = closed(
        [
            (0, 0.475),
            (0.12, 0.50),
            (0.15, 0.54),
            (0.10, reach - 0.015),
            (0, reach),
            (-0.10, reach - 0.015),
            (-0.15, 0.54),
            (-0.12, 0.50),
        ]
    )
    sides = [
        ribbon([(s * 0.18, MOUTH_Y - 0.01), (s * 0.19, 0.45), (s * 0.13, 0.53)], [0.03, 0.055, 0.05]) for s in (-1, 1)
    ]
    return [scene.pose.outline(tuft, 0.03), *(scene.pose.face(side, 0.03) for side in sides)]


def _along_jaw(scene: Scene, beyond: float) -> np.ndarray:
    """From ear to ear below the cheeks, reaching `beyond` the jaw line."""
    jaw = face_outline(scene)[4:]  # cheek, jaw, chin
    down = np.array([0.15, 0.45, 0.9, 1.0, 1.0]) * beyond
    out = jaw + np.column_stack([np.array([0.2, 0.5, 0.45, 0.25, 0]) * max(beyond, 0) + [0, 0.005, 0, 0, 0], down])
    w = scene.width
    inner = np.array([(0.90 * w, 0.04), (0.83 * w, 0.22), (0.60 * w, 0.315), (0.44 * w, 0.295), (0, 0.30)])
    outer = scene.pose.outline(
        np.concatenate([[(1.0 * w, 0.0)], out[:-1], out[-1:], out[-2::-1] * (-1, 1), [(-1.0 * w, 0.0)]])
    )
    edge = scene.pose.face(np.concatenate([inner[:-1] * (-1, 1), inner[-1:], inner[-2::-1]]))
    return closed(np.concatenate([outer, edge]), 5)


def paint(scene: Scene, canvas: Canvas, masks: dict[str, Mask], speckle: Mask) -> None:
    """Before the mouth. `speckle` is standard normal noise: single bristles at the picture's resolution."""
    f = scene.factors
    lightness, a, b = scene.hair_lab
    tone = np.array([min(0.92 * lightness, scene.skin_lab[0] - 0.12), 0.8 * a + 0.006, 0.8 * b + 0.006])
    if f.stubble > 0:
        area = canvas.blur(masks["stubble"], 0.035) * masks["face"]
        density = (0.24 * f.stubble * (1 + 0.28 * speckle)).clip(0, 1)
        canvas.over(area * density, colours.srgb(tone * (0.75, 0.4, 0.3)))
    if f.beard == Beard.NONE:
        return
    beard = masks["beard"]
    soft = np.maximum(0.9 * canvas.blur(beard, 0.014), beard * canvas.blur(beard, 0.03))
    hx, hy = scene.pose.head_grid(canvas.x, canvas.y)
    light = scene.lambert(hx, hy - 0.12, 0.5, 0.62) - 0.05
    strands = np.sin(46 * hx + 9 * np.sin(7 * hy)) * np.cos(17 * hy)
    shade(canvas, (1.25 * soft).clip(0, 0.97), colours.ramp(tone, f.light_warmth, 0.8), light + 0.10 * strands)
