"""StyleGAN2 for the procedural portraits. These train on a CPU in hours: thin layers, z = w = 128, four mapping layers.

At 64 the learning rate falls at the end, which nearly halved the distance at the finest level.

At 32 and 64, D sees the first 40 kimg through a fading blur, so that composition is learned before detail. Without it,
in two trials at 64 (gamma 0.5 and 2), the generator painted faces with its noise inputs from 10 kimg on and lost the
variety of colours. At 128 it scattered dots along outlines in three trials; a blur (sigma 2, 50 kimg) put that off,
so there it has none (train.late_noise). Its averaged generator averages longer, over 40 kimg: single weights go to and
fro, and glasses and outlines with them.

Layers read parts of w (train.parts): else the coarse ones decide everything, colours too, and mixing the others changes
nothing. docs/bundled-models.md has the trials.

128 has the widths of 64, so that it can begin with the weights of 64 (--transfer) and only its highest block is new,
of 16 features.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from train.config import TrainConfig
from train.presets.preset import Preset
from train.w_parts import Parts


def _portraits(resolution: int, gamma: float, channel_min: int = 1, **changes: Any) -> Preset:
    name = f"stylegan2-portraits-{resolution}"
    widths = {"resolution": resolution, "channels": 3, "channel_base": 1024, "channel_max": 128}
    if channel_min > 1:
        widths["channel_min"] = channel_min
    config = TrainConfig(
        preset=name,
        family="stylegan2",
        generator={**widths, "z_dim": 128, "w_dim": 128, "mapping_layers": 4},
        discriminator={**widths, "mbstd_group": 4},
        resolution=resolution,
        r1_gamma=gamma,
        r1_gamma_from=((115.0, 0.3 * gamma), (282.0, 0.1 * gamma)),
    )
    config = dataclasses.replace(config, **changes)
    return Preset(name=name, make=lambda _resolution, _gpus: config, resolution=resolution)


def _parts(opening: float) -> Parts:
    """Up to 8x8, 16x16, and above. The coarser ones read theirs from `opening` kimg on, when colours are learned."""
    return ((0, 16, opening), (4, 32, opening), (6, 80, 0.0))


PRESETS = (
    _portraits(32, 0.5, blur_sigma=1.5, blur_kimg=40.0),
    _portraits(
        64,
        1.0,
        blur_sigma=3.0,
        blur_kimg=40.0,
        lr_from=((900.0, 0.001), (1000.0, 0.0005)),
        w_parts=_parts(opening=16.0),
    ),
    # Fewer pictures (each takes four times as long to draw) and no blur: composition comes with the weights of 64.
    _portraits(
        128,
        0.2,
        channel_min=16,
        r1_gamma_from=(),
        data_count=20_000,
        ema_kimg=40.0,
        lr_from=((110.0, 0.001), (190.0, 0.0005)),
        noise_kimg=2000.0,
        w_parts=_parts(opening=0.0),
    ),
)
