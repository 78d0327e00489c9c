"""A renderer without a network, and without torch: a picture is painted from what its recipe says."""

from __future__ import annotations

import hashlib

import numpy as np

from engine.family import Features, LayerInfo, ModelInfo, NoiseInfo
from engine.picture import Picture, Provenance
from engine.recipe import SavedLatent, Seed


def painted_info(resolution=64, channels=3, classes=0, layers=10):
    """The header of a model with everything."""
    sides = [min(4 * 2 ** (i // 2), resolution) for i in range(layers)]
    return ModelInfo(
        name="painted",
        family="painted",
        config="",
        resolution=resolution,
        channels=channels,
        z_dim=8,
        w_dim=8,
        layers=tuple(LayerInfo(index=i, resolution=side, label=str(side)) for i, side in enumerate(sides)),
        noise=tuple(NoiseInfo(index=i, resolution=side, name=f"b{side}") for i, side in enumerate(sorted(set(sides)))),
        classes=classes,
        class_names=tuple(f"name {i}" for i in range(classes)),
        features=Features(mapping=True, truncation=True, layer_styles=True, stored_noise=True, preview=True),
        parameters=0,
        networks=("G_ema",),
        content_id="painted",
    )


class PaintedRenderer:
    """Soft stripes between the colours of A and B; noise on request, which no encoder can make small."""

    def __init__(self, info=None, noisy=False):
        self.info = info or painted_info()
        self.noisy = noisy
        self.made = 0

    def render(self, recipe, *, stop=None, remember=True):
        if stop is not None and stop():
            raise RuntimeError("stopped")
        self.made += 1
        return Picture(self._pixels(recipe), recipe, Provenance(program="painted"))

    def render_many(self, recipes, *, stop=None):
        return (self.render(recipe, stop=stop) for recipe in recipes)

    def render_many_floats(self, recipes, *, stop=None):
        return (self.render(r, stop=stop).pixels.transpose(2, 0, 1).astype(np.float32) / 128 - 1 for r in recipes)

    def styles(self, recipe):
        """[L, W]: every slot hears the seed's colours; psi 0 is grey."""
        w = np.resize(_colour(recipe.a), self.info.w_dim).astype(np.float32)
        return np.repeat(128 + np.float32(recipe.psi) * (w - 128)[None], len(self.info.layers), axis=0)

    def _pixels(self, recipe):
        size, channels = self.info.resolution, self.info.channels
        if self.noisy:
            seed = int.from_bytes(hashlib.sha256(repr(recipe).encode()).digest()[:4], "big")
            return np.random.RandomState(seed).randint(0, 256, (size, size, channels)).astype(np.uint8)
        across = np.linspace(0, 1, size)[None, :, None] * np.ones((size, 1, channels))
        colour = (1 - recipe.mix.t) * _colour(recipe.a) + recipe.mix.t * _colour(recipe.b)
        colour = 128 + recipe.psi * (colour - 128)
        strength = sum(setting.strength for _, setting in recipe.noise.settings)
        return np.clip(np.resize(colour, channels) + 40 * across + strength, 0, 255).astype(np.uint8)


def _colour(source):
    latent = source.latent
    if isinstance(latent, Seed):
        return np.random.RandomState(latent.seed).randint(40, 200, 3).astype(float)
    return np.array(latent.vector.floats()[:3]) if isinstance(latent, SavedLatent) else np.full(3, 90.0)
