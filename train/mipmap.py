"""Pictures of all resolutions in one tensor, a mipmap: what a discriminator of multi-scale gradients judges.

One tensor, so that a training step detaches, mixes and differentiates mipmaps as it does pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def packed(scales: Sequence[Tensor]) -> Tensor:
    """[N, C, 4, 4] to [N, C, R, R] -> [N, C, 1, P], P = 16 + 64 + ... + R^2."""
    return torch.cat([scale.flatten(2) for scale in scales], dim=2).unsqueeze(2)


def unpacked(mipmap: Tensor) -> list[Tensor]:
    """[N, C, 1, P] -> [N, C, 4, 4] to [N, C, R, R]."""
    sides = [4]
    while sum(side**2 for side in sides) < mipmap.shape[3]:
        sides.append(2 * sides[-1])
    parts = mipmap.squeeze(2).split([side**2 for side in sides], dim=2)
    return [part.unflatten(2, (side, side)) for part, side in zip(parts, sides, strict=True)]
