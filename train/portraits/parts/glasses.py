"""Thin-framed glasses, round or square: the eyes stay visible."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask
from train.portraits.curves import ribbon, superellipse
from train.portraits.factors import Glasses
from train.portraits.scan import Outlines
from train.portraits.scene import Scene

_LIFT = 0.07  # they sit before the face, so they travel farther when it turns


def outlines(scene: Scene) -> Outlines:
    f, face = scene.factors, scene.pose.face
    drawn: dict[str, list[np.ndarray]] = {"rims": [], "lenses": [], "wires": [], "glare": []}
    if f.glasses == Glasses.NONE:
        return drawn
    rx, ry, power = (0.178, 0.170, 2.0) if f.glasses == Glasses.ROUND else (0.186, 0.142, 4.2)
    y, wire = 0.040, 0.032
    for side in (-1, 1):
        x = side * 0.212
        drawn["rims"].append(face(superellipse(x, y, rx + wire / 2, ry + wire / 2, power), _LIFT))
        drawn["lenses"].append(face(superellipse(x, y, rx - wire / 2, ry - wire / 2, power), _LIFT))
        end = face([(x + side * rx, y - 0.04)], _LIFT)
        hinge = scene.pose.place(np.array([(side * 1.02 * scene.width - 0.02 * scene.pose.sin_yaw, y - 0.05)]))
        drawn["wires"].append(ribbon(np.concatenate([end, hinge]), [wire, 0.8 * wire]))
        drawn["glare"].append(
            face(np.array([(-0.10, -0.16), (-0.03, -0.16), (-0.11, 0.16), (-0.18, 0.16)]) + (x, y), _LIFT)
        )
    drawn["wires"].append(
        ribbon(face([(-0.055, y - 0.02), (0, y - 0.050), (0.055, y - 0.02)], _LIFT + 0.03), [wire] * 3)
    )
    return drawn


def paint(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    if scene.factors.glasses == Glasses.NONE:
        return
    lenses = masks["lenses"]
    rims = np.maximum((masks["rims"] - lenses).clip(0, 1), masks["wires"] * (1 - lenses))
    canvas.over(
        0.28 * canvas.blur(rims, 0.022, -0.03 * scene.factors.light, 0.035) * masks["face"],
        scene.skin_tone(-0.16, 0.02, 0),
    )
    canvas.over(0.07 * lenses + 0.10 * masks["glare"] * lenses, np.array([1, 1, 1], np.float32))
    canvas.over(0.95 * rims, colours.srgb(colours.along(colours.FRAMES, scene.factors.frame_colour)))
