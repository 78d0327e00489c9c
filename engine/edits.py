"""Pure Recipe -> Recipe functions: everything that a control or a script can do. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.family import ModelInfo
from engine.recipe import (
    AS_TRAINED,
    Blend,
    Latent,
    ModelRef,
    Noise,
    NoiseSetting,
    Recipe,
    SavedLatent,
    Seed,
    Source,
    SourceName,
    Space,
)


def with_psi(recipe: Recipe, psi: float) -> Recipe:
    """Truncation: 0 is the mean picture, 1 untruncated (StyleGAN paper, appendix B)."""
    return replace(recipe, psi=psi)


def with_cutoff(recipe: Recipe, cutoff: int | None) -> Recipe:
    """psi acts on slots below `cutoff`; None: on all."""
    return replace(recipe, cutoff=cutoff)


def with_source(recipe: Recipe, name: SourceName, source: Source) -> Recipe:
    """Replace source A or B whole."""
    return replace(recipe, a=source) if name == "a" else replace(recipe, b=source)


def with_latent(recipe: Recipe, name: SourceName, latent: Latent) -> Recipe:
    """Another latent for a source; its classes stay."""
    return with_source(recipe, name, replace(recipe.source(name), latent=latent))


def with_seed(recipe: Recipe, name: SourceName, seed: int) -> Recipe:
    """Another seed for a source; its classes stay."""
    return with_latent(recipe, name, Seed(seed))


def with_classes(recipe: Recipe, name: SourceName, classes: tuple[float, ...]) -> Recipe:
    """Other class weights for a source."""
    return with_source(recipe, name, replace(recipe.source(name), classes=classes))


def swapped(recipe: Recipe) -> Recipe:
    """A and B change places; the desk stays."""
    return replace(recipe, a=recipe.b, b=recipe.a)


def with_master(recipe: Recipe, t: float) -> Recipe:
    """The master fader: every layer that follows it moves."""
    return replace(recipe, mix=replace(recipe.mix, t=t))


def with_share(recipe: Recipe, layers: Iterable[int], share: float | None) -> Recipe:
    """Set the faders of some layers; None lets them follow the master again."""
    shares = list(recipe.mix.shares)
    for layer in layers:
        shares.extend([None] * (layer + 1 - len(shares)))
        shares[layer] = share
    return replace(recipe, mix=replace(recipe.mix, shares=tuple(shares)))


def with_space(recipe: Recipe, space: Space) -> Recipe:
    """Interpolate in W, or in Z before the mapping network."""
    return replace(recipe, mix=replace(recipe.mix, space=space))


def with_blend(recipe: Recipe, blend: Blend) -> Recipe:
    """`even` keeps midpoints as vivid as ends, `linear` is the exact lerp."""
    return replace(recipe, mix=replace(recipe.mix, blend=blend))


def with_noise(recipe: Recipe, resolution: int, setting: NoiseSetting) -> Recipe:
    """The noise of one resolution."""
    others = tuple(pair for pair in recipe.noise.settings if pair[0] != resolution)
    return replace(recipe, noise=Noise((*others, (resolution, setting))))


def with_noise_seed(recipe: Recipe, resolution: int, seed: int | None) -> Recipe:
    """Other noise maps at one resolution; None: the model's stored ones. The strength stays."""
    return with_noise(recipe, resolution, replace(recipe.noise.at(resolution), seed=seed, second=None))


def with_noise_strength(recipe: Recipe, resolution: int, strength: float) -> Recipe:
    """Strength of the noise of one resolution: 1 as trained, 0 none. The seed stays."""
    return with_noise(recipe, resolution, replace(recipe.noise.at(resolution), strength=strength))


def with_model(recipe: Recipe, info: ModelInfo) -> Recipe:
    """The same recipe for another model, fitted to it: seeds and psi stay."""
    return fitted(replace(recipe, model=ModelRef(info.name, info.content_id)), info)


def fitted(recipe: Recipe, info: ModelInfo) -> Recipe:
    """Drop what the model has no place for: faders beyond its layers, noise it lacks, latents of other widths.

    Idempotent. A recipe that was made with this model comes back unchanged.
    """
    layers = len(info.layers)
    resolutions = info.noise_resolutions
    noise = Noise(tuple((r, s) for r, s in recipe.noise.settings if r in resolutions and s != AS_TRAINED))
    return replace(
        recipe,
        a=_fitted_source(recipe.a, info),
        b=_fitted_source(recipe.b, info),
        mix=replace(recipe.mix, shares=recipe.mix.shares[:layers]),
        cutoff=None if recipe.cutoff is None or recipe.cutoff > layers else recipe.cutoff,
        pushes=tuple(p for p in recipe.pushes if p.direction.shape == (info.w_dim,)),
        noise=noise,
    )


def _fitted_source(source: Source, info: ModelInfo) -> Source:
    classes = source.classes if len(source.classes) == info.classes else ()
    latent = source.latent
    shapes = {"z": (info.z_dim,), "w": (info.w_dim,), "ws": (len(info.layers), info.w_dim)}
    if isinstance(latent, SavedLatent) and latent.vector.shape != shapes[latent.space]:
        latent = Seed(0)
    return Source(latent, classes)
