"""Convolutions of ProGAN that also resample (arXiv 1710.10196, table 2: "Upsample", "Downsample").

Letters: N batch, I input features, O output features, R pixels of a square map.
"""

from __future__ import annotations

from torch import Tensor

from engine.nn.activation import activated
from engine.nn.box import box_down
from engine.nn.equalised import ActivatedConvolution, EqualisedConvolution
from engine.nn.fused_scale import conv_down_fused, conv_up


class UpConvolution(EqualisedConvolution):
    """x [N, I, R, R] -> [N, O, 2R, 2R]: nearest neighbour up, then convolution."""

    def forward(self, x: Tensor) -> Tensor:
        return conv_up(*self.scaled(x), self.bias)


class DownConvolution(ActivatedConvolution):
    """x [N, I, R, R] -> [N, O, R/2, R/2]: convolution and leaky ReLU, and the means of 2x2 pixels.

    The paper's table 2 takes means after the ReLU. The fused form cannot: it takes them before.
    """

    def __init__(self, inputs: int, outputs: int, equalised: bool, fused: bool) -> None:
        super().__init__(inputs, outputs, 3, equalised)
        self.fused = fused

    def forward(self, x: Tensor) -> Tensor:
        if self.fused:
            return activated(conv_down_fused(*self.scaled(x), self.bias))
        return box_down(super().forward(x))
