"""hypothesis strategies for recipes, for the tests of the engine and of the window."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from engine import edits
from engine.family import ModelInfo
from engine.recipe import (
    SEEDS,
    Mix,
    ModelRef,
    Noise,
    NoiseSetting,
    PlanePoint,
    Push,
    Recipe,
    SavedLatent,
    Seed,
    Source,
    Vector,
    vector,
)

# Ends and middles are where things go wrong, so they are drawn often.
SHARES = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
PSIS = st.one_of(st.sampled_from([0.0, 0.7, 1.0, -1.0]), st.floats(-2, 2))
SEED_NUMBERS = st.one_of(st.integers(0, 20), st.integers(0, SEEDS - 1))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def vectors(*shape: int) -> st.SearchStrategy[Vector]:
    """Normally distributed numbers of a shape; drawn by seed, for hypothesis is slow at long lists."""

    def drawn(seed: int) -> Vector:
        numbers = random.Random(seed)
        count = shape[0] if len(shape) == 1 else shape[0] * shape[1]
        return vector([numbers.gauss(0, 1) for _ in range(count)], shape)

    return st.integers(0, 10_000).map(drawn)


def latents(info: ModelInfo) -> st.SearchStrategy[Any]:
    """Any latent of a model."""
    saved = {"z": (info.z_dim,), "w": (info.w_dim,), "ws": (len(info.layers), info.w_dim)}
    return st.one_of(
        st.builds(Seed, SEED_NUMBERS),
        st.builds(PlanePoint, st.integers(-3, 99), st.integers(-3, 99)),
        st.builds(PlanePoint, st.floats(-300, 300), st.floats(-300, 300)),
        *(vectors(*shape).map(lambda v, space=space: SavedLatent(space, v)) for space, shape in saved.items()),
    )


def sources(info: ModelInfo) -> st.SearchStrategy[Source]:
    """A latent and, for conditional models, class weights."""
    weights = st.lists(st.floats(0, 1), min_size=info.classes, max_size=info.classes).map(tuple)
    return st.builds(Source, latents(info), st.one_of(st.just(()), weights) if info.classes else st.just(()))


def mixes(info: ModelInfo) -> st.SearchStrategy[Mix]:
    """Any setting of the desk."""
    shares = st.lists(st.one_of(st.none(), SHARES), max_size=len(info.layers)).map(tuple)
    return st.builds(Mix, SHARES, shares, st.sampled_from(["w", "z"]), st.sampled_from(["even", "linear"]))


def noises(info: ModelInfo) -> st.SearchStrategy[Noise]:
    """Settings for some of the model's resolutions."""
    maybe_seed = st.one_of(st.none(), SEED_NUMBERS)
    turn = st.one_of(st.sampled_from([0.0, 0.25, 0.5]), st.floats(-2, 2))
    setting = st.builds(NoiseSetting, maybe_seed, st.sampled_from([0.0, 0.5, 1.0, -2.0]), maybe_seed, turn)
    if not info.noise:
        return st.just(Noise())
    settings = st.dictionaries(st.sampled_from(info.noise_resolutions), setting)
    return settings.map(lambda chosen: Noise(tuple(chosen.items())))


def pushes(info: ModelInfo) -> st.SearchStrategy[tuple[Push, ...]]:
    """Up to two directions."""
    layers = st.one_of(st.none(), st.lists(st.integers(0, len(info.layers) - 1), max_size=3).map(tuple))
    push = st.builds(Push, NAMES, vectors(info.w_dim), st.floats(-3, 3), layers)
    return st.lists(push, max_size=2).map(tuple)


def recipes(info: ModelInfo) -> st.SearchStrategy[Recipe]:
    """Any recipe that fits a model."""
    return st.builds(
        Recipe,
        model=st.just(ModelRef(info.name, info.content_id)),
        a=sources(info),
        b=sources(info),
        mix=mixes(info),
        psi=PSIS,
        cutoff=st.one_of(st.none(), st.integers(0, len(info.layers))),
        pushes=pushes(info),
        noise=noises(info),
    )


def edited(recipe: Recipe, info: ModelInfo) -> st.SearchStrategy[Recipe]:
    """The recipe after one edit, as a hand would make it: most of the picture stays."""
    layers = st.lists(st.integers(0, len(info.layers) - 1), min_size=1, max_size=3)
    choices: list[st.SearchStrategy[Recipe]] = [
        PSIS.map(lambda psi: edits.with_psi(recipe, psi)),
        st.integers(0, len(info.layers)).map(lambda cutoff: edits.with_cutoff(recipe, cutoff)),
        st.tuples(layers, st.one_of(st.none(), SHARES)).map(lambda pair: edits.with_share(recipe, *pair)),
        SHARES.map(lambda t: edits.with_master(recipe, t)),
        SEED_NUMBERS.map(lambda seed: edits.with_seed(recipe, "b", seed)),
        st.just(edits.swapped(recipe)),
    ]
    if info.noise:
        noise = st.tuples(st.sampled_from(info.noise_resolutions), st.one_of(st.none(), SEED_NUMBERS))
        choices.append(noise.map(lambda pair: edits.with_noise_seed(recipe, *pair)))
        resolutions = st.sampled_from(info.noise_resolutions)
        strength = st.tuples(resolutions, st.sampled_from([0.0, 0.5, 1.0]))
        choices.append(strength.map(lambda pair: edits.with_noise_strength(recipe, *pair)))
        turn = st.tuples(resolutions, st.floats(0, 1))  # along one circle, as noise that moves
        choices.append(turn.map(lambda pair: edits.with_noise(recipe, pair[0], NoiseSetting(1, 1.0, 2, pair[1]))))
    return st.one_of(choices)
