"""What is in a data set, in words and as JSON."""

from __future__ import annotations

import json
from typing import Any

from engine.errors import clipped
from train.datasets.labels import Labels
from train.datasets.record import Record
from train.datasets.sources import Source
from train.datasets.survey import Survey

SHOWN = 5  # of a kind, in words


def as_json(source: Source, found: Survey, labels: Labels | None, record: Record | None) -> dict[str, Any]:
    """What other programs read."""
    return {
        "kind": source.kind,
        "pictures": len(source.entries),
        "usable": len(found.headers),
        "sizes": [[width, height, count] for (width, height), count in found.sizes()],
        "kinds": dict(found.kinds()),
        "channels": record.channels if record else found.natural_channels(),
        "labels": labels.origin if labels else None,
        "classes": labels.width if labels else 0,
        "class_names": list(labels.names) if labels else [],
        "class_counts": labels.counts() if labels else [],
        "with_transparency": sum(h.alpha for h in found.headers),
        "with_several_frames": sum(h.frames > 1 for h in found.headers),
        "skipped": [[fault.name, fault.reason] for fault in source.skipped],
        "faults": [[fault.name, fault.reason] for fault in found.faults],
        "fingerprint": source.fingerprint(),
        "record": json.loads(record.to_json()) if record else None,
    }


def as_text(source: Source, found: Survey, labels: Labels | None, record: Record | None) -> str:
    """What a person reads: one fact a line."""
    alpha = sum(h.alpha for h in found.headers)
    frames = sum(h.frames > 1 for h in found.headers)
    lines = {
        "data set": f"{source.title} ({source.kind})",
        "pictures": f"{len(source.entries):,}",
        "sizes": _several([f"{w}x{h} ({count:,})" for (w, h), count in found.sizes()]),
        "kinds": _several([f"{kind} ({count:,})" for kind, count in found.kinds()]),
        "channels": _colours(record.channels if record else found.natural_channels()),
        "classes": _classes_text(labels),
        "alpha": f"{alpha:,} pictures; laid over a background unless four channels are asked for" if alpha else "",
        "frames": f"{frames:,} pictures have several; the first is taken" if frames else "",
        "skipped": _several([f"{fault}" for fault in source.skipped], "; "),
        "faults": _several([f"{fault}" for fault in found.faults], "; "),
        "packed": record_text(record) if record else "",
        "fingerprint": source.fingerprint(),
    }
    return "\n".join(f"{name:<11} {text}" for name, text in lines.items() if text)


def _classes_text(labels: Labels | None) -> str:
    if labels is None:
        return "none"
    counts = labels.counts()
    if not counts:
        return f"{labels.width} numbers for each picture, from {labels.origin}"
    names = labels.names or [str(i) for i in range(labels.width)]
    each = [f"{clipped(name, 30)} ({count:,})" for name, count in zip(names, counts, strict=True)]
    return f"{labels.width} from {labels.origin}: {_several(each)}"


def _several(texts: list[str], between: str = ", ") -> str:
    more = f"{between}and {len(texts) - SHOWN:,} more" if len(texts) > SHOWN else ""
    return between.join(texts[:SHOWN]) + more


def _colours(channels: int) -> str:
    return {1: "grey", 3: "RGB", 4: "RGBA"}.get(channels, f"{channels} channels")


def record_text(record: Record) -> str:
    """How a set was packed, in one line."""
    size, colours = f"{record.resolution}x{record.resolution}", _colours(record.channels)
    parts = [f"{record.pictures:,} pictures of {size}, {colours}, from {clipped(record.source, 80)}"]
    if record.source != "portraits":
        parts.append(f"crop {record.crop}, filter {record.filter}, background {clipped(record.background, 9)}")
    if record.labels != "none":
        parts.append(f"labels from {record.labels}")
    if record.enlarged:
        parts.append(f"{record.enlarged:,} enlarged")
    if record.left_out:
        parts.append(f"{record.left_out:,} left out")
    if record.crop_note:
        parts.append(f"picture inside the bars {_note_text(record)}")
    return "; ".join(parts)


def _note_text(record: Record) -> str:
    x, y, width, height = record.crop_note or (0, 0, 0, 0)
    return f"{width}x{height} at ({x}, {y})"
