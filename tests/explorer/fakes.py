"""Hand-made headers and documents: what panels need, without engine, torch or file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from engine.edits import with_model
from engine.family import Features, LayerInfo, ModelInfo, NoiseInfo
from engine.recipe import Recipe, Seed, Source
from explorer.document import Document, OpenModel


def model_info(
    resolution: int = 64,
    noise: bool = True,
    classes: int = 0,
    content_id: str = "0123",
    **features: bool,
) -> ModelInfo:
    """A StyleGAN2's header: 64 has 10 layers, 1024 has 18. Features are on unless they are named False."""
    count = 2 * int(math.log2(resolution)) - 2
    sizes = [4, *(size for power in range(3, 20) for size in (2**power, 2**power))][: count - 1]
    layers = [LayerInfo(index=i, resolution=size, label=str(size)) for i, size in enumerate(sizes)]
    layers.append(LayerInfo(index=count - 1, resolution=resolution, label="rgb"))
    maps = [NoiseInfo(index=i, resolution=size, name=f"b{size}.conv{i % 2}") for i, size in enumerate(sizes)]
    switched: dict[str, Any] = {
        name: features.pop(name, True) for name in ("mapping", "truncation", "layer_styles", "stored_noise", "preview")
    }
    assert not features, features
    return ModelInfo(
        name=f"portraits-{resolution}",
        family="stylegan2",
        config="",
        resolution=resolution,
        channels=3,
        z_dim=128,
        w_dim=128,
        layers=tuple(layers),
        noise=tuple(maps) if noise else (),
        classes=classes,
        class_names=tuple(f"kind {i}" for i in range(classes)),
        features=Features(**switched),
        parameters=800_000,
        networks=("G_ema",),
        content_id=content_id,
    )


def path(info: ModelInfo) -> Path:
    """Where such a model would lie."""
    return Path(f"{info.name}.safetensors")


def document(info: ModelInfo | None = None) -> Document:
    """A document that shows seeds 1234 and 98 at psi 0.7."""
    info = info or model_info()
    recipe = Recipe(a=Source(Seed(1234)), b=Source(Seed(98)), psi=0.7)
    return Document(OpenModel(info, path(info)), with_model(recipe, info))
