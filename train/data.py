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
from train.datasets.labels import Labels
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


def some(data: DataSet, count: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Indices [N] and pictures [N, H, W, C] of up to `count` from all over the data set; others stand in for damaged
    ones. Raises TrainingError where none can be read."""
    step = max(1, len(data) // count)
    indices, pictures = zip(*(whole(data, index) for index in range(0, len(data), step)[:count]), strict=True)
    return np.array(indices, np.int64), np.stack(pictures)


class LazyLabels:
    """The labels of all M reals, of which those of fakes are drawn. Rows are made of those alone that are asked for:
    one-hot rows of a whole set would take M * K numbers."""

    def __init__(self, labels: Labels, device: torch.device) -> None:
        self._labels, self._device = labels, device

    def __len__(self) -> int:
        return len(self._labels.values)

    def __getitem__(self, indices: Tensor) -> Tensor:
        """float32 [N, K] of the reals at indices [N]."""
        return torch.from_numpy(self._labels.rows(indices.cpu().numpy())).to(self._device)


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
        self.label_pool: LazyLabels | None = None
        if self._conditional and data.labels is not None:
            self.label_pool = LazyLabels(data.labels, device)

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
