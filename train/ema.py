"""The averaged generator: what is shown, judged and kept of a run (ProGAN paper, section 6)."""

from __future__ import annotations

import torch
from torch import nn

from train.config import TrainConfig


def ema_beta(config: TrainConfig, seen: int) -> float:
    """Share of the old average that stays: a half-life in kimg, shorter while little was seen."""
    half_life = config.ema_kimg * 1000
    if config.ema_rampup:
        half_life = min(half_life, seen * config.ema_rampup)
    return float(0.5 ** (config.batch / max(half_life, 1e-8)))


@torch.no_grad()
def move_average(average: nn.Module, current: nn.Module, beta: float) -> None:
    """Parameters move by 1 - beta; buffers (w_avg, stored noise) are copied."""
    torch._foreach_lerp_(list(average.parameters()), list(current.parameters()), 1 - beta)
    for kept, buffer in zip(average.buffers(), current.buffers(), strict=True):
        kept.copy_(buffer)
