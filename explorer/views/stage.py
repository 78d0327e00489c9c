"""The middle of the window: tabs over the views, and the error bar over or above whichever is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from explorer import theme
from explorer.error_bar import ErrorBar
from explorer.views.canvas_view import CanvasView

EDGE = 8  # logical pixels
CANVAS = "canvas"


class Stage(QWidget):
    """The canvas is the first view. The bar lies over it, so that the picture stays when it comes and goes."""

    turned = Signal(str)  # name of the view that is seen now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = QTabBar()
        self.tabs.setObjectName("views")
        self.tabs.setAccessibleName("Views")
        self.tabs.setToolTip("Other views of the picture: arrow keys turn to them, Alt and a digit too")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setFont(theme.font())
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for scroll in self.tabs.findChildren(QToolButton):
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys turn to what is out of sight
        self.pages = QStackedWidget()
        self.names: list[str] = []
        self._makers: dict[str, Callable[[], QWidget]] = {}  # of views that nobody has seen yet
        self.canvas_view = CanvasView()
        self.canvas, self.zoom = self.canvas_view.canvas, self.canvas_view.zoom
        self.error_bar = ErrorBar(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.pages, 1)
        self.add(CANVAS, "Canvas", "The picture", lambda: self.canvas_view)
        self._build(CANVAS)
        self.tabs.currentChanged.connect(self._turn)
        self.error_bar.installEventFilter(self)

    def add(self, name: str, title: str, tip: str, make: Callable[[], QWidget]) -> None:
        """Another view, behind the others; it is made when it is first seen."""
        self.names.append(name)
        self._makers[name] = make
        self.pages.addWidget(QWidget())
        self.tabs.setTabToolTip(self.tabs.addTab(title), tip)

    def _build(self, name: str) -> None:
        """Make a view that was not made yet."""
        if name not in self._makers:
            return
        view, place = self._makers[name](), self.names.index(name)
        del self._makers[name]  # only now: what could not be made is tried again
        view.setObjectName(name)
        view.setAccessibleName(self.tabs.tabText(place))
        blank = self.pages.widget(place)
        self.pages.insertWidget(place, view)
        if blank is not None:
            self.pages.removeWidget(blank)
            blank.deleteLater()

    def build_all(self) -> None:
        """Make all views, to be able to say what is in them."""
        for name in self.names:
            self._build(name)

    def add_foot(self, strip: QWidget) -> None:
        """Something under the views."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(strip)

    @property
    def current(self) -> str:
        """Name of the view that is seen."""
        return self.names[self.tabs.currentIndex()]

    def turn_to(self, name: str) -> None:
        """Show a view; a name that is not known is passed over."""
        if name in self.names:
            self.tabs.setCurrentIndex(self.names.index(name))

    def reveal(self, page: QWidget) -> None:
        """Turn to a view, or in the canvas's to the options of a tool."""
        place = self.pages.indexOf(page)
        if place >= 0:
            self.tabs.setCurrentIndex(place)
        else:
            self.canvas_view.reveal(page)

    def _turn(self, index: int) -> None:
        self._build(self.names[index])
        self.pages.setCurrentIndex(index)
        self._place()
        self.turned.emit(self.names[index])

    def _place(self) -> None:
        """The bar: over the canvas under its tools, where the picture is not moved; other views make room for it."""
        area = self.pages.geometry()
        width = min(area.width() - 2 * EDGE, 760)
        height = self.error_bar.arrange(width)
        over = self.current == CANVAS
        room = 0 if over or self.error_bar.isHidden() else height + 2 * EDGE
        self.pages.setContentsMargins(0, room, 0, 0)
        top = area.top() + EDGE + (theme.TOOLS if over else 0)
        self.error_bar.setGeometry((self.width() - width) // 2, top, width, height)
        self.error_bar.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return False
