"""The StyleGAN2 discriminator (arXiv 1912.04958, figure 7): residual blocks, input skips, neither, or growing."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from engine.families.networks import Growing
from engine.families.stylegan2.growth import Tensors, discriminator_start
from engine.families.stylegan2.layers import Convolution, Mapping, activated
from engine.families.stylegan2.settings import DiscriminatorSettings
from engine.nn import growing
from engine.nn.box import box_down
from engine.nn.equalised import EqualisedLinear
from engine.nn.fir import downsample2d, setup_filter
from engine.nn.minibatch_stddev import with_minibatch_stddev


class Block(nn.Module):
    """[N, I, R, R] -> [N, O, R/2, R/2], and pictures [N, C, R, R] -> [N, I, R, R] where they enter here."""

    def __init__(self, s: DiscriminatorSettings, resolution: int) -> None:
        super().__init__()
        inner, outer = s.features(resolution), s.features(resolution // 2)
        extra = s.extra_inputs if resolution < s.resolution else 0
        if resolution in s.colour_resolutions:
            self.fromrgb = Convolution(s.channels, inner, 1, activation=s.activation)
        self.conv0 = Convolution(inner + extra, inner, 3, activation=s.activation)
        self.conv1 = Convolution(inner, outer, 3, down=2, activation=s.activation)
        if s.architecture == "resnet":
            self.skip = Convolution(inner, outer, 1, down=2, activation=None)

    def layers(self) -> Iterator[Convolution]:
        """In the order in which Freeze-D counts them."""
        for name in ("fromrgb", "conv0", "conv1", "skip"):
            if hasattr(self, name):
                yield getattr(self, name)

    def forward(self, x: Tensor, f: Tensor, clamp: float | None) -> Tensor:
        """x [N, I, R, R] -> [N, O, R/2, R/2]. f: the filter before the downsampling; +-clamp clips what layers give."""
        if not hasattr(self, "skip"):
            return self.conv1(self.conv0(x, clamp=clamp), f, clamp=clamp)  # type: ignore[no-any-return]
        shortcut: Tensor = self.skip(x, f, gain=math.sqrt(0.5))
        x = self.conv1(self.conv0(x, clamp=clamp), f, gain=math.sqrt(0.5), clamp=clamp)
        return shortcut + x


class Epilogue(nn.Module):
    """[N, I, 4, 4] -> one score, one for each class, or a vector that is compared with the mapped label."""

    def __init__(self, s: DiscriminatorSettings) -> None:
        super().__init__()
        features = s.features(4)
        self.group, self.stddev_channels, self.activation = s.mbstd_group, s.mbstd_channels, s.activation
        if 4 in s.colour_resolutions:
            self.fromrgb = Convolution(s.channels, features, 1, activation=s.activation)
        inputs = features + s.mbstd_channels + s.extra_inputs
        self.conv = Convolution(inputs, features, 3, activation=s.activation)
        self.fc = EqualisedLinear(features * 16, s.dense_features or features)
        self.out = EqualisedLinear(s.dense_features or features, s.outputs)

    def forward(self, x: Tensor, clamp: float | None) -> Tensor:
        """x [N, I, 4, 4] -> [N, O]; what the convolution gives is clipped to +-clamp."""
        if self.stddev_channels:
            x = with_minibatch_stddev(x, self.group, self.stddev_channels)
        x = self.conv(x, clamp=clamp)
        x = self.fc(x.flatten(1))  # in N, C, H, W order whatever the memory format
        return self.out(activated(x, None, activation=self.activation))  # type: ignore[no-any-return]


class Trunk(Growing):
    """What all discriminators share: the blocks from the highest resolution down, and the score at their end."""

    settings: DiscriminatorSettings
    resample_filter: Tensor

    def __init__(self, settings: DiscriminatorSettings) -> None:
        super().__init__(settings)
        s = settings
        self.resolutions = tuple(reversed(s.block_resolutions[1:]))  # R, R/2, ... 8
        self.register_buffer("resample_filter", setup_filter(s.resample_filter), persistent=False)
        for r in self.resolutions:
            setattr(self, f"b{r}", Block(s, r))
        self.b4 = Epilogue(s)
        if s.label_width:
            self.mapping = Mapping(
                0,
                s.classes,
                s.label_width,
                s.mapping_layers,
                embed=s.embed_width,
                layer_features=s.layer_features,
                lr_multiplier=s.mapping_lr_multiplier,
            )
        layers = [layer for r in self.resolutions for layer in self.block(r).layers()]
        for layer in layers[: s.freeze_layers]:
            _freeze(layer)

    def block(self, resolution: int) -> Block:
        found: Block = getattr(self, f"b{resolution}")
        return found

    def grown_from(self, smaller: Tensors) -> dict[str, Tensor]:
        """First tensors of the highest block, given those of a network of half the resolution; see growth."""
        return discriminator_start(self.settings, smaller, self.state_dict())

    def down(self, resolution: int, x: Tensor) -> Tensor:
        """The block of a resolution: [N, I, R, R] -> [N, O, R/2, R/2]."""
        y: Tensor = self.block(resolution)(x, self.resample_filter, self.settings.conv_clamp)
        return y

    def colours(self, image: Tensor) -> Tensor:
        """fromRGB of a picture's own resolution: [N, C, R, R] -> [N, I, R, R]."""
        entry = getattr(self, f"b{image.shape[-1]}").fromrgb
        return entry(image, clamp=self.settings.conv_clamp)  # type: ignore[no-any-return]

    def score(self, x: Tensor, c: Tensor | None) -> Tensor:
        """Features [N, I, 4, 4] and labels [N, K] -> [N, 1]."""
        s = self.settings
        scores: Tensor = self.b4(x, s.conv_clamp)
        if s.label_width:  # projection discriminator (Miyato and Koyama 2018)
            mapped: Tensor = self.mapping(None, c)
            return (scores * mapped).sum(dim=1, keepdim=True) / math.sqrt(s.label_width)
        if s.classes and s.label_output == "per_class":
            assert c is not None, "a conditional network needs labels"
            return (scores * c).sum(dim=1, keepdim=True)
        return scores


class Discriminator(Trunk):
    """Pictures [N, C, R, R] and labels [N, K] -> scores [N, 1], before any sigmoid."""

    def forward(self, image: Tensor, c: Tensor | None = None) -> Tensor:
        """image [N, C, R, R] of -1..1, labels c [N, K] of a conditional network -> scores [N, 1]."""
        image = image.contiguous(memory_format=torch.channels_last)
        highest = self.settings.resolution_in_use
        image = growing.to_size_in_use(image, self.lod)
        x = self.colours(image)
        for r in (r for r in self.resolutions if r <= highest):
            x = self.down(r, x)
            if self.settings.architecture == "skip":
                image = downsample2d(image, self.resample_filter)
                x = x + self.colours(image)
            elif self.settings.architecture == "growing" and r == highest:
                x = self._faded(x, image)
        return self.score(x, c)

    def _faded(self, x: Tensor, image: Tensor) -> Tensor:
        """While a resolution fades in, what the network below sees is a mixture."""
        share = growing.lower_share(self.settings.resolution, self.lod)
        return growing.faded(x, self.colours(box_down(image)), share) if share else x


def _freeze(layer: nn.Module) -> None:
    """Make buffers of a layer's parameters: their names stay, but nothing trains them."""
    for name, parameter in list(layer.named_parameters(recurse=False)):
        delattr(layer, name)
        layer.register_buffer(name, parameter.detach())
