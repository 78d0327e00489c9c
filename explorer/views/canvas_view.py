"""The view of the one picture: the canvas, the tools of its left button over it, and the zoom button in its corner."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from explorer import theme
from explorer.canvas import Canvas
from explorer.controls.buttons import WIDTH, disabled_reason, icon_button, text_button
from explorer.controls.segmented import Segmented
from explorer.controls.value_slider import ValueSlider
from explorer.view import Workspace
from explorer.views.pin import Pin
from explorer.views.walk import Walk
from explorer.views.wipe import BESIDE, DIFFERENCE, WIPE, Wipe

EDGE = 8  # logical pixels
WALK_TIP = "Walk: drag the picture to move a source through the seed plane (W). Middle button or Space pans."
WIPE_TIP = "Compare: this picture against a pinned one (E). Middle button or Space pans."
NOWHERE = "A saved latent has no place on the seed plane: give the source a seed first."
NO_MODEL = "Open a model first."
FASTEST = 5.0  # seeds a second
TOOLS = ("Walk", "Compare")
NAMED_FROM = 640  # px of the view: here the tools bear these names
SPEED = 64  # px: "-5.00 /s"


class CanvasView(QWidget):
    """The tools stand in a row of fixed height, so that the picture never moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = Canvas()
        self.walk: Walk | None = None
        self.wipe = Wipe(self.canvas, self._show_largest)
        self.zoom = _zoom_button()
        self._tools = QButtonGroup(self)
        self._options = QStackedWidget()
        self._bar = QWidget()
        self._bar.setLayout(self._tool_row())
        self._bar.setFixedHeight(theme.TOOLS)
        disabled_reason(self._bar, NO_MODEL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.canvas, 1)
        self.zoom.setParent(self)  # only now: behind the canvas for Tab
        self.setFocusProxy(self.canvas)
        self._tools.idToggled.connect(lambda number, on: self._take(number) if on else None)
        self.canvas.view_changed.connect(self._show_zoom)
        self.canvas.painted.connect(self._on_painted)
        self.canvas.uncovered.connect(self._on_painted)
        self._show_zoom()

    def _tool_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(theme.GRID)
        tips = (WALK_TIP, WIPE_TIP)
        for number, (name, word, tip) in enumerate(zip(("walk", "wipe"), TOOLS, tips, strict=True)):
            button = icon_button(name, f"{word} tool", tip, "text")
            button.setFont(theme.font())
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setObjectName(f"tool_{name}")
            button.setCheckable(True)
            self._tools.addButton(button, number)
            row.addWidget(button)
        row.addSpacing(theme.GAP)
        row.addWidget(self._options, 1)
        self._options.addWidget(self._walk_options())
        self._options.addWidget(self._wipe_options())
        self._tools.button(0).setChecked(True)
        return row

    def _walk_options(self) -> QWidget:
        self._source = Segmented("source to walk", (("a", "A", "Walk with source A"), ("b", "B", "Walk with source B")))
        self._source.setObjectName("walk_source")
        self._source.edited.connect(self._walk_with)
        self._snap = text_button("snap", "Snap", "To the nearest seed (S)")
        self._snap.setObjectName("snap")
        self._animate = text_button("play", "Animate", "Walk by itself along x, until it is pressed again (G)")
        self._animate.setObjectName("animate")
        self._animate.setCheckable(True)
        self._speed = ValueSlider("speed", -FASTEST, FASTEST, 1.0, step=0.1, unit=" /s", tip="Seeds a second along x.")
        self._speed.setObjectName("walk_speed")
        self._speed.label.hide()
        self._speed.field.setFixedWidth(SPEED)
        self._speed.setMaximumWidth(228)
        return _row(self._source, self._snap, self._animate, self._speed)

    def _wipe_options(self) -> QWidget:
        self._pin = text_button("pin", "Pin", "Compare with the picture as it is now (P)")
        self._pin.setObjectName("pin_picture")
        self._pin.clicked.connect(self.pin)
        self._mode = Segmented(
            "comparison",
            (
                (WIPE, "Wipe", "Pinned on the left, now on the right; drag the line, or arrows"),
                (DIFFERENCE, "Difference", "How far each pixel is from the pinned one, the largest brightest"),
                (BESIDE, "Both", "Side by side: pinned on the left, now on the right"),
            ),
        )
        self._mode.setObjectName("comparison")
        words = self._mode.findChildren(QToolButton)
        longest = max(word.sizeHint().width() for word in words)
        self._mode.setMinimumWidth(longest * len(words) + theme.GRID)  # all are as wide as the longest: none is cut
        self._mode.edited.connect(self._set_mode)
        self._largest = QLabel()
        self._largest.setProperty("quiet", True)
        self._largest.setFont(theme.font(theme.CAPTION, tabular=True))
        self._largest.setToolTip("The largest difference of a colour, of 255 grey levels")
        self._largest.setFixedWidth(self._largest.fontMetrics().horizontalAdvance("largest 255") + 4)
        return _row(self._pin, self._mode, self._largest)

    def adopt(self, workspace: Workspace) -> None:
        """Let the tools work on a document."""
        self._pinned = Pin(workspace, self.wipe, self)
        self.walk = walk = Walk(workspace.document, self.canvas.isVisible, self)
        self._snap.clicked.connect(walk.snap)
        self._animate.clicked.connect(walk.animate)
        self._speed.edited.connect(self._set_speed)
        walk.changed.connect(self._show_walk)
        disabled_reason(self._bar, None)
        self._take(self._tools.checkedId())
        self._show_walk()

    # --- tools

    def choose(self, name: str) -> None:
        """Take "walk" or "wipe" in hand."""
        self._tools.button(0 if name == "walk" else 1).setChecked(True)

    def reveal(self, options: QWidget) -> None:
        """Take the tool in hand that has these options."""
        self._tools.button(self._options.indexOf(options)).setChecked(True)

    def _take(self, number: int) -> None:
        self._options.setCurrentIndex(number)
        if self.walk is None:
            return
        if number == 0:
            self.canvas.set_tool(self.walk)
        else:
            self.walk.animate(False)
            self.canvas.set_tool(self.wipe)
            self._pinned.begin()

    def _walk_with(self, name: str) -> None:
        if self.walk is not None:
            self.walk.animate(False)
            self.walk.source = "b" if name == "b" else "a"
            self._show_walk()

    def _set_speed(self, speed: float, gesture: int) -> None:
        if self.walk is not None:
            self.walk.speed = speed

    @Slot()
    def _show_walk(self) -> None:
        assert self.walk is not None
        self._animate.setChecked(self.walk.animated)
        self._animate.setIcon(theme.icon("stop" if self.walk.animated else "play", "quiet"))
        reason = NOWHERE if self.walk.point is None else None
        for control in (self._snap, self._animate, self._speed):
            disabled_reason(control, reason)
        self.canvas.refresh_cursor()

    @Slot()
    def _on_painted(self) -> None:
        if self.walk is not None:
            self.walk.ready = True

    def pin(self) -> None:
        """Compare with the picture as it is now."""
        self._pinned.pin()

    def _set_mode(self, mode: str) -> None:
        self._largest.setText("")
        self.wipe.set_mode(mode)

    def _show_largest(self, largest: int) -> None:
        self._largest.setText(f"largest {largest}")

    # --- zoom

    def _show_zoom(self) -> None:
        percent = f"{self.canvas.view.zoom * 100:.0f} %"
        self.zoom.setText(f"Fit  {percent}" if self.canvas.fits else percent)
        self.zoom.setVisible(not self.canvas.image.isNull())
        self._place()

    def _place(self) -> None:
        size: QSize = self.zoom.sizeHint()
        left, top = self.width() - size.width() - EDGE, self.height() - size.height() - EDGE
        self.zoom.setGeometry(left, top, size.width(), size.height())
        self.zoom.raise_()

    def _name_tools(self) -> None:
        """The tools bear their names where there is room for the longest options beside them."""
        named = self.width() >= NAMED_FROM
        for button, word in zip(self._tools.buttons(), TOOLS, strict=True):
            if bool(button.text()) != named:
                button.setText(word if named else "")
                button.setMaximumWidth(button.sizeHint().width() + theme.GAP if named else WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name_tools()
        self._place()


def _zoom_button() -> QToolButton:
    button = QToolButton()
    button.setObjectName("zoom-button")
    button.setAccessibleName("Zoom")
    button.setToolTip("Screen pixels per picture pixel. Wheel: zoom, middle button: pan, double-click: fit")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFont(theme.font(theme.CAPTION, tabular=True))
    return button


def _row(*widgets: QWidget) -> QWidget:
    """Some controls from the left."""
    body = QWidget()
    row = QHBoxLayout(body)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.GAP)
    for widget in widgets:
        row.addWidget(widget, 100 if isinstance(widget, ValueSlider) else 0)
    row.addStretch(1)
    return body
