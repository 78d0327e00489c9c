"""The published StyleGAN2 configurations, at the resolution of the data.

E and F with their architectures: StyleGAN2 paper (arXiv 1912.04958), tables 1 and 2, appendix B, and the program of its
authors. auto: the rule of thumb of the ADA paper's authors (arXiv 2006.06676, appendix C, and their PyTorch program).
"""

from __future__ import annotations

from typing import Any

from train.config import TrainConfig
from train.presets.preset import Preset

ARCHITECTURES = ("orig", "skip", "resnet")
# Pictures / 1000 from one progress line to the next; the finer the pictures, the fewer.
TICK_KIMG = {8: 28.0, 16: 24.0, 32: 20.0, 64: 16.0, 128: 12.0, 256: 8.0, 512: 6.0, 1024: 4.0}


def _config(name: str, resolution: int, channel_base: int, mbstd_group: int, **changes: Any) -> TrainConfig:
    """What all have in common: fresh latents in each phase, lazy regularisation, widths of at most 512."""
    widths = {"resolution": resolution, "channels": 3, "channel_base": channel_base, "channel_max": 512}
    settings: dict[str, Any] = {
        "kimg": 25_000.0,
        "phases": "published",
        "pl_weight": 2.0,
        "generator": {**widths, "z_dim": 512, "w_dim": 512, "mapping_layers": 8},
        "discriminator": {**widths, "mbstd_group": mbstd_group},
    }
    for network in ("generator", "discriminator"):
        settings[network] |= changes.pop(network, {})
    return TrainConfig(preset=name, family="stylegan2", resolution=resolution, **{**settings, **changes})


def _paper(name: str, channel_base: int, gamma: float, G: str = "skip", D: str = "resnet") -> Preset:
    """Configurations E (gamma 100) and F (gamma 10, twice the features)."""

    def make(resolution: int, gpus: int) -> TrainConfig:
        tick = TICK_KIMG[resolution]
        return _config(
            name,
            resolution,
            channel_base,
            mbstd_group=4,
            generator={"architecture": G},
            discriminator={"architecture": D},
            batch=32,
            r1_gamma=gamma,
            ema_kimg=10.0,
            ema_rampup=0.0,
            tick_kimg=tick,
            snapshot_kimg=10 * tick,
        )

    return Preset(name=name, make=make)


def _auto(resolution: int, gpus: int) -> TrainConfig:
    """Batch by memory, gamma by resolution and batch, average by batch; two mapping layers; ADA."""
    batch = max(min(gpus * min(4096 // resolution, 32), 64), gpus)
    clamp = {"conv_clamp": 256.0}
    return _config(
        "stylegan2-auto",
        resolution,
        channel_base=32768 if resolution >= 512 else 16384,
        mbstd_group=min(batch // gpus, 4),
        generator={**clamp, "mapping_layers": 2},
        discriminator=clamp,
        batch=batch,
        lr=0.002 if resolution >= 1024 else 0.0025,
        r1_gamma=0.0002 * resolution**2 / batch,
        ema_kimg=batch * 10 / 32,
        ema_rampup=0.05,
        augment="ada",
        tick_kimg=4.0,
        snapshot_kimg=200.0,
    )


PRESETS = (
    _paper("stylegan2-e", 16384, 100.0),
    _paper("stylegan2-f", 32768, 10.0),
    *(_paper(f"stylegan2-e-G{G}-D{D}", 16384, 100.0, G, D) for G in ARCHITECTURES for D in ARCHITECTURES),
    Preset(name="stylegan2-auto", make=_auto, usual=256),
)
