"""A dock with a quiet title: small capitals, and buttons to float and close it that only show under the pointer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from explorer import theme

TITLE_HEIGHT = 28


class PanelDock(QDockWidget):
    """Holds one panel."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__(title)
        self.setObjectName(f"dock-{name}")
        self._title = _Title(title, self)
        self.setTitleBarWidget(self._title)
        placeholder = QWidget()
        placeholder.setMinimumSize(120, 40)
        self.setWidget(placeholder)
        self._make: Callable[[], QWidget] | None = None  # a panel that nobody has seen yet
        self._seen = False  # not a tab behind another one
        self.visibilityChanged.connect(self._on_seen)

    def set_maker(self, make: Callable[[], QWidget]) -> None:
        """Show a panel that is made when the dock is first seen."""
        self._make = make
        self._on_seen(self._seen)

    @Slot(bool)
    def _on_seen(self, seen: bool) -> None:
        self._seen = seen
        if seen and self._make is not None:
            make, self._make = self._make, None
            self.set_panel(make())

    def set_panel(self, panel: QWidget) -> None:
        """Show a panel."""
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWidget(panel)


class _Title(QWidget):
    def __init__(self, title: str, dock: PanelDock) -> None:
        super().__init__(dock)
        self.setFixedHeight(TITLE_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("dock-title")
        label = QLabel(title)
        label.setFont(theme.font(title=True))
        label.setProperty("quiet", True)
        self._buttons = [
            self._button("float", f"Float {title}", lambda: dock.setFloating(not dock.isFloating())),
            self._button("close", f"Close {title} (View menu brings it back)", dock.close),
        ]
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(label, 1)
        for button in self._buttons:
            row.addWidget(button)
        self._show_buttons(False)

    def _button(self, icon: str, tip: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon, "quiet"))
        button.setFixedSize(20, 20)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # View menu and shortcuts do the same
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.clicked.connect(lambda: act())
        return button

    def _show_buttons(self, shown: bool) -> None:
        for button in self._buttons:
            button.setVisible(shown)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_buttons(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._show_buttons(False)
