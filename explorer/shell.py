"""The window's frame: the stage in the middle, docks around it, menu bar, status line; keys and files that fall on it.

It knows no document and no engine: window.py does.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMainWindow, QWidget

from explorer import tab_order, theme
from explorer.controls.buttons import icon_button, quiet_label
from explorer.dock_layout import DockLayout
from explorer.settings import Settings
from explorer.status import StatusLine
from explorer.views.model_chip import ModelChip
from explorer.views.stage import Stage


class Shell(QMainWindow):
    """Empty docks around an empty stage."""

    file_dropped = Signal(object)  # Path

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.setWindowTitle("Stylescope")
        self.setMinimumSize(720, 480)
        self.setAcceptDrops(True)
        self.stage = Stage()
        self.setCentralWidget(self.stage)
        self.chip = ModelChip()
        self.search = icon_button("search", "Find an action", "Everything that can be done, by its name (Ctrl+K)")
        self._corner = _corner(self.chip, self.search)  # PySide6 would delete it with its last wrapper
        self.menuBar().setCornerWidget(self._corner, Qt.Corner.TopRightCorner)
        self.status_line = StatusLine()
        self.statusBar().addWidget(self.status_line, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.dock_layout = DockLayout(self, settings)
        self.docks, self.performance = self.dock_layout.docks, self.dock_layout.performance
        self.docks["model"].set_maker(no_model)

    # --- look and layout

    def set_look(self, look: str) -> None:
        """Dark, light or as the system has it."""
        self.settings.look = look
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply_look(app, look)

    def reset_layout(self) -> None:
        """All docks where they were at first."""
        self.dock_layout.reset()

    # --- the keyboard

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab, from whichever control."""
        stage = self.stage
        return tab_order.go(self, forward, (stage.tabs, stage.error_bar, stage.pages))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.focusWidget() is None:
            self.stage.pages.currentWidget().setFocus()

    # --- keys that the control with the focus has no use for

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.stage.canvas.underMouse():
            self.stage.canvas.hold_space(True)
        elif event.key() == Qt.Key.Key_Escape:
            self.stage.error_bar.dismiss()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.stage.canvas.hold_space(False)
        else:
            super().keyReleaseEvent(event)

    # --- drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.stage.canvas.offer(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.stage.canvas.offer(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.stage.canvas.offer(False)
        path = _dropped(event)
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.file_dropped.emit(path)


def _dropped(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """The local file that is dropped, the first of several."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return paths[0] if paths else None


def _corner(*widgets: QWidget) -> QWidget:
    """Some widgets at the right end of the menu bar."""
    corner = QWidget()
    row = QHBoxLayout(corner)
    row.setContentsMargins(0, 0, theme.GAP, 0)
    row.setSpacing(0)
    for widget in widgets:
        row.addWidget(widget)
    return corner


def no_model() -> QLabel:
    """What stands in the model's panel before there is one."""
    label = quiet_label("No model yet: open one, or drop its file on the window.")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setContentsMargins(12, 8, 12, 12)
    return label
