"""The setting `w_parts`, see train.parts. No torch, so that a wrong one is refused at once."""

from __future__ import annotations

import math

from engine.errors import TrainingError

Parts = tuple[tuple[int, int, float], ...]  # (first slot, values of w that it and those up to the next read, kimg)


def check_parts(parts: Parts) -> None:
    """Raises TrainingError unless slots grow from 0 on, each part has a value or more and opens at 0 kimg or later."""
    slots = [slot for slot, _, _ in parts]
    senseless = any(n < 1 or not 0 <= kimg < math.inf for _, n, kimg in parts)
    if parts and (senseless or slots[0] != 0 or sorted(set(slots)) != slots):
        remedy = "give growing slots from 0 on, each with how many values it reads and from when, such as 0:16:24,4:9:0"
        raise TrainingError("w_parts is no division of w", remedy)


def check_width(parts: Parts, w_dim: int) -> None:
    """Raises TrainingError where the parts together are wider than w."""
    values = sum(n for _, n, _ in parts)
    if values > w_dim:
        raise TrainingError(f"w_parts are {values} values and w has {w_dim}", "give fewer")
