"""The training loop, in one sitting: restore, then step, tick, snapshot until kimg or the time is reached."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.device import lacks_memory
from engine.errors import TrainingError
from train import checkpoint, distance, run, stats, transfer
from train.checkpoint import Counters
from train.config import TrainConfig
from train.data import DataSet, Reals
from train.division import Division, slice_sizes
from train.draws import Draws
from train.folder import DataRecord
from train.networks import Networks
from train.parallel import World
from train.signals import Stop
from train.step import train_step

PATIENCE = 10  # steps in a row without finite gradients
TIME_IS_OVER, NO_DATA = 1000, 2000  # beside numbers of signals: why a run ends


@dataclass
class Clock:
    """Where the time goes."""

    start: float = field(default_factory=time.monotonic)
    tick_start: float = field(default_factory=time.monotonic)
    tick_seen: int = 0
    data_wait: float = 0.0  # seconds in this tick


@dataclass(kw_only=True)
class Session:
    """One sitting of a run."""

    config: TrainConfig
    out: Path
    device: torch.device
    n: Networks
    data: DataSet
    record: DataRecord
    reals: Reals
    division: Division
    world: World
    quiet: bool
    begins_with: transfer.Report | None = None  # what the networks took over from another model
    counters: Counters = field(default_factory=Counters)
    saved: int = 0  # pictures shown at the last snapshot
    began: int = 0  # seconds of the sittings before
    meter: stats.Meter = field(default_factory=stats.Meter)
    clock: Clock = field(default_factory=Clock)

    def go(self, stop: Stop, max_minutes: float | None) -> int:
        """To the end of the run or of this sitting; the number of a signal, or 0."""
        self._start()
        why, failure = 0, None
        board = stats.Board(self.out) if self.world.leads else None
        while self.counters.seen < self.config.kimg * 1000:
            pictures, labels, failure = self._batch()
            over = max_minutes is not None and time.monotonic() - self.clock.start > max_minutes * 60
            why = NO_DATA if failure else stop.signal or (TIME_IS_OVER if over else 0)
            why = self.world.largest(why, self.device)
            if why or pictures is None:
                break
            self._step(pictures, labels)
            if self.counters.seen - self.clock.tick_seen >= self.config.tick_kimg * 1000:
                self._tick(board)
            due = self.counters.seen - self.saved >= self.config.snapshot_kimg * 1000
            if due and not self.counters.in_a_row:  # a state to go back to is from before the trouble
                self._snapshot(board, stop)
        if self.counters.seen > self.clock.tick_seen:
            self._tick(board)  # the rest, or all of a short run
        if self.counters.seen != self.saved:
            self._snapshot(board, stop)
        if board is not None:
            board.close()
        if why == NO_DATA:
            raise failure or TrainingError("another process could not read its pictures", "see what it says")
        return why if why < TIME_IS_OVER else 0

    def _start(self) -> None:
        if not self._restored():
            if self.world.leads:
                run.write_reals(self.out, self.config, self.data)
                if self.begins_with is not None:
                    labels = run.grid_labels(self.config, self.data)
                    transfer.write_report(self.begins_with, self.config, self.n, self.out, labels)
            self._copy_from_first()
        elif self.world.leads:
            if not self.quiet:
                complete = self.counters.seen >= self.config.kimg * 1000
                print(f"{'complete' if complete else 'continuing'} at {self.counters.kimg:g} kimg", flush=True)
            if not run.model_path(self.out, self.counters).exists():  # the end came between state and model
                run.show(self.out, self.n, self.config, self.counters, self.record, self.data)
        self.clock = Clock(tick_seen=self.counters.seen)
        self.began = self.counters.seconds

    def _restored(self) -> bool:
        """Take up the newest whole state; False where there is none."""
        loaded = self.world.first(lambda: checkpoint.load_newest(self.out, self.n))
        if loaded is None:
            return False
        self._copy_from_first()
        self.counters, self.saved = loaded, loaded.seen
        return True

    def _copy_from_first(self) -> None:
        self.world.copy_from_first(checkpoint.tensors(self.n).values(), self.device)

    def _batch(self) -> tuple[Tensor | None, Tensor | None, TrainingError | None]:
        """(reals, labels, None), or why there are none."""
        before = time.perf_counter()
        try:
            return *self.reals.at(self.counters.seen), None
        except TrainingError as error:
            return None, None, error
        finally:
            self.clock.data_wait += time.perf_counter() - before

    def _step(self, pictures: Tensor, labels: Tensor | None) -> None:
        c = self.counters
        draws = Draws(self.config, c.step, self.device, self.reals.label_pool, c.detours)
        try:
            moved = train_step(
                self.n, pictures, self.config, c.step, c.seen, self.meter, labels, draws, self.division, self.world
            )
        except (RuntimeError, MemoryError) as error:
            if not lacks_memory(error):
                raise
            raise self._too_large() from None
        c.seen += self.config.batch
        c.step += 1
        c.seconds = self.began + int(time.monotonic() - self.clock.start)
        c.in_a_row = 0 if moved else c.in_a_row + 1
        c.skipped += not moved
        if c.in_a_row >= PATIENCE:
            self._go_back()

    def _too_large(self) -> TrainingError:
        d = self.division
        each = d.batch // d.ranks
        smaller = [str(size) for size in slice_sizes(each, d.group) if size < each // d.slices]
        what = f"there is not enough memory on {self.device} for {each // d.slices} samples at a time"
        remedy = f"give --batch-gpu {' or '.join(smaller[:3])}" if smaller else "take a smaller preset"
        return TrainingError(what, f"{remedy}; the run goes on from its last snapshot")

    def _go_back(self) -> None:
        """To the last snapshot, with other draws from there on; once."""
        failed = self.counters
        what = f"{PATIENCE} steps in a row gave gradients that are no finite numbers"
        if failed.detours or not self._restored():
            again = ", again after going back to a snapshot" if failed.detours else ", before the first snapshot"
            raise TrainingError(what + again, checkpoint.GONE_WRONG)
        self.counters.detours, self.counters.skipped = failed.detours + 1, failed.skipped
        self.clock.tick_seen = min(self.clock.tick_seen, self.counters.seen)
        if self.world.leads:
            print(f"{what}: back to {self.counters.kimg:g} kimg, with other draws", file=sys.stderr, flush=True)

    def _tick(self, board: stats.Board | None) -> None:
        """Report the means since the last tick."""
        now = time.monotonic()
        seconds, c = now - self.clock.tick_start, self.counters
        means = self.meter.take(self.world)
        speed = (c.seen - self.clock.tick_seen) / seconds
        entry: dict[str, Any] = {
            "kimg": c.kimg,
            "images_per_second": speed,
            "data_wait": self.clock.data_wait / seconds,
            "seconds": c.seconds,
            "time": stats.timestamp(),
            **means,
        }
        if c.skipped:
            entry["skipped"] = c.skipped
        if self.reals.damaged:
            entry["damaged"] = len(self.reals.damaged)
        if self.n.ada is not None:
            entry["augment_p"] = float(self.n.ada.p)
        if self.device.type == "cuda":
            entry["gpu_gb"] = torch.cuda.max_memory_allocated(self.device) / 1e9
        if board is not None:
            stats.append_line(self.out / run.STATS, entry)
            board.add(entry)
        if not self.quiet:
            print(stats.progress_line(entry, (self.config.kimg * 1000 - c.seen) / speed), flush=True)
        self.clock.tick_start, self.clock.tick_seen, self.clock.data_wait = now, c.seen, 0.0

    def _snapshot(self, board: stats.Board | None, stop: Stop) -> None:
        """Save; then measure, which takes its time, unless the run was asked to end."""
        before = time.monotonic()
        if not self.world.same((p for p in checkpoint.tensors(self.n).values()), self.device):
            raise TrainingError("the processes no longer hold the same weights", "run again to resume, and report it")
        c = self.counters
        c.snapshots += 1
        due = self.config.swd_kimg > 0 and c.seen - c.measured >= self.config.swd_kimg * 1000 and not stop.signal
        c.measured = c.seen if due else c.measured
        self.world.first(self._save)
        self.saved = c.seen
        if due and board is not None:
            found = distance.measured(self.n.G_ema, self.data, self.config)
            entry = {"kimg": c.kimg, "time": stats.timestamp(), **found}
            stats.append_line(self.out / run.STATS, entry)
            board.add(entry)
        self.clock.tick_start += time.monotonic() - before  # images/s and the time left are those of training

    def _save(self) -> None:
        run.snapshot(self.out, self.n, self.config, self.counters, self.record, self.data)
