"""What a run reports: means over a tick, the progress line, and stats.jsonl."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from torch import Tensor


class Meter:
    """Sums of named numbers since the last tick. Tensors are summed on their device and read once a tick."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor | float] = {}
        self._counts: dict[str, int] = {}

    def add(self, name: str, value: Tensor | float) -> None:
        value = value.detach().mean() if isinstance(value, Tensor) else value
        self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._counts[name] = self._counts.get(name, 0) + 1

    def take(self) -> dict[str, float]:
        """Means since the last call."""
        means = {name: float(total) / self._counts[name] for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        return means


def append_line(path: Path, entry: dict[str, Any]) -> None:
    """One JSON object a line; flushed, so that a killed run keeps what it reported."""
    with path.open("a", encoding="utf-8") as f:
        f.write(json.dumps(entry) + "\n")


def progress_line(entry: dict[str, Any], seconds_left: float) -> str:
    """kimg, speed, losses, scores, penalty, time left."""
    return (
        f"kimg {entry['kimg']:8.1f}   {entry['images_per_second']:6.1f} images/s   "
        f"G {entry.get('loss_G', 0):6.3f}   D {entry.get('loss_D', 0):6.3f}   "
        f"R1 {entry.get('r1', 0):7.3f}   real {entry.get('score_real', 0):+6.2f}   "
        f"fake {entry.get('score_fake', 0):+6.2f}   data wait {entry['data_wait']:5.1%}   "
        f"left {duration(seconds_left)}"
    )


def duration(seconds: float) -> str:
    """Rounded for people: 2h 05m, 12m 30s, 8s."""
    s = int(max(seconds, 0))
    if s >= 3600:
        return f"{s // 3600}h {s % 3600 // 60:02d}m"
    return f"{s // 60}m {s % 60:02d}s" if s >= 60 else f"{s}s"


def timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
