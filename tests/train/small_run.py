"""A tiny run in a process of its own, to be killed, stopped, or started by torchrun: `small_run.py OUT KIMG [key=value
...]`. STYLESCOPE_KILL_AT=N ends it with SIGKILL at the N-th system call of its first save after that is armed; the
calls that make a save durable are counted: open, write, fsync, replace, unlink. STYLESCOPE_DOUBLE computes in float64
and writes no models."""

import builtins
import dataclasses
import io
import json
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def kill_at(number, announce):
    """Count the calls of `os` and the writes to files within snapshots; at `number` the process is gone."""
    from train import run

    count, saving = 0, False

    def point(name):
        nonlocal count
        if not saving:
            return
        count += 1
        if announce:
            print("point", count, name, flush=True)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(name, function):
        def call(*args, **options):
            point(f"before {name}")
            result = function(*args, **options)
            point(f"after {name}")
            return result

        return call

    for name in ("open", "fsync", "replace", "unlink"):
        setattr(os, name, watched(name, getattr(os, name)))
    fdopen = os.fdopen

    class Counted(io.BufferedWriter):
        def write(self, data):
            point("before write")
            view = memoryview(data)
            view = view.cast("B") if view.nbytes else memoryview(b"")
            super().write(view[: view.nbytes // 2])
            self.flush()
            point("half written")
            super().write(view[view.nbytes // 2 :])
            return view.nbytes

    os.fdopen = lambda fd, mode="r", *a, **k: (
        Counted(io.FileIO(fd, "wb")) if saving and mode == "wb" else fdopen(fd, mode, *a, **k)
    )
    snapshot = run.snapshot

    def armed(*args, **options):
        nonlocal saving
        counters = args[3]
        saving = counters.snapshots == 2  # one good snapshot is there
        try:
            return snapshot(*args, **options)
        finally:
            saving = False

    run.snapshot = armed


def compute_in_double():
    """Everything that a step computes, so that Adam makes no step of rounding."""
    import torch

    from tests.train.reference_step import in_double
    from train import data, loop, networks, passes, run
    from train.augment import pipe, wavelets

    torch.set_default_dtype(torch.float64)
    shown, draw = data.shown, passes.draw_parameters
    data.shown = lambda *args: shown(*args).double()
    pipe.resampling_filter = lambda: wavelets.resampling_filter().double()
    run.write_model = lambda *_: ""  # models hold float32

    def draw_parameters(*args):
        torch.set_default_dtype(torch.float32)  # what is drawn is as exact as ever
        drawn = draw(*args)
        torch.set_default_dtype(torch.float64)
        tensors = {f.name: getattr(drawn, f.name) for f in dataclasses.fields(drawn)}
        return dataclasses.replace(drawn, **{k: t.double() for k, t in tensors.items() if t is not None})

    passes.draw_parameters = draw_parameters

    def build(config, device):
        n = networks.build(config, device)
        in_double(n.G, n.D)
        return n

    loop.build = build


def counters_of(metadata):
    return json.loads(metadata["counters"])


def main(out, kimg, *settings):
    import numpy as np
    import torch

    from train import changes, loop, run
    from train.data import ArraySet
    from train.parallel import joined, left
    from train.presets import preset

    if "STYLESCOPE_KILL_AT" in os.environ:
        kill_at(int(os.environ["STYLESCOPE_KILL_AT"]), "STYLESCOPE_POINTS" in os.environ)
    if "STYLESCOPE_DOUBLE" in os.environ:
        compute_in_double()
    if "OMP_NUM_THREADS" in os.environ:
        torch.set_num_threads(1)
    images = np.random.RandomState(0).randint(0, 256, (40, 16, 16, 3)).astype(np.uint8)
    loop.open_data = lambda *_, **__: ArraySet(images)
    run.fake_grid = lambda *_, **__: np.zeros((8, 8, 3), np.uint8)
    widths = {"resolution": 16, "channels": 3, "channel_base": 64, "channel_max": 8}
    config = dataclasses.replace(
        preset("stylegan2-portraits-32"),
        generator={**widths, "z_dim": 8, "w_dim": 8, "mapping_layers": 2},
        discriminator={**widths, "mbstd_group": 4},
        resolution=16,
        batch=16,
        kimg=float(kimg),
        snapshot_kimg=0.032,
        tick_kimg=0.016,
        r1_interval=2,
        blur_sigma=0.0,
    )
    config = changes.with_settings(config, list(settings))
    with joined("cpu") as (world, device):
        number = loop.train(config, Path(out), device, quiet=False, world=world)
    return left(128 + number if number else 0, world)


if __name__ == "__main__":
    builtins.exit(main(*sys.argv[1:]))
