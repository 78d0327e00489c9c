"""How pictures stand beside each other: columns, gaps, background, captions. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import RecipeError

MAX_COLUMNS = 1000
MAX_GAP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The look of a grid, or of films side by side."""

    columns: int | None = None  # None: as the kind of grid asks for, or as near to a square as can be
    gap: int | None = None  # pixels between pictures and around a grid; None: 1/32 of a picture
    captions: bool = True
    background: str = "#ffffff"  # captions are black or white, whichever can be read on it

    def __post_init__(self) -> None:
        if self.columns is not None and not 1 <= self.columns <= MAX_COLUMNS:
            raise RecipeError(f"a page has 1 to {MAX_COLUMNS} columns", "give a number in between")
        if self.gap is not None and not 0 <= self.gap <= MAX_GAP:
            raise RecipeError(f"a gap is 0 to {MAX_GAP} pixels wide", "give a number in between")
        if re.fullmatch(r"#[0-9a-fA-F]{6}", self.background) is None:
            raise RecipeError("the background is no colour", "give one such as #101216")

    @property
    def colour(self) -> tuple[int, int, int]:
        """The background as red, green, blue 0..255."""
        return tuple(bytes.fromhex(self.background[1:]))  # type: ignore[return-value]  # three, as checked

    @property
    def ink(self) -> tuple[int, int, int]:
        """What can be read on the background: black or white."""
        red, green, blue = self.colour
        return (255,) * 3 if 0.299 * red + 0.587 * green + 0.114 * blue < 128 else (0,) * 3

    def columns_for(self, count: int) -> int:
        """Columns for some pictures: as asked for, or the smallest number that gives no more rows than columns."""
        if self.columns is not None:
            return min(self.columns, count)
        return next(n for n in range(1, count + 1) if n * n >= count)

    def gap_for(self, resolution: int) -> int:
        """Pixels between pictures of a size."""
        return max(1, resolution // 32) if self.gap is None else self.gap
