"""What a data set asks of the networks, read from its record or from headers. Does not import torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from train.datasets.sources import Source

PORTRAITS = "portraits"  # the data set that is drawn, not read
TRIED = 64  # pictures from all over a set that is not packed


@dataclass(frozen=True, slots=True, kw_only=True)
class DataShape:
    """Of pictures and labels."""

    resolution: int | None  # None: that which is asked for, of drawn pictures; or none of those tried is square
    channels: int
    classes: int


def data_shape(path: str) -> DataShape:
    """The shape of a data set. Raises TrainingError."""
    if path == PORTRAITS:
        return DataShape(resolution=None, channels=3, classes=0)
    from train.datasets.pictures import labels_of
    from train.datasets.record import read_record
    from train.datasets.sources import open_source

    source = open_source(path)
    record = read_record(source)
    labels = labels_of(source, record)
    classes = 0 if labels is None else labels.width
    if record is not None:
        return DataShape(resolution=record.resolution, channels=record.channels, classes=classes)
    resolution, channels = _of_headers(source)
    return DataShape(resolution=resolution, channels=channels, classes=classes)


def _of_headers(source: Source) -> tuple[int | None, int]:
    """(resolution, channels); whoever opens the set says what is wrong with its pictures."""
    from train.datasets.decode import header, settle_warnings
    from train.datasets.faults import Unusable
    from train.datasets.survey import survey

    settle_warnings()
    found = []
    for index in range(0, len(source.entries), max(1, len(source.entries) // TRIED)):
        try:
            with source.open(index) as file:
                found.append(header(file))
        except (Unusable, OSError):
            continue
    sides = [h.width for h in found if h.width == h.height]
    common = max(set(sides), key=sides.count) if sides else None
    if not all(h.grey for h in found):
        return common, 3
    return common, survey(source).natural_channels()  # colour may be rare: every header counts
