"""What a run writes into its folder (train.folder): snapshots, that is state, model and sample grid, and its reals."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.edits import with_psi
from engine.errors import clipped
from engine.files import native
from engine.recipe import Recipe
from engine.recipe_json import to_dict as recipe_dict
from train import checkpoint, stats
from train import config as c
from train.checkpoint import Counters
from train.config import TrainConfig
from train.data import DataSet, crop_note, fingerprint
from train.folder import DataRecord
from train.networks import Networks
from train.samples import fake_grid, real_grid, sheet_labels, write_png

STATS = "stats.jsonl"


def record_of(config: TrainConfig, data: DataSet) -> DataRecord:
    """What is known of an open data set."""
    return DataRecord(
        fingerprint=fingerprint(config.data),
        pictures=len(data),
        labels=data.labels.width if data.labels else 0,
        class_names=data.labels.names if data.labels and config.generator.get("classes", 0) else (),
        crop_note=crop_note(config.data),
    )


def snapshot(
    run: Path,
    n: Networks,
    config: TrainConfig,
    counters: Counters,
    record: DataRecord,
    data: DataSet,
) -> Path:
    """State, model and sample grid of this moment; returns the model's path."""
    checkpoint.save(run, n, counters, config.keep_every, stats.distances(run / STATS))
    return show(run, n, config, counters, record, data)


def show(run: Path, n: Networks, config: TrainConfig, counters: Counters, record: DataRecord, data: DataSet) -> Path:
    """Model and sample grid of this moment; returns the model's path."""
    model = model_path(run, counters)
    write_model(model, n, config, summary(config, counters), record)
    sheet = fake_grid(n.G_ema, config.seed, labels=grid_labels(config, data))
    write_png(run / "samples" / f"{checkpoint.stamp(counters.seen)}.png", sheet)
    return model


def grid_labels(config: TrainConfig, data: DataSet) -> NDArray[np.float32] | None:
    """Labels of the sample grid; None: not conditional."""
    return sheet_labels(data.labels) if config.generator.get("classes", 0) else None


def model_path(run: Path, counters: Counters) -> Path:
    return run / f"model-{checkpoint.stamp(counters.seen)}.safetensors"


def summary(config: TrainConfig, counters: Counters) -> dict[str, Any]:
    """What a model's header tells of its training."""
    hours = round(counters.seconds / 3600, 2)
    return {"preset": config.preset, "data": config.data, "hours": hours, "kimg": counters.kimg}


def write_model(
    path: Path, n: Networks, config: TrainConfig, training: dict[str, Any], record: DataRecord | None = None
) -> str:
    """The averaged generator as a model file; returns its content id."""
    tensors = {f"G_ema.{name}": t.detach().cpu().numpy() for name, t in n.G_ema.state_dict().items()}
    name = config.preset.partition("-")[2] or config.preset
    note = {"crop_note": list(record.crop_note)} if record and record.crop_note else {}
    return native.write(
        path,
        family=config.family,
        settings=config.generator,
        tensors=tensors,
        name=name,
        licence="MIT",
        origin=f"trained with Stylescope, preset {config.preset}, {training['kimg']:g} kimg of {clipped(config.data)}",
        training={**training, **note, "config": c.to_dict(config), "date": time.strftime("%Y-%m-%d")},
        opening=recipe_dict(with_psi(Recipe(), 0.7)),
        class_names=record.class_names if record else (),
    )


def write_reals(run: Path, config: TrainConfig, data: DataSet) -> None:
    """What the discriminator is shown, for comparison with the samples."""
    write_png(run / "samples" / "reals.png", real_grid(data, config.generator.get("classes", 0) > 0))
