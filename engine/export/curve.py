"""A smooth curve through latents: Catmull-Rom (Catmull and Rom 1974), in W or in Z.

Letters: L style slots, W width of w, Z width of z. The curve passes through every latent, so that a film of it shows
every seed's own picture; where one film is closed, the curve is too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine import latents
from engine.plan import space_in_effect
from engine.recipe import Blend, Mix, PlanePoint, Recipe, SavedLatent, Seed, Source
from engine.timeline.curves import Weights, cubic_weights

if TYPE_CHECKING:
    from engine.family import ModelInfo
    from engine.renderer import Renderer

Array = npt.NDArray[np.float32]


def through(
    sources: Sequence[Source],
    base: Recipe,
    closed: bool,
    renderer: Renderer,
    blends: Sequence[Blend] = (),
) -> Route:
    """The way through some sources with the model that the renderer shows, in the space of the base recipe.

    blends: of each source, which says where a point of the seed plane is; none: that of the base recipe.
    """
    info = renderer.info
    assert info is not None
    pairs = zip(sources, (*sources[1:], sources[0]), strict=True)
    in_z = all(space_in_effect(replace(base, a=a, b=b), info) == "z" for a, b in pairs)
    if in_z:
        return Route(sources, [_z(source, info) for source in sources], "z", closed, info.classes)
    bare = Recipe(base.model, mix=Mix(blend=base.mix.blend))
    mixes = [Mix(blend=blend) for blend in blends] or [bare.mix] * len(sources)
    points = [_rows(renderer.styles(replace(bare, a=a, mix=mix))) for a, mix in zip(sources, mixes, strict=True)]
    space = "w" if all(len(point) == 1 for point in points) else "ws"
    if space == "ws":
        points = [np.broadcast_to(point, (len(info.layers), info.w_dim)) for point in points]
    centre: Array | np.float32 | None = None
    if base.mix.blend == "even":
        # psi 0 is the mean latent: what `blend` measures distances from
        centre = renderer.styles(replace(bare, psi=0.0))[0] if info.features.truncation else np.float32(0)
    return Route(sources, points, space, closed, 0, centre)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way through sources: a segment begins with the source of its number."""

    sources: Sequence[Source]
    points: Sequence[Array]  # one a source: [1 or L, W], or [1, Z]
    space: str
    closed: bool
    classes: int  # to blend along the way (in Z); 0: w holds them already
    centre: Array | np.float32 | None = None  # of an even blend, as in latents.blend; None: the plain curve

    def __call__(self, segment: int, f: float) -> Source:
        """On the curve of Catmull and Rom, 0..1 of a segment."""
        if f in (0, 1):  # a source itself: the very same picture
            return self.sources[(segment + int(f)) % len(self.sources)]
        return self.smooth(segment, f, cubic_weights(f))

    def straight(self, segment: int, f: float) -> Source:
        """On the straight line in W, on the arc in Z."""
        if self.space != "z":
            return self.smooth(segment, f, (0.0, 1 - f, f, 0.0))
        first, last = self._point(segment), self._point(segment + 1)
        return self._saved(segment, f, latents.slerp(first[0], last[0], f)[None])

    def smooth(self, segment: int, f: float, weights: Weights) -> Source:
        """On a curve that gives four points of the route these weights at f."""
        points = [self._point(segment + i).astype(np.float64) for i in (-1, 0, 1, 2)]
        line = np.tensordot(weights, np.stack(points), 1)
        if self.centre is not None:
            wanted = latents.lerp(_distance(points[1], self.centre), _distance(points[2], self.centre), f)
            scale = wanted / np.maximum(_distance(line, self.centre), latents.DEGENERATE)
            line = self.centre + scale * (line - self.centre)
        return self._saved(segment, f, line.astype(np.float32))

    def _saved(self, segment: int, f: float, row: Array) -> Source:
        saved = latents.saved(row if self.space == "ws" else row[0])
        return Source(SavedLatent(self.space, saved), self._classes(segment, f))  # type: ignore[arg-type]

    def _point(self, i: int) -> Array:
        """The latent at a place; beyond an open end, the next one is mirrored at the end, so that the curve runs out
        as straight as it can."""
        n = len(self.points)
        if self.closed or 0 <= i < n:
            return self.points[i % n]
        end, next_one = (0, 1) if i < 0 else (n - 1, n - 2)
        return 2 * self.points[end] - self.points[next_one]

    def _classes(self, segment: int, f: float) -> tuple[float, ...]:
        if not self.classes:
            return ()
        first = (1.0, *[0.0] * (self.classes - 1))
        a, b = (self.sources[(segment + i) % len(self.sources)].classes or first for i in (0, 1))
        return tuple(p + f * (q - p) for p, q in zip(a, b, strict=True))


def _distance(rows: npt.NDArray[np.floating], centre: Array | np.float32) -> npt.NDArray[np.floating]:
    return np.linalg.norm((rows - centre).astype(np.float64), axis=-1, keepdims=True)  # type: ignore[no-any-return]


def _rows(ws: Array) -> Array:
    """[1, W] where all slots hear the same, as for a seed; else [L, W]."""
    return ws[:1] if (ws == ws[:1]).all() else ws


def _z(source: Source, info: ModelInfo) -> Array:
    """z [1, Z] of a source that has one."""
    match source.latent:
        case SavedLatent(_, vector):
            return latents.array(vector)[None]
        case PlanePoint() as point:  # a whole one: anything between is in W
            seed = latents.plane_seeds(point)[0][0]
        case Seed(seed):
            pass
    return latents.z_of_seed(seed, info.z_dim)[None]
