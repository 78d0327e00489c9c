"""Activations without a gain: what keeps the deviation (He 2015) is in the weights, as in ProGAN and StyleGAN."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def activated(x: Tensor, kind: str = "lrelu") -> Tensor:
    """In place: leaky ReLU, max(x, 0.2 x), or ReLU."""
    return F.relu_(x) if kind == "relu" else F.leaky_relu_(x, 0.2)
