"""StyleGAN2 presets. The small ones train on a CPU in hours: thin layers, z = w = 128, four mapping layers.

Measured on two cores: gamma 0.5 and batch 16 are stable with the portraits from the first step on.
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
    )


PRESETS = (
    _portraits(32, 1024, 0.3),
    _portraits(64, 1024, 0.5),
    _portraits(128, 2048, 1.0),
)
