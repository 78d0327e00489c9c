"""Share of a step spent waiting for pictures, and what decoding costs: packed zip, JPEG folder, deflated zip.

A step is faked: "device" sleeps, as a step on a GPU does for this process; "cpu" convolves on all cores meanwhile.

python benchmarks/data_loading.py --resolution 256 --batch 16 --step-ms 300
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from PIL import Image

from train.data import shown
from train.datasets.loader import Loader
from train.datasets.order import Order
from train.datasets.pack import Settings, pack
from train.datasets.pictures import open_set

CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--pictures", type=int, default=320)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--step-ms", type=float, default=300)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--threads", type=int, help="that decode (default: as in a run)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, path in sets(Path(folder), args.pictures, args.resolution).items():
            data = open_set(path, resolution=args.resolution, channels=3)
            began = time.thread_time()
            for index in range(args.batch):
                data.read(index)
            decoding = (time.thread_time() - began) * 1000
            shares = {}
            for kind, step in (("device", sleeping), ("cpu", computing)):
                with Loader(data, Order(len(data), 0), args.batch, threads=args.threads) as loader:
                    shares[kind] = waiting(loader, args.batch, args.steps, args.step_ms / 1000, step)
            told = ", ".join(f"{kind} step {share:.2%}" for kind, share in shares.items())
            print(f"{name:<14} waiting: {told}; decoding a batch of {args.batch}: {decoding:.0f} ms of one core")


def sets(folder: Path, count: int, resolution: int) -> dict[str, Path]:
    """The same pictures, as smooth and as noisy as photographs are, in three containers."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).resize((resolution, resolution), 3)
        noisy = np.asarray(coarse) + rng.normal(0, 5, (resolution, resolution, 3))
        (folder / "jpeg").mkdir(exist_ok=True)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / "jpeg" / f"{i:05d}.jpg", quality=95)
    pack(folder / "jpeg", folder / "packed.zip", Settings(resolution=resolution))
    with (
        zipfile.ZipFile(folder / "packed.zip") as old,
        zipfile.ZipFile(folder / "deflated.zip", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return {
        "packed zip": folder / "packed.zip",
        "JPEG folder": folder / "jpeg",
        "deflated zip": folder / "deflated.zip",
    }


def waiting(loader: Loader, batch: int, steps: int, seconds: float, step) -> float:  # type: ignore[no-untyped-def]
    """Share of the time from the second step on: the first has nothing decoded ahead."""
    waited = 0.0
    for number in range(steps + 1):
        if number == 1:
            waited, began = 0.0, time.perf_counter()
        before = time.perf_counter()
        pictures = loader.at(number * batch).pictures
        waited += time.perf_counter() - before
        step(shown(pictures, CPU), seconds)
    return waited / (time.perf_counter() - began)


def sleeping(_: torch.Tensor, seconds: float) -> None:
    time.sleep(seconds)


def computing(pictures: torch.Tensor, seconds: float) -> None:
    end = time.perf_counter() + seconds
    weight = torch.ones(16, pictures.shape[1], 3, 3)
    while time.perf_counter() < end:
        torch.nn.functional.conv2d(pictures[:4], weight)


if __name__ == "__main__":
    main()
