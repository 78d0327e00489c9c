"""A board of pictures in rows: as large as fits, chosen by click or keyboard. Knows neither recipes nor the document.

Views say which tiles there are (`show_rows`) and give pictures as they come; a tile keeps its old picture until the new
one is there, so that nothing flickers while recipes change under a dragging hand.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from PySide6.QtCore import QEvent, QMargins, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer import theme
from explorer.views.tile import Look, Tile, paint_tile
from explorer.views.tile_places import Place, Rows, TilePlaces

PAD = 12  # px around the board
STEP = 128  # device pixels: a window that is dragged wider does not ask for new pictures at each of them
MAX_WANTED = 1024

EMPTY = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
TITLED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom


class TileBoard(QWidget):
    """`chosen(key)` when a tile is clicked, or Enter or Space pressed on it."""

    chosen = Signal(object)
    side_changed = Signal()  # pictures of another size are wanted

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip("Click a picture, or walk with the arrow keys and press Enter")  # beside the pictures
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.reserve = QMargins(0, 0, 0, 0)  # px kept free around the tiles
        self.gap = theme.GAP
        self.empty_words = ""  # what is said where there is no tile
        self._rows: Rows = ()
        self._titles: tuple[str, ...] = ()
        self._pictures: dict[Hashable, QImage] = {}
        self._refused: set[Hashable] = set()
        self._marked: Hashable = None
        self._focus: Place = (0, 0)
        self._hover: Place | None = None
        self._pressed: Place | None = None
        self._wanted = 0

    # --- what is shown

    def show_rows(self, rows: Sequence[Sequence[Tile | None]], titles: Sequence[str] = ()) -> None:
        """Show tiles; None is an empty place. `titles`: one a row, "" for none."""
        new = tuple(tuple(row) for row in rows), tuple(titles)
        if new != (self._rows, self._titles):
            self._rows, self._titles = new
            keys = {tile.key for row in self._rows for tile in row if tile is not None}
            self._pictures = {key: image for key, image in self._pictures.items() if key in keys}
            self._refused &= keys
            if self.tile(self._focus) is None:
                self._focus = next((place for place, _ in self.places.tiles()), (0, 0))
            self._laid_out()
        self._describe()

    def set_picture(self, key: Hashable, picture: QImage) -> None:
        """The picture of a tile."""
        self._pictures[key] = picture
        self._refused.discard(key)
        place = self.places.place_of(key)
        if place is not None:
            self.update(self.rect_of(place).adjusted(-2, -2, 2, 2))

    def forget(self) -> None:
        """Another model: the pictures that are there are of no tile any more."""
        self._pictures.clear()
        self._refused.clear()
        self.update()

    def refuse(self, key: Hashable) -> None:
        """The picture of a tile cannot be made."""
        self._refused.add(key)
        self.update()

    def mark(self, key: Hashable) -> None:
        """The tile that is shown by the window now; None: none of them is."""
        if key != self._marked:
            self._marked = key
            self.update()

    @property
    def wanted_side(self) -> int:
        """Device pixels that a picture should have, rounded up."""
        pixels = self.places.side * self.devicePixelRatioF()
        return min(MAX_WANTED, STEP * max(1, math.ceil(pixels / STEP)))

    # --- places

    @property
    def places(self) -> TilePlaces:
        """Where everything lies now."""
        area = self.rect().adjusted(PAD, PAD, -PAD, -PAD).marginsRemoved(self.reserve)
        return TilePlaces(rows=self._rows, titles=self._titles, area=area, gap=self.gap)

    def tile(self, place: Place) -> Tile | None:
        """The tile at a place, None where there is none."""
        return self.places.tile(place)

    def place_at(self, at: QPointF) -> Place | None:
        """The tile under a point."""
        return self.places.place_at(at.toPoint())

    def rect_of(self, place: Place) -> QRect:
        """The picture of a tile, without its words."""
        return self.places.rect_of(place)

    def _laid_out(self) -> None:
        self.update()
        if self.wanted_side != self._wanted:
            self._wanted = self.wanted_side
            self.side_changed.emit()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("surround"))
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        places = self.places
        painter.setFont(theme.font(title=True))
        painter.setPen(theme.colour("quiet"))
        for row, title in enumerate(self._titles):
            if title:
                painter.drawText(places.title_of(row), TITLED, title)
        if not self._rows:
            painter.setFont(theme.font())
            painter.drawText(self.rect().adjusted(PAD, PAD, -PAD, -PAD), EMPTY, self.empty_words)
        for place, tile in places.tiles():
            look = Look(
                marked=tile.key == self._marked,
                focused=self.hasFocus() and place == self._focus,
                hovered=place == self._hover,
                refused=tile.key in self._refused,
            )
            paint_tile(painter, tile, places.rect_of(place), self._pictures.get(tile.key), look)
        painter.end()

    # --- hands

    def focus_on(self, place: Place) -> None:
        """The tile that keys act on."""
        if self.tile(place) is not None:
            self._focus = place
            self._describe()
            self.update()

    def _describe(self) -> None:
        tile = self.tile(self._focus)
        self.setAccessibleDescription("" if tile is None else tile.words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        key = Qt.Key(event.key())
        if key in steps:
            row, column = self._focus[0] + steps[key][0], self._focus[1] + steps[key][1]
            self.focus_on((row, column))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            places = [place for place, _ in self.places.tiles()] or [(0, 0)]
            self.focus_on(places[0 if key == Qt.Key.Key_Home else -1])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._focus)
        else:
            super().keyPressEvent(event)

    def _choose(self, place: Place) -> None:
        tile = self.tile(place)
        if tile is not None:
            self.chosen.emit(tile.key)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self.place_at(event.position())
            if self._pressed is not None:
                self.focus_on(self._pressed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        left = event.button() == Qt.MouseButton.LeftButton
        if pressed is not None and left and self.place_at(event.position()) == pressed:
            self._choose(pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover_at(self.place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover_at(None)

    def _hover_at(self, place: Place | None) -> None:
        if place != self._hover:
            self._hover = place
            self.setCursor(Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._laid_out()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tile = self.tile(self.place_at(QPointF(event.pos())) or (-1, -1))
            if tile is not None:
                QToolTip.showText(event.globalPos(), tile.words, self)
                return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(480, 360)
