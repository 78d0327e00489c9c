"""Layers of StyleGAN's two networks (arXiv 1812.04948, figure 1b).

Letters: N batch, I input features, O output features, W width of w, Z width of z, K classes, R pixels of a square map.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.families.stylegan.settings import GeneratorSettings, NetworkSettings
from engine.nn.activation import activated
from engine.nn.adain import adain
from engine.nn.equalised import SQRT2, ActivatedConvolution, EqualisedConvolution, EqualisedLinear, EqualisedMaps
from engine.nn.fir import setup_filter
from engine.nn.fused_scale import conv_down_fused, conv_up
from engine.nn.pixel_norm import pixel_norm


def blurred(x: Tensor, taps: Tensor, bias: Tensor | None = None) -> Tensor:
    """x [N, C, R, R] correlated with taps [f, f], borders of zeros, the size kept (section 2: bilinear sampling).

    The middle of an even filter is the tap before it.
    """
    before, after = (taps.shape[0] - 1) // 2, taps.shape[0] // 2
    if before != after:
        x, before = F.pad(x, (before, after, before, after)), 0
    channels = x.shape[1]
    return F.conv2d(x, taps.expand(channels, 1, *taps.shape), bias, padding=before, groups=channels)


class Mapping(nn.Module):
    """z [N, Z] and class weights c [N, K] -> w [N, W] (figure 1b, left), and the mean of w for truncation."""

    w_avg: Tensor | None

    def __init__(self, s: GeneratorSettings) -> None:
        super().__init__()
        self.settings = s
        self.register_buffer("w_avg", torch.zeros(s.w_dim) if s.truncation else None)
        if s.classes:
            self.embed = nn.Parameter(torch.randn(s.z_dim, s.classes))
        widths = [s.mapping_inputs, *[s.layer_features] * (s.mapping_layers - 1), s.w_dim]
        for i in range(s.mapping_layers):
            fc = EqualisedLinear(
                widths[i],
                widths[i + 1],
                lr_multiplier=s.mapping_lr_multiplier,
                gain=SQRT2,
                equalised=s.use_equalised,
            )
            setattr(self, f"fc{i}", fc)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, Z], c [N, K] of a conditional network -> w [N, W] before truncation."""
        s = self.settings
        x = z
        if s.classes:
            assert c is not None, "a conditional network needs labels"
            x = torch.cat([z, c @ self.embed.t()], dim=1)
        x = pixel_norm(x) if s.normalise_latents else x
        for i in range(s.mapping_layers):
            x = activated(getattr(self, f"fc{i}")(x), s.mapping_activation)
        return x


class Epilogue(nn.Module):
    """What follows every convolution of the generator: noise, activation, norms, style. The bias is already in."""

    noise_const: Tensor

    def __init__(self, s: GeneratorSettings, resolution: int) -> None:
        super().__init__()
        features = s.features(resolution)
        self.settings = s
        if s.use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros(features))  # "B" in figure 1b, one scale a feature
        if s.use_styles:
            self.affine = EqualisedLinear(s.w_dim, 2 * features, equalised=s.use_equalised)  # "A" in figure 1b

    def forward(
        self,
        x: Tensor,  # [N, O, R, R], overwritten
        w: Tensor | None,  # [N, W]
        noise: Tensor | None,  # [1 or N, 1, R, R] of unit variance; None: none
    ) -> Tensor:
        """x -> [N, O, R, R]. Without styles nobody looks at w."""
        s = self.settings
        if noise is not None:
            x = x.addcmul_(noise.to(x.dtype), self.noise_strength[:, None, None])
        x = activated(x, s.activation)
        x = pixel_norm(x) if s.use_pixel_norm else x
        if not s.use_styles:
            return adain(x) if s.use_instance_norm else x
        scale, shift = self.affine(w).chunk(2, dim=1)  # [N, O] each
        if s.use_instance_norm:
            return adain(x, scale + 1, shift)
        return torch.addcmul(shift[:, :, None, None], x, (scale + 1)[:, :, None, None])


class ConstantInput(nn.Module):
    """The learned 4x4 constant (configuration D on)."""

    def __init__(self, s: GeneratorSettings) -> None:
        super().__init__()
        self.const = nn.Parameter(torch.ones(s.features(4), 4, 4))
        self.bias = nn.Parameter(torch.zeros(s.features(4)))
        self.epilogue = Epilogue(s, 4)

    def forward(self, x: Tensor, w: Tensor | None, noise: Tensor | None) -> Tensor:
        """x [N, O, 4, 4] is the constant."""
        return self.epilogue(x + self.bias[:, None, None], w, noise)  # type: ignore[no-any-return]


class DenseInput(EqualisedMaps):
    """The traditional input: w [N, W] -> [N, O, 4, 4] (configurations A to C)."""

    def __init__(self, s: GeneratorSettings) -> None:
        super().__init__(s.w_dim, s.features(4), s.use_equalised)
        self.epilogue = Epilogue(s, 4)

    def forward(self, x: None, w: Tensor, noise: Tensor | None) -> Tensor:  # type: ignore[override]
        """w [N, W], noise [1 or N, 1, 4, 4] -> [N, O, 4, 4]; x only takes the place of other layers' input."""
        return self.epilogue(super().forward(w), w, noise)  # type: ignore[no-any-return]


class StyledConvolution(EqualisedConvolution):
    """3x3 convolution and epilogue: x [N, I, R, R], w [N, W] -> [N, O, R, R]."""

    def __init__(self, s: GeneratorSettings, inputs: int, resolution: int) -> None:
        super().__init__(inputs, s.features(resolution), 3, SQRT2, s.use_equalised)
        self.epilogue = Epilogue(s, resolution)

    def forward(self, x: Tensor, w: Tensor | None, noise: Tensor | None) -> Tensor:  # type: ignore[override]
        """x [N, I, R, R], w [N, W], noise [1 or N, 1, R, R] (None: none) -> [N, O, R, R]."""
        return self.epilogue(super().forward(x), w, noise)  # type: ignore[no-any-return]


class StyledUpConvolution(StyledConvolution):
    """Nearest neighbour up, 3x3 convolution, blur, epilogue: x [N, I, R/2, R/2], w [N, W] -> [N, O, R, R]."""

    blur: Tensor | None

    def __init__(self, s: GeneratorSettings, inputs: int, resolution: int) -> None:
        super().__init__(s, inputs, resolution)
        self.register_buffer("blur", setup_filter(s.blur_filter) if s.blur_filter else None, persistent=False)

    def forward(self, x: Tensor, w: Tensor | None, noise: Tensor | None) -> Tensor:  # type: ignore[override]
        """x [N, I, R/2, R/2], w [N, W], noise [1 or N, 1, R, R] (None: none) -> [N, O, R, R]."""
        if self.blur is None:
            x = conv_up(*self.scaled(x), self.bias)
        else:
            x = blurred(conv_up(*self.scaled(x)), self.blur, self.bias)
        return self.epilogue(x, w, noise)  # type: ignore[no-any-return]


class DownConvolution(ActivatedConvolution):
    """Blur, 3x3 convolution, means of 2x2 pixels, bias and activation: x [N, I, R, R] -> [N, O, R/2, R/2]."""

    blur: Tensor | None

    def __init__(self, s: NetworkSettings, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, s.use_equalised, s.activation)
        self.register_buffer("blur", setup_filter(s.blur_filter) if s.blur_filter else None, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x if self.blur is None else blurred(x, self.blur)
        return activated(conv_down_fused(*self.scaled(x), self.bias), self.activation)
