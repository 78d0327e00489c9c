"""How a data set was packed: the file `stylescope.json` beside its pictures. Plain values, checked when read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.errors import TrainingError, clipped
from train.datasets.sources import RECORD, Source

FORMAT = 1
MAX_RECORD = 16_000_000  # bytes; class names are in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What `dataset pack` and `dataset portraits` write down."""

    format: int = FORMAT
    program: str  # e.g. "Stylescope 0.1.0"
    resolution: int
    channels: int
    pictures: int
    crop: str  # none, center, letterbox
    filter: str  # lanczos, box; none where nothing was resized by us
    background: str  # "#ffffff": colour behind transparency and of letterbox bars
    source: str  # name of the folder or zip
    source_fingerprint: str
    source_pictures: int
    left_out: int = 0  # pictures of the source that could not be used
    enlarged: int = 0  # pictures that were smaller than the resolution
    labels: str = "none"  # where they came from: none, dataset.json, folders
    class_names: tuple[str, ...] = ()
    crop_note: tuple[int, int, int, int] | None = None  # x, y, width, height in pixels: what is not letterbox bars

    def to_json(self) -> bytes:
        """The same bytes for the same record."""
        return json.dumps(asdict(self), indent=1).encode()


def read_record(source: Source) -> Record | None:
    """The record of a packed set; None for others. Raises TrainingError for a damaged one."""
    text = source.text(RECORD, MAX_RECORD)
    if text is None:
        return None
    try:
        return _record(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        what = f"{RECORD} in {source.title} is damaged or of a newer program"
        raise TrainingError(what, "pack the data set again, or remove that file") from None


def _record(data: Mapping[str, Any]) -> Record:
    if data["format"] != FORMAT:
        raise ValueError(data["format"])
    kinds = {field.name: str(field.type) for field in fields(Record)}
    record = Record(**data)
    for name, kind in kinds.items():
        value = getattr(record, name)
        if kind in ("int", "str") and type(value).__name__ != kind:
            raise TypeError(name)
        if kind == "int" and not 0 <= value < 1 << 48:
            raise ValueError(name)
    note, names = data.get("crop_note"), data.get("class_names", [])
    if note is not None and (len(note) != 4 or not all(type(v) is int and 0 <= v <= record.resolution for v in note)):
        raise ValueError("crop_note")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("class_names")
    settled = {"crop_note": None if note is None else tuple(note), "class_names": tuple(clipped(n) for n in names)}
    return Record(**{**data, **settled})
