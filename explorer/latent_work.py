"""Questions about latents that only the engine can answer. They run on the render thread (`Queue.compute`).

Letters: N latents, L style slots, W width of w. numpy is there: the engine has brought it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine import edits
from engine.recipe import Mix, Recipe, SavedLatent, Source

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.model import Model
    from explorer.worker import Engine

    Array = npt.NDArray[np.float32]

BATCH = 50  # latents that are mapped at once

Stop = Callable[[], bool]


def model_of(engine: Engine, recipe: Recipe) -> Model:
    """The loaded model of a recipe."""
    renderer: Any = engine
    return renderer.model(recipe.model)  # type: ignore[no-any-return]


def mixed_ws(engine: Engine, recipe: Recipe) -> Array:
    """ws [L, W] of a recipe's sources after mixing, before truncation and pushes."""
    from engine.plan import resolve

    bare = replace(recipe, psi=1.0, cutoff=None, pushes=())
    return resolve(bare, model_of(engine, recipe)).ws


def as_source(engine: Engine, recipe: Recipe, stop: Stop) -> Source:
    """What a recipe shows, as one source: its mix by value. psi, pushes and noise are the document's own."""
    return _source(mixed_ws(engine, recipe), recipe.a)


def nearby(seeds: tuple[int, ...], amount: float) -> Callable[[Engine, Recipe, Stop], tuple[Recipe, ...]]:
    """Asks for recipes beside the present one: its w's, `amount` (0..1) of the way to the w of each seed.

    The way keeps the distance to w_avg (`even`), so that neighbours are as vivid as the picture in the middle.
    """

    def work(engine: Engine, recipe: Recipe, stop: Stop) -> tuple[Recipe, ...]:
        from engine import latents

        model, ws = model_of(engine, recipe), mixed_ws(engine, recipe)
        found = []
        for seed in seeds:
            far = model.w(latents.z_of_seed(seed, model.info.z_dim), recipe.a.classes)
            found.append(moved(recipe, _source(latents.blend(ws, far, amount, "even", model.w_avg), recipe.a)))
        return tuple(found)

    return work


def moved(recipe: Recipe, source: Source) -> Recipe:
    """The same recipe with one source for all layers."""
    return replace(edits.with_source(recipe, "a", source), mix=Mix(space=recipe.mix.space, blend=recipe.mix.blend))


def _source(ws: Array, like: Source) -> Source:
    from engine import latents

    one = bool((ws == ws[:1]).all())
    latent = SavedLatent("w", latents.saved(ws[0])) if one else SavedLatent("ws", latents.saved(ws))
    return replace(like, latent=latent)


# --- the map


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Where many w's lie: the two directions in which they spread most."""

    seeds: tuple[int, ...]  # N
    mean: Array  # [W]
    axes: Array  # [2, W], of length 1
    places: Array  # [N, 2]
    share: float  # of the variance that the two axes hold, 0..1
    distance: float  # of a w from the mean, on average

    def vividness(self, ws: Array) -> float:
        """How far the w's [L, W] of a picture lie from the mean, against a seed's: 1 is as far. psi times this is what
        psi really is."""
        away = ws - self.mean
        return float(((away * away).sum(axis=-1) ** 0.5).mean()) / max(self.distance, 1e-12)

    def place(self, w: Array) -> tuple[float, float]:
        """The place of a w on the map."""
        x, y = self.axes @ (w - self.mean)
        return float(x), float(y)

    def w_at(self, x: float, y: float) -> Array:
        """The w at a place of the map: the mean w moved along the two axes, average in every other respect."""
        return self.shifted(self.mean, x, y)

    def shifted(self, w: Array, dx: float, dy: float) -> Array:
        """A w moved over the map; what the map does not show stays."""
        moved: Array = (w + dx * self.axes[0] + dy * self.axes[1]).astype(w.dtype)
        return moved


def surveyed(ws: Array, seeds: tuple[int, ...]) -> Survey:
    """The principal components of ws [N, W] (GANSpace, Härkönen et al. 2020). The signs are fixed: each axis points
    where its largest entry is positive, so that a map looks the same each time."""
    import numpy as np

    mean = ws.mean(axis=0)
    centred = (ws - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(ws))  # ascending
    axes = vectors[:, ::-1][:, :2].T
    largest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    axes = (axes * np.sign(largest)[:, None]).astype(np.float32)
    share = float(values[-2:].sum() / max(values.sum(), 1e-12))
    distance = float(np.linalg.norm(centred, axis=1).mean())
    return Survey(seeds, mean, axes, centred.astype(np.float32) @ axes.T, share, distance)


def survey(count: int) -> Callable[[Engine, Recipe, Stop], Survey]:
    """Asks for the map of a recipe's model and class: seeds 0 to `count` - 1."""

    def work(engine: Engine, recipe: Recipe, stop: Stop) -> Survey:
        import numpy as np
        import torch

        from engine import latents
        from engine.synthesizer import Stopped

        model, rows = model_of(engine, recipe), []
        weights = recipe.a.classes or (1.0, *[0.0] * (model.info.classes - 1))
        for first in range(0, count, BATCH):
            if stop():
                raise Stopped
            seeds = range(first, min(first + BATCH, count))
            z = np.stack([latents.z_of_seed(seed, model.info.z_dim) for seed in seeds])  # [N, Z]
            with torch.inference_mode():
                c = torch.tensor([weights] * len(z), device=model.device) if model.info.classes else None
                rows.append(model.generator.map(torch.from_numpy(z).to(model.device), c).float().cpu().numpy())
        return surveyed(np.concatenate(rows), tuple(range(count)))

    return work


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where the sources and the picture are: w [W] each, before truncation. A picture of several w's: their mean."""

    a: Array
    b: Array
    now: Array
    ws: Array  # of the picture, [L, W]


def standing(engine: Engine, recipe: Recipe, stop: Stop) -> Standing:
    """The places of a recipe's sources and of itself."""

    def alone(source: Source) -> Array:
        mean: Array = mixed_ws(engine, Recipe(recipe.model, a=source, b=source)).mean(axis=0)
        return mean

    ws = mixed_ws(engine, recipe)
    return Standing(alone(recipe.a), alone(recipe.b), ws.mean(axis=0), ws)


def places(recipes: tuple[Recipe, ...]) -> Callable[[Engine, Recipe, Stop], list[Array]]:
    """Asks for the mean w [W] of some recipes of one model, before truncation."""

    def work(engine: Engine, recipe: Recipe, stop: Stop) -> list[Array]:
        return [mixed_ws(engine, one).mean(axis=0) for one in recipes]

    return work
