"""Neck, shoulders and clothes with four collars."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask, smoothstep
from train.portraits.curves import closed, open_curve, ribbon
from train.portraits.factors import Collar
from train.portraits.scan import Outlines
from train.portraits.scene import Scene, shade

# The body does not turn with the head: it follows it a little. Frame coordinates throughout.


def outlines(scene: Scene) -> Outlines:
    f = scene.factors
    neck = 0.195 * (1 + 0.16 * f.build)
    sway = np.array([0.05 * f.yaw - 0.01 * f.tilt, 0])
    skin = (
        closed(
            [
                (-neck, 0.25),
                (neck, 0.25),
                (neck * 0.98, 0.55),
                (1.45 * neck, 0.70),
                (0.6, 0.86),
                (0.6, 1.3),
                (-0.6, 1.3),
                (-0.6, 0.86),
                (-1.45 * neck, 0.70),
                (-neck * 0.98, 0.55),
            ]
        )
        + sway
    )
    drawn: dict[str, list[np.ndarray]] = {"neck": [skin], "trim": [], "trim_edge": [], "inner": []}
    drawn["clothes"] = [_garment(scene, neck) + sway]
    _COLLARS[Collar(f.collar)](drawn, neck, sway)
    drawn["folds"] = [
        ribbon(np.array(p) * (s, 1) + sway, [0, 0.035, 0.0])
        for s in (-1, 1)
        for p in ([(0.50, 0.93), (0.47, 1.0), (0.49, 1.1)], [(0.30, 0.90), (0.36, 0.98), (0.38, 1.1)])
    ]
    return drawn


def _garment(scene: Scene, neck: float) -> np.ndarray:
    """Shoulders under cloth, with the neckline of the collar."""
    f = scene.factors
    broad = 1 + 0.10 * f.build
    right = [(0.50 * broad, 0.755), (0.78 * broad, 0.86), (0.93 * broad, 1.02), (0.98 * broad, 1.3)]
    necklines = {
        Collar.CREW: [
            (-1.30 * neck, 0.655),
            (-0.85 * neck, 0.735),
            (0, 0.775),
            (0.85 * neck, 0.735),
            (1.30 * neck, 0.655),
        ],
        Collar.SHIRT: [(-1.22 * neck, 0.63), (-0.5 * neck, 0.76), (0, 0.87), (0.5 * neck, 0.76), (1.22 * neck, 0.63)],
        Collar.V_NECK: [
            (-1.35 * neck, 0.66),
            (-0.75 * neck, 0.80),
            (0, 0.965),
            (0.75 * neck, 0.80),
            (1.35 * neck, 0.66),
        ],
        Collar.TURTLENECK: [
            (-1.12 * neck, 0.56),
            (-0.6 * neck, 0.60),
            (0, 0.615),
            (0.6 * neck, 0.60),
            (1.12 * neck, 0.56),
        ],
    }
    line = necklines[Collar(f.collar)]
    left = [(-x, y) for x, y in right[::-1]]
    shoulders = open_curve([line[-1], *right], 6)
    return np.concatenate([open_curve(line, 6), shoulders[1:], open_curve([*left, line[0]], 6)[:-1]])


def _crew(drawn, neck, sway) -> None:
    drawn["trim"].append(
        ribbon(
            np.array(
                [(-1.33 * neck, 0.645), (-0.88 * neck, 0.745), (0, 0.795), (0.88 * neck, 0.745), (1.33 * neck, 0.645)]
            )
            + sway,
            [0.06] * 5,
        )
    )


def _shirt(drawn, neck, sway) -> None:
    for s in (-1, 1):
        flap = np.array(
            [
                (1.14 * neck, 0.555),
                (1.42 * neck, 0.70),
                (0.98 * neck, 0.93),
                (0.02, 0.845),
                (0.55 * neck, 0.74),
                (0.95 * neck, 0.62),
            ]
        ) * (s, 1)
        drawn["trim"].append(flap + sway)
    drawn["trim_edge"].append(ribbon(np.array([(0, 0.85), (0.005, 0.95), (0.0, 1.1)]) + sway, [0.014] * 3))


def _v_neck(drawn, neck, sway) -> None:
    for s in (-1, 1):
        band = ribbon(np.array([(1.38 * neck, 0.645), (0.80 * neck, 0.80), (-0.02, 0.985)]) * (s, 1), [0.06] * 3)
        drawn["trim"].append(band + sway)


def _turtleneck(drawn, neck, sway) -> None:
    roll = closed(
        [
            (-1.13 * neck, 0.53),
            (-0.6 * neck, 0.575),
            (0, 0.59),
            (0.6 * neck, 0.575),
            (1.13 * neck, 0.53),
            (1.24 * neck, 0.62),
            (1.16 * neck, 0.72),
            (0.6 * neck, 0.765),
            (0, 0.78),
            (-0.6 * neck, 0.765),
            (-1.16 * neck, 0.72),
            (-1.24 * neck, 0.62),
        ]
    )
    drawn["trim"].append(roll + sway)


_COLLARS = {Collar.CREW: _crew, Collar.SHIRT: _shirt, Collar.V_NECK: _v_neck, Collar.TURTLENECK: _turtleneck}


def paint(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    key = scene.factors.light
    x, y = canvas.x, canvas.y
    shade(canvas, masks["neck"], scene.skin, scene.lambert(x, y - 0.75, 0.42, 0.9) - 0.05)
    # The chin's shadow is what seats the head on the neck.
    chin = canvas.blur(masks["face"], 0.05, -0.06 * key, 0.15)
    canvas.over(0.85 * masks["neck"] * chin, scene.skin_tone(-0.155, 0.030, -0.004))
    _paint_clothes(scene, canvas, masks)


def _paint_clothes(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    clothes, trim, material = masks["clothes"], masks["trim"], scene.garment
    x, y = canvas.x, canvas.y
    light = scene.lambert(x, y - 1.25, 1.15, 0.75)
    canvas.over(0.55 * masks["neck"] * canvas.blur(np.maximum(clothes, trim), 0.025), scene.skin_tone(-0.13, 0.03, 0))
    shade(canvas, clothes, material, light)
    canvas.over(0.30 * clothes * canvas.blur(masks["folds"], 0.02), material.shadow)
    canvas.over(0.45 * clothes * canvas.blur(trim, 0.035, dy=0.04), material.shadow)
    lab = scene.palette.garment
    shift = 0.055 if lab[0] < 0.6 else -0.05
    trim_ramp = colours.ramp(lab + (shift, 0, 0), scene.factors.light_warmth)
    shade(canvas, trim, trim_ramp, light + 0.1)
    canvas.over(0.6 * masks["trim_edge"] * clothes, material.shadow)
    fall = canvas.blur(masks["face"], 0.09, -0.10 * key_side(scene), 0.20)
    canvas.over(0.40 * fall * np.maximum(clothes, trim), material.shadow)
    _rim(scene, canvas, np.maximum(clothes, trim))


def key_side(scene: Scene) -> float:
    return scene.factors.light


def _rim(scene: Scene, canvas: Canvas, mask: Mask) -> None:
    away = smoothstep(0.15, 0.6, -canvas.x * np.float32(np.sign(scene.factors.light)))
    edge = (mask * (1 - canvas.blur(mask, 0.04)) * 2).clip(0, 1) * smoothstep(1.0, 0.8, canvas.y)
    canvas.add(0.40 * edge * away, 0.7 * colours.srgb(scene.palette.rim))
