"""What a hand does to a widget, as the events that Qt would send."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.controls.rail import Rail

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


W = TypeVar("W", bound=QWidget)


def shown(qtbot: QtBot, widget: W, width: int = 240, height: int = 0) -> W:
    """The widget in a window that has the keyboard."""
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    window.resize(width, height or window.sizeHint().height())
    qtbot.addWidget(window)
    widget.window_of_test = window  # type: ignore[attr-defined]  # Python would throw it away
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return widget


def focus(qtbot: QtBot, widget: QWidget) -> None:
    """Give the keyboard to a widget, as Tab does."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(widget.hasFocus)


def mouse(widget: QWidget, kind: QEvent.Type, place: QPointF, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """One mouse event of the left button."""
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    screen = QPointF(widget.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(widget, QMouseEvent(kind, place, screen, button, held, modifiers))


def place_of(rail: Rail, share: float) -> QPointF:
    """Where the middle of the cap is at a share of the rail."""
    start, end = rail.travel()
    along = start + share * (end - start)
    if rail.orientation() == Qt.Orientation.Horizontal:
        return QPointF(along, rail.height() / 2)
    return QPointF(rail.width() / 2, along)


def press(rail: Rail, share: float) -> None:
    mouse(rail, QEvent.Type.MouseButtonPress, place_of(rail, share))


def move(rail: Rail, share: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    mouse(rail, QEvent.Type.MouseMove, place_of(rail, share), modifiers)


def release(rail: Rail, share: float) -> None:
    mouse(rail, QEvent.Type.MouseButtonRelease, place_of(rail, share))


def drag(rail: Rail, *shares: float) -> None:
    """Take the cap where it is, pass some places, let go at the last."""
    press(rail, rail.share())
    for share in shares:
        move(rail, share)
    release(rail, shares[-1])


def double_click(rail: Rail, share: float) -> None:
    press(rail, share)
    release(rail, share)
    mouse(rail, QEvent.Type.MouseButtonDblClick, place_of(rail, share))
    release(rail, share)


def turn(widget: QWidget, notches: int, modifiers: Qt.KeyboardModifier = NONE) -> bool:
    """Turn the wheel away from the hand. Whether the widget took it."""
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(widget.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
