"""Eyes and brows: big, simple and readable at 64x64."""

from __future__ import annotations

import numpy as np

from train.portraits import colours
from train.portraits.canvas import Canvas, Mask
from train.portraits.curves import closed, ellipse, open_curve, ribbon
from train.portraits.scan import Outlines
from train.portraits.scene import Scene

EYE_X, EYE_Y = 0.205, 0.025  # in head coordinates
INK = colours.srgb(np.array([0.20, 0.012, 0.008]))


def outlines(scene: Scene) -> Outlines:
    names = ("eyes", "eyes_below_lid", "irises", "iris_cores", "pupils", "lashes", "lower_lids", "creases", "brows")
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for side in (-1, 1):
        _draw_eye(scene, side, drawn)
        drawn["brows"].append(_brow(scene, side))
    drawn["catch_lights"] = _catch_lights(scene)
    return drawn


def _frame_of_eye(scene: Scene, side: int):
    """The map from eye coordinates (x outwards, in half eye widths; y down) to head coordinates."""
    f = scene.factors
    half = 0.142 * (1 + 0.10 * f.eye_size)
    angle = -0.13 * f.eye_slant - 0.03
    c, s = np.cos(angle), np.sin(angle)

    def place(points) -> np.ndarray:
        p = np.asarray(points, float) * half
        x, y = p[:, 0] * c - p[:, 1] * s, p[:, 0] * s + p[:, 1] * c
        return np.column_stack([side * (EYE_X + x), EYE_Y + y])

    return place


def _draw_eye(scene: Scene, side: int, drawn: dict[str, list[np.ndarray]]) -> None:
    f, face = scene.factors, scene.pose.face
    place = _frame_of_eye(scene, side)
    up = 0.40 + 0.24 * f.eye_open
    low = 0.36 + 0.06 * f.eye_open - 0.06 * max(f.smile, 0)
    lid = [(-1, 0.16), (-0.62, -0.62 * up), (-0.05, -up), (0.55, -0.80 * up), (1.0, -0.06)]
    under = [(0.62, 0.72 * low), (0.0, low), (-0.58, 0.80 * low)]
    eye = closed(lid + under)
    drawn["eyes"].append(face(place(eye)))
    drawn["eyes_below_lid"].append(face(place(eye + (0, 0.17))))
    centre = (side * 0.20 * f.gaze, -0.04)
    for name, radius in (("irises", 0.53), ("iris_cores", 0.43), ("pupils", 0.25)):
        drawn[name].append(face(place(ellipse(*centre, radius, radius * 1.03))))
    heavy = 0.10 + 0.09 * f.lashes
    tip = [(1.0 + 0.20 * f.lashes, -0.12 - 0.16 * f.lashes)]
    widths = [0.03, 0.75 * heavy, heavy, 1.15 * heavy, heavy, 0.0]
    half = np.hypot(*(place([(1, 0)]) - place([(0, 0)]))[0])
    drawn["lashes"].append(face(ribbon(place(lid + tip), np.array(widths) * half * 1.25)))
    drawn["lower_lids"].append(
        face(ribbon(place([lid[-1], *under, lid[0]]), np.array([0.09, 0.07, 0.05, 0.04, 0.02]) * half))
    )
    crease = np.array(lid[1:]) + [(0.05, -0.20), (0, -0.22), (0, -0.21), (0.02, -0.13)]
    drawn["creases"].append(face(ribbon(place(crease), np.array([0, 0.09, 0.09, 0]) * half)))


def _brow(scene: Scene, side: int) -> np.ndarray:
    f = scene.factors
    y = -0.185 - 0.03 * f.brow_height - 0.012 * f.eye_open
    turn = 0.035 * f.brow_angle
    thick = 0.026 + 0.036 * f.brow_weight
    spine = [
        (0.075, y + 0.008 + turn),
        (0.15, y - 0.012 + 0.5 * turn),
        (0.25, y - 0.024 - 0.3 * turn),
        (0.345, y + 0.024 - 0.6 * turn),
    ]
    stroke = ribbon(spine, [0.75 * thick, thick, 0.85 * thick, 0.15 * thick])
    return scene.pose.face(stroke * (side, 1), 0.01)


