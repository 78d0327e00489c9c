"""The data set as one uint8 array: drawn once, in parallel, and kept in a cache that is checked before it is used."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import StylescopeError, TrainingError, clipped
from engine.files.atomic import write_atomically, write_bytes
from train.datasets.processes import in_order
from train.portraits.factors import FACTORS, VERSION, sample_factors
from train.portraits.picture import RESOLUTIONS, draw

CHUNK = 100  # pictures that a worker draws at a time
Progress = Callable[[int, int], None]  # (drawn, of)


@dataclass(frozen=True, eq=False)
class PortraitSet:
    """Pictures and, when asked for, what is to be seen on them."""

    images: NDArray[np.uint8]  # [N, H, W, 3]
    seed: int

    @cached_property
    def factors(self) -> NDArray[np.float32]:
        """[N, F], columns as in FACTORS."""
        return np.stack([sample_factors(self.seed, i).row() for i in range(len(self.images))])


def cache_folder() -> Path:
    """Where the system keeps what can be made again."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "stylescope"


def load(
    count: int,
    resolution: int,
    *,
    seed: int = 0,
    cache: Path | None = None,
    workers: int | None = None,  # processes; None: one for each core
    progress: bool | Progress = True,  # True: a bar on stderr where that is a terminal
) -> PortraitSet:
    """Pictures 0 .. count - 1 of a seed, from the cache or drawn now. Raises TrainingError.

    Where the cache cannot be written, one line says so.
    """
    _check(count, resolution, seed)
    path = (cache or cache_folder()) / f"portraits-v{VERSION}-s{seed}-n{count}-{resolution}.npy"
    try:
        images = _cached(path, (count, resolution, resolution, 3))
        if images is None:
            keeps = _is_there(path.parent)
            images = _drawn(count, resolution, seed, workers or os.cpu_count() or 1, _reporter(progress))
            if keeps:
                _store(path, images)
    except MemoryError:
        what = f"{count:,} portraits of {resolution}x{resolution} need {3e-9 * count * resolution**2:,.1f} GB of memory"
        raise TrainingError(f"{what}, more than there is", "give a smaller data_count") from None
    return PortraitSet(images, seed)


def _check(count: int, resolution: int, seed: int) -> None:
    if resolution not in RESOLUTIONS:
        raise TrainingError(f"portraits cannot be drawn at {resolution}", f"choose one of {RESOLUTIONS}")
    if count < 1 or seed < 0:
        raise TrainingError(
            f"{count} portraits of seed {seed} cannot be drawn", "give a count from 1 and a seed from 0"
        )


def _is_there(folder: Path) -> bool:
    """Whether the cache folder is there, made if need be. That it cannot be is told now, before pictures are drawn."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _tell_lost(f"{clipped(folder)} cannot be made: {clipped(error.strerror or error, 80)}")
        return False
    return True


def _tell_lost(why: str) -> None:
    print(f"the pictures are not kept for the next run ({why})", file=sys.stderr, flush=True)


def _drawn(count: int, resolution: int, seed: int, workers: int, report: Progress) -> NDArray[np.uint8]:
    images = np.empty((count, resolution, resolution, 3), np.uint8)
    jobs = [(seed, start, min(start + CHUNK, count), resolution) for start in range(0, count, CHUNK)]
    done = 0
    for start, drawn in in_order(_draw_chunk, jobs, min(workers, len(jobs))):
        images[start : start + len(drawn)] = drawn
        done += len(drawn)
        report(done, count)
    return images


def _draw_chunk(job: tuple[int, int, int, int]) -> tuple[int, NDArray[np.uint8]]:
    seed, start, end, resolution = job
    return start, np.stack([draw(seed, i, resolution) for i in range(start, end)])


def _cached(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """The array of a cache file that is whole; None, with a line where there was a file, if it is to be drawn."""
    note = path.with_suffix(".json")
    if not os.path.exists(path):  # Path.exists raises where a folder above may not be looked into
        return None
    try:
        images: NDArray[np.uint8] = np.load(path, allow_pickle=False)
        told = json.loads(note.read_text(encoding="utf-8"))
        if images.shape == shape and images.dtype == np.uint8 and told.get("sha256") == _digest(images):
            return images
    except (OSError, ValueError, EOFError, AttributeError):
        pass
    print(f"the cached pictures in {path.name} are damaged and are drawn again", file=sys.stderr, flush=True)
    return None


def _store(path: Path, images: NDArray[np.uint8]) -> None:
    note = {"version": VERSION, "factors": list(FACTORS), "shape": list(images.shape), "sha256": _digest(images)}
    try:
        with write_atomically(path) as file:
            np.save(file, images)
        write_bytes(path.with_suffix(".json"), json.dumps(note, indent=1).encode())
    except StylescopeError as error:
        _tell_lost(error.what)


def _digest(images: NDArray[np.uint8]) -> str:
    return hashlib.sha256(np.ascontiguousarray(images).data).hexdigest()


def _reporter(progress: bool | Progress) -> Progress:
    if callable(progress):
        return progress
    if not progress:
        return lambda *_: None
    from tqdm import tqdm

    bars: list[tqdm[Iterable[None]]] = []

    def report(done: int, of: int) -> None:
        if not bars:
            bars.append(tqdm(total=of, desc="drawing portraits", unit="picture", disable=None))  # None: terminals only
        bars[0].update(done - bars[0].n)
        if done == of:
            bars[0].close()

    return report
