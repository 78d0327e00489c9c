"""Pictures a second of training, and where the time of a step goes: data, D, G, R1, path lengths, updates.

    python benchmarks/train_speed.py                                           # portraits at 64x64 on this machine
    python benchmarks/train_speed.py --preset stylegan2-e --resolution 256 --device cuda --steps 64
    python benchmarks/train_speed.py --set phases=published

Pictures are noise in a packed zip, read as in a run. Where both networks learn from one pass of the fakes ("shared"),
G and D are one figure, and R1 is what steps with it take longer than steps without. The first steps are not counted.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from benchmarks.data_loading import sets
from engine.device import choose, tune_allocator
from train import step as module
from train.changes import with_settings
from train.data import Reals, open_data
from train.networks import build
from train.presets import preset
from train.stats import Meter

PHASES = {
    "generator_main": "G",
    "path_lengths": "path lengths",
    "discriminator_main": "D",
    "discriminator_penalties": "R1",
    "shared": "G and D",
}


class Watch:
    """Seconds by name. On a GPU, work is waited for, which costs a few percent of speed."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.seconds = device, defaultdict[str, float](float)

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        began = self.now()
        inner = sum(self.seconds.values())  # a phase within a phase counts once, as the inner one
        yield
        self.seconds[name] += self.now() - began - (sum(self.seconds.values()) - inner)

    def now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    def timed(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            with self.timing(name):
                return function(*args, **options)

        return call


def measure(config, device: torch.device, steps: int, warm: int) -> tuple[float, dict[str, float], float]:  # type: ignore[no-untyped-def]
    """(pictures a second, share of the time by phase, what R1 adds to the steps that have it, as a share)."""
    watch = Watch(device)

    class Timed(module.Step):
        pass

    for method, name in PHASES.items():
        setattr(Timed, method, watch.timed(getattr(module.Step, method), name))
    module.Step = Timed  # type: ignore[misc]
    module.update = watch.timed(module.update, "updates")
    module.move_average = watch.timed(module.move_average, "average")
    n, meter, lengths = build(config, device), Meter(), []
    with Reals(open_data(config, progress=False), config, device) as reals:
        for number in range(warm + steps):
            if number == warm:
                watch.seconds.clear()
                first = watch.now()
            began = watch.now()
            with watch.timing("data"):
                pictures, labels = reals.at(number * config.batch)
            module.train_step(n, pictures, config, number, number * config.batch, meter, labels)
            lengths.append(watch.now() - began)
        total = watch.now() - first
    due = [s for i, s in enumerate(lengths) if i >= warm and i % config.r1_interval == 0]
    other = [s for i, s in enumerate(lengths) if i >= warm and i % config.r1_interval]
    extra = sum(due) - len(due) * sum(other) / len(other) if due and other else 0.0
    shares = {name: seconds / total for name, seconds in watch.seconds.items()}
    return steps * config.batch / total, {**shares, "the rest": 1 - sum(shares.values())}, extra / total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="stylegan2-portraits-64")
    parser.add_argument("--resolution", type=int)
    parser.add_argument("--set", action="append", default=[], metavar="key=value")
    parser.add_argument("--steps", type=int, default=48, help="whole cycles of R1 are best: 16, 32, 48")
    parser.add_argument("--warm", type=int, default=4)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    tune_allocator()
    device = choose(args.device)
    if args.threads:
        torch.set_num_threads(args.threads)
    config = with_settings(preset(args.preset, args.resolution), args.set)
    with tempfile.TemporaryDirectory() as folder:
        data = sets(Path(folder), 4 * config.batch, config.resolution)["packed zip"]
        config = dataclasses.replace(config, data=str(data))
        speed, shares, r1 = measure(config, device, args.steps, args.warm)
    print(f"{config.preset} at {config.resolution}, batch {config.batch}, {config.phases} phases, {device}")
    print(f"{speed:.1f} images/s, {1000 / speed:.1f} s a kimg")
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"  {name:<14} {share:6.1%}")
    if "R1" not in shares:
        print(f"  {'of it R1':<14} {r1:6.1%}")


if __name__ == "__main__":
    main()
