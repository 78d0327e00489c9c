"""StyleGAN2 presets. The small ones train on a CPU in hours: thin layers, z = w = 128, four mapping layers.

D sees the first 40 kimg through a fading blur, so that composition is learned before detail. Without it, in two trials
(gamma 0.5 and 2), the generator painted faces with its noise inputs from 10 kimg on and lost the variety of colours.
"""

from __future__ import annotations

from train.config import TrainConfig


def _portraits(resolution: int, channel_base: int, gamma: float) -> TrainConfig:
    widths = {"resolution": resolution, "channels": 3, "channel_base": channel_base, "channel_max": 128}
    return TrainConfig(
        preset=f"stylegan2-portraits-{resolution}",
        family="stylegan2",
        generator={**widths, "z_dim": 128, "w_dim": 128, "mapping_layers": 4},
        discriminator={**widths, "mbstd_group": 4},
        resolution=resolution,
        r1_gamma=gamma,
        r1_gamma_late=0.3 * gamma,
        r1_late_kimg=115.0,
        blur_sigma=3.0 * resolution / 64,
        blur_kimg=40.0,
    )


PRESETS = (
    _portraits(32, 1024, 0.5),
    _portraits(64, 1024, 1.0),
    _portraits(128, 2048, 2.0),
)
