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
        gain: float = 1.0,  # of the weight, before the bias: sqrt 2 where ProGAN and StyleGAN activate
        equalised: bool = True,  # False: gain and scale are in the weight's initial deviation, only lr_multiplier acts
    ) -> None:
        super().__init__()
        deviation = 1.0 if equalised else gain / math.sqrt(inputs)
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * deviation / lr_multiplier)
        self.bias = nn.Parameter(torch.full([outputs], bias_init))
        self.activate = activate
        self.weight_gain = gain * lr_multiplier / math.sqrt(inputs) if equalised else lr_multiplier
        self.bias_gain = lr_multiplier

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias if self.bias_gain == 1 else self.bias * self.bias_gain
        x = torch.addmm(bias, x, self.weight.t(), alpha=self.weight_gain)
        return leaky_relu(x) if self.activate else x


class EqualisedConvolution(nn.Module):
    """x [N, I, H, W] -> [N, O, H, W]: k x k convolution and bias, the size kept; no activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,  # odd
        gain: float = 1.0,  # of the weight, before the bias: sqrt 2 where ProGAN and StyleGAN activate
        equalised: bool = True,  # False: the weight is stored as it is used, gain and scale in its initial deviation
    ) -> None:
        super().__init__()
        scale = gain / math.sqrt(inputs * kernel**2)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel) * (1.0 if equalised else scale))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.weight_gain = scale if equalised else 1.0

    def kernel(self) -> Tensor:
        """The weight as it is used [O, I, k, k]."""
        return self.weight * self.weight_gain

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel(), self.bias, padding=self.weight.shape[-1] // 2)


def normalised(x: Tensor) -> Tensor:
    """x [N, Z] scaled to unit second moment: the pixel norm of z (ProGAN paper, section 4.2)."""
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()
