"""All keyboard shortcuts, read from the actions themselves, and what mouse and keys do on controls. Not modal."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer import theme
from explorer.dialogs.palette import keys_of, words_of

HANDS = (
    (
        "Canvas",
        (
            ("Wheel", "zoom about the pointer"),
            ("Middle button, Space + drag", "pan"),
            ("Double-click", "fit"),
        ),
    ),
    (
        "Sliders and faders",
        (
            ("Arrows", "step"),
            ("Shift, Ctrl + arrows", "ten steps, a tenth"),
            ("Double-click", "default"),
            ("Wheel, when focused", "step"),
        ),
    ),
    ("Anywhere", (("Drop a file", "open a model or a saved picture"), ("Esc", "dismiss a message"))),
)

KEYS_WIDTH = 184  # px: the second columns of all sections stand under each other


class ShortcutsDialog(QDialog):
    """Two columns: menus left, hands right."""

    def __init__(self, actions: Iterable[tuple[str, QAction]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        menus: dict[str, list[tuple[str, str]]] = {}
        for menu, action in actions:
            if keys := keys_of(action):
                menus.setdefault(menu, []).append((keys, words_of(action)))
        columns = QHBoxLayout()
        columns.setSpacing(32)
        columns.addLayout(_column(list(menus.items())))
        columns.addLayout(_column([(title, list(rows)) for title, rows in HANDS]))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(16)
        outer.addLayout(columns)
        outer.addWidget(buttons)


def _column(sections: list[tuple[str, list[tuple[str, str]]]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for title, rows in sections:
        heading = QLabel(title)
        heading.setFont(theme.font(title=True))
        heading.setProperty("quiet", True)
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (keys, what) in enumerate(rows):
            grid.addWidget(QLabel(keys), row, 0)
            grid.setColumnMinimumWidth(0, KEYS_WIDTH)
            label = QLabel(what)
            label.setProperty("quiet", True)
            grid.addWidget(label, row, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch(1)
    return column
