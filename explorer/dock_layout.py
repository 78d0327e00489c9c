"""Where the docks stand: at first, after "Reset layout", and as they were left. Knows no panel."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QTabBar

from explorer.settings import Settings
from explorer.views.dock import PanelDock
from explorer.views.performance import PerformanceDock

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
DOCKS = (
    ("sources", "Sources", LEFT),
    ("gallery", "Gallery", LEFT),
    ("history", "History", LEFT),
    ("truncation", "Truncation", RIGHT),
    ("noise", "Noise", RIGHT),
    ("model", "Model", RIGHT),  # a tab beside the noise
    ("mix", "Mix", BOTTOM),
)
OPENING_SIZE = QSize(1280, 800)
SOURCES = 228  # px, height of both sources: they are worked with most, the gallery and the history scroll
AROUND = 230  # px: menu bar, desk and status line, above and below the side docks


class DockLayout:
    """Makes the docks of a window and places them."""

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        self._window, self._settings = window, settings
        window.setDockNestingEnabled(True)
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(corner, BOTTOM)
        self.performance = PerformanceDock()
        self.docks: dict[str, PanelDock] = {name: PanelDock(name, title) for name, title, _ in DOCKS}
        self.docks["sources"].setMinimumHeight(SOURCES)
        self.docks["performance"] = self.performance
        self._settle = QTimer(window)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._name_tabs)
        for dock in self.docks.values():
            dock.dockLocationChanged.connect(self._settle.start)

    def reset(self) -> None:
        """All docks where they were at first."""
        window, docks = self._window, self.docks
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        for name, _, area in DOCKS:
            window.addDockWidget(area, docks[name])
        window.tabifyDockWidget(docks["noise"], docks["model"])
        window.addDockWidget(RIGHT, self.performance)
        for name, dock in docks.items():
            dock.setVisible(name != "performance")
        docks["noise"].raise_()
        window.resizeDocks([docks["sources"], docks["truncation"]], [240, 256], Qt.Orientation.Horizontal)
        window.resizeDocks([docks["mix"]], [176], Qt.Orientation.Vertical)
        room = window.height() - AROUND
        for heights in ({"sources": SOURCES, "gallery": max(148, room // 4)}, {"truncation": 110}):
            last = "history" if "gallery" in heights else "noise"
            rest = max(80, room - sum(heights.values()))
            column = [docks[name] for name in (*heights, last)]
            window.resizeDocks(column, [*heights.values(), rest], Qt.Orientation.Vertical)

    def restore(self) -> None:
        """As they were left, and the window with them."""
        window = self._window
        geometry, state = self._settings.layout("geometry"), self._settings.layout("state")
        if geometry is None or not window.restoreGeometry(geometry):
            window.resize(OPENING_SIZE.boundedTo(window.screen().availableSize()))
        for name, _, area in DOCKS:  # no tabs yet: Qt would leave their bar behind, over the menu
            window.addDockWidget(area, self.docks[name])
        window.addDockWidget(RIGHT, self.performance)
        if state is None or not window.restoreState(state):
            self.reset()

    def _name_tabs(self) -> None:
        """Qt makes a bar of tabs where docks lie over each other, without a name."""
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setAccessibleName("docks")
            bar.setToolTip("Panels that share this place: arrow keys turn to them")

    def remember(self) -> None:
        """For the next start."""
        self._settings.set_layout("geometry", QByteArray(self._window.saveGeometry()))
        self._settings.set_layout("state", QByteArray(self._window.saveState()))
