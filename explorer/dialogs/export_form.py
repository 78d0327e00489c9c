"""A form of named fields: what it holds as plain values, and plain words under a field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from engine.errors import StylescopeError, UsageError
from explorer import theme
from explorer.controls.buttons import disabled_reason, quiet_label
from explorer.controls.check import Check
from explorer.controls.choice import Choice
from explorer.controls.number import HEIGHT, NumberField

LABELS = 112  # px
Value = str | float | bool
T = TypeVar("T")


class Wrong(Exception):
    """A field holds what cannot be read; the form shows where and why."""


class Form(QWidget):
    """Rows of a label and a field. A field that only some kinds have is only there for these."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, QWidget] = {}
        self.notes: dict[str, QLabel] = {}
        self._hints: dict[str, str] = {}
        self._rows: dict[str, tuple[QWidget, ...]] = {}
        self._choices: dict[str, list[str]] = {}  # values of the words of a Choice
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 12, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(theme.GRID)
        self._grid.setColumnMinimumWidth(0, LABELS)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self._last = 0  # number of the row that was added last

    # --- rows

    def add_text(self, key: str, label: str, tip: str, hint: str = "") -> QLineEdit:
        """A line of text, with a line of words under it."""
        field = QLineEdit()
        field.setFixedHeight(HEIGHT)
        field.setFont(theme.font(tabular=True))
        field.textChanged.connect(self.edited)
        self._add(key, label, field, tip, wide=True)
        note = QLabel()
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setFont(theme.font(theme.CAPTION))
        note.setProperty("quiet", True)
        note.setWordWrap(True)
        note.setMinimumHeight(16)
        self._grid.addWidget(note, self._grid.rowCount(), 1, 1, 3)
        self._rows[key] += (note,)
        self.notes[key], self._hints[key] = note, hint
        self.note(key)
        return field

    def add_number(
        self, key: str, label: str, tip: str, low: float, high: float, none: str = "", beside: bool = False
    ) -> NumberField:
        """A whole number; `none` is the word for the lowest one. `beside`: in the row of the field before."""
        field = NumberField(low, high, 1, 0, "", {low: none} if none else None)
        field.setFixedWidth(88)
        field.setKeyboardTracking(True)
        field.valueChanged.connect(lambda _: self.edited.emit())
        self._add(key, label, field, tip, beside)
        return field

    def add_choice(
        self,
        key: str,
        label: str,
        tip: str,
        words: Sequence[tuple[str, str]],
        beside: bool = False,
        wide: bool = False,  # over the whole row
    ) -> Choice:
        """One of some values and their words."""
        field = Choice(label, [word for _, word in words], tip)
        self._choices[key] = [value for value, _ in words]
        field.edited.connect(lambda _: self.edited.emit())
        self._add(key, label, field, tip, beside, wide)
        return field

    def add_check(self, key: str, text: str, tip: str, beside: bool = False, wide: bool = False) -> Check:
        """Yes or no."""
        field = Check(text, tip)
        field.toggled.connect(lambda _: self.edited.emit())
        self._add(key, "", field, tip, beside, wide)
        return field

    def _add(self, key: str, label: str, field: QWidget, tip: str, beside: bool = False, wide: bool = False) -> None:
        if not beside:
            self._last = self._grid.rowCount()
        name = quiet_label(label)
        name.setFixedHeight(HEIGHT)
        name.setBuddy(field)
        field.setToolTip(tip)
        field.setAccessibleName(label or field.accessibleName())
        field.setObjectName(f"export_{key}")
        first, span = (2, 1) if beside else (0, 3 if wide else 1)
        if label:
            self._grid.addWidget(name, self._last, first)
            self._grid.addWidget(field, self._last, first + 1, 1, span)
        else:
            self._grid.addWidget(field, self._last, first + (not beside), 1, 2 if beside else span)
        self.fields[key], self._rows[key] = field, (name, field) if label else (field,)

    def end(self) -> None:
        """No more rows: what is left over stays empty."""
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def show_only(self, hidden: Sequence[str]) -> None:
        """Rows that are not there."""
        for key, widgets in self._rows.items():
            for widget in widgets:
                widget.setVisible(key not in hidden)

    # --- values

    def __getitem__(self, key: str) -> Value:
        match self.fields[key]:
            case QLineEdit() as line:
                return line.text()
            case NumberField() as number:
                return int(number.value())
            case Check() as check:
                return check.isChecked()
            case Choice() as choice:
                return self._choices[key][choice.currentIndex()]
        raise KeyError(key)

    def text(self, key: str) -> str:
        """A field of text or a choice."""
        return str(self[key])

    def number(self, key: str) -> int:
        """A whole number."""
        return int(self[key])

    def put(self, values: Mapping[str, object]) -> None:
        """Show values; those that do not suit a field are passed over. Says nothing."""
        blocked = self.blockSignals(True)
        for key, value in values.items():
            match self.fields.get(key):
                case QLineEdit() as line if isinstance(value, str):
                    line.setText(value)
                case NumberField() as number if isinstance(value, (int, float)):
                    if number.minimum() <= value <= number.maximum():
                        number.setValue(value)
                case Check() as check:
                    check.setChecked(bool(value))
                case Choice() as choice if value in self._choices[key]:
                    choice.set_value(self._choices[key].index(str(value)))
        self.blockSignals(blocked)

    def values(self) -> dict[str, Value]:
        """All of them, for another day."""
        return {key: self[key] for key in self.fields}

    def reason(self, key: str, reason: str | None) -> None:
        """Grey a field, and say why; None wakes it."""
        disabled_reason(self.fields[key], reason)

    # --- words under a field

    def note(self, key: str, text: str | None = None, wrong: bool = False) -> None:
        """Say something under a field; None: its hint."""
        note = self.notes[key]
        note.setText(self._hints[key] if text is None else text)
        if note.property("wrong") != wrong:
            note.setProperty("wrong", wrong)
            note.style().polish(note)

    def read(self, key: str, reader: Callable[[str], T], said: Callable[[T], str] | None = None) -> T:
        """What a field of text means. Raises Wrong, and says under the field what is."""
        text = self.text(key).strip()
        try:
            if not text:
                raise UsageError("this is empty", "give something")
            value = reader(text)
        except StylescopeError as error:
            self.note(key, plain_words(error), wrong=True)
            raise Wrong from None
        self.note(key, None if said is None else said(value))
        return value


def plain_words(error: StylescopeError) -> str:
    """An error as a sentence of its own."""
    what = error.what[:1].upper() + error.what[1:]
    return f"{what}: {error.remedy}" if error.remedy else what
