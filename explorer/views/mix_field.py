"""The field in which the seed of a source of the mix grid is edited, where the source stands. Knows no board."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from explorer.controls.seed import SeedBox
from explorer.views.tile import Tile

TIP = "Enter takes the seed. R rolls the dice."


class SourceField(SeedBox):
    """Enter and Escape end here: for the board they would mean the next thing."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.call("seed of a source", TIP)
        self.hide()

    def name_after(self, tile: Tile, number: int) -> None:
        """What a screen reader says: the `number`-th source of an axis."""
        self.call(f"seed of source {tile.source.upper()} {number}", TIP)

    def show_tile(self, tile: Tile) -> None:
        """The seed of a source, or the words of what is none."""
        self.set_seed(int(tile.caption) if tile.caption.isdigit() else None, tile.caption)

    def stand_on(self, rect: QRect, width: int) -> None:
        """At the lower edge of a picture on a board of that width."""
        own = max(rect.width(), self.minimumWidth())
        left = min(max(rect.center().x() - own // 2, 0), width - own)
        self.setGeometry(QRect(left, rect.bottom() - self.height() + 1, own, self.height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.accept()
            self.left.emit()
