"""How exports are spoken of: how far, how many, how long. Knows no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import StylescopeError
from explorer import faults

if TYPE_CHECKING:
    from explorer.exports import Export


def words(export: Export) -> str:
    """How far an export is, in words."""
    if export.open and export.control.cancelled:
        return "giving it up ..."
    match export.state:
        case "waiting":
            return "waits for the one before it"
        case "failed":
            assert export.error is not None  # or it would not have failed
            return sentence_of(export.error)
        case "done":
            return f"{counted(export.total)} in {duration(export.seconds)}"
    done = f"{export.done} of {export.total}"
    if export.paused:
        return f"{done}, on hold"
    left = export.left
    return done if left is None else f"{done}, {duration(left)} left"


def sentence_of(error: BaseException) -> str:
    """What a line says of an error."""
    said = faults.sentence(error)
    return f"Not exported: {said}" if isinstance(error, StylescopeError) else said


def counted(pictures: int) -> str:
    """A number of pictures."""
    return "1 picture" if pictures == 1 else f"{pictures:,} pictures".replace(",", "\u2009")


def duration(seconds: float) -> str:
    """A time for people."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
