"""The StyleGAN discriminator (arXiv 1812.04948, section 2): ProGAN's, blurred where it shrinks, labels as a choice
among its outputs.

Letters: N batch, K classes, C colour channels, R resolution, I and O features.
"""

from __future__ import annotations

from torch import Tensor, nn

from engine.families.networks import GrowingDiscriminator
from engine.families.stylegan.layers import DownConvolution
from engine.families.stylegan.settings import DiscriminatorSettings
from engine.nn.equalised import ActivatedConvolution


class Block(nn.Module):
    """[N, I, R, R] -> [N, O, R/2, R/2], and the fromRGB that makes its input of a picture."""

    def __init__(self, s: DiscriminatorSettings, resolution: int) -> None:
        super().__init__()
        inner = s.features(resolution)
        self.fromrgb = ActivatedConvolution(s.channels, inner, 1, s.use_equalised, s.activation)
        self.conv0 = ActivatedConvolution(inner, inner, 3, s.use_equalised, s.activation)
        self.conv1 = DownConvolution(s, inner, s.features(resolution // 2))

    def forward(self, x: Tensor) -> Tensor:
        """x [N, I, R, R] -> [N, O, R/2, R/2]."""
        return self.conv1(self.conv0(x))  # type: ignore[no-any-return]


class Discriminator(GrowingDiscriminator):
    """Pictures [N, C, R, R] and labels [N, K] -> scores [N, 1], before any sigmoid."""

    def __init__(self, settings: DiscriminatorSettings) -> None:
        super().__init__(settings, Block, max(settings.classes, 1), settings.activation)

    def forward(self, image: Tensor, c: Tensor | None = None) -> Tensor:
        """image [N, C, R, R] of -1..1, labels c [N, K] of a conditional network -> [N, 1]: the score of its class."""
        scores = self.outputs(image)  # [N, K or 1]
        if not self.settings.classes:
            return scores
        assert c is not None, "a conditional network needs labels"
        return (scores * c).sum(dim=1, keepdim=True)
