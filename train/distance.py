"""The sliced Wasserstein distance of a run, from snapshot to snapshot: always the same reals and the same latents."""

from __future__ import annotations

from typing import Any

import numpy as np

from train.config import TrainConfig
from train.data import DataSet, some
from train.metrics import swd
from train.samples import fakes

FIRST_SEED = 1_000_000  # apart from those of sample grids


def measured(G: Any, data: DataSet, config: TrainConfig) -> dict[str, float]:
    """{"swd_64": ..., "swd_32": ..., "swd": their mean}, times 1000; small: the sets look alike at that scale."""
    indices, reals = some(data, min(config.swd_pictures, len(data)))
    labels = data.labels if config.generator.get("classes", 0) else None
    rows = None if labels is None else labels.rows(indices)
    generated = fakes(G, range(FIRST_SEED, FIRST_SEED + len(reals)), labels=rows)
    found = swd.distances(reals, generated)
    each = {f"swd_{resolution}": value for resolution, value in found.items()}
    return {**each, "swd": float(np.mean(list(found.values())))}
