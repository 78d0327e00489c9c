"""Adaptive instance normalisation (StyleGAN paper, equation 1; Huang and Belongie 2017).

Letters: N batch, C features, H, W pixels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

ROW = 64  # pixels that may be summed up one after the other in float32


def adain(x: Tensor, scale: Tensor | None = None, shift: Tensor | None = None, eps: float = 1e-8) -> Tensor:
    """(x - mean) / sqrt(var + eps) * scale + shift, for x [N, C, H, W] and scale, shift [N, C]; None: 1 and 0.

    Mean and biased variance are those of each map. One sample is a batch norm of its own statistics: one call.
    """
    n, c, h, w = x.shape
    if n > 1:  # the maps of all samples as the channels of one; a copy where x is channels_last
        flat = x.reshape(1, n * c, h, w)
        scale, shift = (None if t is None else t.reshape(1, n * c) for t in (scale, shift))
        return adain(flat, scale, shift, eps).reshape(n, c, h, w)
    if _sums_carelessly(x):
        return _in_rows(x, scale, shift, eps)
    weight, bias = (None if t is None else t[0] for t in (scale, shift))
    return F.batch_norm(x, None, None, weight, bias, training=True, eps=eps)


def _sums_carelessly(x: Tensor) -> bool:
    """Whether torch's batch norm adds the pixels of x one by one, so that at 1024x1024 the third digit is wrong.

    It does on the CPU in channels_last. No gradient flows through the statistics that replace it.
    """
    pixels = x.shape[2] * x.shape[3]
    last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return last and pixels > ROW and pixels % ROW == 0 and x.device.type == "cpu" and not torch.is_grad_enabled()


def _in_rows(x: Tensor, scale: Tensor | None, shift: Tensor | None, eps: float) -> Tensor:
    """The same for x [1, C, H, W] in channels_last, of statistics that are taken of ROW pixels each and then joined."""
    _, c, h, w = x.shape
    rows = h * w // ROW
    pixels = x.permute(0, 2, 3, 1).reshape(1, ROW, 1, rows * c).permute(0, 3, 1, 2)  # [1, rows * C, ROW, 1], no copy
    means, variances = (t.view(rows, c) for t in torch.batch_norm_update_stats(pixels, None, None, 0.0))
    mean = means.mean(dim=0)  # [C]
    variance = variances.mean(dim=0) + (means - mean).square().mean(dim=0)
    factor = (variance + eps).rsqrt() if scale is None else (variance + eps).rsqrt() * scale[0]
    rest = -mean * factor if shift is None else shift[0] - mean * factor
    return torch.addcmul(rest[:, None, None], x, factor[:, None, None])
