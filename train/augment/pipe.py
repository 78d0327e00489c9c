"""Pictures [N, C, H, W] through drawn augmentations; differentiable, also twice, with respect to the pictures.

Order: geometry, colour, frequency bands, noise, cut-out (ADA paper, appendix B). Colour leaves alpha channels alone.
"""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.nn.fir import downsample2d, upsample2d
from train.augment.parameters import Parameters
from train.augment.settings import check_bands
from train.augment.wavelets import band_filters, resampling_filter

MARGIN = 6  # pixels that the two resampling filters reach over an edge: a quarter of both lengths together


@cache
def _resampling_filter(device: torch.device) -> Tensor:
    return resampling_filter().to(device)


@cache
def _band_filters(device: torch.device) -> Tensor:
    return band_filters().to(device)


def augment(pictures: Tensor, a: Parameters) -> Tensor:
    """Augmented pictures, of the same shape, about -1..1. Raises TrainingError where they are too small."""
    if a.geometry is not None:
        pictures = warped(pictures, a.geometry)
    if a.colour is not None:
        pictures = recoloured(pictures, a.colour.to(pictures.device, non_blocking=True))
    if a.bands is not None:
        pictures = filtered(pictures, a.bands.to(pictures.device, non_blocking=True))
    if a.sigma is not None and a.noise is not None:
        pictures = pictures + a.noise * a.sigma.to(pictures.device, non_blocking=True)[:, None, None, None]
    if a.hole_size is not None and a.hole_centre is not None:
        pictures = pictures * _outside_holes(pictures, a.hole_centre, a.hole_size)
    return pictures


def warped(pictures: Tensor, geometry: Tensor) -> Tensor:
    """Pictures seen through geometry [N, 3, 3], reflected at their edges, filtered against aliasing."""
    n, c, height, width = pictures.shape
    left, top, right, bottom = _padding(geometry, height, width)
    pictures = F.pad(pictures, (left, right, top, bottom), mode="reflect")
    f = _resampling_filter(pictures.device)
    pictures = upsample2d(pictures, f)
    shown = ((height + 2 * MARGIN) * 2, (width + 2 * MARGIN) * 2)  # resampled area, at twice the resolution
    theta = _normalised(geometry, (left - right) / 2, (top - bottom) / 2, shown, pictures.shape[2:])
    grid = F.affine_grid(theta.to(pictures.device, non_blocking=True), [n, c, *shown], align_corners=False)
    pictures = F.grid_sample(pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return downsample2d(pictures, f, padding=-2 * MARGIN, flip_filter=True)


def _padding(geometry: Tensor, height: int, width: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) pixels that some picture of the batch needs beyond its edges, at most its own size."""
    x, y = (width - 1) / 2, (height - 1) / 2
    corners = torch.tensor([[-x, x, x, -x], [-y, -y, y, y], [1, 1, 1, 1]])  # [3, 4]
    reached = (geometry @ corners)[:, :2]  # [N, 2, 4]
    before, after = -reached.amin(dim=(0, 2)), reached.amax(dim=(0, 2))  # [2] each
    needed = torch.stack([before, after]) + 2 * MARGIN - torch.tensor([x, y])
    most = torch.tensor([width - 1, height - 1])
    sides = needed.clamp(min=0).minimum(most).ceil().int().flatten().tolist()
    return sides[0], sides[1], sides[2], sides[3]


def _normalised(
    geometry: Tensor, x: float, y: float, shown: tuple[int, int], padded: torch.Size
) -> Tensor:  # [N, 2, 3]
    """`affine_grid`'s matrix: from -1..1 of the shown area to -1..1 of the padded picture, both upsampled.

    Twice the resolution moves pixel centres by half a pixel; padding moved the centre by (x, y) pixels.
    """
    (sh, sw), (ph, pw) = shown, padded
    to_pixels = torch.tensor([[sw / 4, 0, 0.25], [0, sh / 4, 0.25], [0, 0, 1]])
    from_pixels = torch.tensor([[4 / pw, 0, (4 * x - 1) / pw], [0, 4 / ph, (4 * y - 1) / ph], [0, 0, 1]])
    return (from_pixels @ geometry @ to_pixels)[:, :2]


def recoloured(pictures: Tensor, transform: Tensor) -> Tensor:
    """Colours through transform [N, 4, 4]; grey pictures through the mean of what happens to grey colours."""
    n, c, height, width = pictures.shape
    colours = 3 if c >= 3 else 1
    if colours == 3:
        matrix, offset = transform[:, :3, :3], transform[:, :3, 3:]
    else:
        grey = transform[:, :3].mean(dim=1, keepdim=True)  # [N, 1, 4]
        matrix, offset = grey[:, :, :3].sum(dim=2, keepdim=True), grey[:, :, 3:]
    mixed = (matrix @ pictures[:, :colours].flatten(2) + offset).view(n, colours, height, width)
    return mixed if c == colours else torch.cat([mixed, pictures[:, colours:]], dim=1)


def filtered(pictures: Tensor, gains: Tensor) -> Tensor:
    """Every frequency band times its gain, gains [N, 4]."""
    n, c, height, width = pictures.shape
    check_bands(width, height)
    taps = gains @ _band_filters(pictures.device)  # [N, taps]
    reach = taps.shape[1] // 2
    weight = taps.repeat_interleave(c, dim=0)[:, None, None]  # [N C, 1, 1, taps]
    x = F.pad(pictures.reshape(1, n * c, height, width), (reach, reach, reach, reach), mode="reflect")
    x = F.conv2d(x, weight, groups=n * c)
    return F.conv2d(x, weight.transpose(2, 3), groups=n * c).view(n, c, height, width)


def _outside_holes(pictures: Tensor, centre: Tensor, size: Tensor) -> Tensor:
    """[N, 1, H, W]: 0 in a square around centre [N, 2] of side size [N], else 1."""
    height, width = pictures.shape[2:]
    centre, size = (t.to(pictures.device, non_blocking=True) for t in (centre, size / 2))
    x = (torch.arange(width, device=pictures.device) + 0.5) / width
    y = (torch.arange(height, device=pictures.device) + 0.5) / height
    beside = (x - centre[:, :1]).abs() >= size[:, None]  # [N, W]
    above = (y - centre[:, 1:]).abs() >= size[:, None]  # [N, H]
    return (beside[:, None, None, :] | above[:, None, :, None]).to(pictures.dtype)
