"""Real pictures for training: the data set that a config names, and batches of it on the device."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train import portraits
from train.checks import check_labels
from train.config import TrainConfig
from train.datasets.loader import Loader
from train.datasets.order import Order
from train.datasets.pictures import ArraySet, DataSet, crop_note, open_set, whole
from train.datasets.sources import open_source

__all__ = ["ArraySet", "DataSet", "Order", "Reals", "batch_of", "crop_note", "fingerprint", "open_data", "shown"]


def open_data(config: TrainConfig, progress: bool = True) -> DataSet:
    """The data set of a run; procedural pictures are drawn first where no cache holds them. Raises TrainingError."""
    if config.data == "portraits":
        drawn = portraits.load(config.data_count, config.resolution, seed=config.data_seed, progress=progress)
        data: DataSet = ArraySet(drawn.images)
    else:
        channels = config.generator.get("channels", 3)
        data = open_set(config.data, resolution=config.resolution, channels=channels, progress=progress)
    classes = config.generator.get("classes", 0)
    check_labels(classes, data.labels.width if data.labels else 0)
    if data.labels is not None and not classes and progress:
        print(f"the {data.labels.width} classes of the data set are not used: the network has none", file=sys.stderr)
    return data


def fingerprint(path: Path | str) -> str:
    """What a run is trained on, as 32 hexadecimal digits of names and sizes; of 'portraits', their version."""
    if path == "portraits":
        return f"portraits-v{portraits.VERSION}"
    return open_source(path).fingerprint()


def batch_of(images: NDArray[np.uint8], indices: NDArray[np.int64], device: torch.device) -> Tensor:
    """[N, C, H, W] float32 in -1..1, channels_last."""
    return shown(images[np.sort(indices)], device)


def shown(pictures: NDArray[np.uint8], device: torch.device) -> Tensor:
    """uint8 [N, H, W, C] as networks see them: [N, C, H, W] float32 in -1..1, channels_last."""
    return torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)


def some(data: DataSet, count: int) -> NDArray[np.uint8]:
    """Up to `count` pictures [N, H, W, C] from all over the data set; others stand in for damaged ones."""
    step = max(1, len(data) // count)
    return np.stack([whole(data, index) for index in range(0, len(data), step)[:count]])


class Reals:
    """The reals of a run, step by step, on its device. Use it with `with`: threads decode ahead."""

    def __init__(
        self,
        data: DataSet,
        config: TrainConfig,
        device: torch.device,
        part: NDArray[np.int64] | None = None,  # of every batch, that this process sees; None: all
    ) -> None:
        self._device = device
        self._conditional = config.generator.get("classes", 0) > 0
        self._loader = Loader(data, Order(len(data), config.seed), config.batch, part)
        self.label_pool: Tensor | None = None  # [M, K] of the whole data set
        if self._conditional and data.labels is not None:
            self.label_pool = self._labels(data.labels.rows(np.arange(len(data))))

    def __enter__(self) -> Reals:
        return self

    def __exit__(self, *_: object) -> None:
        self._loader.close()

    @property
    def damaged(self) -> dict[str, str]:
        """Name and reason of pictures that others stand in for."""
        return self._loader.damaged

    def at(self, seen: int) -> tuple[Tensor, Tensor | None]:
        """Pictures [N, C, H, W] in -1..1 that follow after `seen`, and their labels [N, K]. Raises TrainingError."""
        batch = self._loader.at(seen)
        return shown(batch.pictures, self._device), self._labels(batch.labels)

    def _labels(self, rows: NDArray[np.float32] | None) -> Tensor | None:
        return None if rows is None or not self._conditional else torch.from_numpy(rows).to(self._device)
