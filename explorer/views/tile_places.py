"""Where the tiles of a board lie: rows of squares, as large as fits, centred. A value; it knows no widget."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPoint, QRect

from explorer import theme
from explorer.views.tile import CAPTION, Tile

TITLE = 28  # px over a row with a title

Place = tuple[int, int]  # row, column
Rows = tuple[tuple[Tile | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class TilePlaces:
    """All in logical pixels."""

    rows: Rows = ()  # None: an empty place
    titles: tuple[str, ...] = ()  # one a row, "" for none
    area: QRect  # what the tiles may fill
    gap: int = theme.GAP  # between two

    def tile(self, place: Place) -> Tile | None:
        """The tile at a place, None where there is none."""
        row, column = place
        inside = 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row])
        return self.rows[row][column] if inside else None

    def tiles(self) -> Iterator[tuple[Place, Tile]]:
        """All tiles and where they are, row by row."""
        return (((r, c), tile) for r, row in enumerate(self.rows) for c, tile in enumerate(row) if tile is not None)

    def place_of(self, key: Hashable) -> Place | None:
        """Where a tile is."""
        return next((place for place, tile in self.tiles() if tile.key == key), None)

    def place_at(self, at: QPoint) -> Place | None:
        """The tile under a point."""
        return next((place for place, _ in self.tiles() if self.rect_of(place).contains(at)), None)

    @property
    def columns(self) -> int:
        return max((len(row) for row in self.rows), default=1)

    @cached_property
    def _under(self) -> int:
        """Pixels for the words under every tile."""
        return CAPTION if any(tile.caption and not tile.source for _, tile in self.tiles()) else 0

    def _above(self, rows: int) -> int:
        """Pixels of the titles over so many rows."""
        return TITLE * sum(map(bool, self.titles[:rows]))

    @cached_property
    def side(self) -> int:
        """Pixels of a tile's edge: the largest that fits."""
        rows, columns = max(1, len(self.rows)), self.columns
        wide = (self.area.width() - (columns - 1) * self.gap) // columns
        high = (self.area.height() - self._above(rows) - rows * self._under - (rows - 1) * self.gap) // rows
        return max(16, min(wide, high))

    @cached_property
    def filled(self) -> QRect:
        """What the tiles do fill."""
        side, rows, columns = self.side, max(1, len(self.rows)), self.columns
        width = columns * side + (columns - 1) * self.gap
        height = rows * (side + self._under) + (rows - 1) * self.gap + self._above(rows)
        left, top = (self.area.width() - width) // 2, (self.area.height() - height) // 2
        return QRect(self.area.x() + left, self.area.y() + top, width, height)

    def rect_of(self, place: Place) -> QRect:
        """The picture of a tile, without its words."""
        row, column = place
        side, filled = self.side, self.filled
        y = filled.y() + row * (side + self._under + self.gap) + self._above(row + 1)
        return QRect(filled.x() + column * (side + self.gap), y, side, side)

    def title_of(self, row: int) -> QRect:
        """Where the title of a row stands."""
        filled = self.filled
        return QRect(filled.x(), self.rect_of((row, 0)).y() - TITLE, filled.width(), TITLE - theme.GRID)
