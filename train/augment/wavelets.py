"""Orthogonal wavelet filters of the pipe: sym6 for resampling, a bank made of sym2 for frequency bands."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.nn.fir import setup_filter

# Daubechies' least asymmetric wavelets with 2 and 6 vanishing moments (Ten Lectures on Wavelets, 1992, table 6.3).
SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025)
SYM6 = (
    *(0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633),
    *(0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252),
    *(-0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148),
)


def resampling_filter() -> Tensor:
    """[12], sums to 1: the low-pass through which geometry happens, at twice the resolution."""
    return setup_filter(SYM6)


def band_filters(bands: int = 4) -> Tensor:
    """[bands, taps], lowest band first; they sum to a single 1, so that unit gains change nothing.

    A level splits off the highest octave: H(z) H(1/z) / 2 keeps it, L(z) L(1/z) / 2 the rest, whose own split follows
    with zeros between its taps.
    """
    low = np.array(SYM2)
    high = low * (-1.0) ** np.arange(len(low))
    low, high = (np.convolve(h, h[::-1]) / 2 for h in (low, high))
    bank = [np.ones(1)]
    for _ in range(bands - 1):
        bank = [np.convolve(_spread(h), low) for h in bank]
        side = (len(bank[0]) - len(high)) // 2
        bank.append(np.pad(high, side))
    return torch.from_numpy(np.stack(bank).astype(np.float32))


def _spread(taps: np.ndarray) -> np.ndarray:
    """h(z) -> h(z^2): a zero between all taps."""
    wide = np.zeros(2 * len(taps) - 1)
    wide[::2] = taps
    return wide
