"""Minibatch standard deviation (ProGAN paper, section 3): lets the discriminator see how varied a batch is."""

from __future__ import annotations

import torch
from torch import Tensor


def with_minibatch_stddev(x: Tensor, group_size: int | None, channels: int = 1) -> Tensor:
    """x [N, C, H, W] -> [N, C + channels, H, W]; samples n, n + N/G, ... form a group of G; None: the whole batch.

    Raises ValueError when the batch is not a multiple of the group.
    """
    n, c, h, w = x.shape
    group = n if group_size is None else min(group_size, n)
    if n % group:
        raise ValueError(f"a batch of {n} is no multiple of the minibatch-stddev group of {group}")
    y = x.reshape(group, -1, channels, c // channels, h, w)  # [G, N/G, F, C/F, H, W]
    y = (y.var(dim=0, unbiased=False) + 1e-8).sqrt()  # [N/G, F, C/F, H, W]
    y = y.mean(dim=(2, 3, 4))  # [N/G, F]
    y = y[:, :, None, None].repeat(group, 1, h, w).to(x.dtype)  # [N, F, H, W]
    return torch.cat([x, y], dim=1)
