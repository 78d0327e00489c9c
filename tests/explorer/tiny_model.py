"""A StyleGAN2 of 64x64 with random weights in a file of our own format: small enough to make in every test run."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write(path: Path, name: str = "tiny-64", seed: int = 0, **settings: Any) -> str:
    """Write it; its content id."""
    import torch

    from engine.families import family
    from engine.files import native

    settings = {"resolution": 64, "z_dim": 32, "w_dim": 32, "channel_base": 512, "channel_max": 32, **settings}
    tensors = {}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        state = family("stylegan2").build_generator(settings).state_dict()
        for key, value in state.items():
            if key.endswith("noise_strength"):  # 0 until it is trained
                value = torch.full_like(value, 0.3)
            elif key.endswith(("bias", "w_avg")):
                value = value + 0.1 * torch.randn_like(value)
            tensors[f"G_ema.{key}"] = value.numpy()
    opening = {"stylescope": 1, "psi": 0.7, "a": {"seed": 1234}, "b": {"seed": 98}}
    return native.write(
        path, family="stylegan2", settings=settings, tensors=tensors, name=name, licence="CC0", opening=opening
    )
