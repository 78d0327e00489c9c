"""A field for a real number with its unit: tabular numerals, arrows with Shift and Ctrl, typing. Knows no document."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QLocale, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QLineEdit, QWidget

from explorer import theme
from explorer.controls.gesture import Gesture
from explorer.controls.rail import factor

HEIGHT = 24  # px
WIDTH = 56  # px: "-0.123", and all fields under each other end at one line


STATE = '{"stylescope'  # how a state or a session begins as text


def is_for_the_window(field: QLineEdit, event: QEvent) -> bool:
    """Which keys a field leaves to the window's shortcuts: Ctrl+Z while nobody types in it, Ctrl+C while nothing is
    chosen, Ctrl+V of a state, and signs that it cannot hold."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.matches(QKeySequence.StandardKey.Paste):
        return QGuiApplication.clipboard().text().lstrip().startswith(STATE)
    if event.matches(QKeySequence.StandardKey.Copy):
        return not field.hasSelectedText()
    if not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier and event.text().isprintable() and event.text():
        return not could_hold(field, event.text())
    is_undo = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    return is_undo and not field.isModified()


def could_hold(field: QLineEdit, typed: str) -> bool:
    """Whether a text, typed where the cursor stands, could become a part of a value."""
    text, validator = field.text(), field.validator()
    start = field.selectionStart() if field.hasSelectedText() else field.cursorPosition()
    text = text[:start] + typed + text[start + len(field.selectedText()) :]
    invalid = QValidator.State.Invalid
    return validator is None or validator.validate(text, start + len(typed))[0] != invalid  # type: ignore[index]


class NumberField(QDoubleSpinBox):
    """Shows `decimals` places, one more when the value needs it. `names` gives words for some values."""

    edited = Signal(float, int)  # number, gesture

    def __init__(
        self,
        minimum: float,
        maximum: float,
        step: float,
        decimals: int = 2,
        unit: str = "",
        names: Mapping[float, str] | None = None,
        gesture: Gesture | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shown = decimals
        self._places = decimals + 1 if decimals else 0  # what Ctrl can step to
        self._names = dict(names or {})
        self.gesture = gesture or Gesture()
        self.lineEdit().setAcceptDrops(False)  # files are the window's
        self.setLocale(QLocale.c())  # numbers read as in recipes and on the command line
        self.setDecimals(self._places)
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        self.setSuffix(unit)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)  # half a number is no value
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(theme.font(tabular=True))
        self.setFixedSize(WIDTH, HEIGHT)
        self.lineEdit().textEdited.connect(self.gesture.end)  # a typed value is a gesture of its own
        self.valueChanged.connect(self._tell)

    def set_number(self, number: float) -> None:
        """Show a number, also one that lies outside of what can be typed. Says nothing."""
        if round(number, self._places) == self.value():
            return  # what is being typed meanwhile stays
        blocked = self.blockSignals(True)
        if not self.minimum() <= number <= self.maximum():
            self.setRange(min(self.minimum(), number), max(self.maximum(), number))
        self.setValue(number)
        self.blockSignals(blocked)

    def type(self, text: str) -> None:
        """Take the focus and begin with a text, as if it had been typed here."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()
        if text:
            self.lineEdit().insert(text)
            self.lineEdit().setModified(True)
            self.gesture.end()

    def textFromValue(self, value: float) -> str:
        name = self._names.get(round(value, 6))
        if name is not None:
            return name
        short = round(value, self._shown) == round(value, self._places)
        places = self._shown if short else self._places
        return f"{value + 0.0:.{places}f}"

    def valueFromText(self, text: str) -> float:
        plain = text.strip().removesuffix(self.suffix()).strip().replace(",", ".")
        for value, name in self._names.items():
            if plain.lower() == name.lower():
                return value
        try:
            return float(plain)
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> object:
        plain = text.strip().removesuffix(self.suffix()).strip().replace(",", ".")
        state = QValidator.State
        if any(name.lower() == plain.lower() for name in self._names.values()):
            return state.Acceptable, text, position
        if plain in ("", "-", ".", "-.") or any(name.startswith(plain.lower()) for name in self._names.values()):
            return state.Intermediate, text, position
        try:
            inside = self.minimum() <= float(plain) <= self.maximum()
        except ValueError:
            return state.Invalid, text, position
        return (state.Acceptable if inside else state.Intermediate), text, position

    def event(self, event: QEvent) -> bool:
        if is_for_the_window(self.lineEdit(), event):
            self.interpretText()  # before the window acts: what was typed is a part of its state
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() == Qt.Key.Key_Space:
            event.ignore()  # no number holds one: the window pans with it
        elif event.key() in steps:
            self._step(steps[Qt.Key(event.key())] * factor(event.modifiers()))
        elif event.key() == Qt.Key.Key_Escape and self.lineEdit().isModified():
            self.setValue(self.value())  # writes the value over what was typed
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        turn = event.angleDelta().y() or event.angleDelta().x()
        self._step(turn / 120 * factor(event.modifiers()))
        event.accept()

    def _step(self, steps: float) -> None:
        if not self._places:  # at least one
            steps = max(1.0, steps) if steps > 0 else min(-1.0, steps)
        self.setValue(self.value() + steps * self.singleStep())

    def _tell(self, value: float) -> None:
        self.edited.emit(round(value, 6), self.gesture.number())
