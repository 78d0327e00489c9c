"""The middle of the window: the canvas, with the error bar over its top and the zoom button in its corner."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from explorer import theme
from explorer.canvas import Canvas
from explorer.error_bar import ErrorBar

EDGE = 8  # logical pixels


class Stage(QWidget):
    """Lays the bar and the button over the canvas, so that the picture never moves when they come and go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = Canvas(self)
        self.error_bar = ErrorBar(self)
        self.zoom = QToolButton(self)
        self.zoom.setObjectName("zoom-button")
        self.zoom.setAccessibleName("Zoom")
        self.zoom.setToolTip("Screen pixels per picture pixel. Wheel: zoom, middle button: pan, double-click: fit")
        self.zoom.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.zoom.setFont(theme.font(theme.CAPTION, tabular=True))
        self.canvas.view_changed.connect(self._show_zoom)
        self.error_bar.installEventFilter(self)
        self._show_zoom()

    def _show_zoom(self) -> None:
        view = self.canvas.view
        percent = f"{view.zoom * 100:.0f} %"
        self.zoom.setText(f"Fit  {percent}" if self.canvas.fits else percent)
        self.zoom.setVisible(not self.canvas.image.isNull())
        self._place()

    def _place(self) -> None:
        size = self.zoom.sizeHint()
        self.zoom.setGeometry(
            self.width() - size.width() - EDGE, self.height() - size.height() - EDGE, size.width(), size.height()
        )
        width = min(self.width() - 2 * EDGE, 760)
        self.error_bar.setGeometry((self.width() - width) // 2, EDGE, width, self.error_bar.heightForWidth(width))
        self.error_bar.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.canvas.setGeometry(self.rect())
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._place()
        return False
