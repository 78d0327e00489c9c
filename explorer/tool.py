"""What the left button does on the canvas. A tool is given places in logical pixels and may paint over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter

if TYPE_CHECKING:
    from explorer.canvas import Canvas


class Tool:
    """Does nothing: what there is until a document is."""

    cursor = Qt.CursorShape.ArrowCursor
    tip = ""  # what it does, in a line

    def press(self, at: QPointF) -> bool:
        """The button went down. False: it means nothing here."""
        return False

    def move(self, at: QPointF) -> None:
        """The pointer moved while the button is held."""

    def release(self) -> None:
        """The button was let go."""

    def key(self, event: QKeyEvent) -> bool:
        """A key that the canvas has no use for. False: neither has the tool."""
        return False

    def shown(self, picture: QImage) -> QImage:
        """What the canvas paints for a picture."""
        return picture

    def paint(self, canvas: Canvas, painter: QPainter, target: QRectF) -> None:
        """Over the picture, which fills `target` (device pixels)."""
