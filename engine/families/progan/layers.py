"""Convolutions of ProGAN that also resample (arXiv 1710.10196, table 2: "Upsample", "Downsample").

Letters: N batch, I input features, O output features, R pixels of a square map.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from engine.nn.box import box_down, nearest_up
from engine.nn.equalised import SQRT2, EqualisedConvolution
from engine.nn.fused_scale import conv_down_fused, conv_up_fused


class Convolution(EqualisedConvolution):
    """x [N, I, R, R] -> [N, O, R, R], weights of deviation sqrt(2 / fan_in) for the ReLU that follows (He 2015)."""

    def __init__(self, inputs: int, outputs: int, equalised: bool) -> None:
        super().__init__(inputs, outputs, 3, SQRT2, equalised)


class UpConvolution(Convolution):
    """x [N, I, R, R] -> [N, O, 2R, 2R]: nearest neighbour up, then convolution."""

    def __init__(self, inputs: int, outputs: int, equalised: bool, fused: bool) -> None:
        super().__init__(inputs, outputs, equalised)
        self.fused = fused

    def forward(self, x: Tensor) -> Tensor:
        return conv_up_fused(x, self.kernel(), self.bias) if self.fused else super().forward(nearest_up(x))


class DownConvolution(Convolution):
    """x [N, I, R, R] -> [N, O, R/2, R/2]: convolution and leaky ReLU, and the means of 2x2 pixels.

    The paper's table 2 takes means after the ReLU. The fused form cannot: it takes them before.
    """

    def __init__(self, inputs: int, outputs: int, equalised: bool, fused: bool) -> None:
        super().__init__(inputs, outputs, equalised)
        self.fused = fused

    def forward(self, x: Tensor) -> Tensor:
        if self.fused:
            return leaky_relu(conv_down_fused(x, self.kernel(), self.bias))
        return box_down(leaky_relu(super().forward(x)))


def leaky_relu(x: Tensor) -> Tensor:
    """max(x, 0.2 x); the gain is in the weights."""
    return F.leaky_relu(x, 0.2)
