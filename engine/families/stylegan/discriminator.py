"""The StyleGAN discriminator (arXiv 1812.04948, section 2): ProGAN's, blurred where it shrinks, labels as a choice
among its outputs.

Letters: N batch, K classes, C colour channels, R resolution, I and O features.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from engine.families.stylegan.layers import Convolution, DownConvolution, activated
from engine.families.stylegan.settings import DiscriminatorSettings
from engine.nn import growing
from engine.nn.box import box_down
from engine.nn.equalised import SQRT2, EqualisedLinear
from engine.nn.minibatch_stddev import with_minibatch_stddev


class Block(nn.Module):
    """[N, I, R, R] -> [N, O, R/2, R/2], and the fromRGB that makes its input of a picture."""

    def __init__(self, s: DiscriminatorSettings, resolution: int) -> None:
        super().__init__()
        inner = s.features(resolution)
        self.fromrgb = Convolution(s, s.channels, inner, 1)
        self.conv0 = Convolution(s, inner, inner)
        self.conv1 = DownConvolution(s, inner, s.features(resolution // 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(self.conv0(x))  # type: ignore[no-any-return]


class Epilogue(nn.Module):
    """[N, I, 4, 4] -> [N, 1], or one score a class [N, K]."""

    def __init__(self, s: DiscriminatorSettings) -> None:
        super().__init__()
        features, hidden = s.features(4), s.features(2)
        self.settings = s
        self.fromrgb = Convolution(s, s.channels, features, 1)
        self.conv = Convolution(s, features + s.mbstd_channels, features)
        self.fc = EqualisedLinear(16 * features, hidden, gain=SQRT2, equalised=s.use_equalised)
        self.out = EqualisedLinear(hidden, max(s.classes, 1), equalised=s.use_equalised)

    def forward(self, x: Tensor) -> Tensor:
        if self.settings.mbstd_channels:
            x = with_minibatch_stddev(x, self.settings.mbstd_group, self.settings.mbstd_channels)
        x = self.conv(x)
        x = activated(self.fc(x.flatten(1)), self.settings.activation)  # flat in N, C, H, W order
        return self.out(x)  # type: ignore[no-any-return]


class Discriminator(nn.Module):
    """Pictures [N, C, R, R] and labels [N, K] -> scores [N, 1], before any sigmoid. Pictures are of full size whatever
    `lod` is.

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
        full, lod = self.settings.resolution, self.lod
        image = growing.to_size_in_use(image, lod).contiguous(memory_format=torch.channels_last)
        r = growing.resolution_in_use(full, lod)
        x: Tensor = self._block(r).fromrgb(image)
        if growing.lower_share(full, lod):  # fades end above 4x4: there is a block, and one below it
            lower = self._block(r // 2).fromrgb(box_down(image))
            x, r = growing.faded(self._block(r)(x), lower, growing.lower_share(full, lod)), r // 2
        while r > 4:
            x, r = self._block(r)(x), r // 2
        scores: Tensor = self._block(4)(x)  # [N, K or 1]
        if not self.settings.classes:
            return scores
        assert c is not None, "a conditional network needs labels"
        return (scores * c).sum(dim=1, keepdim=True)

    def _block(self, resolution: int) -> Block:
        return cast(Block, getattr(self, f"b{resolution}"))  # an Epilogue at 4x4, which has a fromrgb as well
