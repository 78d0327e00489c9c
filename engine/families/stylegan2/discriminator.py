"""The StyleGAN2 discriminator (arXiv 1912.04958, figure 7): residual blocks, input skips, or neither."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.families.stylegan2.layers import Convolution, Mapping
from engine.families.stylegan2.settings import DiscriminatorSettings
from engine.nn.equalised import EqualisedLinear
from engine.nn.fir import downsample2d, setup_filter
from engine.nn.minibatch_stddev import with_minibatch_stddev


class Block(nn.Module):
    """[N, I, R, R] and, for input skips, the picture at R -> [N, O, R/2, R/2]."""

    def __init__(self, s: DiscriminatorSettings, resolution: int) -> None:
        super().__init__()
        inner, outer = s.features(resolution), s.features(resolution // 2)
        self.architecture = s.architecture
        if resolution == s.resolution or s.architecture == "skip":
            self.fromrgb = Convolution(s.channels, inner, 1)
        self.conv0 = Convolution(inner, inner, 3)
        self.conv1 = Convolution(inner, outer, 3, down=2)
        if s.architecture == "resnet":
            self.skip = Convolution(inner, outer, 1, down=2, activate=False)

    def forward(self, x: Tensor | None, image: Tensor, f: Tensor, clamp: float | None) -> Tensor:
        if hasattr(self, "fromrgb"):
            colours = self.fromrgb(image, clamp=clamp)
            x = colours if x is None else x + colours
        assert x is not None
        if self.architecture != "resnet":
            return self.conv1(self.conv0(x, clamp=clamp), f, clamp=clamp)  # type: ignore[no-any-return]
        shortcut: Tensor = self.skip(x, f, gain=math.sqrt(0.5))
        x = self.conv1(self.conv0(x, clamp=clamp), f, gain=math.sqrt(0.5), clamp=clamp)
        return shortcut + x


class Epilogue(nn.Module):
    """[N, I, 4, 4] -> one score, or a vector that is compared with the mapped label."""

    def __init__(self, s: DiscriminatorSettings, outputs: int) -> None:
        super().__init__()
        features = s.features(4)
        self.architecture, self.group, self.stddev_channels = s.architecture, s.mbstd_group, s.mbstd_channels
        if s.architecture == "skip":
            self.fromrgb = Convolution(s.channels, features, 1)
        self.conv = Convolution(features + s.mbstd_channels, features, 3)
        self.fc = EqualisedLinear(features * 16, features, activate=True)
        self.out = EqualisedLinear(features, outputs)

    def forward(self, x: Tensor, image: Tensor, clamp: float | None) -> Tensor:
        if self.architecture == "skip":
            x = x + self.fromrgb(image, clamp=clamp)
        if self.stddev_channels:
            x = with_minibatch_stddev(x, self.group, self.stddev_channels)
        x = self.conv(x, clamp=clamp)
        x = self.fc(x.flatten(1))  # in N, C, H, W order whatever the memory format
        return self.out(x)  # type: ignore[no-any-return]


class Discriminator(nn.Module):
    """Pictures [N, C, R, R] and labels [N, K] -> scores [N, 1], before any sigmoid."""

    resample_filter: Tensor

    def __init__(self, settings: DiscriminatorSettings) -> None:
        super().__init__()
        self.settings = s = settings
        self.resolutions = tuple(2**i for i in range(int(math.log2(s.resolution)), 2, -1))
        self.register_buffer("resample_filter", setup_filter(s.resample_filter), persistent=False)
        for r in self.resolutions:
            setattr(self, f"b{r}", Block(s, r))
        self.cmap_dim = (s.features(4) if s.cmap_dim is None else s.cmap_dim) if s.classes else 0
        self.b4 = Epilogue(s, self.cmap_dim or 1)
        if self.cmap_dim:
            self.mapping = Mapping(0, s.classes, self.cmap_dim, s.mapping_layers)

    def forward(self, image: Tensor, c: Tensor | None = None) -> Tensor:
        x: Tensor | None = None
        image = image.contiguous(memory_format=torch.channels_last)
        for r in self.resolutions:
            x = getattr(self, f"b{r}")(x, image, self.resample_filter, self.settings.conv_clamp)
            if self.settings.architecture == "skip":
                image = downsample2d(image, self.resample_filter)
        assert x is not None, "a discriminator needs at least 8x8 pixels"
        scores: Tensor = self.b4(x, image, self.settings.conv_clamp)
        if self.cmap_dim:  # projection discriminator (Miyato and Koyama 2018)
            scores = (scores * self.mapping(None, c)).sum(dim=1, keepdim=True) / math.sqrt(self.cmap_dim)
        return scores
