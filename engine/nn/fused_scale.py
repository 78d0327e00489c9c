"""A 3x3 convolution and a box resampling as one strided 4x4 convolution: the "fused scale" of ProGAN and StyleGAN.

Both functions equal their two-step form (`conv2d` of `nearest_up`, `box_down` of `conv2d`) up to rounding, so that a
weight means the same whichever way it is computed. The public ProGAN and StyleGAN programs feed their *fused
up-convolution* with the kernel as it is stored, which turns it round relative to their separate form: a network that
was trained there has its fused up-kernels mirrored when it is converted (`numpy.flip` over both kernel axes). Their
fused down-convolution needs no mirroring.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from engine.nn.box import nearest_up


def conv_up(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """conv2d(nearest_up(x), weight, bias), in the form that costs less: for a low resolution the wider kernel of the
    fused one is more than the pixels that it spares."""
    if weight.numel() < 8 * x.numel():
        return conv_up_fused(x, weight, bias)
    return F.conv2d(nearest_up(x), weight, bias, padding=weight.shape[-1] // 2)


def conv_up_fused(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x [N, I, H, W], weight [O, I, k, k] (k odd), bias [O] -> conv2d(nearest_up(x), weight, bias) [N, O, 2H, 2W]."""
    turned = _box_widened(weight.flip([2, 3])).transpose(0, 1)  # [I, O, k + 1, k + 1]
    return F.conv_transpose2d(x, turned, bias, stride=2, padding=weight.shape[-1] // 2)


def conv_down_fused(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x [N, I, H, W], weight [O, I, k, k] (k odd), bias [O] -> box_down(conv2d(x, weight, bias)) [N, O, H/2, W/2]."""
    return F.conv2d(x, _box_widened(weight) * 0.25, bias, stride=2, padding=weight.shape[-1] // 2)


def _box_widened(weight: Tensor) -> Tensor:
    """[O, I, k, k] convolved with a 2x2 box: [O, I, k + 1, k + 1]. The sum of the kernel's four one-pixel shifts."""
    w = F.pad(weight, (1, 1, 1, 1))
    return w[:, :, 1:, 1:] + w[:, :, :-1, 1:] + w[:, :, 1:, :-1] + w[:, :, :-1, :-1]
