"""The blur through which the discriminator sees everything in the beginning of a run (StyleGAN3 paper, appendix F)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from train.config import TrainConfig


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of [N, C, H, W] by `sigma` pixels, borders repeated; below 0.1 pixels nothing happens."""
    if sigma < 0.1:
        return pictures
    radius = min(math.ceil(3 * sigma), pictures.shape[2] - 1)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, device=pictures.device) / sigma).square())
    kernel = (taps / taps.sum()).expand(pictures.shape[1], 1, 1, -1)
    pictures = F.pad(pictures, (radius, radius, radius, radius), mode="replicate")
    pictures = F.conv2d(pictures, kernel, groups=pictures.shape[1])
    return F.conv2d(pictures, kernel.transpose(2, 3), groups=pictures.shape[1])


def blur_at(config: TrainConfig, seen: int) -> float:
    """Sigma in pixels of the blur after `seen` pictures."""
    return config.blur_sigma * max(1 - seen / (config.blur_kimg * 1000), 0.0)
