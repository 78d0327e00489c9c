"""The folder of a run: whose it is, that one trainer at a time works in it, and what it is trained on. No torch.

config.json  data.json  stats.jsonl  samples/  state-*.safetensors  model-*.safetensors
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TrainingError, clipped
from engine.files.atomic import write_bytes
from train import config as c
from train import schedule
from train.changes import differences
from train.config import TrainConfig
from train.lock import locked

ELSEWHERE = "give another --out"
# With --transfer, unless they are set: the average need not forget random weights, and p finds its place sooner.
FROM_A_MODEL = {"ema_rampup": 0.0, "augment_kimg": 100.0}  # as published for StyleGAN2-ADA
TEMPORARY = re.compile(r"\..+\.\d+\.tmp")  # of engine.files.atomic


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRecord:
    """What a run is trained on, written down in its folder, and what of it goes into its models."""

    fingerprint: str  # see Source.fingerprint
    pictures: int
    labels: int  # width of labels, 0: none
    class_names: tuple[str, ...] = ()
    crop_note: tuple[int, int, int, int] | None = None  # x, y, width, height in pixels: what is not letterbox bars


def check(run: Path, config: TrainConfig) -> TrainConfig:
    """Refuse a folder that cannot be this run's, before anything is opened or written. Raises TrainingError.

    The configuration that goes on: where none is named, with the model that the run began with.
    """
    try:
        if (run / "config.json").exists():
            return _continued(run, config)
        if run.is_dir():
            if any(not file.name.startswith(".") for file in run.iterdir()):
                raise TrainingError(f"{clipped(run)} is not empty and holds no run", ELSEWHERE)
        elif run.exists():
            raise TrainingError(f"{clipped(run)} is a file", ELSEWHERE)
        elif not next(folder for folder in run.absolute().parents if folder.exists()).is_dir():
            raise _cannot_be("made", run, "it would lie in a file")
    except OSError as error:
        raise _cannot_be("read", run, error.strerror) from None
    return config


def is_new(run: Path) -> bool:
    """Whether nothing was learned in it yet."""
    return not run.is_dir() or not any(run.glob("state-*.safetensors"))


@contextlib.contextmanager
def held(run: Path, config: TrainConfig, record: DataRecord) -> Iterator[None]:
    """The folder, made or checked, and held against other trainers. Raises TrainingError, StylescopeError."""
    check(run, config)
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be("made", run, error.strerror) from None
    with locked(run):
        check(run, config)  # nobody else can change it from here on
        _check_data(run, record)
        write_bytes(run / "config.json", json.dumps(c.to_dict(config), indent=2).encode())
        try:
            (run / "samples").mkdir(exist_ok=True)
        except OSError as error:
            raise _cannot_be("made", run / "samples", error.strerror) from None
        _sweep(run)
        write_bytes(run / "data.json", json.dumps(dataclasses.asdict(record), indent=2).encode())
        yield


def _cannot_be(done: str, run: Path, why: str | None) -> TrainingError:
    return TrainingError(f"the folder {clipped(run)} cannot be {done} ({clipped(why or 'unknown', 80)})", ELSEWHERE)


def stored_config(run: Path) -> TrainConfig:
    """What a run began with. Raises TrainingError."""
    path = run / "config.json"
    try:
        return c.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise TrainingError(f"{clipped(path)} cannot be read", "mend it or give another folder") from None


def transfer_defaults(run: Path, transfer: str | None) -> dict[str, float]:
    """Settings of a run that begins, or began, with the weights of a model; empty for one that does not.

    Raises TrainingError.
    """
    with contextlib.suppress(OSError):  # `check` tells of it
        if (run / "config.json").exists() and (transfer is None or not is_new(run)):
            stored = stored_config(run)
            return {name: getattr(stored, name) for name in FROM_A_MODEL} if stored.transfer else {}
    return dict(FROM_A_MODEL) if transfer else {}


def _continued(run: Path, config: TrainConfig) -> TrainConfig:
    """A run goes on with the settings that it began with."""
    stored = stored_config(run)
    besides = {"data"} if (run / "data.json").exists() else set()  # known by more than its place
    if not config.transfer:
        config = dataclasses.replace(config, transfer=stored.transfer)
    if is_new(run):
        if any(run.glob("model-*.safetensors")):
            what = f"{clipped(run)} holds models of a run, but no state file from which it could go on"
            raise TrainingError(what, f"{ELSEWHERE}; --transfer {clipped(run)} begins with the weights of the newest")
        besides |= {"transfer", *FROM_A_MODEL}
    told = differences(stored, config, frozenset(besides), schedule.kimg_of(run))
    if told:
        what = f"{clipped(run)} holds a run with another {', '.join(told)}"
        raise TrainingError(what, "use its settings or another --out")
    return config


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
