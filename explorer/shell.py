"""The window's frame: the stage in the middle, docks around it, menu bar, status line; keys and files that fall on it.

It knows no document and no engine: window.py does.
"""

from __future__ import annotations

from typing import Literal, Protocol

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMainWindow, QWidget

from engine.recipe import SourceName
from explorer import tab_order, theme
from explorer.controls.buttons import icon_button, quiet_label
from explorer.dock_layout import DockLayout
from explorer.settings import Settings
from explorer.status import StatusLine
from explorer.views.model_chip import ModelChip
from explorer.views.stage import Stage

Target = SourceName | Literal["canvas"]  # where something may fall


class Landing(Protocol):
    """What becomes of things that are dropped: drops.py."""

    def knows(self, data: QMimeData) -> bool:
        """Whether it may be dropped anywhere."""

    def target(self, data: QMimeData, under: QWidget | None) -> Target | None:
        """Where it falls when it is let go over a widget; None: it is not taken there."""

    def offer(self, target: Target | None) -> None:
        """Show where it would fall."""

    def take(self, data: QMimeData, target: Target) -> None:
        """It was let go."""


class Shell(QMainWindow):
    """Empty docks around an empty stage."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.landing: Landing | None = None
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

    # --- drop: whether it is taken is asked again at every move

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)
        known = self.landing is not None and self.landing.knows(event.mimeData())
        event.setAccepted(known)  # what is not taken here may be so a little further on

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        target = self._target(event)
        self._offer(target)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.setAccepted(target is not None)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._offer(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self._offer(None)
        target = self._target(event)
        if self.landing is not None and target is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.landing.take(event.mimeData(), target)

    def _target(self, event: QDropEvent) -> Target | None:
        if self.landing is None:
            return None
        return self.landing.target(event.mimeData(), self.childAt(event.position().toPoint()))

    def _offer(self, target: Target | None) -> None:
        if self.landing is not None:
            self.landing.offer(target)


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
