"""Ten hair styles as big soft shapes, each with a length that changes smoothly.

A style gives up to three kinds of polygons in frame coordinates: `back` (behind neck and shoulders), `front`
(over the face) and `bun`. Widths follow the head: w is half its width, and y runs down from its middle.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from train.portraits.curves import closed, ellipse
from train.portraits.factors import HairStyle
from train.portraits.parts.eyes import brow_line
from train.portraits.scan import Outlines
from train.portraits.scene import Scene

Shapes = dict[str, list[np.ndarray]]


def outlines(scene: Scene) -> Outlines:
    shapes = _STYLES[HairStyle(scene.factors.hair_style)](scene)
    return {f"hair_{name}": shapes.get(name, []) for name in ("back", "front", "bun")}


def _arc(scene: Scene, top: float, side: float, low: float, lean: float = 0.0) -> np.ndarray:
    """The outer line from the right temple over the crown to the left one; `lean` lifts the right (+) or left."""
    w = scene.width
    right = np.array(
        [
            (1.015 * w + side, low),
            (1.05 * w + 1.15 * side, -0.18),
            (0.96 * w + 1.1 * side, -0.40),
            (0.60 * w + 0.7 * side, -0.575 - 0.72 * top),
        ]
    )
    left = (right * (-1, 1))[::-1]
    lift = np.array([0, 0, 0.35, 1.0]) * 0.07 * lean
    right[:, 1] -= lift
    left[:, 1] += lift[::-1]
    return np.concatenate([right, [(0, -0.625 - top)], left])


def _hairline(scene: Scene, low: float, height: float, part: float | None = None, dip: float = 0.06) -> np.ndarray:
    """The inner line from the left temple over the forehead to the right one, higher at a parting."""
    w = scene.width
    x = np.array([-0.93, -0.88, -0.72, -0.45, -0.15, 0.15, 0.45, 0.72, 0.88, 0.93]) * w
    y = np.array([low, -0.17, height + 0.10, height + 0.02, height, height, height + 0.02, height + 0.10, -0.17, low])
    if part is not None:
        y = y - dip * np.exp(-(((x - part) / 0.12) ** 2)) + 0.5 * dip * np.exp(-(((x + part) / 0.2) ** 2))
    return np.column_stack([x, y])


def _cap(scene: Scene, arc: np.ndarray, hairline: np.ndarray) -> np.ndarray:
    return closed(np.concatenate([scene.pose.outline(arc), scene.pose.face(hairline)]), 5)


def _bald(scene: Scene) -> Shapes:
    return {"front": [_cap(scene, _arc(scene, -0.025, -0.004, -0.04), _hairline(scene, -0.04, -0.42))]}


def _crop(scene: Scene) -> Shapes:
    length = scene.factors.hair_length
    arc = _arc(scene, 0.02 + 0.06 * length, 0.004 + 0.02 * length, -0.01)
    return {"front": [_cap(scene, arc, _hairline(scene, -0.01, -0.415 + 0.04 * length))]}


def _side_part(scene: Scene) -> Shapes:
    f = scene.factors
    part = 0.26 * f.hair_part
    arc = _arc(scene, 0.075 + 0.06 * f.hair_length, 0.015, 0.0, -1.1 * f.hair_part)
    return {"front": [_cap(scene, arc, _hairline(scene, 0.0, -0.40, part, 0.10))]}


def _curtains(scene: Scene, end: float, wide: float, top: float, wave: float = 0.0, swing: float = 0.0) -> Shapes:
    """Parted hair that falls on both sides of the face to `end`, and the mass behind it."""
    w, pose, part = scene.width, scene.pose, 0.24 * scene.factors.hair_part
    front = []
    for side in (-1, 1):
        y = np.linspace(0.18, end, 4)
        ripple = wave * np.sin(np.array([0.5, 2.6, 4.7, 6.8]))
        outer = np.column_stack([w + wide + swing * np.linspace(0, 1, 4) + ripple, y])
        inner = np.column_stack([0.93 * w + 0.55 * swing * np.linspace(0, 1, 4) + 0.6 * ripple, y])[::-1]
        crown = [
            (side * part, -0.63 - top),
            (0.52 * w, -0.60 - 0.75 * top),
            (0.93 * w + 0.6 * wide, -0.40),
            (1.03 * w + wide, -0.08),
        ]
        temple = [(0.93 * w, 0.0), (0.80 * w, -0.22), (0.45 * w + 0.3 * side * part, -0.385)]
        parting = [(side * part, -0.50)]
        outside = pose.outline(np.concatenate([crown, outer]) * (side, 1))
        tip = pose.outline(np.array([(0.98 * w + 0.9 * swing, end + 0.05)]) * (side, 1))
        inside = pose.outline(inner * (side, 1))
        brow = pose.face(np.concatenate([temple, parting]) * (side, 1))
        front.append(closed(np.concatenate([outside, tip, inside, brow]), 5))
    half = [
        (0, -0.60),
        (0.9 * w, -0.40),
        (1.04 * w + wide, 0.1),
        (w + wide + 0.5 * swing, 0.5 * end + 0.1),
        (0.9 * w + wide + swing, end),
        (0.5 * w, end + 0.05),
        (0, end + 0.05),
    ]
    back = pose.outline(np.concatenate([half, (np.array(half) * (-1, 1))[-2:0:-1]]), -0.10)
    return {"front": front, "back": [closed(back)]}


def _fringe(scene: Scene) -> Shapes:
    f, w = scene.factors, scene.width
    shapes = _curtains(scene, 0.30 + 0.26 * f.hair_length, 0.075, 0.075)
    line = brow_line(scene)
    sides = np.array([(-0.93 * w, 0.05)]), np.array([(0.93 * w, 0.05)])
    shapes["front"].append(_cap(scene, _arc(scene, 0.075, 0.045, 0.05), np.concatenate([sides[0], line, sides[1]])))
    return shapes


def _bob(scene: Scene) -> Shapes:
    return _curtains(scene, 0.36 + 0.22 * scene.factors.hair_length, 0.085, 0.075, swing=0.035)


def _long(scene: Scene) -> Shapes:
    return _curtains(scene, 0.80 + 0.45 * scene.factors.hair_length, 0.065, 0.06, swing=0.06)


def _wavy(scene: Scene) -> Shapes:
    return _curtains(scene, 0.70 + 0.45 * scene.factors.hair_length, 0.13, 0.09, wave=0.035, swing=0.10)


def _bun(scene: Scene) -> Shapes:
    size = 0.15 + 0.055 * scene.factors.hair_length
    cap = _cap(
        scene, _arc(scene, 0.03, 0.005, -0.02), _hairline(scene, -0.01, -0.42, 0.2 * scene.factors.hair_part, 0.05)
    )
    knot = scene.pose.outline(ellipse(0, -0.635 - 0.55 * size, size * 1.08, size), -0.05)
    return {"front": [cap], "bun": [knot]}


def _cloud(scene: Scene, top: float, side: float, low: float, curls: int, bump: float) -> np.ndarray:
    """A round mass with a soft scalloped edge, from low on one side over the crown to low on the other."""
    w = scene.width
    t = np.linspace(0, 1, 4 * curls + 1)
    angle = np.pi * (t * (1 + 2 * low) - low)
    swell = bump * np.abs(np.sin(np.pi * curls * t))
    x = np.cos(angle) * (w + side + swell)
    y = -0.10 - np.sin(angle) * (0.52 + top + swell)
    return np.column_stack([x, y])


def _curly(scene: Scene) -> Shapes:
    length = scene.factors.hair_length
    arc = _cloud(scene, 0.12 + 0.07 * length, 0.07 + 0.09 * length, 0.06 + 0.16 * length, 9, 0.045)
    line = _hairline(scene, 0.0, -0.37, 0.25 * scene.factors.hair_part, 0.05)
    back = _cloud(scene, 0.08, 0.05 + 0.09 * length, 0.12 + 0.18 * length, 9, 0.045)
    return {"front": [_joined(scene, arc, line)], "back": [scene.pose.outline(back, -0.10)]}


def _afro(scene: Scene) -> Shapes:
    length = scene.factors.hair_length
    arc = _cloud(scene, 0.15 + 0.14 * length, 0.13 + 0.17 * length, 0.13, 15, 0.018)
    back = _cloud(scene, 0.14 + 0.14 * length, 0.13 + 0.17 * length, 0.20, 15, 0.018)
    return {"front": [_joined(scene, arc, _hairline(scene, 0.02, -0.39))], "back": [scene.pose.outline(back, -0.06)]}


def _joined(scene: Scene, arc: np.ndarray, hairline: np.ndarray) -> np.ndarray:
    """An outer line with fine bumps, which is dense enough as it is, and a smooth hairline."""
    return np.concatenate([scene.pose.outline(arc), closed(scene.pose.face(hairline))[:-6]])


_STYLES: dict[HairStyle, Callable[[Scene], Shapes]] = {
    HairStyle.BALD: _bald,
    HairStyle.CROP: _crop,
    HairStyle.SIDE_PART: _side_part,
    HairStyle.FRINGE: _fringe,
    HairStyle.BOB: _bob,
    HairStyle.LONG: _long,
    HairStyle.WAVY: _wavy,
    HairStyle.BUN: _bun,
    HairStyle.CURLY: _curly,
    HairStyle.AFRO: _afro,
}
