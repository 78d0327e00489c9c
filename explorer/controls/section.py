"""A titled block. Knows no document."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer import theme
from explorer.controls.buttons import quiet_label


class Section(QWidget):
    """A title in small capitals, room for buttons at its right end, and what stands under it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = QHBoxLayout()
        self.header.setSpacing(0)
        self.title = quiet_label(title, theme.font(title=True))
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.GAP)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.GRID)
        outer.addLayout(self.header)
        outer.addLayout(self.body)

    def add(self, widget: QWidget) -> None:
        """Put a control under the title."""
        self.body.addWidget(widget)
