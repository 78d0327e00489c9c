"""A slider of real numbers by hand: mouse, keys, wheel, gestures. What it looks like is left to who inherits.

Arrows step, Shift tenfold, Ctrl a tenth (also while dragging); the wheel is taken only with the focus, so that a
panel under the pointer scrolls; double click and Delete ask for the default; digits and Enter ask for typing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from explorer.controls.gesture import Gesture

Key = Qt.Key


def factor(modifiers: Qt.KeyboardModifier) -> float:
    """How many steps one press is worth."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return 10.0
    return 0.1 if modifiers & Qt.KeyboardModifier.ControlModifier else 1.0


def _is_typing(event: QKeyEvent) -> bool:
    """Whether a key begins a number. With Ctrl or Alt it is a shortcut of the window: Alt+2 turns to a view."""
    plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return plain and len(event.text()) == 1 and event.text() in "0123456789.,-"


class Rail(QSlider):
    """The hand of ValueSlider and Fader. On a vertical rail the smallest number is at the top."""

    edited = Signal(float, int)  # number, gesture
    defaulted = Signal(int)  # gesture: the user wants the default
    typing = Signal(str)  # the first character of a number, or ""

    def __init__(
        self,
        orientation: Qt.Orientation,
        minimum: float,
        maximum: float,
        step: float,
        fine: int = 10,  # ticks of the slider per step, for Ctrl; 1 where only whole steps are values
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(orientation, parent)
        self._low, self._tick, self._fine = minimum, step / fine, fine
        self.gesture = Gesture()
        self._grip: QPointF | None = None  # where the pointer was at the last move of a drag
        self._held = 0.0  # the dragged value in ticks, not clamped: who overshoots comes back to the same place
        self.setRange(0, round((maximum - minimum) / self._tick))
        self.setSingleStep(fine)
        self.setPageStep(10 * fine)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not the wheel: it must not take the focus by passing
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.valueChanged.connect(self._tell)

    def number(self) -> float:
        """What the rail shows, a whole number of ticks."""
        return round(self._low + self.value() * self._tick, 6)

    def set_number(self, number: float) -> None:
        """Show a number. Says nothing."""
        blocked = self.blockSignals(True)
        self.setValue(round((number - self._low) / self._tick))
        self.blockSignals(blocked)

    def share(self) -> float:
        """Where the cap is: 0 left or top, 1 right or bottom."""
        return self.value() / max(1, self.maximum())

    def travel(self) -> tuple[float, float]:
        """Where along the rail the cap's middle is at share 0 and at share 1, in pixels."""
        raise NotImplementedError

    def cap_length(self) -> float:
        """Length of the cap along the rail, in pixels."""
        raise NotImplementedError

    def held(self) -> bool:
        """Whether the user drags now."""
        return self._grip is not None

    def _tell(self) -> None:
        self.edited.emit(self.number(), self.gesture.number())

    def _along(self, point: QPointF) -> float:
        return point.x() if self.orientation() == Qt.Orientation.Horizontal else point.y()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._grip = event.position()
        self.gesture.hold()
        start, end = self.travel()
        place = self._along(self._grip)
        if abs(place - (start + self.share() * (end - start))) > self.cap_length() / 2:  # beside the cap: it comes
            self.setValue(round((place - start) / (end - start) * self.maximum()))
        self._held = float(self.value())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            event.ignore()
            return
        start, end = self.travel()
        moved = (self._along(event.position()) - self._along(self._grip)) / (end - start) * self.maximum()
        fine = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        self._grip = event.position()
        self._held += moved * (0.1 if fine else 1.0)
        self.setValue(round(self._held))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._grip is not None:
            self._grip = None
            self.gesture.release()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.defaulted.emit(self.gesture.last)  # its first press may have moved the cap: one step with that

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        turn = event.angleDelta().y() or event.angleDelta().x()
        upright = self.orientation() == Qt.Orientation.Vertical
        self._step((-turn if upright else turn) / 120 * factor(event.modifiers()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()  # the keys of the rail are no shortcuts of the window while it has the focus
            return True
        return super().event(event)

    def _steps(self, key: int) -> float:
        """How many steps a key is worth, towards the larger number; 0: no such key."""
        if self.orientation() == Qt.Orientation.Vertical:
            return {Key.Key_Up: -1, Key.Key_Down: 1, Key.Key_PageUp: -10, Key.Key_PageDown: 10}.get(Key(key), 0)
        return {
            Key.Key_Left: -1, Key.Key_Down: -1, Key.Key_PageDown: -10,
            Key.Key_Right: 1, Key.Key_Up: 1, Key.Key_PageUp: 10,
        }.get(Key(key), 0)  # fmt: skip

    def _takes(self, event: QKeyEvent) -> bool:
        others = (Key.Key_Home, Key.Key_End, Key.Key_Delete, Key.Key_Backspace, Key.Key_Left, Key.Key_Right)
        return bool(self._steps(event.key())) or event.key() in others or _is_typing(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if steps := self._steps(key):
            self._step(steps * factor(event.modifiers()))
        elif key in (Key.Key_Home, Key.Key_End):
            self.setValue(0 if key == Key.Key_Home else self.maximum())
        elif key in (Key.Key_Delete, Key.Key_Backspace):
            self.gesture.end()
            self.defaulted.emit(self.gesture.number())
        elif key in (Key.Key_Return, Key.Key_Enter):
            self.typing.emit("")
        elif _is_typing(event):
            self.typing.emit(event.text())
        else:
            event.ignore()

    def _step(self, steps: float) -> None:
        ticks = round(steps * self._fine)
        self.setValue(self.value() + (ticks or (1 if steps > 0 else -1)))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.gesture.end()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self._grip = None
        super().changeEvent(event)
