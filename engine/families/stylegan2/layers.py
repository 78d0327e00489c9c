"""Layers of StyleGAN2's two networks but those that styles drive (arXiv 1912.04958, figure 7; those are in styled.py).

Letters: N batch, K classes, E width of the embedded label, C features, W width of w, Z width of z, H = W pixels.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.nn.convolution import conv2d_resample
from engine.nn.equalised import SQRT2, EqualisedLinear
from engine.nn.pixel_norm import pixel_norm

FLOAT16_CLAMP = 256.0  # activations of float16 layers are clipped to this (StyleGAN2-ADA paper, appendix D)
SLOPES = {"lrelu": 0.2, "relu": 0.0}  # below zero; the third activation is swish, x * sigmoid(x)


def activated(
    x: Tensor,  # [N, C, H, W] or [N, C]
    bias: Tensor | None,  # [C]
    gain: float = SQRT2,  # keeps the deviation (He 2015): the same for all three activations
    clamp: float | None = None,
    activation: str = "lrelu",
) -> Tensor:
    """activation(x + bias) * gain, clipped to +-clamp. Where the activation is made of two straight lines the gain goes
    into the sum, for it is positive: two passes instead of three."""
    scale = gain if activation in SLOPES else 1.0
    if bias is None:
        x = x if scale == 1 else x * scale
    else:
        added = (bias * scale).to(x.dtype)
        x = torch.add(added if x.ndim == 2 else added[:, None, None], x, alpha=scale)
    x = F.leaky_relu_(x, SLOPES[activation]) if activation in SLOPES else F.silu(x) * gain
    return x if clamp is None else x.clamp(-clamp, clamp)


class LabelMatrix(nn.Module):
    """c [N, K] -> c M^T [N, E]: the label embedding of the first StyleGANs, unscaled and without a bias."""

    def __init__(self, classes: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, classes))

    def forward(self, c: Tensor) -> Tensor:
        return c @ self.weight.t()


class Mapping(nn.Module):
    """z [N, Z] and labels c [N, K] -> w [N, W] (StyleGAN paper, figure 1b).

    With z_dim 0 it maps labels alone, as the conditional discriminator does.
    """

    def __init__(
        self,
        z_dim: int,
        classes: int,
        w_dim: int,
        layers: int,  # 0: what enters, normalised, is what leaves
        embed: int = 0,  # width of the embedded label; 0: not conditional
        layer_features: int | None = None,  # None: w_dim
        lr_multiplier: float = 0.01,
        concatenated: bool = False,  # labels enter through a matrix and are normalised together with z
    ) -> None:
        super().__init__()
        self.z_dim, self.layers, self.concatenated = z_dim, layers, concatenated
        if embed:
            self.embed = LabelMatrix(classes, embed) if concatenated else EqualisedLinear(classes, embed)
        widths = [z_dim + embed, *[layer_features or w_dim] * (layers - 1), w_dim]
        for i in range(layers):
            layer = EqualisedLinear(widths[i], widths[i + 1], activate=True, lr_multiplier=lr_multiplier)
            setattr(self, f"fc{i}", layer)

    def forward(self, z: Tensor | None, c: Tensor | None) -> Tensor:
        """z [N, Z] (None where z_dim is 0), c [N, K] of a conditional network -> w [N, W] before truncation."""
        parts = [z] if z is not None and self.z_dim else []
        if hasattr(self, "embed"):
            assert c is not None, "a conditional network needs labels"
            parts.append(self.embed(c))
        if self.concatenated:
            x = pixel_norm(torch.cat(parts, dim=1))
        else:
            x = torch.cat([pixel_norm(part) for part in parts], dim=1)
        for i in range(self.layers):
            x = getattr(self, f"fc{i}")(x)
        return x


class Convolution(nn.Module):
    """Plain convolution with equalised learning rate, resampling, and optional bias and activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        up: int = 1,
        down: int = 1,
        activation: str | None = "lrelu",  # None: no bias either
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = None if activation is None else nn.Parameter(torch.zeros(outputs))
        self.activation = activation
        self.up, self.down, self.padding = up, down, kernel // 2
        self.weight_gain = 1 / math.sqrt(inputs * kernel**2)

    def forward(self, x: Tensor, f: Tensor | None = None, gain: float = 1.0, clamp: float | None = None) -> Tensor:
        """x [N, I, H, H] -> [N, O, H * up / down, H * up / down], activated, times gain, clipped to +-clamp * gain."""
        limit = None if clamp is None else clamp * gain
        gain = gain if self.activation is None else gain * SQRT2
        # The gain of a linear layer and of an activation of two straight lines goes where it costs no pass over pixels.
        before = 1.0 if self.activation == "swish" else gain
        weight = (self.weight * (self.weight_gain * before)).to(x.dtype)
        bias = None if self.bias is None else (self.bias * before).to(x.dtype)
        x = conv2d_resample(x, weight, f, self.up, self.down, self.padding, flip_weight=self.up == 1, bias=bias)
        if self.activation is None:
            return x if limit is None else x.clamp(-limit, limit)
        return activated(x, None, gain / before, limit, self.activation)
