"""Sliced Wasserstein distance between local patches of two sets of pictures, level by level of a Laplacian pyramid
(ProGAN paper, section 5 and appendix F). Small: the sets look alike at that scale.

Letters: N pictures, C channels, H = W pixels, P patches of 7x7.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

PATCH = 7  # pixels along each side
CONSTANT = np.float32(1e-3)  # grey levels: a deviation of rounding alone, as of the alpha of opaque pictures
PATCHES = 128  # of each picture and level
LOWEST = 16  # resolution of the coarsest level
REPEATS, DIRECTIONS = 4, 128
GROUP = 1000  # pictures whose places are drawn together
PIECE = 1 << 24  # numbers of pictures that become a pyramid at a time: some 16 times 4 bytes of each are held
TAPS = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def distances(a: NDArray[np.uint8], b: NDArray[np.uint8], seed: int = 0) -> dict[int, float]:
    """uint8 [N, H, W, C] each -> {resolution: distance * 1000}, finest first. Sets of equal size only."""
    if a.shape != b.shape:
        raise ValueError(f"the sets differ in shape: {a.shape} and {b.shape}")
    random = np.random.RandomState(seed)
    patches = [_pyramid_patches(pictures, random) for pictures in (a, b)]
    return {
        resolution: 1000
        * sliced_wasserstein(normalised(patches[0][resolution]), normalised(patches[1][resolution]), random)
        for resolution in patches[0]
    }


def _pyramid_patches(pictures: NDArray[np.uint8], random: np.random.RandomState) -> dict[int, NDArray[np.float32]]:
    """{resolution: [N * PATCHES, C, 7, 7]}."""
    collected: dict[int, list[NDArray[np.float32]]] = {}
    few = max(1, PIECE // pictures[0].size)
    for start in range(0, len(pictures), GROUP):
        group = pictures[start : start + GROUP]
        places = {size: _places(len(group), size, random) for size in _sizes(pictures.shape[1])}
        for first in range(0, len(group), few):
            piece = torch.from_numpy(np.ascontiguousarray(group[first : first + few])).permute(0, 3, 1, 2).float()
            own = slice(first * PATCHES, (first + len(piece)) * PATCHES)
            for level in laplacian_pyramid(piece):
                columns, rows = places[level.shape[2]]
                collected.setdefault(level.shape[2], []).append(_cut(level.numpy(), columns[own], rows[own]))
    return {resolution: np.concatenate(parts) for resolution, parts in collected.items()}


def _sizes(resolution: int) -> list[int]:
    """Of the levels of a pyramid, finest first."""
    sizes = [resolution]
    while sizes[-1] > LOWEST:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def laplacian_pyramid(x: Tensor, levels: int | None = None) -> list[Tensor]:
    """x [N, C, H, H] -> differences, finest first, and the low-pass picture last; down to 16x16 unless told."""
    pyramid = [x]
    while len(pyramid) < levels if levels is not None else pyramid[-1].shape[2] > LOWEST:
        pyramid.append(_filtered(pyramid[-1])[:, :, ::2, ::2])
        pyramid[-2] = pyramid[-2] - _doubled(pyramid[-1])
    return pyramid


def _filtered(x: Tensor, gain: float = 1.0) -> Tensor:
    channels = x.shape[1]
    kernel = (TAPS[:, None] * TAPS * gain).to(x).expand(channels, 1, 5, 5)
    return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)


def _doubled(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    spread = x.new_zeros(n, c, 2 * h, 2 * w)
    spread[:, :, ::2, ::2] = x
    return _filtered(spread, gain=4.0)


def patches_of(x: NDArray[np.float32], random: np.random.RandomState) -> NDArray[np.float32]:
    """x [N, C, H, H] -> [N * PATCHES, C, 7 columns, 7 rows] at places drawn from `random` (columns first)."""
    return _cut(x, *_places(len(x), x.shape[2], random))


def _places(n: int, size: int, random: np.random.RandomState) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of the centres, [N * PATCHES, 1, 1, 1] each."""
    half = PATCH // 2
    columns = random.randint(half, size - half, size=(n * PATCHES, 1, 1, 1))
    return columns, random.randint(half, size - half, size=(n * PATCHES, 1, 1, 1))


def _cut(x: NDArray[np.float32], columns: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    half = PATCH // 2
    offsets = np.arange(-half, half + 1)
    picture = np.arange(len(rows)).reshape(-1, 1, 1, 1) // PATCHES
    channel = np.arange(x.shape[1]).reshape(1, -1, 1, 1)
    return x[picture, channel, rows + offsets[None, :], columns + offsets[:, None]]


def normalised(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """[P, C, 7, 7] -> [P, C * 49], each channel of the set with zero mean, unit deviation; 0 if it is constant."""
    centred = patches - patches.mean(axis=(0, 2, 3), keepdims=True)
    deviation = centred.std(axis=(0, 2, 3), keepdims=True)
    scaled: NDArray[np.float32] = np.where(deviation > CONSTANT, centred / np.maximum(deviation, CONSTANT), 0)
    return scaled.reshape(len(patches), -1)


def sliced_wasserstein(a: NDArray[np.float32], b: NDArray[np.float32], random: np.random.RandomState) -> float:
    """a, b [P, K] -> mean distance of their sorted projections on random directions."""
    results = []
    for _ in range(REPEATS):
        directions = random.randn(a.shape[1], DIRECTIONS)
        directions /= np.sqrt(np.sum(np.square(directions), axis=0, keepdims=True))
        d = torch.from_numpy(directions.astype(np.float32))  # [K, DIRECTIONS]
        sorted_a = (torch.from_numpy(a) @ d).sort(dim=0).values
        sorted_b = (torch.from_numpy(b) @ d).sort(dim=0).values
        results.append(float((sorted_a - sorted_b).abs().mean()))
    return float(np.mean(results))
