"""The canvas: the picture under the hand. It knows pictures and pixels, no recipe.

Wheel zooms about the pointer, the middle button or Space with a drag pans, double-click fits. The left button belongs
to the tool in hand (tool.py).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.picture_pane import PicturePane
from explorer.tool import Tool

HANDS = "Wheel: zoom about the pointer. Middle button, or Space and drag or arrow keys: pan. Double-click: fit"
Key = Qt.Key
AWAY = {Key.Key_Left: (1, 0), Key.Key_Right: (-1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}  # the picture's way
PAN = 48.0  # logical pixels of one press of an arrow while Space is held


class Canvas(PicturePane):
    """What the tool makes of a picture, and what the hand does."""

    uncovered = Signal()  # it is seen again, after another view was

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Picture")
        self.setToolTip(HANDS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self._tool = Tool()
        self._tool_held = False
        self._space = False
        self._drag: QPointF | None = None  # last place of a pan, logical pixels

    # --- the tool

    def set_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self._tool, self._tool_held = tool, False
        self.setToolTip(f"{tool.tip}\n{HANDS}".strip())
        self.show_again()
        self._show_cursor()

    def refresh_cursor(self) -> None:
        """The tool has another one than before."""
        self._show_cursor()

    def made_of(self, picture: QImage) -> QImage:
        return self._tool.shown(picture)

    def paint_over(self, painter: QPainter, target: QRectF) -> None:
        self._tool.paint(self, painter, target)

    def show_again(self) -> None:
        """The tool makes something else of the picture than before."""
        before = self._shown.size()
        super().show_again()
        if self._shown.size() != before:
            self._show_cursor()  # there was nothing for a tool to do before the first picture

    # --- hands

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._covers(event.pos()):
            return True  # the picture is there to be looked at: tips only beside it
        return super().event(event)

    def _covers(self, at: QPoint) -> bool:
        """Whether the picture lies under a place."""
        x, y = self.picture_place(QPointF(at))
        return not self._image.isNull() and 0 <= x < self._shown.width() and 0 <= y < self._shown.height()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._image.isNull():
            return
        notches = event.angleDelta().y() / 120 or event.pixelDelta().y() / 60
        if not notches:
            return
        about = self._device(event.position())
        self._fit = False
        x, y = self._view.to_picture(about)
        on_picture = 0 <= x <= self._shown.width() and 0 <= y <= self._shown.height()
        view = self._view.stepped(notches, about)
        self._view = view if on_picture else view.within(self._picture_size(), self._device_size())
        self._changed()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        panning = event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        )
        if self._image.isNull() or self._tool_held:  # another button while the left one is down means nothing
            event.ignore()
            return
        if not panning:
            self._tool_held = event.button() == Qt.MouseButton.LeftButton and self._tool.press(event.position())
            event.setAccepted(self._tool_held)
            return
        self._drag = event.position()
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._tool_held:
            self._tool.move(event.position())
            return
        if self._drag is None:
            event.ignore()
            return
        moved = event.position() - self._drag
        self._drag = event.position()
        self._pan(moved)

    def _pan(self, moved: QPointF) -> None:
        self._fit = False
        dx, dy = self._device(moved)
        self._view = self._view.panned(dx, dy).within(self._picture_size(), self._device_size())
        self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._tool_held and event.button() == Qt.MouseButton.LeftButton:
            self._tool_held = False
            self._tool.release()
            return
        if self._drag is None:
            event.ignore()
            return
        self._drag = None
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.hold_space(True)
        elif self._space and event.key() in AWAY and not self._image.isNull():
            self._pan(QPointF(*AWAY[Key(event.key())]) * PAN)
        elif not self._tool.key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.hold_space(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hold_space(False)
        super().focusOutEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.uncovered.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_cursor()
        super().enterEvent(event)

    def hold_space(self, held: bool) -> None:
        """While Space is held, the left button pans."""
        self._space = held
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._drag is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(self._tool.cursor if not self._image.isNull() else Qt.CursorShape.ArrowCursor)
