"""3x3 convolution with a quarter of the products: Winograd's F(4x4, 3x3) (Lavin & Gray, arXiv 1509.09308, section 4).

A tile of 6x6 pixels and the kernel are taken to 36 points, where the convolution is a product at each point; the way
back gives 4x4 pixels: Y = A^T [(G g G^T) * (B^T d B)] A, their equation 8. Summed over features the products are 36
products of matrices. Letters: I input features, O output features, H x W pixels, P = 36 points, T tiles.

The usual points 0, 1, -1, 2, -2 lose digits; these lose a quarter of that, and are as exact in binary (how the choice
matters: Barabasz et al., arXiv 1803.10986). The largest error in float32 is 1e-5 of the result's deviation, ten times
that of a plain convolution and a thousandth of a grey level.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor

POINTS = (0.0, 0.75, -0.75, 1.5, -1.5)  # and infinity
TILE, REACH = 4, 6  # pixels across of what a tile gives, and of what it reads
AT_ONCE = 128  # tiles: what is between the products stays in the processor's cache
FEWEST, SMALLEST = 64, 16  # features and pixels across; below it a plain convolution is faster (AVX-512)


def pays(weight: Tensor, resolution: int) -> bool:
    """Whether a picture of that size is convolved faster in this way with weight [O, I, 3, 3]: measured on CPUs."""
    fits = weight.shape[2:] == (3, 3) and resolution % TILE == 0
    usable = weight.device.type == "cpu" and weight.dtype == torch.float32
    return fits and usable and min(weight.shape[:2]) >= FEWEST and resolution >= SMALLEST


def at_points(weight: Tensor) -> Tensor:
    """weight [O, I, 3, 3] -> [P, I, O], four times as large: a copy, to be kept."""
    outputs, inputs = weight.shape[:2]
    taps = weight.permute(2, 3, 1, 0).reshape(9, inputs * outputs)
    return (_matrices()[0] @ taps).view(REACH**2, inputs, outputs)


def convolved(
    x: Tensor,  # [1, I, H, W], H and W multiples of 4
    kernel: Tensor,  # [P, I, O] of at_points
    styles: Tensor,  # [I], what x is multiplied with
    finish: Callable[[Tensor, slice], None],  # is given rows [h, W, O] of the result, and which: to change in place
) -> Tensor:
    """x correlated with a kernel, the size kept: [1, O, H, W] in channels_last, without gradients. All in float32."""
    assert len(x) == 1, "one sample at a time"
    pixels = x[0].permute(1, 2, 0)  # [H, W, I]
    height, width, inputs = pixels.shape
    result = x.new_empty(height, width, kernel.shape[2])  # [H, W, O]
    _, inward, outward = _matrices()
    high = min(height, max(TILE, AT_ONCE * TILE**2 // width // TILE * TILE))  # rows at once
    padded = x.new_zeros(high + 2, width + 2, inputs)
    for first in range(0, height, high):
        rows = slice(first, min(first + high, height))
        _fill(padded, pixels, styles, rows)
        tiles = _tiles(padded, (rows.stop - rows.start) // TILE, width // TILE)  # [P, T I]
        points = torch.bmm((inward @ tiles).view(REACH**2, -1, inputs), kernel)  # [P, T, O]
        tiles = outward @ points.view(REACH**2, -1)  # [16, T O]
        part = result[rows]
        split = part.view(part.shape[0] // TILE, TILE, width // TILE, TILE, -1)
        split.copy_(tiles.view(TILE, TILE, split.shape[0], split.shape[2], -1).permute(2, 0, 3, 1, 4))
        finish(part, rows)
    return result[None].permute(0, 3, 1, 2)


def _fill(padded: Tensor, pixels: Tensor, styles: Tensor, rows: slice) -> None:
    """Rows of the picture times the styles, one more above and below, zeros outside: into padded [h + 2, W + 2, I]."""
    above, below = max(rows.start - 1, 0), min(rows.stop + 1, len(pixels))
    start, end = above - rows.start + 1, below - rows.start + 1
    padded[:start] = 0
    padded[end:] = 0
    torch.mul(pixels[above:below], styles, out=padded[start:end, 1:-1])


def _tiles(padded: Tensor, high: int, wide: int) -> Tensor:
    """[h + 2, W + 2, I] -> [P, T I]: the pixels that each of high x wide tiles reads."""
    down, right, _ = padded.stride()
    shape = (REACH, REACH, high, wide, padded.shape[2])
    return padded.as_strided(shape, (down, right, TILE * down, TILE * right, 1)).reshape(REACH**2, -1)


@cache
def _matrices() -> tuple[Tensor, Tensor, Tensor]:
    """G x G [P, 9], B^T x B^T [P, 36] and A^T x A^T [16, P], by the construction of Toom and Cook.

    A^T evaluates powers at the points, G as well, divided by what the points' distances multiply to, and a row of B^T
    holds the coefficients of the polynomial that is zero at all other points.
    """
    points = np.array(POINTS)
    others = [np.delete(points, k) for k in range(len(points))]
    a = np.zeros((TILE, REACH))
    a[:, :-1], a[-1, -1] = np.vander(points, TILE, increasing=True).T, 1
    g = np.zeros((REACH, 3))
    g[:-1], g[-1, -1] = np.vander(points, 3, increasing=True), 1
    g[:-1] /= [[np.prod(point - other)] for point, other in zip(points, others, strict=True)]
    b = np.zeros((REACH, REACH))
    b[:-1, :-1] = [np.poly(other)[::-1] for other in others]
    b[-1] = np.poly(points)[::-1]
    with torch.inference_mode(False):  # kept: whoever asks first must not make them inference tensors
        pairs = [torch.from_numpy(np.kron(m, m).astype(np.float32)) for m in (g, b, a)]
    return pairs[0], pairs[1], pairs[2]
