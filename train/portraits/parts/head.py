"""Skull, ears and neck: outlines, form shading, blush, freckles."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask, smoothstep
from train.portraits.curves import closed, ellipse, mirrored, ribbon
from train.portraits.scan import Outlines
from train.portraits.scene import Scene, shade


def face_outline(scene: Scene) -> np.ndarray:
    """The right half of the face from crown to chin, head coordinates [P, 2]."""
    f, w, chin = scene.factors, scene.width, scene.chin
    jaw = 0.045 * f.jaw
    return np.array(
        [
            (0, -0.60),
            (0.25, -0.555),
            (0.95 * w, -0.34),
            (1.02 * w, -0.05),
            (0.97 * w, 0.14),
            (0.815 * w + jaw, 0.63 * chin),
            (0.43 * w + 1.1 * jaw, 0.925 * chin),
            (0.16 * w + 0.7 * jaw, 0.995 * chin),
            (0, chin),
        ]
    )


def outlines(scene: Scene) -> Outlines:
    pose, w = scene.pose, scene.width
    ears, inner = [], []
    for side in (-1, 1):
        # The ear on the side the face turns away from comes forward, the other hides.
        out = side * (1.035 * w + 0.0) - 0.075 * pose.sin_yaw
        ear = closed(
            [
                (out - side * 0.03, -0.07),
                (out + side * 0.045, -0.085),
                (out + side * 0.07, -0.01),
                (out + side * 0.045, 0.10),
                (out, 0.165),
                (out - side * 0.04, 0.12),
            ]
        )
        ears.append(pose.place(ear))
        inner.append(
            pose.place(
                ribbon(
                    [
                        (out + side * 0.005, -0.03),
                        (out + side * 0.038, -0.03),
                        (out + side * 0.03, 0.05),
                        (out + side * 0.005, 0.09),
                    ],
                    [0, 0.02, 0.022, 0.005],
                )
            )
        )
    return {
        "face": [pose.outline(closed(mirrored(face_outline(scene))))],
        "ears": ears,
        "ear_folds": inner,
        "freckles": [],
    }


def freckles(scene: Scene, rng: np.random.Generator) -> list[np.ndarray]:
    """Dots over the nose and cheeks, frame coordinates; their places belong to the noise, not to the factors."""
    spots = rng.normal(0, 1, (44, 2)) * (0.17, 0.055) + (0, 0.16)
    sizes = rng.uniform(0.008, 0.014, 44)
    count = round(44 * scene.factors.freckles)
    dots = [ellipse(x, y + 0.12 * abs(x), r, r, 8) for (x, y), r in zip(spots[:count], sizes[:count], strict=True)]
    return [scene.pose.face(dot) for dot in dots]


def paint_ears(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    hx, hy = scene.pose.head_grid(canvas.x, canvas.y)
    shade(canvas, masks["ears"], scene.skin, scene.lambert(hx, hy, 0.56, 0.75) - 0.12)
    canvas.over(0.55 * masks["ear_folds"], scene.skin_tone(-0.17, 0.03, 0.0))


def paint_face(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    """The bare face under its light; features follow."""
    face, f, pose = masks["face"], scene.factors, scene.pose
    hx, hy = pose.head_grid(canvas.x, canvas.y)
    light = scene.lambert(hx - np.float32(0.10 * pose.sin_yaw), hy, 0.54, 0.72)
    # Planes of the face: sockets and the sides under the cheekbones fall back, cheeks and brow come forward.
    for x, y, rx, ry, amount in (
        (-0.19, 0.0, 0.11, 0.075, -0.14),
        (0.19, 0.0, 0.11, 0.075, -0.14),
        (-0.33, 0.30, 0.09, 0.12, -0.14),
        (0.33, 0.30, 0.09, 0.12, -0.14),
        (-0.22, 0.19, 0.10, 0.07, 0.10),
        (0.22, 0.19, 0.10, 0.07, 0.10),
        (0, -0.30, 0.20, 0.09, 0.08),
        (0, 0.51, 0.07, 0.04, 0.08),
        (0, 0.455, 0.09, 0.022, -0.16),
    ):
        ((px, py),) = pose.face([(x, y)])
        light = light + np.float32(amount) * canvas.glow(px, py, rx, ry)
    shade(canvas, face, scene.skin, light)
    _blush(scene, canvas, face)
    canvas.over(0.33 * f.freckles**0.5 * masks["freckles"] * face, scene.skin_tone(-0.16, 0.025, 0.02))
    _rim(scene, canvas, face, hx)


def _blush(scene: Scene, canvas: Canvas, face: Mask) -> None:
    rosy = scene.skin_tone(-0.045, 0.060, 0.006)
    for x in (-0.26, 0.26):
        ((px, py),) = scene.pose.face([(x, 0.20)])
        canvas.over((0.22 + 0.45 * scene.factors.blush) * face * canvas.glow(px, py, 0.095, 0.07), rosy)
    ((px, py),) = scene.pose.face([(0, 0.20)], 0.08)
    canvas.over((0.10 + 0.25 * scene.factors.blush) * face * canvas.glow(px, py, 0.06, 0.05), rosy)


def _rim(scene: Scene, canvas: Canvas, mask: Mask, hx: Mask) -> None:
    """A thin light on the edge away from the key light, in the colour of the palette."""
    away = smoothstep(0.1, 0.5, -hx * np.float32(np.sign(scene.factors.light)))
    edge = mask * (1 - canvas.blur(mask, 0.045)) * 2
    canvas.add(0.55 * edge.clip(0, 1) * away, 0.75 * colours.srgb(scene.palette.rim))
