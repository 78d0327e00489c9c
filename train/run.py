"""The folder of a run: config.json, data.json, stats.jsonl, samples/, state-*.safetensors, model-*.safetensors."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.edits import with_psi
from engine.errors import TrainingError, clipped
from engine.files import native
from engine.files.atomic import write_bytes
from engine.recipe import Recipe
from engine.recipe_json import to_dict as recipe_dict
from train import checkpoint
from train import config as c
from train.checkpoint import Counters
from train.config import TrainConfig
from train.data import DataSet, crop_note, fingerprint
from train.lock import locked
from train.networks import Networks
from train.samples import fake_grid, real_grid, sheet_labels, write_png

ELSEWHERE = "give another --out"
TEMPORARY = re.compile(r"\..+\.\d+\.tmp")  # of engine.files.atomic


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRecord:
    """What a run is trained on, written down in its folder, and what of it goes into its models."""

    fingerprint: str  # of names, sizes and labels
    pictures: int
    labels: int  # width of labels, 0: none
    class_names: tuple[str, ...] = ()
    crop_note: tuple[int, int, int, int] | None = None  # x, y, width, height in pixels: what is not letterbox bars


def record_of(config: TrainConfig, data: DataSet) -> DataRecord:
    """What is known of an open data set."""
    return DataRecord(
        fingerprint=fingerprint(config.data),
        pictures=len(data),
        labels=data.labels.width if data.labels else 0,
        class_names=data.labels.names if data.labels and config.generator.get("classes", 0) else (),
        crop_note=crop_note(config.data),
    )


def check(run: Path, config: TrainConfig) -> None:
    """Refuse a folder that cannot be this run's, before anything is opened or written. Raises TrainingError."""
    path = run / "config.json"
    if path.exists():
        besides = frozenset({"data"}) if (run / "data.json").exists() else frozenset()  # known by more than its place
        told = c.differences(_stored_config(path), config, besides)
        if told:
            what = f"{clipped(run)} holds a run with another {', '.join(told)}"
            raise TrainingError(what, "use its settings or another --out")
    elif run.exists() and not run.is_dir():
        raise TrainingError(f"{clipped(run)} is a file", ELSEWHERE)
    elif run.exists() and any(not file.name.startswith(".") for file in run.iterdir()):
        raise TrainingError(f"{clipped(run)} is not empty and holds no run", ELSEWHERE)


@contextlib.contextmanager
def begun(run: Path, config: TrainConfig, record: DataRecord) -> Iterator[None]:
    """The folder, made or checked, and held against other trainers. Raises TrainingError, StylescopeError."""
    check(run, config)
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder {clipped(run)} cannot be made ({clipped(error.strerror or error, 80)})"
        raise TrainingError(what, ELSEWHERE) from None
    with locked(run):
        check(run, config)  # nobody else can change it from here on
        _check_data(run, record)
        write_bytes(run / "config.json", json.dumps(c.to_dict(config), indent=2).encode())
        (run / "samples").mkdir(exist_ok=True)
        _sweep(run)
        write_bytes(run / "data.json", json.dumps(asdict(record), indent=2).encode())
        yield


def snapshot(
    run: Path,
    n: Networks,
    config: TrainConfig,
    counters: Counters,
    record: DataRecord,
    data: DataSet,
    swd: float | None = None,
) -> Path:
    """State, model and sample grid of this moment; returns the model's path."""
    checkpoint.save(run, n, counters, swd, config.keep_every)
    return show(run, n, config, counters, record, data)


def show(run: Path, n: Networks, config: TrainConfig, counters: Counters, record: DataRecord, data: DataSet) -> Path:
    """Model and sample grid of this moment; returns the model's path."""
    model = model_path(run, counters)
    write_model(model, n, config, summary(config, counters), record)
    sheet = fake_grid(n.G_ema, config.seed, labels=grid_labels(config, data))
    write_png(run / "samples" / f"{counters.seen // 1000:06d}.png", sheet)
    return model


def grid_labels(config: TrainConfig, data: DataSet) -> NDArray[np.float32] | None:
    """Labels of the sample grid; None: not conditional."""
    return sheet_labels(data.labels) if config.generator.get("classes", 0) else None


def model_path(run: Path, counters: Counters) -> Path:
    return run / f"model-{counters.seen // 1000:06d}.safetensors"


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


def _stored_config(path: Path) -> TrainConfig:
    try:
        return c.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError):
        raise TrainingError(f"{clipped(path)} cannot be read", f"mend it or {ELSEWHERE}") from None


def _check_data(run: Path, record: DataRecord) -> None:
    """A run goes on with the data that it began with."""
    path = run / "data.json"
    if not path.exists():  # a new run, or one of the first version
        return
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        told = [
            f"{name} ({old[name]} then, {getattr(record, name)} now)"
            for name in ("pictures", "labels", "fingerprint")
            if old[name] != getattr(record, name)
        ]
    except (OSError, ValueError, LookupError, TypeError):
        raise TrainingError(f"{clipped(path)} cannot be read", f"mend it or {ELSEWHERE}") from None
    if told:
        what = f"{clipped(run)} began with another data set; what differs: {clipped(', '.join(told), 200)}"
        raise TrainingError(what, f"use the one it began with, or {ELSEWHERE}")


def _sweep(run: Path) -> None:
    """Remove what processes that were killed left behind; none of them lives, for the lock is ours."""
    for folder in (run, run / "samples"):
        for path in folder.iterdir():
            if TEMPORARY.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    os.unlink(path)
