"""Layers of StyleGAN2's two networks (arXiv 1912.04958, figure 2d and section 2.2).

Letters: N batch, I input features, O output features, W width of w, H = W pixels of a square map.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.nn.convolution import (
    conv2d_resample,
    conv_as_product,
    conv_up_as_product,
    demodulation,
    energy,
    modulated_conv2d,
    scattering,
    weights_outnumber,
)
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


class StyledConvolution(nn.Module):
    """Modulated 3x3 convolution, noise, bias, activation; upsamples where `up` is 2."""

    noise_const: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        up: int,
        use_noise: bool,
        activation: str = "lrelu",
    ) -> None:
        super().__init__()
        self.affine = EqualisedLinear(w_dim, inputs, bias_init=1.0)  # w -> style, "A" in the paper's figures
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.up, self.activation, self.resolution = up, activation, resolution
        self.energy: Tensor | None = None  # what is kept of weights that stay as they are
        self.scattering: Tensor | None = None
        if use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros([]))  # "B" in the paper's figures, one scale a layer

    def freeze(self) -> None:
        """The weight stays as it is from now on: keep what follows from it and is dear to compute."""
        self.energy = energy(self.weight)
        below = self.weight.new_empty(1, self.weight.shape[1], self.resolution // self.up, self.resolution // self.up)
        if self.up == 2 and weights_outnumber(self.weight, below):
            self.scattering = scattering(self.weight)

    def forward(
        self,
        x: Tensor,  # [N, I, H, H]
        w: Tensor,  # [N, W]
        noise: Tensor | None,  # [1 or N, 1, H * up, H * up] of unit variance; None: none
        f: Tensor,
        gain: float = 1.0,
        clamp: float | None = None,
    ) -> Tensor:
        styles = self.affine(w)  # [N, I]
        if noise is not None:
            noise = noise * self.noise_strength
        alone = x.shape[0] == 1 and not torch.is_grad_enabled()
        if alone and x.dtype != torch.float16 and self.activation in SLOPES:
            return self._single(x, styles, noise, f, gain, clamp)
        # No equalising gain: demodulation undoes any scale of the weight.
        x = modulated_conv2d(x, self.weight, styles, noise, f, up=self.up, padding=1, flip_weight=self.up == 1)
        return activated(x, self.bias, SQRT2 * gain, None if clamp is None else clamp * gain, self.activation)

    def _single(
        self, x: Tensor, styles: Tensor, noise: Tensor | None, f: Tensor, gain: float, clamp: float | None
    ) -> Tensor:
        """One sample, no gradients: all scales go where there are fewer numbers, the rest happens in place."""
        weight: Tensor = self.weight
        known = energy(weight) if self.energy is None else self.energy
        scale = demodulation(known, styles)[0] * (SQRT2 * gain)  # [O]
        outputs = weight.shape[0] * (x.shape[2] * self.up) ** 2
        if weight.numel() < x.numel() + outputs:  # high resolution: scale the weight
            weight = (weight * (scale[:, None] * styles)[:, :, None, None]).to(x.dtype)
            x = conv2d_resample(x, weight, f, self.up, padding=1, flip_weight=self.up == 1)
        else:
            x = self._unscaled(x * styles.to(x.dtype)[:, :, None, None], weight, f)
            x.mul_(scale[:, None, None])
        x.add_((self.bias * (SQRT2 * gain))[:, None, None])
        if noise is not None:
            x.add_(noise, alpha=SQRT2 * gain)
        F.leaky_relu_(x, SLOPES[self.activation])
        return x if clamp is None else x.clamp_(-clamp * gain, clamp * gain)

    def _unscaled(self, x: Tensor, weight: Tensor, f: Tensor) -> Tensor:
        """The convolution alone, with the weight as it is."""
        if weights_outnumber(weight, x):
            if self.up == 1:
                return conv_as_product(x, weight)
            if self.scattering is not None:
                return conv_up_as_product(x, self.scattering, weight.shape[-1], f)
        return conv2d_resample(x, weight.to(x.dtype), f, self.up, padding=1, flip_weight=self.up == 1)


class ToRGB(nn.Module):
    """Modulated 1x1 convolution to colours, without demodulation, noise or activation."""

    def __init__(self, inputs: int, channels: int, w_dim: int) -> None:
        super().__init__()
        self.affine = EqualisedLinear(w_dim, inputs, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.weight_gain = 1 / math.sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor, clamp: float | None = None) -> Tensor:
        styles = self.affine(w) * self.weight_gain
        x = modulated_conv2d(x, self.weight, styles, demodulate=False)
        x = x + self.bias.to(x.dtype)[:, None, None]
        return x if clamp is None else x.clamp(-clamp, clamp)


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
