"""The layers that styles drive: StyleGAN2's modulated convolutions (arXiv 1912.04958, figure 2d and section 2.2).

Letters: N batch, I input features, O output features, C colour channels, W width of w, H = W pixels of a square map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.families.stylegan2.layers import SLOPES, activated
from engine.nn import winograd
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
from engine.nn.kept import Kept

CACHED = 250_000  # numbers, 1 MB: half of what a core's own cache holds


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
        self.frozen = False
        self.energy, self.sums = Kept(energy), Kept(_sums)
        self.scattering, self.points = Kept(scattering), Kept(winograd.at_points)
        if use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros([]))  # "B" in the paper's figures, one scale a layer

    def freeze(self) -> None:
        """The weight seldom changes from now on: what follows from it is kept once it was needed, which takes up to
        four and a quarter times a weight's memory. What is loaded or trained all the same is seen (engine.nn.kept)."""
        self.frozen = True

    def forward(
        self,
        x: Tensor,  # [N, I, H, H]
        w: Tensor,  # [N, W]
        noise: Tensor | None,  # [1 or N, 1, H * up, H * up] of unit variance; None: none
        f: Tensor,
        gain: float = 1.0,
        clamp: float | None = None,
    ) -> Tensor:
        """x -> [N, O, H * up, H * up]: activation(modulated convolution + noise + bias) * sqrt(2) * gain, clipped to
        +-clamp * gain. f: the filter behind the upsampling (engine.nn.fir)."""
        styles = self.affine(w)  # [N, I]
        if noise is not None:
            noise = noise * self.noise_strength
        alone = x.shape[0] == 1 and not torch.is_grad_enabled()
        if alone and x.dtype != torch.float16 and self.activation in SLOPES:
            return self._single(x, styles, noise, f, gain, clamp)
        # No equalising gain: demodulation undoes any scale of the weight.
        x = modulated_conv2d(x, self.weight, styles, noise, f, up=self.up, padding=1, flip_weight=self.up == 1)
        return activated(x, self.bias, SQRT2 * gain, None if clamp is None else clamp * gain, self.activation)

    def smooth(self, x: Tensor, w: Tensor, clamp: float | None = None) -> Tensor:
        """x [N, I, H, H] -> [N, O, H, H]: about what `forward` makes of it, without noise and without upsampling.

        Where neighbouring pixels are alike a kernel is the sum of its taps, a ninth of the work and less.
        """
        styles = self.affine(w)  # [N, I]
        sums = self.sums.of(self.weight) if self.frozen else _sums(self.weight)  # [O, I]
        scale = demodulation(self._energy(), styles)  # [N, O]
        weight = sums * scale[:, :, None] * styles[:, None]  # [N, O, I]
        x = (weight @ x.flatten(2)).unflatten(2, x.shape[2:])
        return activated(x, self.bias, clamp=clamp, activation=self.activation)

    def _single(
        self, x: Tensor, styles: Tensor, noise: Tensor | None, f: Tensor, gain: float, clamp: float | None
    ) -> Tensor:
        """One sample, no gradients: all scales go where there are fewer numbers, the rest happens in place."""
        weight: Tensor = self.weight
        scale = demodulation(self._energy(), styles)[0] * (SQRT2 * gain)  # [O]
        bias = self.bias * (SQRT2 * gain)
        added = None if noise is None else (noise * (SQRT2 * gain)).reshape(*noise.shape[-2:], 1)  # [H, W, 1]

        def finish(pixels: Tensor, rows: slice) -> None:  # [h, W, O]
            pixels.add_(bias)
            if added is not None:
                pixels.add_(added[rows])
            F.leaky_relu_(pixels, SLOPES[self.activation])
            if clamp is not None:
                pixels.clamp_(-clamp * gain, clamp * gain)

        if self.frozen and self.up == 1 and x.dtype == torch.float32 and winograd.pays(weight, self.resolution):
            points = self.points.of(weight)
            return winograd.convolved(x, points, styles[0], lambda p, rows: finish(p.mul_(scale), rows))
        outputs = weight.shape[0] * (x.shape[2] * self.up) ** 2
        if weight.numel() < x.numel() + outputs:  # high resolution: scale the weight
            weight = (weight * (scale[:, None] * styles)[:, :, None, None]).to(x.dtype)
            x = conv2d_resample(x, weight, f, self.up, padding=1, flip_weight=self.up == 1)
        else:
            x = self._unscaled(x * styles.to(x.dtype)[:, :, None, None], weight, f)
            x.mul_(scale[:, None, None])
        pixels = x[0].permute(1, 2, 0)
        for rows in _bands(pixels):
            finish(pixels[rows], rows)
        return x

    def _unscaled(self, x: Tensor, weight: Tensor, f: Tensor) -> Tensor:
        """The convolution alone, with the weight as it is."""
        if weights_outnumber(weight, x):
            if self.up == 1:
                return conv_as_product(x, weight)
            if self.frozen:
                return conv_up_as_product(x, self.scattering.of(weight), weight.shape[-1], f)
        return conv2d_resample(x, weight.to(x.dtype), f, self.up, padding=1, flip_weight=self.up == 1)

    def _energy(self) -> Tensor:
        """[O, I]"""
        return self.energy.of(self.weight) if self.frozen else energy(self.weight)


def _sums(weight: Tensor) -> Tensor:
    """weight [O, I, kh, kw] -> [O, I]: the kernel of a picture that is the same everywhere."""
    return weight.sum(dim=(2, 3))


def _bands(pixels: Tensor) -> Iterator[slice]:
    """Rows of pixels [H, W, O], as many as stay in the processor's cache while several operations pass over them."""
    high = max(1, CACHED // pixels[0].numel()) if pixels.device.type == "cpu" else len(pixels)
    return (slice(first, first + high) for first in range(0, len(pixels), high))


class ToRGB(nn.Module):
    """Modulated 1x1 convolution to colours, without demodulation, noise or activation."""

    def __init__(self, inputs: int, channels: int, w_dim: int) -> None:
        super().__init__()
        self.affine = EqualisedLinear(w_dim, inputs, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.weight_gain = 1 / math.sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor, clamp: float | None = None) -> Tensor:
        """x [N, I, H, H], w [N, W] -> colours [N, C, H, H], clipped to +-clamp."""
        styles = self.affine(w) * self.weight_gain  # [N, I]
        if len(x) == 1 and x.device.type == "cpu":  # a product of matrices, the scales on the smaller one
            weight = (self.weight[:, :, 0, 0] * styles).to(x.dtype)  # [C, I]
            x = torch.addmm(self.bias.to(x.dtype)[:, None], weight, x[0].flatten(1)).view(1, -1, *x.shape[2:])
        else:
            x = modulated_conv2d(x, self.weight, styles, demodulate=False)
            x = x + self.bias.to(x.dtype)[:, None, None]
        return x if clamp is None else x.clamp(-clamp, clamp)
