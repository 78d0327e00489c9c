"""A switch between a few words, all of them visible: W | Z, even | linear. Knows no document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer import theme
from explorer.controls.buttons import reset_dot


class Segmented(QWidget):
    """`edited(value)` when the user chooses; `set_value` says nothing. The arrow keys choose, Tab goes past.

    With a default, Delete and `dot` bring it back; whoever wants the dot puts it somewhere.
    """

    edited = Signal(str)

    def __init__(
        self,
        name: str,  # what a screen reader says
        choices: Sequence[tuple[str, str, str]],  # value, word, tool tip
        default: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)  # exclusive: the arrow keys walk and choose
        self._values = [value for value, _, _ in choices]
        self.default = default
        words = {value: word for value, word, _ in choices}
        self.dot = reset_dot(name, "" if default is None else f"Reset {name} to {words[default]} (Delete)")
        self.dot.clicked.connect(self.reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for number, (_, word, tip) in enumerate(choices):
            button = QToolButton()
            button.setText(word)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(f"{name} {word}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setFont(theme.font())
            button.setMinimumSize(40, 20)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, number)
            row.addWidget(button, 1)
        self._group.idClicked.connect(lambda number: self.edited.emit(self._values[number]))
        self.set_value(self._values[0])

    def value(self) -> str:
        """The value that is chosen."""
        return self._values[self._group.checkedId()]

    def set_value(self, value: str) -> None:
        """Show a choice. Says nothing."""
        self._group.button(self._values.index(value)).setChecked(True)
        self.dot.setVisible(value != self.default and self.dot.parent() is not None)

    def reset(self) -> None:
        """Choose the default, as the user may."""
        if self.default is not None and self.isEnabled() and self.value() != self.default:
            self.set_value(self.default)
            self.edited.emit(self.default)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What its buttons have no use for."""
        if self.default is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        else:
            super().keyPressEvent(event)