def _catch_lights(scene: Scene) -> list[np.ndarray]:
    """One round spark per eye on the light's side, and a small weak one opposite."""
    f = scene.factors
    sparks = []
    for side in (-1, 1):
        place = _frame_of_eye(scene, side)
        ((x, y),) = place([(side * 0.20 * f.gaze, -0.04)])
        toward = 0.030 * f.light
        sparks.append(scene.pose.face(ellipse(x + toward, y - 0.030, 0.023, 0.023, 12)))
        sparks.append(scene.pose.face(ellipse(x - toward, y + 0.034, 0.009, 0.009, 8)))
    return sparks


def paint(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    f, eyes = scene.factors, masks["eyes"]
    colour = colours.along(colours.EYES, f.eyes)
    canvas.over(0.40 * canvas.blur(eyes, 0.03), scene.skin_tone(-0.13, 0.02, 0.0))
    canvas.over(0.55 * masks["creases"], scene.skin_tone(-0.20, 0.03, 0.0))
    canvas.over(eyes, colours.srgb(np.array([0.955, 0.004, 0.010])))
    iris = masks["irises"] * eyes
    canvas.over(iris, colours.srgb(colour * (0.62, 0.9, 0.9)))
    canvas.over(masks["iris_cores"] * eyes, colours.srgb(colour))
    _light_in_iris(scene, canvas, masks["iris_cores"] * eyes, colour)
    canvas.over(masks["pupils"] * eyes, colours.srgb(np.array([0.13, 0.005, 0.0])))
    under_lid = (eyes - masks["eyes_below_lid"]).clip(0, 1)
    canvas.over(0.42 * under_lid, colours.srgb(np.array([0.36, 0.03, -0.01])))
    canvas.over(0.95 * masks["catch_lights"] * eyes, np.array([1, 1, 1], np.float32))
    canvas.over(0.50 * masks["lower_lids"], scene.skin_tone(-0.26, 0.04, 0.0))
    soft = colours.srgb(scene.hair_lab * (0.35, 0.5, 0.5) + (0.08, 0.005, 0.005))
    canvas.over((0.86 + 0.14 * f.lashes) * masks["lashes"], INK + 0.35 * (1 - f.lashes) * (soft - INK))


def _light_in_iris(scene: Scene, canvas: Canvas, core: Mask, colour: np.ndarray) -> None:
    """Light gathers low in an iris, opposite the lid's shadow."""
    for side in (-1, 1):
        place = _frame_of_eye(scene, side)
        ((x, y),) = scene.pose.face(place([(side * 0.20 * scene.factors.gaze, 0.20)]))
        bright = colours.srgb(colour * (1, 1.1, 1.1) + (0.16, 0, 0.02))
        canvas.over(0.75 * core * canvas.glow(x, y, 0.055, 0.034), bright)


def paint_brows(scene: Scene, canvas: Canvas, masks: dict[str, Mask]) -> None:
    lightness, a, b = scene.hair_lab
    tone = np.array([min(lightness * 0.70, scene.skin_lab[0] - 0.13), 0.75 * a + 0.006, 0.75 * b + 0.008])
    brows = masks["brows"]
    canvas.over(0.35 * canvas.blur(brows, 0.02), colours.srgb(tone))
    canvas.over((0.72 + 0.22 * scene.factors.brow_weight) * brows, colours.srgb(tone))


def brow_line(scene: Scene) -> np.ndarray:
    """Where a fringe may end: just above the brows. Head coordinates [n, 2], from left to right."""
    y = -0.245 - 0.03 * scene.factors.brow_height
    return open_curve([(-0.40, y + 0.10), (-0.22, y - 0.01), (0, y), (0.22, y - 0.01), (0.40, y + 0.10)], 2)
