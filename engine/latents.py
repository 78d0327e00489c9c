"""Latents: seed -> z, blends of w, truncation, pushes. Pure functions on float32 arrays; numpy only.

Letters: Z width of z, W width of w, L style slots. Every function is exact at its ends: share 0 gives the first
argument and share 1 the second, bit for bit.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.recipe import SEEDS, Blend, PlanePoint, Vector

Array = npt.NDArray[np.float32]

PLANE_ROW = 100  # one step down the seed plane is this many seeds
DEGENERATE = 1e-6  # ends that point away from each other so exactly that no direction lies between them


def z_of_seed(seed: int, z_dim: int) -> Array:
    """z [Z] of a seed, as in all public StyleGAN tools."""
    z: Array = np.random.RandomState(seed).randn(1, z_dim)[0].astype(np.float32)
    return z


def array(vector: Vector) -> Array:
    """The numbers of a recipe's vector, in its shape."""
    return np.frombuffer(vector.data, dtype="<f4").reshape(vector.shape).astype(np.float32)


def saved(numbers: Array) -> Vector:
    """A recipe's vector of an array [n] or [m, n]. Raises RecipeError when it is not finite."""
    return Vector(numbers.shape, np.ascontiguousarray(numbers, dtype="<f4").tobytes())


def lerp(a: Array, b: Array, t: float) -> Array:
    """The straight line from a to b."""
    if t == 0 or t == 1:
        return b if t else a
    return a + np.float32(t) * (b - a)


def slerp(a: Array, b: Array, t: float) -> Array:
    """Along the arc from a [Z] to b [Z] (Shoemake 1985), lengths blended too; the line where no arc is defined."""
    if t == 0 or t == 1:
        return b if t else a
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    cosine = float(np.dot(a.astype(np.float64), b.astype(np.float64))) / lengths if lengths else 1.0
    angle = math.acos(max(-1.0, min(1.0, cosine)))
    if math.sin(angle) < DEGENERATE:
        return lerp(a, b, t)
    share_a, share_b = math.sin((1 - t) * angle) / math.sin(angle), math.sin(t * angle) / math.sin(angle)
    return np.float32(share_a) * a + np.float32(share_b) * b


def blend(a: Array, b: Array, t: float, kind: Blend, w_avg: Array | None) -> Array:
    """Between w's a and b [..., W].

    `linear` is the exact lerp. `even` gives the lerp the distance to w_avg that lies between those of its ends:
    two unrelated w's are nearly orthogonal about w_avg, so that the plain midpoint is 0.7 times as far from it and
    looks like a truncated picture.
    """
    line = lerp(a, b, t)
    if kind == "linear" or t == 0 or t == 1:
        return line
    centre = np.zeros_like(line) if w_avg is None else w_avg
    wanted = lerp(_distance(a, centre), _distance(b, centre), t)
    distance = _distance(line, centre)
    near = distance <= DEGENERATE * wanted  # opposite ends: the midpoint is w_avg and has no direction to keep
    scale = wanted / np.where(near, 1, distance)
    return np.where(near, line, centre + scale * (line - centre)).astype(np.float32)


def truncated(ws: Array, w_avg: Array, psi: float, cutoff: int | None) -> Array:
    """ws [L, W] drawn towards w_avg in slots below `cutoff` (StyleGAN paper, appendix B)."""
    if psi == 1:
        return ws
    drawn = w_avg + np.float32(psi) * (ws - w_avg)
    return drawn if cutoff is None else np.concatenate([drawn[:cutoff], ws[cutoff:]])


def pushed(ws: Array, direction: Array, amount: float, layers: tuple[int, ...] | None) -> Array:
    """ws [L, W] with amount * direction [W] added to some slots; None: to all. Slots beyond L are passed over."""
    result = ws.copy()
    rows = slice(None) if layers is None else [i for i in layers if i < len(ws)]
    result[rows] += np.float32(amount) * direction
    return result


def plane_seeds(point: PlanePoint) -> tuple[tuple[int, int, int, int], float, float]:
    """Seeds of the four neighbours (top left, top right, bottom left, bottom right) and the shares along x and y."""
    left, top = math.floor(point.x), math.floor(point.y)
    first = left + PLANE_ROW * top
    steps = (0, 1, PLANE_ROW, PLANE_ROW + 1)
    seeds = tuple((first + step) % SEEDS for step in steps)
    return seeds, point.x - left, point.y - top  # type: ignore[return-value]  # four, as `steps` has four


def _distance(w: Array, centre: Array) -> Array:
    """Euclidean distance along the last axis, which stays as 1."""
    return np.linalg.norm((w - centre).astype(np.float64), axis=-1, keepdims=True)  # type: ignore[no-any-return]
