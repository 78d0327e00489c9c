"""Hair is painted as a soft mass: form light, a ring of shine, and strands or curls of low contrast."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask, smoothstep
from train.portraits.factors import HairStyle
from train.portraits.scene import Scene, shade

_CURLED = (HairStyle.CURLY, HairStyle.AFRO)


def paint_back(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    """What hangs behind the neck: in shadow."""
    hx, hy = scene.pose.head_grid(canvas.x, canvas.y)
    light = scene.lambert(hx, hy, 0.75, 1.1) - 0.42 + 0.6 * _texture(scene, hx, hy)
    shade(canvas, masks["hair_back"], scene.hair, light)
    if scene.factors.hair_style == HairStyle.BUN:
        light = scene.lambert(hx, hy + 0.73, 0.22, 0.22) + 0.12 * np.sin(60 * (hx + 0.6 * hy))
        shade(canvas, masks["hair_bun"], scene.hair, light)


def paint_shadow(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    """The shadow of the front hair on the face."""
    if scene.factors.hair_style == HairStyle.BALD:
        return
    front = masks["hair_front"]
    cast = canvas.blur(front, 0.035, -0.03 * scene.factors.light, 0.055)
    canvas.over(0.62 * cast * masks["face"], scene.skin_tone(-0.15, 0.028, 0.0))


def paint_front(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    front = masks["hair_front"]
    hx, hy = scene.pose.head_grid(canvas.x, canvas.y)
    if scene.factors.hair_style == HairStyle.BALD:
        _paint_shaven(scene, canvas, front * masks["face"])
        return
    light = scene.lambert(hx, hy + 0.05, 0.66, 0.86) - 0.04 + _texture(scene, hx, hy)
    # The hair's inner edge lies on the head: it darkens softly toward the hairline.
    light = light - 0.25 * (1 - canvas.blur(front, 0.05)) * smoothstep(0.75, 0.35, np.hypot(hx, hy))
    shade(canvas, front, scene.hair, light)
    canvas.over(0.55 * front * _shine(scene, hx, hy), scene.hair.light)
    _rim(scene, canvas, front, hx)


def _paint_shaven(scene: Scene, canvas: Canvas, scalp: Mask) -> None:
    tone = colours.srgb(scene.hair_lab * (0.6, 0.3, 0.3) + (0.35 * (scene.skin_lab[0] - 0.5), 0, 0))
    canvas.over((0.05 + 0.35 * scene.factors.hair_length) * canvas.blur(scalp, 0.025) * scalp, tone)
    ((x, y),) = scene.pose.face([(0.20 * scene.factors.light, -0.42)])
    canvas.over(0.35 * canvas.glow(x, y, 0.11, 0.07) * scalp, scene.skin.light)


def _texture(scene: Scene, hx: Mask, hy: Mask) -> Mask:
    """Light variation about 0: strands that fall from the parting, or round curls."""
    if scene.factors.hair_style in _CURLED:
        u, v = 15 * hx + 1.3 * np.sin(7 * hy), 15 * hy + 1.3 * np.sin(8 * hx)
        size = 1.0 if scene.factors.hair_style == HairStyle.CURLY else 1.35
        return np.float32(0.30 / size) * np.cos(size * (u + v)) * np.cos(size * (u - v))
    part = np.float32(0.24 * scene.factors.hair_part)
    angle = np.arctan2(hx - part * smoothstep(0.2, -0.5, hy), hy + 0.95)
    drift = np.sin(3 * hy + 4 * hx)
    return 0.15 * np.sin(26 * angle + 1.1 * drift) + 0.09 * np.sin(57 * angle - 1.5 * drift)


def _shine(scene: Scene, hx: Mask, hy: Mask) -> Mask:
    """The ring of light around a crown, broken by strands, on the side of the key light."""
    radius = np.hypot(hx / 0.50, (hy + 0.02) / 0.66)
    ring = np.exp(-0.5 * ((radius - 0.90) / 0.075) ** 2)
    toward = smoothstep(-0.35, 0.8, hx * np.float32(np.sign(scene.factors.light) * 1.6) - 0.9 * hy - 0.2)
    strength = 0.45 if scene.factors.hair_style in _CURLED else 1.0
    return np.float32(strength) * ring * toward * (0.75 + 1.6 * _texture(scene, hx, hy)).clip(0, 1)


def _rim(scene: Scene, canvas: Canvas, mask: Mask, hx: Mask) -> None:
    away = smoothstep(0.15, 0.55, -hx * np.float32(np.sign(scene.factors.light)))
    edge = (mask * (1 - canvas.blur(mask, 0.04)) * 2).clip(0, 1)
    canvas.add(0.38 * edge * away, 0.75 * colours.srgb(scene.palette.rim))
