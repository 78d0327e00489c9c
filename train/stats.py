"""What a run reports: means over a tick, the progress line, stats.jsonl, and TensorBoard where it is installed."""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.errors import TrainingError, clipped
from train.parallel import ALONE, World


class Meter:
    """Means of named numbers since the last tick. Tensors stay on their device and are read once a tick.

    Numbers that are not finite are left out: how often there were any is counted elsewhere.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}  # [sum, number of summands]

    def add(self, name: str, value: Tensor | float) -> None:
        mean = value.detach().mean().float() if isinstance(value, Tensor) else torch.tensor(float(value))
        finite = mean.isfinite()
        entry = torch.stack([torch.where(finite, mean, 0), finite.float()])
        self._sums[name] = self._sums[name] + entry if name in self._sums else entry

    def take(self, world: World = ALONE) -> dict[str, float]:
        """Means since the last call, over all processes."""
        names = sorted(self._sums)  # what is reported depends on the step alone, so all processes have the same
        means: dict[str, float] = {}
        if names:
            for name, (total, count) in zip(
                names, world.sum_(torch.stack([self._sums[n] for n in names])), strict=True
            ):
                if count:
                    means[name] = float(total / count)
        self._sums = {}
        return means


def append_line(path: Path, entry: dict[str, Any]) -> None:
    """One JSON object a line; flushed, so that a killed run keeps what it reported. Half a line stays alone."""
    try:
        with path.open("a+b") as f:
            if f.tell() and f.seek(-1, os.SEEK_END) >= 0 and f.read(1) != b"\n":
                f.write(b"\n")
            f.write(json.dumps(entry).encode() + b"\n")
    except OSError as error:
        what = f"cannot write {clipped(path)} ({clipped(error.strerror or error, 80)})"
        raise TrainingError(what, "free some space and run again to resume from the last snapshot") from error


def distances(path: Path) -> dict[int, float]:
    """Sliced Wasserstein distances by pictures shown, from a run's stats.jsonl; what is no number is left out."""
    found: dict[int, float] = {}
    with contextlib.suppress(OSError), path.open("rb") as lines:
        for line in lines:
            if b'"swd"' in line:
                with contextlib.suppress(ValueError, LookupError, TypeError):
                    entry = json.loads(line)
                    if math.isfinite(entry["swd"]):
                        found[round(entry["kimg"] * 1000)] = float(entry["swd"])
    return found


class Board:
    """The same numbers for TensorBoard, in the run's folder; nothing where it is not installed."""

    def __init__(self, run: Path) -> None:
        self._writer: Any = None
        if find_spec("tensorboard") is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(run))

    def add(self, entry: dict[str, Any]) -> None:
        if self._writer is None:
            return
        for name, value in entry.items():
            if isinstance(value, (int, float)) and name != "kimg":
                self._writer.add_scalar(name, value, global_step=int(entry["kimg"] * 1000))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def progress_line(entry: dict[str, Any], seconds_left: float) -> str:
    """kimg, speed, losses, scores, penalty, time left."""
    return (
        f"kimg {entry['kimg']:8.1f}   {entry['images_per_second']:6.1f} images/s   "
        f"G {entry.get('loss_G', 0):6.3f}   D {entry.get('loss_D', 0):6.3f}   "
        f"R1 {_measured(entry, 'r1'):>7}   real {entry.get('score_real', 0):+6.2f}   "
        f"fake {entry.get('score_fake', 0):+6.2f}   data wait {entry['data_wait']:5.1%}   "
        + (f"p {entry['augment_p']:5.3f}   " if "augment_p" in entry else "")
        + (f"skipped {entry['skipped']}   " if entry.get("skipped") else "")
        + f"left {duration(seconds_left)}"
    )


def _measured(entry: dict[str, Any], name: str) -> str:
    """What is measured only now and then may be missing."""
    return f"{entry[name]:.3f}" if name in entry else "-"


def duration(seconds: float) -> str:
    """Rounded for people: 2h 05m, 12m 30s, 8s."""
    s = int(max(seconds, 0))
    if s >= 3600:
        return f"{s // 3600}h {s % 3600 // 60:02d}m"
    return f"{s // 60}m {s % 60:02d}s" if s >= 60 else f"{s}s"


def timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
