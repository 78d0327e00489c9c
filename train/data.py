"""Real pictures for training: a uint8 array and an order that is a function of (seed, number of pictures seen)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import TrainingError, clipped
from train import portraits
from train.config import TrainConfig


class Pictures(Protocol):
    """A data set that fits into memory or is mapped into it."""

    @property
    def images(self) -> NDArray[np.uint8]:
        """uint8 [N, H, W, C]."""


def open_data(config: TrainConfig, progress: bool = True) -> Pictures:
    """The data set of a run; procedural pictures are drawn first where no cache holds them. Raises TrainingError."""
    if config.data == "portraits":
        return portraits.load(config.data_count, config.resolution, seed=config.data_seed, progress=progress)
    raise TrainingError(f"there is no data set {clipped(repr(config.data))}", "the one data set so far is 'portraits'")


class Order:
    """Index of the n-th picture shown: a fresh permutation each epoch, so that a resumed run goes on where it was."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self._epoch = -1
        self._permutation: NDArray[np.int64] = np.empty(0, np.int64)

    def indices(self, seen: int, batch: int) -> NDArray[np.int64]:
        """Data set indices of pictures seen .. seen + batch - 1."""
        return np.array([self._index(n) for n in range(seen, seen + batch)], np.int64)

    def _index(self, n: int) -> int:
        epoch, position = divmod(n, self.count)
        if epoch != self._epoch:
            self._epoch = epoch
            self._permutation = np.random.default_rng([self.seed, epoch]).permutation(self.count)
        return int(self._permutation[position])


def batch_of(images: NDArray[np.uint8], indices: NDArray[np.int64], device: torch.device) -> Tensor:
    """[N, C, H, W] float32 in -1..1, channels_last."""
    chosen = torch.from_numpy(images[np.sort(indices)]).to(device)  # sorted: kind to a mapped file
    return chosen.permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)
