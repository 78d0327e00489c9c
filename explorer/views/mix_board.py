"""The board of the mix grid: tiles with sources along two sides that can be edited where they stand.

A click on a source opens a field for its seed; the dice and plus stand at the end of each axis. What is dragged from
the gallery and dropped on a source replaces it; dropped elsewhere it is added to the nearer axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QMargins, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.recipe import SourceName
from explorer import theme
from explorer.controls.buttons import disabled_reason, icon_button
from explorer.controls.seed import rolled
from explorer.gallery import MIME
from explorer.views.mix_axes import MOST
from explorer.views.mix_field import SourceField
from explorer.views.tile import ROOMY, Tile
from explorer.views.tile_places import Place
from explorer.views.tiles import TileBoard

NAMES: tuple[SourceName, SourceName] = ("a", "b")
BUTTON = 28  # px
TIP = (
    "Click a picture to show it, a source to change its seed; or walk with the arrow keys.\n"
    "Enter: show, or edit. R: roll the dice of a source. Delete: take it away. +: one more."
)
FULL = f"There are {MOST} sources: take one away first."


class MixBoard(TileBoard):
    """Signals name an axis and a place on it; -1 stands for a new one at the end."""

    seeded = Signal(str, int, object, object)  # axis, index, seed, gesture or None
    removed = Signal(str, int)
    added = Signal(str)
    rolled_all = Signal(str)
    dropped = Signal(str, int, str)  # JSON of a recipe

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("mix grid", parent)
        self.setToolTip(TIP)
        self.reserve = QMargins(0, 0, BUTTON, BUTTON)
        self.gap = 4
        self.setAcceptDrops(True)
        self._offer: QRect | None = None  # where a drop would go
        self._edited: Place | None = None
        self._seed = SourceField(self)
        self._seed.edited.connect(self._take_seed)
        self._seed.left.connect(self.setFocus)
        self._seed.editingFinished.connect(self._end_edit)
        self._buttons: dict[SourceName, tuple[QToolButton, QToolButton]] = {}
        for name, where in zip(NAMES, ("below", "on the right"), strict=True):
            letter = name.upper()
            plus = icon_button("plus", f"add source {letter}", f"One more source {letter} {where}", name)
            dice = icon_button("dice", f"roll sources {letter}", f"Other seeds for all sources {letter}", name)
            plus.clicked.connect(partial(self._emit_added, name))
            dice.clicked.connect(partial(self._emit_rolled, name))
            for button in (plus, dice):
                button.setParent(self)
            self._buttons[name] = plus, dice
        self.chosen.connect(self._on_chosen)
        self.side_changed.connect(self._place_buttons)

    def _emit_added(self, name: SourceName) -> None:
        self.added.emit(name)

    def _emit_rolled(self, name: SourceName) -> None:
        self.rolled_all.emit(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_buttons()

    def _laid_out(self) -> None:
        super()._laid_out()
        self._place_buttons()

    def _place_buttons(self) -> None:
        tiles = self.places.filled
        for buttons in self._buttons.values():
            for button in buttons:
                button.setVisible(bool(self._rows))
        for number, button in enumerate(self._buttons["b"]):
            button.move(tiles.right() + theme.GRID, tiles.y() + 26 * number)
        for number, button in enumerate(self._buttons["a"]):
            button.move(tiles.x() + BUTTON * number, tiles.bottom() + theme.GRID)
        if self._edited is not None:
            self._seed.stand_on(self.rect_of(self._edited), self.width())

    # --- sources

    @staticmethod
    def axis_of(place: Place | None) -> tuple[SourceName, int] | None:
        """The axis and the index of a source; None for every other place."""
        if place is None or place == (0, 0) or min(place) > 0:
            return None
        return ("a", place[0] - 1) if place[1] == 0 else ("b", place[1] - 1)

    def _on_chosen(self, key: Place) -> None:
        if self.axis_of(key) is not None:
            self.edit(key)

    def edit(self, place: Place) -> None:
        """Open the field of a source's seed."""
        tile = self.tile(place)
        if tile is None:
            return
        self._edited = place
        self._seed.name_after(tile, place[0] + place[1])
        self._seed.show_tile(tile)
        self._seed.stand_on(self.rect_of(place), self.width())
        self._seed.show()
        self._seed.setFocus(Qt.FocusReason.OtherFocusReason)
        self._seed.selectAll()

    def show_rows(self, rows: Sequence[Sequence[Tile | None]], titles: Sequence[str] = ()) -> None:
        super().show_rows(rows, titles)
        for name, (plus, _) in self._buttons.items():
            disabled_reason(plus, FULL if self._length(name) >= MOST else None)
        tile = None if self._edited is None else self.tile(self._edited)
        if tile is not None:  # undo may have come while the field was open
            self._seed.show_tile(tile)

    def _length(self, name: SourceName) -> int:
        """Sources on an axis."""
        return len(self._rows if name == "a" else self._rows[0]) - 1 if self._rows else 0

    def _take_seed(self, seed: int, gesture: int) -> None:
        axis = self.axis_of(self._edited)
        if axis is not None:
            self.seeded.emit(*axis, seed, gesture)

    def _end_edit(self) -> None:
        had = self._seed.hasFocus()
        self._edited = None
        self._seed.hide()
        if had:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        axis = self.axis_of(self._focus)
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Insert):
            self.added.emit(axis[0] if axis else "a")
        elif axis is not None and event.key() == Qt.Key.Key_F2:
            self.edit(self._focus)
        elif axis is not None and event.key() == Qt.Key.Key_R and not event.modifiers():
            self.seeded.emit(*axis, rolled(), None)
        elif axis is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(*axis)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            plain = event.key() == Qt.Key.Key_R and not event.modifiers()
            dice = plain and self.axis_of(self._focus) is not None
            event.setAccepted(dice)  # R on a source is that source's dice, not the window's
            return dice
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self._focus if by_key else self.place_at(QPointF(event.pos()))
        axis = self.axis_of(place)
        if axis is None or place is None:
            return
        menu = QMenu(self)
        menu.addAction("Edit seed", lambda: self.edit(place))
        menu.addAction("Roll the dice", lambda: self.seeded.emit(*axis, rolled(), None))
        menu.addAction("Take away", lambda: self.removed.emit(*axis))
        menu.popup(self.mapToGlobal(self.rect_of(place).center()) if by_key else event.globalPos())

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._rows:
            return
        painter = QPainter(self)
        corner = self.rect_of((0, 0))
        painter.setFont(theme.font(theme.CAPTION, bold=True))
        if corner.height() >= ROOMY:  # else the letters of the sources must do
            box = corner.adjusted(4, 4, -6, -6)
            painter.setPen(theme.colour("b"))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "B →")
            painter.setPen(theme.colour("a"))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, "A ↓")
        if self._offer is not None:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRect(self._offer)

    # --- drop

    def _target(self, at: QPointF) -> tuple[SourceName, int, QRect] | None:
        """Where a drop goes: axis, index (-1: a new one), and what is lit meanwhile; None for a full axis."""
        place = self.place_at(at)
        axis = self.axis_of(place)
        if axis is not None and place is not None:
            return *axis, self.rect_of(place)
        tiles, side = self.places.filled, self.places.side
        name: SourceName = "b" if at.y() - tiles.y() < at.x() - tiles.x() else "a"
        if self._length(name) >= MOST:
            return None
        wide, high = (tiles.width(), side) if name == "b" else (side, tiles.height())
        return name, -1, QRect(tiles.x(), tiles.y(), wide, high)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        target = self._target(event.position())
        event.acceptProposedAction()
        event.setAccepted(target is not None)  # what is not taken here may be so a little further on
        self._light(None if target is None else target[2])

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(None)
        text = bytes(event.mimeData().data(MIME).data()).decode("utf-8", "replace")
        target = self._target(event.position())
        if target is not None:
            event.acceptProposedAction()
            self.dropped.emit(*target[:2], text)

    def _light(self, rect: QRect | None) -> None:
        self._offer = rect
        self.update()
