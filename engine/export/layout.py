"""What stands where on a page of pictures: rows of cells, each of them a recipe. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from engine.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a grid: a picture, the deviation among several pictures, or nothing."""

    recipe: Recipe | None = None
    realisations: tuple[Recipe, ...] = ()  # their standard deviation is shown
    caption: str = ""  # under it


@dataclass(frozen=True, slots=True)
class Row:
    """Cells from left to right, and what is written before them."""

    cells: tuple[Cell, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole grid. Every row has as many cells as there are columns."""

    rows: tuple[Row, ...]
    columns: int
    recipe: Recipe  # what stands for the grid where one recipe is wanted
    top: tuple[str, ...] = ()  # over the columns; none: nothing is written there

    @property
    def pictures(self) -> int:
        """How many pictures have to be made."""
        cells = (cell for row in self.rows for cell in row.cells)
        return sum((cell.recipe is not None) + len(cell.realisations) for cell in cells)
