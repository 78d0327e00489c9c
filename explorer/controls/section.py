"""A titled block, and the title of a dock in the same quiet capitals. Knows no document."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QVBoxLayout, QWidget

from explorer import theme
from explorer.controls.buttons import icon_button, quiet_label


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


class DockTitle(QWidget):
    """Title bar of a dock; presses fall through to the dock, which drags, floats and docks by them."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setObjectName("dock_title")
        self.title = quiet_label(dock.windowTitle(), theme.font(title=True))
        dock.windowTitleChanged.connect(self.title.setText)
        close = icon_button("close", f"close {dock.windowTitle()}", "Close this panel (View brings it back)", size=20)
        close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(0)
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(close)
