"""Conformance: every case of the public implementations' reference numbers, compared with ours.

A module here offers `CASES`, a list of `Case`. `tests/test_conformance.py` runs each as a test;
`python -m tests.conformance` runs all and writes docs/conformance.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Measure = Literal["max", "std", "absolute", "exact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One array of a case beside its reference."""

    what: str  # e.g. "images", "ws", "scores", "Dense3/leaky_relu"
    ours: npt.NDArray[np.float64 | np.float32]
    reference: npt.NDArray[np.float64 | np.float32]
    tolerance: float
    measure: Measure = "max"  # what the largest difference is divided by: max |reference|, its std, nothing

    @property
    def error(self) -> float:
        """The largest difference in units of the measure; infinite where the shapes differ."""
        if self.ours.shape != self.reference.shape or not np.isfinite(self.ours).all():
            return float("inf")
        if not self.ours.size:
            return 0.0
        largest = float(np.abs(self.ours.astype(np.float64) - self.reference).max())
        if self.measure == "max":
            return largest / max(float(np.abs(self.reference).max()), 1e-30)
        if self.measure == "std":
            return largest / max(float(self.reference.std()), 1e-30)
        return largest


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of a reference file."""

    file: str  # e.g. "tf/progan_small"
    name: str  # of the case in it
    run: Callable[[], list[Comparison]]
    slow: bool = False  # a full-size network

    @property
    def id(self) -> str:
        return f"{self.file}:{self.name}"
