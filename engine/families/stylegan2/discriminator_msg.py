"""The discriminator of multi-scale gradients (MSG-GAN, arXiv 1903.06048; StyleGAN2 paper, section 4.1 and figure 7a).

It is shown a picture at every resolution at once, so that its gradient reaches each toRGB of a generator directly, and
not by way of the higher resolutions alone. A generator with output skips has these pictures (`Generator.pyramid`);
those of a real picture are its box pyramid. Each enters at its own resolution, set beside the features that come from
above: the MSG-GAN paper's simplest way to combine, its phi_simple.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.families.stylegan2.discriminator import Trunk
from engine.nn.box import box_down


class MultiScaleDiscriminator(Trunk):
    """Pictures at all resolutions and labels [N, K] -> scores [N, 1], before any sigmoid."""

    def forward(self, pictures: Tensor | Sequence[Tensor], c: Tensor | None = None) -> Tensor:
        """pictures: [N, C, 4, 4] to [N, C, R, R], or one [N, C, R, R] that stands for its box pyramid."""
        given = self.pyramid(pictures) if isinstance(pictures, Tensor) else pictures
        scales = {p.shape[-1]: p.contiguous(memory_format=torch.channels_last) for p in given}
        x = self.colours(scales[self.settings.resolution])
        for r in self.resolutions:
            x = torch.cat([self.down(r, x), scales[r // 2]], dim=1)
        return self.score(x, c)

    @staticmethod
    def pyramid(image: Tensor) -> list[Tensor]:
        """A picture [N, C, R, R] and the means of its blocks: [N, C, 4, 4] to [N, C, R, R]."""
        scales = [image]
        while scales[0].shape[-1] > 4:
            scales.insert(0, box_down(scales[0]))
        return scales
