"""The ProGAN discriminator (arXiv 1710.10196, table 2): the generator's mirror image, with minibatch deviation at 4x4.

Letters: N batch, K classes, C colour channels, R resolution, I and O features.
"""

from __future__ import annotations

from torch import Tensor, nn

from engine.families.networks import GrowingDiscriminator
from engine.families.progan.layers import DownConvolution
from engine.families.progan.settings import DiscriminatorSettings
from engine.nn.equalised import ActivatedConvolution


class Block(nn.Module):
    """[N, I, r, r] -> [N, O, r/2, r/2], and the fromRGB that makes its input of a picture."""

    def __init__(self, s: DiscriminatorSettings, resolution: int) -> None:
        super().__init__()
        inner = s.features(resolution)
        self.fromrgb = ActivatedConvolution(s.channels, inner, 1, s.use_equalised)
        self.conv0 = ActivatedConvolution(inner, inner, 3, s.use_equalised)
        self.conv1 = DownConvolution(inner, s.features(resolution // 2), s.use_equalised, s.fused_scale)

    def forward(self, x: Tensor) -> Tensor:
        """x [N, I, R, R] -> [N, O, R/2, R/2]."""
        return self.conv1(self.conv0(x))  # type: ignore[no-any-return]


class Discriminator(GrowingDiscriminator):
    """Pictures [N, C, R, R] -> scores [N, 1], before any sigmoid."""

    def __init__(self, settings: DiscriminatorSettings) -> None:
        super().__init__(settings, Block, 1 + settings.classes)

    def forward(self, image: Tensor, c: Tensor | None = None) -> Tensor:
        """The scores alone. Labels do not enter: this network guesses them (see `scores_and_labels`)."""
        return self.scores_and_labels(image)[0]

    def scores_and_labels(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N, 1] and label logits [N, K], for losses that classify as well (AC-GAN, Odena 2016)."""
        outputs = self.outputs(image)  # [N, 1 + K]
        return outputs[:, :1], outputs[:, 1:]
