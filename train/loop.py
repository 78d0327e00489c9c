"""The training loop, in one sitting: open, restore, then step, tick, snapshot until kimg or the time is reached."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from engine.errors import TrainingError
from train import checkpoint, run, stats
from train.config import TrainConfig
from train.data import Reals, open_data, some
from train.draws import Draws
from train.networks import Networks, build
from train.step import train_step


@dataclass
class Clock:
    """Where the time goes."""

    start: float = field(default_factory=time.monotonic)
    tick_start: float = field(default_factory=time.monotonic)
    tick_seen: int = 0
    data_wait: float = 0.0  # seconds in this tick


class Stop:
    """Ctrl-C or SIGTERM asks for a stop: the step is finished, a snapshot written. A second one ends at once."""

    def __init__(self) -> None:
        self.signal = 0

    def __enter__(self) -> Stop:
        self._old = {s: signal.signal(s, self._asked) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number
        print("stopping after this step, snapshot follows ...", file=sys.stderr, flush=True)


def train(
    config: TrainConfig,
    out: Path,
    device: torch.device,
    max_minutes: float | None = None,
    quiet: bool = False,
) -> int:
    """Train until config.kimg, `max_minutes` or a signal; returns the signal's number, 0 for a normal end."""
    run.prepare(out, config)
    data = open_data(config, progress=not quiet)
    n = build(config, device)
    counters = checkpoint.load_newest(out, n) or {"seen": 0, "step": 0, "seconds": 0}
    clock = Clock(tick_seen=counters["seen"])
    if counters["seen"] == 0:
        run.write_reals(out, some(data, 64))
    elif not quiet:
        print(f"continuing at {counters['seen'] / 1000:g} kimg", flush=True)
    meter = stats.Meter()
    saved = counters["seen"]
    began = counters["seconds"]
    with Stop() as stop, Reals(data, config, device) as reals:
        while counters["seen"] < config.kimg * 1000 and not stop.signal:
            if max_minutes is not None and time.monotonic() - clock.start > max_minutes * 60:
                break
            _step(n, reals, config, counters, meter, clock)
            counters["seconds"] = began + int(time.monotonic() - clock.start)
            if counters["seen"] - clock.tick_seen >= config.tick_kimg * 1000:
                _tick(out, config, counters, meter, clock, quiet)
            if counters["seen"] - saved >= config.snapshot_kimg * 1000:
                run.snapshot(out, n, config, counters, _summary(config, counters))
                saved = counters["seen"]
        if counters["seen"] != saved:
            run.snapshot(out, n, config, counters, _summary(config, counters))
    return stop.signal


def _step(
    n: Networks,
    reals: Reals,
    config: TrainConfig,
    counters: dict[str, int],
    meter: stats.Meter,
    clock: Clock,
) -> None:
    before = time.perf_counter()
    pictures, labels = reals.at(counters["seen"])
    clock.data_wait += time.perf_counter() - before
    draws = Draws(config, counters["step"], pictures.device, reals.label_pool)
    train_step(n, pictures, config, counters["step"], counters["seen"], meter, labels, draws)
    counters["seen"] += config.batch
    counters["step"] += 1


def _tick(
    out: Path, config: TrainConfig, counters: dict[str, int], meter: stats.Meter, clock: Clock, quiet: bool
) -> None:
    """Report the means since the last tick; a loss that is no number ends the run before it spoils a snapshot."""
    now = time.monotonic()
    seconds = now - clock.tick_start
    means = meter.take()
    speed = (counters["seen"] - clock.tick_seen) / seconds
    entry = {
        "kimg": counters["seen"] / 1000,
        "images_per_second": speed,
        "data_wait": clock.data_wait / seconds,
        "seconds": counters["seconds"],
        "time": stats.timestamp(),
        **means,
    }
    stats.append_line(out / "stats.jsonl", entry)
    if not quiet:
        print(stats.progress_line(entry, (config.kimg * 1000 - counters["seen"]) / speed), flush=True)
    if not all(abs(value) < float("inf") for value in means.values()):
        raise TrainingError(
            "a loss is no longer a finite number", "lower lr or raise r1_gamma, and run again to resume"
        )
    clock.tick_start, clock.tick_seen, clock.data_wait = now, counters["seen"], 0.0


def _summary(config: TrainConfig, counters: dict[str, int]) -> dict[str, Any]:
    return {"preset": config.preset, "data": config.data, "hours": round(counters["seconds"] / 3600, 2)}
