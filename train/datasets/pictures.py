"""Data sets that can be trained on: pictures of one size by index. In memory, or decoded when they are asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError, clipped
from train.datasets.decode import WHITE, Colour, pixels, settle_warnings
from train.datasets.faults import Offenders, Unusable
from train.datasets.labels import Labels, read_labels
from train.datasets.record import Record, read_record
from train.datasets.sources import Source, open_source
from train.datasets.survey import size_faults, survey

CropNote = tuple[int, int, int, int]  # x, y, width, height in pixels


class DataSet(Protocol):
    """What the loader asks of a data set. Safe to read from several threads."""

    @property
    def labels(self) -> Labels | None: ...

    def __len__(self) -> int: ...

    def name(self, index: int) -> str:
        """For messages."""

    def read(self, index: int) -> NDArray[np.uint8]:
        """uint8 [H, W, C] of one picture. Raises Unusable."""


@dataclass(frozen=True, eq=False)
class ArraySet:
    """Pictures in memory, or mapped into it."""

    images: NDArray[np.uint8]  # [M, H, W, C]
    labels: Labels | None = None

    def __len__(self) -> int:
        return len(self.images)

    def name(self, index: int) -> str:
        return f"picture {index}"

    def read(self, index: int) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = self.images[index]
        return picture


@dataclass(frozen=True, kw_only=True, eq=False)
class FileSet:
    """The pictures of a folder or zip, of one resolution and number of channels."""

    source: Source
    resolution: int
    channels: int
    background: Colour = WHITE  # behind transparency, when there are fewer than four channels
    labels: Labels | None = None
    record: Record | None = None

    def __len__(self) -> int:
        return len(self.source.entries)

    def name(self, index: int) -> str:
        return self.source.names[index]

    def read(self, index: int) -> NDArray[np.uint8]:
        return pixels(self.source.read(index), self.resolution, self.channels, self.background)


def open_set(
    path: Path | str,
    *,
    resolution: int,
    channels: int,
    background: Colour = WHITE,
    progress: bool = False,
) -> FileSet:
    """A folder or zip whose pictures all have this resolution. Raises TrainingError, which names one that has not.

    Headers are read first, unless the set was packed by us: its record says the size. Pictures that turn out to be
    damaged later are for the loader.
    """
    settle_warnings()
    source = open_source(path)
    record = read_record(source)
    if record is not None and record.pictures == len(source.entries):
        if record.resolution != resolution:
            what = f"{source.title} holds pictures of {record.resolution}x{record.resolution}, not {resolution}"
            raise TrainingError(what, f"pack the data set again with --resolution {resolution}, or take another preset")
    else:
        _check_pictures(source, resolution, progress)
    labels = labels_of(source, record)
    return FileSet(
        source=source, resolution=resolution, channels=channels, background=background, labels=labels, record=record
    )


def whole(
    data: DataSet, index: int, skipped: Callable[[str, str], None] = lambda *_: None
) -> tuple[int, NDArray[np.uint8]]:
    """(index, uint8 [H, W, C]) of a picture, or of the next one that can be read: a stand-in has its own label.

    skipped: told the name of each one that cannot be read, and why. Raises TrainingError where none can.
    """
    for offset in range(len(data)):
        place = (index + offset) % len(data)
        try:
            return place, data.read(place)
        except Unusable as error:
            skipped(data.name(place), str(error))
    raise TrainingError("no picture of the data set can be read", "check the disk; `dataset check` lists the reasons")


def labels_of(source: Source, record: Record | None) -> Labels | None:
    """The labels of a set with the names of its classes. Raises TrainingError."""
    labels = read_labels(source)
    if labels is None or record is None or len(record.class_names) != labels.width:
        return labels
    return dataclasses.replace(labels, names=record.class_names)


def crop_note(path: Path | str) -> CropNote | None:
    """What part of the pictures of a data set is no letterbox bars: (x, y, width, height) in its pixels; None: all."""
    if path == "portraits":
        return None
    record = read_record(open_source(path))
    return None if record is None else record.crop_note


def _check_pictures(source: Source, resolution: int, progress: bool) -> None:
    found = survey(source, progress=progress)
    faults = [*found.faults, *size_faults(source, found, resolution)]
    if faults:
        told = clipped(source.path, 60)
        remedy = (
            f"`dataset check {told}` lists all, `dataset pack {told} OUT.zip --resolution {resolution}` mends sizes"
        )
        count = f"{len(faults)} of {len(source.entries)} images"
        raise Offenders(f"{count} of {source.title} cannot be trained on", remedy, faults)
