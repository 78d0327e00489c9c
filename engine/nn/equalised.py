"""Layers with equalised learning rate (ProGAN paper, section 4.1): weights are stored with unit deviation and scaled
when used, so that Adam moves all of them at the same speed."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.nn.activation import activated

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

    def scaled(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Input and weight, the weight's gain in the smaller of them."""
        if x.numel() < self.weight.numel():
            return x * self.weight_gain, self.weight
        return x, self.weight * self.weight_gain

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(*self.scaled(x), self.bias, padding=self.weight.shape[-1] // 2)


class ActivatedConvolution(EqualisedConvolution):
    """Convolution, bias and activation: x [N, I, H, W] -> [N, O, H, W]."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, equalised: bool = True, activation: str = "lrelu"
    ) -> None:
        super().__init__(inputs, outputs, kernel, SQRT2, equalised)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        return activated(super().forward(x), self.activation)


class EqualisedMaps(EqualisedLinear):
    """w [N, I] -> [N, O, 4, 4]: a dense layer with one bias a feature, not one a pixel (ProGAN's "Conv 4 x 4")."""

    def __init__(self, inputs: int, features: int, equalised: bool = True) -> None:
        # A quarter of the usual gain: the public programs count 16 inputs for each, as of a 4x4 convolution.
        super().__init__(inputs, 16 * features, gain=SQRT2 / 4, equalised=equalised)
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, w: Tensor) -> Tensor:
        return (w @ self.weight.t()).view(w.shape[0], -1, 4, 4) * self.weight_gain + self.bias[:, None, None]
