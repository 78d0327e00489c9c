"""A run from its command: everything is opened and checked, then a session trains (train.session)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import torch

from train import folder, run, transfer
from train.checks import division_of
from train.config import TrainConfig
from train.data import DataSet, Reals, open_data
from train.division import Division
from train.fitting import fitting_slice
from train.folder import DataRecord
from train.networks import Networks, build
from train.parallel import ALONE, World
from train.session import Session
from train.signals import Stop


def train(
    config: TrainConfig,
    out: Path,
    device: torch.device,
    max_minutes: float | None = None,
    quiet: bool = False,
    world: World = ALONE,
) -> int:
    """Train until config.kimg, `max_minutes` or a signal; returns the signal's number, 0 for a normal end.

    Raises TrainingError, StylescopeError; what was refused before the first step has written nothing.
    """
    quiet = quiet or not world.leads
    config = world.first(lambda: folder.check(out, config))
    data, record = _opened(config, world, quiet)
    n = build(config, device)
    begins_with = world.first(lambda: _transferred(config, n, out, quiet))
    division = _division(config, device, world)
    with contextlib.ExitStack() as held:
        world.first(lambda: held.enter_context(folder.held(out, config, record)))
        launched = world.size > 1 or "TORCHELASTIC_RUN_ID" in os.environ  # then signals come twice
        stop = held.enter_context(Stop(2.0 if launched else 0.0))
        reals = held.enter_context(Reals(data, config, device, division.of_rank()))
        session = Session(
            config=config,
            out=out,
            device=device,
            n=n,
            data=data,
            record=record,
            reals=reals,
            division=division,
            world=world,
            quiet=quiet,
            begins_with=begins_with,
        )
        return session.go(stop, max_minutes)


def _opened(config: TrainConfig, world: World, quiet: bool) -> tuple[DataSet, DataRecord]:
    """The data set in every process; rank 0 opens it first, and alone draws what is to be drawn."""
    opened: list[DataSet] = []

    def look() -> DataRecord:
        opened.append(open_data(config, progress=not quiet))
        return run.record_of(config, opened[0])

    record = world.first(look)
    return (opened or [open_data(config, progress=False)])[0], record


def _transferred(config: TrainConfig, n: Networks, out: Path, quiet: bool) -> transfer.Report | None:
    """What fresh networks took over from another model; None: nothing, or the run goes on."""
    if not config.transfer or not folder.is_new(out):
        return None
    report = transfer.begin_with(config, n)
    if not quiet:
        print("\n".join(transfer.told(config.transfer, report)), flush=True)
    return report


def _division(config: TrainConfig, device: torch.device, world: World) -> Division:
    division = division_of(config, rank=world.rank, ranks=world.size)
    if config.batch_gpu or device.type != "cuda":
        return division
    size = fitting_slice(config, device, division, world)
    return division_of(config, rank=world.rank, ranks=world.size, batch_gpu=size)
