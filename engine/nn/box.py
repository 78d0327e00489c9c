"""Resampling with a box (ProGAN paper, section 2): nearest neighbour up, average pool down. `fir.py` has all others."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def nearest_up(x: Tensor, factor: int = 2) -> Tensor:
    """[N, C, H, W] -> [N, C, H * factor, W * factor], every pixel repeated."""
    return x if factor == 1 else F.interpolate(x, scale_factor=factor, mode="nearest")


def box_down(x: Tensor, factor: int = 2) -> Tensor:
    """[N, C, H, W] -> [N, C, H / factor, W / factor], the means of blocks."""
    return x if factor == 1 else F.avg_pool2d(x, factor)
