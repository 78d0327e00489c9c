"""Random hands over the whole window, the same ones for the same seed. Driven by test_monkey.py."""

from __future__ import annotations

import random
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QSlider, QWidget

from explorer.canvas import Canvas
from explorer.window import Window

Key, Button, Modifier = Qt.Key, Qt.MouseButton, Qt.KeyboardModifier
LETTERS = [Key(code) for code in (*range(0x41, 0x5B), *range(0x30, 0x3A))]
OTHERS = [
    Key.Key_Tab, Key.Key_Backtab, Key.Key_Escape, Key.Key_Return, Key.Key_Space, Key.Key_Delete, Key.Key_Left,
    Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_F1, Key.Key_F2, Key.Key_PageUp,
    Key.Key_Minus, Key.Key_Period,
]  # fmt: skip
ENDS = ("Quit", "Full screen", "Save picture", "Save session")  # the window, or a dialog of the system
NO_KEYS = {(Key.Key_Q, Modifier.ControlModifier), (Key.Key_W, Modifier.ControlModifier)}
KINDS = (QSlider, QAbstractSpinBox, QComboBox, QAbstractButton, QLineEdit, Canvas)


class Monkey:
    """`act` does one thing; `trail` says what it did last."""

    def __init__(self, window: Window, files: list[Path], seed: int) -> None:
        self.window, self._files, self._draw = window, files, random.Random(seed)
        self.trail: deque[str] = deque(maxlen=30)
        self._hands: list[tuple[int, Callable[[], None]]] = [
            (12, self._click), (6, self._drag), (6, self._control), (6, self._key), (3, self._wheel), (2, self._view),
            (2, self._action), (2, self._file), (2, self._history), (1, self._resize), (1, self._palette),
            (1, self._export), (1, self._escape),
        ]  # fmt: skip

    def act(self) -> None:
        """One thing that a hand may do."""
        weights, hands = zip(*self._hands, strict=True)
        try:
            self._draw.choices(hands, weights)[0]()
        except RuntimeError as error:
            # PySide lets go of what Qt made by itself (lists of choices, viewports) when garbage is collected: then the
            # monkey's hands close on nothing. The window's own code has no such excuse
            if (
                "already deleted" not in str(error)
                or traceback.extract_tb(error.__traceback__)[-1].filename != __file__
            ):
                raise

    def tidy(self) -> None:
        """Close whatever stands over the window."""
        for choice in QApplication.allWidgets():
            if shiboken6.isValid(choice) and isinstance(choice, QComboBox):
                choice.hidePopup()
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for widget in QApplication.topLevelWidgets():
            if widget is not self.window and widget.isVisible():
                widget.close()

    def _note(self, what: str, widget: QWidget | None = None) -> None:
        name = "" if widget is None else f" {type(widget).__name__} {widget.objectName() or widget.accessibleName()}"
        self.trail.append(what + name)

    # --- where

    def _top(self) -> QWidget:
        over = (QApplication.activePopupWidget(), QApplication.activeModalWidget(), QApplication.activeWindow())
        return next((widget for widget in over if widget is not None and shiboken6.isValid(widget)), self.window)

    def _target(self) -> tuple[QWidget, QPoint]:
        top = self._top()
        at = QPoint(self._draw.randrange(max(1, top.width())), self._draw.randrange(max(1, top.height())))
        child = top.childAt(at)
        return (top, at) if child is None or not shiboken6.isValid(child) else (child, child.mapFrom(top, at))

    def _modifier(self) -> Qt.KeyboardModifier:
        return self._draw.choice([Modifier.NoModifier] * 5 + [Modifier.ShiftModifier, Modifier.ControlModifier])

    # --- hands

    def _click(self) -> None:
        widget, at = self._target()
        menu = getattr(widget, "menu", None)
        if callable(menu) and menu() is not None:  # its loop would wait for a real hand
            return
        button = self._draw.choice([Button.LeftButton] * 6 + [Button.MiddleButton, Button.RightButton])
        self._note(f"{button.name} click at {at.toTuple()}", widget)
        (QTest.mouseDClick if self._draw.random() < 0.1 else QTest.mouseClick)(widget, button, self._modifier(), at)

    def _drag(self, widget: QWidget | None = None, at: QPoint | None = None) -> None:
        if widget is None or at is None:
            widget, at = self._target()
        if callable(getattr(widget, "menu", None)) or isinstance(widget, QLineEdit):
            return
        self._note("drag", widget)
        self._mouse(widget, QEvent.Type.MouseButtonPress, at)
        for _ in range(self._draw.randrange(1, 9)):
            at = at + QPoint(self._draw.randrange(-60, 61), self._draw.randrange(-60, 61))
            self._mouse(widget, QEvent.Type.MouseMove, at)
            if self._draw.random() < 0.4:
                QApplication.processEvents()
        self._mouse(widget, QEvent.Type.MouseButtonRelease, at)

    def _mouse(self, widget: QWidget, kind: QEvent.Type, at: QPoint) -> None:
        if shiboken6.isValid(widget):  # its model may be gone half-way
            button = Button.NoButton if kind == QEvent.Type.MouseMove else Button.LeftButton
            held = Button.NoButton if kind == QEvent.Type.MouseButtonRelease else Button.LeftButton
            screen = QPointF(widget.mapToGlobal(at))
            event = QMouseEvent(kind, QPointF(at), screen, button, held, Modifier.NoModifier)
            QApplication.sendEvent(widget, event)

    def _control(self) -> None:
        """One of the controls that are seen, each as likely as any other."""
        found = [w for kind in KINDS for w in self._top().findChildren(kind) if shiboken6.isValid(w)]
        found = [w for w in found if w.isVisible() and w.isEnabled()]
        if not found:
            return
        widget = self._draw.choice(found)
        at = QPoint(self._draw.randrange(max(1, widget.width())), self._draw.randrange(max(1, widget.height())))
        if isinstance(widget, (QSlider, Canvas)):
            self._drag(widget, at)
        elif isinstance(widget, (QAbstractSpinBox, QLineEdit)):
            self._note("type into", widget)
            widget.setFocus()
            QTest.keyClicks(widget, self._draw.choice(["5", "-1", "0.33", "1e99", "abc", "", "999999999999"]))
            QTest.keyClick(widget, self._draw.choice([Key.Key_Return, Key.Key_Escape, Key.Key_Up]))
        elif isinstance(widget, QComboBox):
            self._note("choose", widget)
            QTest.keyClick(widget, self._draw.choice([Key.Key_Up, Key.Key_Down, Key.Key_Home]))
        elif getattr(widget, "menu", lambda: None)() is None:
            self._note("press", widget)
            widget.click()

    def _key(self) -> None:
        widget = QApplication.focusWidget() or self._top()
        key, modifier = self._draw.choice(LETTERS + OTHERS * 2), self._modifier()
        if (key, modifier) not in NO_KEYS:
            self._note(f"key {key.name} {modifier.name}", widget)
            QTest.keyClick(widget, key, modifier)

    def _wheel(self) -> None:
        widget, at = self._target()
        self._note("wheel", widget)
        place, turn = QPointF(widget.mapToGlobal(at)), QPoint(0, self._draw.choice([-120, 120]))
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(QPointF(at), place, QPoint(), turn, Button.NoButton, self._modifier(), phase, False)
        QApplication.sendEvent(widget, event)

    def _view(self) -> None:
        name = self._draw.choice(self.window.stage.names)
        self._note(f"view {name}")
        self.window.stage.turn_to(name)

    def _action(self) -> None:
        everything = [action for _, action in self.window.actions_.all if action.isEnabled()]
        action: QAction = self._draw.choice([a for a in everything if not _plain(a).startswith(ENDS)])
        self._note(f"action {_plain(action)}")
        action.trigger()

    def _file(self) -> None:
        """Open a file, good or bad, or drop it."""
        path, window = self._draw.choice(self._files), self.window
        self._note(f"open {path.name}")
        if self._draw.random() < 0.5:
            window.commands.open(path)
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        copy, left = Qt.DropAction.CopyAction, Button.LeftButton
        QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), copy, data, left, Modifier.NoModifier))

    def _history(self) -> None:
        count = self._draw.randrange(1, 12)
        self._note(f"{count} times undo or redo")
        for _ in range(count):
            self._draw.choice([self.window.undo, self.window.undo, self.window.redo])()

    def _resize(self) -> None:
        width, height = self._draw.choice([(720, 480), (1024, 700), (1280, 800)])
        self._note(f"size {width}x{height}")
        self.window.resize(width, height)

    def _palette(self) -> None:
        self._note("palette")
        self.window.actions_.show_palette()
        field = QApplication.focusWidget()
        if isinstance(field, QLineEdit):
            QTest.keyClicks(field, self._draw.choice(["swap", "noise", "zz", "dark", "follow", "tour"]))
            QTest.keyClick(field, self._draw.choice([Key.Key_Return, Key.Key_Escape]))

    def _export(self) -> None:
        """Export something small, or cancel what goes on."""
        window = self.window
        title = self._draw.choice(["Picture", "Grid", "Film", "Timeline"])
        self._note(f"export {title}")
        window.commands.export(title)
        dialog = window.commands._export
        if dialog is not None:
            dialog.refresh()
            if dialog.job is not None and self._draw.random() < 0.5 and not window.export_desk.busy:
                dialog.export()
            elif window.export_desk.busy:
                window.exports.cancel(window.exports.all[-1])
            dialog.close()

    def _escape(self) -> None:
        self._note("close what stands over it")
        self.tidy()


def _plain(action: QAction) -> str:
    return action.text().replace("&", "")
