"""Noise maps: a pure function of (seed, index of the noise input, resolution), the same on every device. numpy only."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

import numpy as np
import numpy.typing as npt

MAX_BYTES = 64 * 2**20  # of maps kept: those of three 1024x1024 models


def noise_map(seed: int, index: int, resolution: int) -> npt.NDArray[np.float32]:
    """A standard normal map [1, 1, R, R] for one noise input.

    Drawn by RandomState, whose numbers numpy has frozen for good (NEP 19), so that a picture saved today can be made
    again in years; the newer generators are faster but may change with any release. Each input has its own map even
    where two share a resolution.
    """
    key = (seed, index, resolution)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    numbers = np.random.RandomState([seed, index]).randn(1, 1, resolution, resolution).astype(np.float32)
    numbers.flags.writeable = False
    with _lock:
        _kept[key] = numbers
        while len(_kept) > 1 and sum(kept.nbytes for kept in _kept.values()) > MAX_BYTES:
            _kept.popitem(last=False)
    return numbers


def shares(turn: float) -> tuple[float, float]:
    """What the two maps of a circle are multiplied with, `turn` (0..1 once around) from the first one on."""
    angle = 2 * math.pi * turn
    return math.cos(angle), math.sin(angle)


def forget() -> None:
    """Drop the maps that are kept."""
    with _lock:
        _kept.clear()


_lock = threading.Lock()  # the window's thread and an export may draw at the same time
_kept: OrderedDict[tuple[int, int, int], npt.NDArray[np.float32]] = OrderedDict()
