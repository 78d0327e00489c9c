"""Layers with equalised learning rate (ProGAN paper, section 4.1): weights are stored with unit deviation and scaled
when used, so that Adam moves all of them at the same speed."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SQRT2 = math.sqrt(2)


def leaky_relu(x: Tensor) -> Tensor:
    """max(x, 0.2 x) * sqrt 2, the gain keeping the deviation (He 2015)."""
    return F.leaky_relu(x, 0.2) * SQRT2


class EqualisedLinear(nn.Module):
    """x [N, I] -> x W^T + b [N, O], then leaky ReLU where asked for."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activate: bool = False,  # leaky ReLU with gain sqrt 2
        bias_init: float = 0.0,
        lr_multiplier: float = 1.0,  # 0.01 in mapping networks (StyleGAN paper, appendix C)
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr_multiplier)
        self.bias = nn.Parameter(torch.full([outputs], bias_init))
        self.activate = activate
        self.weight_gain = lr_multiplier / math.sqrt(inputs)
        self.bias_gain = lr_multiplier

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias if self.bias_gain == 1 else self.bias * self.bias_gain
        x = torch.addmm(bias, x, self.weight.t(), alpha=self.weight_gain)
        return leaky_relu(x) if self.activate else x


def normalised(x: Tensor) -> Tensor:
    """x [N, Z] scaled to unit second moment: the pixel norm of z (ProGAN paper, section 4.2)."""
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()
