"""A seed from 0 to 2^32 - 1: field with arrows, dice, copy, lock. Knows no document.

Qt's own spin boxes end at 2^31 - 1 and know no "none", so the box is a line edit with arrows of ours.
"""

from __future__ import annotations

import random
import re

from PySide6.QtCore import QEvent, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QRegularExpressionValidator, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.recipe import SEEDS
from explorer import theme
from explorer.controls.buttons import icon_button, reset_dot
from explorer.controls.gesture import Gesture
from explorer.controls.number import HEIGHT, is_for_the_window

DICE = 1_000_000  # the dice stay below: six digits can be read out and remembered, and are more than anyone sees


def rolled() -> int:
    """A seed by chance, from the system's own entropy: independent of every seeded generator."""
    return random.SystemRandom().randrange(DICE)


class SeedBox(QLineEdit):
    """The field. None shows a quiet word in the place of a number, e.g. "trained"."""

    edited = Signal(object, int)  # int (Qt's own ends at 2^31 - 1), gesture
    defaulted = Signal()  # the user wants the default, where there is one

    def __init__(self, word: str = "", resets: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._resets = resets  # whether Delete on all of it asks for the default
        self._seed: int | None = 0
        self.gesture = Gesture()
        self.setPlaceholderText(word)
        self.setFont(theme.font(tabular=True))
        self.setFixedHeight(HEIGHT)
        self.setAcceptDrops(False)  # files and liked pictures are the window's
        self.setTextMargins(0, 0, 14, 0)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000000000") + 26)
        self.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,10}"), self))
        self._arrows = [self._arrow("chevron-up", 1), self._arrow("chevron-down", -1)]
        self.editingFinished.connect(self._commit)
        self._write()

    def call(self, name: str, tip: str) -> None:
        """What a screen reader says, and the tool tip."""
        self.setAccessibleName(name)
        self.setToolTip(tip)
        for word, arrow in zip(("next", "previous"), self._arrows, strict=True):
            arrow.setAccessibleName(f"{word} {name}")

    def _arrow(self, icon: str, steps: int) -> QToolButton:
        words = "Next seed (Up)" if steps > 0 else "Previous seed (Down)"
        arrow = icon_button(icon, words, words)
        arrow.setParent(self)
        arrow.setIconSize(QSize(12, 12))
        arrow.setFixedSize(16, 11)
        arrow.setCursor(Qt.CursorShape.ArrowCursor)
        arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        arrow.setAutoRepeat(True)
        arrow.clicked.connect(lambda: self._step(steps))
        return arrow

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for number, arrow in enumerate(self._arrows):
            arrow.move(self.width() - 18, self.height() // 2 - 11 + 11 * number)

    def seed(self) -> int | None:
        """What is shown."""
        return self._seed

    def set_seed(self, seed: int | None, word: str | None = None) -> None:
        """Show a seed, or the word. Says nothing."""
        if word is not None:
            self.setPlaceholderText(word)
        if seed != self._seed:  # else what is being typed meanwhile stays
            self._seed = seed
            self._write()

    def take(self, seed: int, gesture: int | None = None) -> None:
        """A seed that the user chose."""
        if seed != self._seed:
            self.set_seed(seed)
            self.edited.emit(seed, self.gesture.number() if gesture is None else gesture)

    def _write(self) -> None:
        self.setText("" if self._seed is None else str(self._seed))

    def _commit(self) -> None:
        """What was typed becomes the seed; a field that was emptied shows its seed again."""
        if self.isModified():
            typed = self.text()
            self._write()
            if typed:
                self.gesture.end()
                self.take(min(int(typed), SEEDS - 1))

    def _step(self, steps: int) -> None:
        self._commit()
        self.take(0 if self._seed is None else min(max(self._seed + steps, 0), SEEDS - 1))

    def take_pasted(self) -> None:
        """The first number of what lies in the clipboard, whatever stands around it."""
        found = re.search(r"\d+", QApplication.clipboard().text())
        if found is not None and int(found[0]) < SEEDS:
            self.gesture.end()
            self.take(int(found[0]))

    def event(self, event: QEvent) -> bool:
        if is_for_the_window(self, event) and not _is_dice(event):
            self._commit()  # before the window acts: what was typed is a part of its state
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        tenfold = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if event.key() == Qt.Key.Key_Space:
            event.ignore()  # no seed holds one: the window pans with it
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.take_pasted()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(tenfold if event.key() == Qt.Key.Key_Up else -tenfold)
        elif _is_dice(event):
            self.gesture.end()
            self.take(rolled())
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._write()
        elif self._resets and event.key() == Qt.Key.Key_Delete and self._is_untouched():
            self.defaulted.emit()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def _is_untouched(self) -> bool:
        """Whether Delete would delete all, as after Tab, or nothing, at the end: nobody edits single digits then."""
        at_end = not self.hasSelectedText() and self.cursorPosition() == len(self.text())
        return not self.isModified() and (at_end or self.selectedText() == self.text())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self._step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._commit()  # editingFinished keeps quiet while the text is empty or the same
        self.gesture.end()


def _is_dice(event: QEvent) -> bool:
    """R in the field rolls this seed."""
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_R and not event.modifiers()


class SeedField(QWidget):
    """Field and dice; copy, lock and reset where asked for. `edited(seed, gesture)`, `set_value` says nothing."""

    edited = Signal(object, int)  # int | None: None only from a reset
    locked = Signal(bool)

    def __init__(
        self,
        name: str,  # what a screen reader says, e.g. "seed A"
        tip: str = "",
        word: str = "",  # what None shows
        copy: bool = True,
        lock: str = "",  # the lock's tool tip; "": no lock
        reset: str = "",  # the reset dot's tool tip; "": no dot
        default: int | None = None,  # what it resets to
        stacked: bool = False,  # buttons under the field
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.default, self.word = default, word
        self.box = SeedBox(word, resets=bool(reset))
        keys = "Type, paste, arrows (Shift tenfold), R rolls the dice"
        self._tip = f"{tip}\n{keys}{', Delete resets' if reset else ''}.".strip()
        self.box.call(name, self._tip)
        self.dice = icon_button("dice", f"roll {name}", f"Roll another {name} (R in the field)")
        self.copy = icon_button("copy", f"copy {name}", f"Copy {name}")
        self.lock = icon_button("lock-open", f"lock {name}", lock)
        self.lock.setCheckable(True)
        self.dot = reset_dot(name, reset)
        wanted = ((self.dice, True), (self.copy, copy), (self.lock, lock), (self.dot, reset))
        self._arrange([button for button, there in wanted if there], stacked)
        self.box.edited.connect(self._edit)
        self.dice.clicked.connect(self.roll)
        self.copy.clicked.connect(self._copy)
        self.lock.toggled.connect(self._show_lock)
        self.lock.clicked.connect(self.locked)
        self.dot.clicked.connect(lambda: self._reset())
        self.box.defaulted.connect(self._reset)

    def _arrange(self, buttons: list[QToolButton], stacked: bool) -> None:
        row = QHBoxLayout()
        row.setSpacing(0)
        outer = QVBoxLayout(self) if stacked else QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.GRID)
        outer.addWidget(self.box)
        outer.addLayout(row)
        for button in buttons:
            row.addWidget(button)
        if stacked:
            row.addStretch(1)

    def value(self) -> int | None:
        """What is shown."""
        return self.box.seed()

    def set_value(self, seed: int | None, word: str | None = None, between: str = "") -> None:
        """Show a seed, or for None the word. `between`: what the tool tip says of what is no single seed."""
        self.box.set_seed(seed, word)
        self.box.setToolTip(f"{between}\n{self._tip}" if between else self._tip)
        self.copy.setEnabled(seed is not None)
        self.dot.setVisible((seed != self.default or bool(between)) and self.dot.parent() is not None)

    def set_locked(self, locked: bool) -> None:
        """Show the lock shut or open. Says nothing (`locked` is for the user's own clicks)."""
        self.lock.setChecked(locked)

    def roll(self) -> None:
        """Roll the dice, as the button does."""
        self.box.gesture.end()
        self.box.take(rolled())

    def _edit(self, seed: int, gesture: int) -> None:
        self.set_value(seed)
        self.edited.emit(seed, gesture)

    def _reset(self) -> None:
        self.box.gesture.end()
        self.set_value(self.default)
        self.edited.emit(self.default, self.box.gesture.number())

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.box.text())

    def _show_lock(self, locked: bool) -> None:
        self.lock.setIcon(theme.icon("lock-closed" if locked else "lock-open", "text" if locked else "quiet"))
