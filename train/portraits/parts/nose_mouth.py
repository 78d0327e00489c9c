"""Nose and mouth: a shadow side, a soft tip, two-toned lips, a smile that may show teeth."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask, smoothstep
from train.portraits.curves import closed, ellipse, open_curve, ribbon
from train.portraits.scan import Outlines
from train.portraits.scene import Scene

Point = tuple[float, float]

MOUTH_Y = 0.375  # head coordinates


def tip_of(scene: Scene) -> float:
    """The height of the nose's base."""
    return 0.218 + 0.022 * scene.factors.nose_length


def outlines(scene: Scene) -> Outlines:
    return {**_nose(scene), **_mouth(scene)}


def _nose(scene: Scene) -> Outlines:
    wide, base, face = 0.088 * (1 + 0.22 * scene.factors.nose_width), tip_of(scene), scene.pose.face
    sides = {}
    for name, side in (("nose_left", -1), ("nose_right", 1)):
        x = np.array([0.030, 0.052, 0.046, 0.060, wide, 0.055, 0.030, 0.022, 0.012]) * side
        y = np.array([-0.10, -0.05, 0.05, 0.13, base - 0.035, base + 0.012, base - 0.02, 0.07, -0.03])
        lift = np.array([0, 0, 0.02, 0.05, 0.04, 0.06, 0.09, 0.06, 0.01])
        sides[name] = [closed(face(np.column_stack([x, y]), lift))]
    under = face(
        [
            (-wide, base - 0.022),
            (-0.7 * wide, base + 0.010),
            (-0.03, base + 0.010),
            (0, base + 0.022),
            (0.03, base + 0.010),
            (0.7 * wide, base + 0.010),
            (wide, base - 0.022),
        ],
        np.array([0.03, 0.05, 0.08, 0.09, 0.08, 0.05, 0.03]),
    )
    nostrils = [face(ellipse(s * 0.047 * wide / 0.088, base + 0.004, 0.020, 0.0115, 12), 0.06) for s in (-1, 1)]
    bridge = face([(0, -0.06), (0.0, 0.05), (0, base - 0.06)], np.array([0.0, 0.03, 0.08]))
    return {
        **sides,
        "nose_base": [ribbon(under, [0.006, 0.022, 0.016, 0.020, 0.016, 0.022, 0.006])],
        "nostrils": nostrils,
        "nose_bridge": [ribbon(bridge, [0.012, 0.030, 0.036])],
    }


def _mouth(scene: Scene) -> Outlines:
    f, face = scene.factors, scene.pose.face
    half = 0.152 * (1 + 0.14 * f.mouth_width + 0.13 * f.smile)
    full = 0.026 + 0.020 * f.lips
    corner = MOUTH_Y - 0.034 * f.smile
    gap = 0.075 * float(np.clip((f.smile - 0.25) / 0.75, 0, 1))
    dip = 0.010 + 0.012 * max(f.smile, 0)
    y = MOUTH_Y - 0.3 * gap
    left, right = (-half, corner), (half, corner)
    parting = [(-0.5 * half, y + dip - 0.012), (0, y + dip), (0.5 * half, y + dip - 0.012)]
    lower_edge = [(x, py + gap * (1 - 0.25 * (px != 0))) for (x, py), px in zip(parting, (1, 0, 1), strict=True)]
    top = [
        (-0.58 * half, y - 0.62 * full),
        (-0.2 * half, y - full),
        (0, y - 0.72 * full),
        (0.2 * half, y - full),
        (0.58 * half, y - 0.62 * full),
    ]
    bottom = [
        (0.62 * half, y + gap + 0.75 * full + dip - 0.01),
        (0, y + gap + 1.45 * full + dip),
        (-0.62 * half, y + gap + 0.75 * full + dip - 0.01),
    ]

    def between(upper: list[Point], lower: list[Point]) -> np.ndarray:
        return _lens([left, *upper, right], [right, *lower, left])

    lift = 0.03
    line = [left, *parting, right]
    return {
        "upper_lip": [face(between(top, parting[::-1]), lift)],
        "lower_lip": [face(between(lower_edge, bottom), lift)],
        "mouth_inside": [face(between(parting, lower_edge[::-1]), lift)] if gap > 0.002 else [],
        "teeth": [face(between(parting, [(px, py + 0.62 * gap) for px, py in parting[::-1]]) * (0.9, 1), lift)]
        if gap > 0.002
        else [],
        "mouth_line": [face(ribbon(line, [0.016, 0.014, 0.016, 0.014, 0.016]), lift)],
        "mouth_corners": [face(ellipse(x, corner, 0.020, 0.014, 12), lift) for x in (-half, half)],
        "lip_shine": [face(ellipse(0, y + gap + dip + 0.62 * full, 0.36 * half, 0.26 * full, 12), lift)],
    }


def _lens(there: list[Point], back: list[Point], samples: int = 5) -> np.ndarray:
    """The outline between two curves that join in both ends."""
    return np.concatenate([open_curve(there, samples), open_curve(back, samples)[1:-1]])


def paint_nose(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    light = scene.factors.light
    dark = scene.skin_tone(-0.115, 0.028, 0.002)
    canvas.over(masks["nose_left"] * (0.62 * float(smoothstep(-0.6, 0.9, np.float32(light)))), dark)
    canvas.over(masks["nose_right"] * (0.62 * float(smoothstep(-0.6, 0.9, np.float32(-light)))), dark)
    canvas.over(0.30 * canvas.blur(masks["nose_base"], 0.035, dy=0.03), dark)
    canvas.over(0.62 * masks["nose_base"], scene.skin_tone(-0.16, 0.045, 0.004))
    canvas.over(0.62 * masks["nostrils"], scene.skin_tone(-0.30, 0.05, 0.0))
    canvas.over(0.26 * canvas.blur(masks["nose_bridge"], 0.012), scene.skin.light)
    ((x, y),) = scene.pose.face([(0.012 * light, tip_of(scene) - 0.04)], 0.10)
    canvas.over(0.50 * canvas.glow(x, y, 0.024, 0.022), scene.skin.light + 0.3 * (1 - scene.skin.light))


def paint_mouth(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    painted = scene.factors.lip_colour
    lower = scene.skin_lab * (0.93, 1, 0.9) + (-0.02 - 0.07 * painted, 0.048 + 0.085 * painted, 0.006 + 0.012 * painted)
    upper = lower * (0.86, 1.02, 1)
    lips = (masks["upper_lip"] + masks["lower_lip"]).clip(0, 1)
    canvas.over(0.28 * canvas.blur(masks["lower_lip"], 0.03, dy=0.045), scene.skin_tone(-0.12, 0.02, 0))
    canvas.over(masks["mouth_inside"], colours.srgb(np.array([0.27, 0.075, 0.03])))
    canvas.over(masks["teeth"] * masks["mouth_inside"], colours.srgb(np.array([0.94, 0.003, 0.016])))
    strength = 0.80 + 0.2 * painted
    canvas.over(strength * masks["upper_lip"], colours.srgb(upper))
    canvas.over(strength * masks["lower_lip"], colours.srgb(lower))
    canvas.over(0.40 * canvas.blur(masks["lip_shine"], 0.012) * lips, colours.srgb(lower + (0.14, -0.02, 0)))
    line = 0.75 - 0.45 * float(masks["mouth_inside"].max() > 0.5)
    canvas.over(line * masks["mouth_line"], colours.srgb(np.array([0.40, 0.85, 0.6]) * lower + (0.02, 0, 0)))
    canvas.over(0.45 * masks["mouth_corners"], scene.skin_tone(-0.24, 0.05, 0.0))
