"""How many samples fit the device at a time: found by one whole step, with every regulariser, that leaves no trace."""

from __future__ import annotations

import dataclasses
import gc

import torch

from engine.device import lacks_memory
from engine.errors import TrainingError
from train.config import TrainConfig
from train.division import Division, slice_sizes
from train.draws import Draws
from train.networks import build
from train.parallel import World
from train.stats import Meter
from train.step import train_step


def fitting_slice(config: TrainConfig, device: torch.device, division: Division, world: World) -> int:
    """The largest slice that fits every process. Raises TrainingError where none does."""
    each = division.batch // division.ranks
    fits = next((size for size in slice_sizes(each, division.group) if _fits(config, device, division, size)), 0)
    fits = -world.largest(-fits, device)  # the smallest of all
    if not fits:
        what = f"not even {division.group} samples of this network fit into the memory of {device}"
        raise TrainingError(what, "take a smaller preset, --set precision=bfloat16, or --set D.mbstd_group=2")
    return fits


def _fits(config: TrainConfig, device: torch.device, division: Division, size: int) -> bool:
    each = division.batch // division.ranks
    trial = dataclasses.replace(division, slices=each // size)
    if config.augment == "ada":  # p grows later, and what it does to pictures takes memory: margins most of all
        config = dataclasses.replace(config, augment_p=1.0)
    channels, classes = config.generator.get("channels", 3), config.generator.get("classes", 0)
    try:
        n = build(config, device)
        reals = torch.zeros(each, channels, config.resolution, config.resolution, device=device)
        pool = torch.eye(classes, device=device) if classes else None
        labels = None if pool is None else pool[torch.zeros(each, dtype=torch.int64, device=device)]
        draws = Draws(config, 0, device, pool)
        train_step(n, reals, config, 0, 0, Meter(), labels, draws, trial)  # step 0: everything is due
        return True
    except (RuntimeError, MemoryError) as error:
        if not lacks_memory(error):
            raise
        return False
    finally:
        n = reals = pool = labels = draws = None  # type: ignore[assignment]
        gc.collect()
        if device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(device)
