"""A StyleGAN2 of 32x32 with random weights in a file of our own format: small enough to make in every test run."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write(path: Path, name: str = "tiny-32", seed: int = 0, **settings: Any) -> str:
    """Write it; its content id."""
    import torch

    from engine.families import family
    from engine.files import native

    settings = {"resolution": 32, "z_dim": 32, "w_dim": 32, "channel_base": 512, "channel_max": 32, **settings}
    generator = torch.Generator().manual_seed(seed)
    state = family("stylegan2").build_generator(settings).state_dict()
    tensors = {}
    for key, value in state.items():
        drawn = torch.randn(value.shape, generator=generator)
        if key.endswith("noise_strength"):
            drawn = torch.full(value.shape, 0.3)
        elif key.endswith("bias"):
            drawn = value + 0.1 * drawn
        elif key.endswith("resample_filter"):
            drawn = value
        tensors[f"G_ema.{key}"] = drawn.numpy()
    opening = {"stylescope": 1, "psi": 0.7, "a": {"seed": 1234}, "b": {"seed": 98}}
    return native.write(
        path, family="stylegan2", settings=settings, tensors=tensors, name=name, licence="CC0", opening=opening
    )
