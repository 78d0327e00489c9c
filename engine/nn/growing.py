"""Progressive growing (ProGAN paper, section 2 and figure 2), for every family that grows.

`lod` is the level of detail: log2(full resolution / resolution in use), a float. At 0 the whole network is in use; at a
whole number k the layers above full / 2^k are idle; in between the layers of full / 2^floor(lod) are faded in, and
the share of the next lower resolution is the fraction of `lod`. Nothing exists below 4x4: there `lod` ends.

    G: picture(lod) = nearest-up to full size of  lerp(toRGB(r), nearest-up(toRGB(r/2)), share)
    D: x            = lerp(block_r(fromRGB_r(image at r)), fromRGB_{r/2}(image at r/2), share)
    reals           = lerp(image at r, nearest-up(box-down(image at r)), share)

with r = `resolution_in_use` and share = `lower_share`. All three are `faded`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.nn.box import box_down, nearest_up

LOWEST = 4  # pixels: growing starts here


def highest_lod(full: int) -> int:
    """The `lod` at which only the 4x4 layers are in use."""
    return int(math.log2(full // LOWEST))


def resolution_in_use(full: int, lod: float) -> int:
    """The highest resolution whose layers count at `lod`: during a fade the new, higher one."""
    return full >> min(math.floor(lod), highest_lod(full))


def lower_share(full: int, lod: float) -> float:
    """Share, 0 <= share < 1, of the next lower resolution in the picture at `lod`."""
    return 0.0 if lod >= highest_lod(full) else lod - math.floor(lod)


def resolutions_in_use(full: int, lod: float) -> tuple[int, ...]:
    """4, 8, ... up to `resolution_in_use`."""
    return tuple(2**i for i in range(2, int(math.log2(resolution_in_use(full, lod))) + 1))


def coloured(full: int, lod: float) -> tuple[int, ...]:
    """The resolutions, ascending, whose toRGB and fromRGB count at `lod`: two during a fade, else one."""
    r = resolution_in_use(full, lod)
    return (r // 2, r) if lower_share(full, lod) else (r,)


def faded(higher: Tensor, lower: Tensor, share: float) -> Tensor:
    """lerp from `higher` to `lower`, both of one shape; share 0 gives `higher` itself."""
    return torch.lerp(higher, lower, share) if share else higher


def over(colours: Tensor, below: Tensor | None, full: int, lod: float) -> Tensor:
    """What shows of toRGB(r) [N, C, r, r] and of the picture below, [N, C, r/2, r/2] where there is one."""
    return colours if below is None else faded(colours, nearest_up(below), lower_share(full, lod))


def to_full_size(image: Tensor, full: int) -> Tensor:
    """Picture [N, C, r, r] -> [N, C, full, full], every pixel repeated."""
    return nearest_up(image, full // image.shape[-1])


def to_size_in_use(image: Tensor, lod: float) -> Tensor:
    """Picture [N, C, full, full] -> [N, C, r, r], means of blocks: what a discriminator sees at `lod`."""
    full = image.shape[-1]
    return box_down(image, full // resolution_in_use(full, lod))


def faded_reals(image: Tensor, full: int, lod: float) -> Tensor:
    """Reals [N, C, r, r] at the resolution in use -> [N, C, full, full] as blurred as the fakes of `lod` are."""
    share = lower_share(full, lod)
    if share:
        image = faded(image, nearest_up(box_down(image)), share)
    return to_full_size(image, full)
