"""The ProGAN discriminator (arXiv 1710.10196, table 2): the generator's mirror image, with minibatch deviation at 4x4.

Letters: N batch, K classes, C colour channels, R resolution, I and O features.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from engine.families.progan.layers import Convolution, DownConvolution, leaky_relu
from engine.families.progan.settings import DiscriminatorSettings
from engine.nn import growing
from engine.nn.box import box_down
from engine.nn.equalised import SQRT2, EqualisedConvolution, EqualisedLinear
from engine.nn.minibatch_stddev import with_minibatch_stddev


class Block(nn.Module):
    """[N, I, r, r] -> [N, O, r/2, r/2], and the fromRGB that makes its input of a picture."""

    def __init__(self, s: DiscriminatorSettings, resolution: int) -> None:
        super().__init__()
        inner = s.features(resolution)
        self.fromrgb = EqualisedConvolution(s.channels, inner, 1, SQRT2, s.use_equalised)
        self.conv0 = Convolution(inner, inner, s.use_equalised)
        self.conv1 = DownConvolution(inner, s.features(resolution // 2), s.use_equalised, s.fused_scale)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(leaky_relu(self.conv0(x)))  # type: ignore[no-any-return]


class Epilogue(nn.Module):
    """[N, I, 4, 4] -> [N, 1 + K]: the score and one logit a class."""

    def __init__(self, s: DiscriminatorSettings) -> None:
        super().__init__()
        features, hidden = s.features(4), s.features(2)
        self.group, self.stddev_channels = s.mbstd_group, s.mbstd_channels
        self.fromrgb = EqualisedConvolution(s.channels, features, 1, SQRT2, s.use_equalised)
        self.conv = Convolution(features + s.mbstd_channels, features, s.use_equalised)
        self.fc = EqualisedLinear(16 * features, hidden, gain=SQRT2, equalised=s.use_equalised)
        self.out = EqualisedLinear(hidden, 1 + s.classes, equalised=s.use_equalised)

    def forward(self, x: Tensor) -> Tensor:
        if self.stddev_channels:
            x = with_minibatch_stddev(x, self.group, self.stddev_channels)
        x = leaky_relu(self.conv(x))
        x = leaky_relu(self.fc(x.flatten(1)))  # in N, C, H, W order whatever the memory format
        return self.out(x)  # type: ignore[no-any-return]


class Discriminator(nn.Module):
    """Pictures [N, C, R, R] -> scores [N, 1], before any sigmoid. Pictures are of full size whatever `lod` is.

    lod: level of detail, 0 .. log2(resolution) - 2. Training sets it between steps, to that of the generator; it is
    not among the tensors.
    """

    def __init__(self, settings: DiscriminatorSettings) -> None:
        super().__init__()
        self.settings = settings
        self.lod = settings.lod
        for r in settings.block_resolutions:
            setattr(self, f"b{r}", Epilogue(settings) if r == 4 else Block(settings, r))

    def forward(self, image: Tensor, c: Tensor | None = None) -> Tensor:
        """The scores alone. Labels do not enter: this network guesses them (see `scores_and_labels`)."""
        return self.scores_and_labels(image)[0]

    def scores_and_labels(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N, 1] and label logits [N, K], for losses that classify as well (AC-GAN, Odena 2016)."""
        full, lod = self.settings.resolution, self.lod
        image = growing.to_size_in_use(image, lod).contiguous(memory_format=torch.channels_last)
        r = growing.resolution_in_use(full, lod)
        x = self._from_rgb(r, image)
        if growing.lower_share(full, lod):  # fades end above 4x4: there is a block, and one below it
            lower = self._from_rgb(r // 2, box_down(image))
            x, r = growing.faded(self._block(r)(x), lower, growing.lower_share(full, lod)), r // 2
        while r > 4:
            x, r = self._block(r)(x), r // 2
        outputs: Tensor = self._block(4)(x)
        return outputs[:, :1], outputs[:, 1:]

    def _from_rgb(self, resolution: int, image: Tensor) -> Tensor:
        return leaky_relu(cast(Block, self._block(resolution)).fromrgb(image))

    def _block(self, resolution: int) -> nn.Module:
        return cast(nn.Module, getattr(self, f"b{resolution}"))
