"""Procedural portraits as a packed data set, for other programs and for training from files."""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import Image

import engine
from engine.errors import TrainingError
from engine.files import atomic
from train import portraits
from train.datasets.pack import finish, new_set, picture_name, png_bytes
from train.datasets.processes import in_order, workers_for
from train.datasets.record import Record
from train.datasets.survey import watched
from train.portraits.picture import RESOLUTIONS

MAX_COUNT = 10_000_000
WORK = 100_000  # drawing one costs as much as decoding so many bytes of a picture


def draw_set(
    out: Path | str,  # .zip, or a folder
    *,
    count: int,
    resolution: int,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = False,
) -> Record:
    """Write portraits 0 .. count - 1 of a seed. Raises TrainingError, StylescopeError."""
    if resolution not in RESOLUTIONS:
        raise TrainingError(f"portraits cannot be drawn at {resolution}", f"choose one of {RESOLUTIONS}")
    if not 1 <= count <= MAX_COUNT or not 0 <= seed < 1 << 32:
        what = f"{count} portraits of seed {seed} cannot be drawn"
        raise TrainingError(what, f"give a count from 1 to {MAX_COUNT} and a seed from 0")
    if Path(out).suffix.lower() == ".zip":
        atomic.check_file(out)
    record = Record(
        program=f"Stylescope {engine.__version__}",
        resolution=resolution,
        channels=3,
        pictures=count,
        crop="none",
        filter="none",
        background="#ffffff",
        source="portraits",
        source_fingerprint=f"portraits-v{portraits.VERSION}-s{seed}",
        source_pictures=count,
    )
    with new_set(out) as put:
        drawn = in_order(functools.partial(_png, seed, resolution), range(count), workers_for(WORK * count, workers))
        for index, png in enumerate(watched(drawn, count, "drawing", progress)):
            put(picture_name(index), png)
        finish(put, record, None)
    return record


def _png(seed: int, resolution: int, index: int) -> bytes:
    return png_bytes(Image.fromarray(portraits.draw(seed, index, resolution)))
