"""What is wrong with the files of a data set."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import TrainingError, clipped


class Unusable(Exception):
    """Why one picture cannot be used. Whoever knows its name makes a Fault of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A file and what is wrong with it, or why it was skipped."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{clipped(self.name, 200)}: {self.reason}"


class Offenders(TrainingError):
    """Files of a data set that cannot be used; the sentence names the first, `faults` are all."""

    def __init__(self, what: str, remedy: str, faults: list[Fault]) -> None:
        super().__init__(f"{what}, first {faults[0]}", remedy)
        self.faults = faults
