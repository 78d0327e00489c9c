"""resolve(recipe, model) -> Plan: the exact inputs of every step of synthesis, so that two plans can be compared.

The formula is that of ARCHITECTURE.md. Letters: L style slots, W width of w, Z width of z.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine import latents
from engine.errors import RenderError
from engine.family import ModelInfo
from engine.model import Model
from engine.recipe import Latent, PlanePoint, Recipe, SavedLatent, Seed, Source

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NoiseInput:
    """A noise map by name: its seed (None: the model's stored map), what it is multiplied with, and the circle."""

    seed: int | None
    strength: float
    second: int | None = None  # of the circle that the map lies on; None: it is the seed's own
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class StepInput:
    """All that a step reads besides the state before it."""

    styles: bytes  # its rows of ws
    noise: NoiseInput | None  # None: no noise


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What to feed the generator of one model."""

    ws: Array  # [L, W]
    steps: tuple[StepInput, ...]  # one a step of the generator


def resolve(recipe: Recipe, model: Model) -> Plan:
    """The plan of a recipe. Raises RenderError where the recipe does not fit the model."""
    check(recipe, model.info)
    with np.errstate(over="ignore", invalid="ignore"):  # a push too far: the renderer refuses the picture
        ws = _ws(recipe, model)
    steps = []
    for step in model.generator.steps:
        noise = None if step.noise is None else _noise(recipe, model, step.noise)
        steps.append(StepInput(b"".join(ws[slot].tobytes() for slot in step.slots), noise))
    return Plan(ws, tuple(steps))


def first_difference(before: Sequence[StepInput], after: Sequence[StepInput]) -> int:
    """Index of the first step whose input is not that of `before`."""
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        if old != new:
            return index
    return min(len(before), len(after))


def first_shown(before: Sequence[StepInput], after: Sequence[StepInput]) -> int:
    """Index of the step behind which previews show how two plans differ: the first, if styles differ anywhere, for a
    preview is given all of them (engine.network.Generator); noise is seen behind its own step only."""
    if any(old.styles != new.styles for old, new in zip(before, after, strict=False)):
        return 0
    return first_difference(before, after)


def check(recipe: Recipe, info: ModelInfo) -> None:
    """Refuse latents, directions and class weights of another width. Raises RenderError.

    What merely has no place here (a fader beyond the last layer, noise at a resolution without) is passed over.
    """
    shapes = {"z": (info.z_dim,), "w": (info.w_dim,), "ws": (len(info.layers), info.w_dim)}
    remedy = "open the model that it was made with"
    for name, source in (("A", recipe.a), ("B", recipe.b)):
        latent = source.latent
        if isinstance(latent, SavedLatent) and latent.vector.shape != shapes[latent.space]:
            have, need = list(latent.vector.shape), list(shapes[latent.space])
            raise RenderError(f"source {name} is a latent of shape {have}, this model needs {need}", remedy)
        if len(source.classes) not in (0, info.classes):
            given = len(source.classes)
            raise RenderError(f"source {name} has {given} class weights, this model {info.classes} classes", remedy)
    for push in recipe.pushes:
        if push.direction.shape != (info.w_dim,):
            raise RenderError(f"the direction of a push is not {info.w_dim} wide as this model needs", remedy)


def space_in_effect(recipe: Recipe, info: ModelInfo) -> str:
    """ "z" or "w": where the two sources are blended. A latent without a z (w, ws, between plane points) forces "w"."""
    if any(_z_seed(source.latent) is None and not _is_saved_z(source.latent) for source in (recipe.a, recipe.b)):
        return "w"
    return recipe.mix.space if info.features.mapping else "z"  # without a mapping network z is all there is


def _ws(recipe: Recipe, model: Model) -> Array:
    """ws [L, W] after mixing, truncation and pushes."""
    info, mix = model.info, recipe.mix
    layers = len(info.layers)
    shares = [mix.share(slot) if info.features.layer_styles else mix.t for slot in range(layers)]
    path = _path(recipe, model)
    rows = {share: path(share) for share in dict.fromkeys(shares)}  # each distinct share once; [1 or L, W]
    ws = np.stack([rows[s][slot if len(rows[s]) > 1 else 0] for slot, s in enumerate(shares)])
    if model.w_avg is not None:
        cutoff = recipe.cutoff if info.features.layer_styles else None
        ws = latents.truncated(ws, model.w_avg, recipe.psi, cutoff)
    for push in recipe.pushes:
        if push.amount:
            ws = latents.pushed(ws, latents.array(push.direction), push.amount, push.layers)
    return ws if info.features.layer_styles else np.repeat(ws[:1], layers, axis=0)


def _path(recipe: Recipe, model: Model) -> Callable[[float], Array]:
    """path(t) -> [1 or L, W], source A at 0 and source B at 1. Neither source is computed before it is needed."""
    a, b, mix = recipe.a, recipe.b, recipe.mix

    def through_w(t: float) -> Array:
        if t == 0 or t == 1:
            return _rows(b if t else a, recipe, model)
        return latents.blend(_rows(a, recipe, model), _rows(b, recipe, model), t, mix.blend, model.w_avg)

    def through_z(t: float) -> Array:
        z = latents.slerp(_z(a.latent, model), _z(b.latent, model), t)
        return model.w(z, _blended_classes(a, b, t, model.info))[None]

    return through_z if space_in_effect(recipe, model.info) == "z" else through_w


def _rows(source: Source, recipe: Recipe, model: Model) -> Array:
    """A source as [1, W], or [L, W] for a saved ws."""
    latent = source.latent
    if isinstance(latent, SavedLatent) and latent.space != "z":
        return np.atleast_2d(latents.array(latent.vector))
    if isinstance(latent, PlanePoint) and _z_seed(latent) is None:
        return _plane_w(latent, source, recipe, model)[None]
    return model.w(_z(latent, model), source.classes)[None]


def _plane_w(point: PlanePoint, source: Source, recipe: Recipe, model: Model) -> Array:
    """w [W] between the four neighbours of a plane point: along x in both rows, then along y."""
    seeds, x, y = latents.plane_seeds(point)
    corners = [model.w(_z_of_seed(seed, model.info.z_dim), source.classes) for seed in seeds]
    kind, centre = recipe.mix.blend, model.w_avg
    above = latents.blend(corners[0], corners[1], x, kind, centre)
    below = latents.blend(corners[2], corners[3], x, kind, centre)
    return latents.blend(above, below, y, kind, centre)


def _z_seed(latent: Latent) -> int | None:
    """The seed that a latent is: a seed, or a whole point of the plane."""
    if isinstance(latent, Seed):
        return latent.seed
    if isinstance(latent, PlanePoint):
        seeds, x, y = latents.plane_seeds(latent)
        return seeds[0] if x == 0 and y == 0 else None
    return None


@lru_cache(maxsize=64)
def _z_of_seed(seed: int, z_dim: int) -> Array:
    """z [Z], kept: a random generator is slow to set up, and every move of a drag asks for the same seeds."""
    z = latents.z_of_seed(seed, z_dim)
    z.flags.writeable = False
    return z


def _is_saved_z(latent: Latent) -> bool:
    return isinstance(latent, SavedLatent) and latent.space == "z"


def _z(latent: Latent, model: Model) -> Array:
    """z [Z] of a latent that has one."""
    seed = _z_seed(latent)
    if seed is not None:
        return _z_of_seed(seed, model.info.z_dim)
    assert isinstance(latent, SavedLatent)
    return latents.array(latent.vector)


def _blended_classes(a: Source, b: Source, t: float, info: ModelInfo) -> tuple[float, ...]:
    """Class weights on the way from A to B, straight."""
    if a.classes == b.classes or t in (0, 1):
        return b.classes if t == 1 else a.classes
    first = (1.0, *[0.0] * (info.classes - 1))
    pairs = zip(a.classes or first, b.classes or first, strict=True)
    return tuple(p + t * (q - p) for p, q in pairs)


def _noise(recipe: Recipe, model: Model, index: int) -> NoiseInput | None:
    """What is fed to a noise input. Strength 0, and a stored map that the model does not have, are no noise."""
    setting = recipe.noise.at(model.info.noise[index].resolution)
    silent = setting.seed is None and setting.second is None and not model.info.features.stored_noise
    if setting.strength == 0 or silent:
        return None
    return NoiseInput(setting.seed, setting.strength, setting.second, setting.turn)
