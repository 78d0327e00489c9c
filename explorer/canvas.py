"""The canvas: one picture, zoomed and panned, on a neutral surround. It knows pictures and pixels, no recipe.

Wheel zooms about the pointer, the middle button or Space with a drag pans, double-click fits. The left button belongs
to the tool in hand (tool.py). All arithmetic is in device pixels (viewport.py), so that 1:1 is exact on every screen.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer import theme
from explorer.tool import Tool
from explorer.viewport import CRISP_FROM, MARGIN, Size, Viewport, centred, fitted

EMPTY_TEXT = "Drop a model or a picture here"
EMPTY_HINT = "or open one with Ctrl+O"


class Canvas(QWidget):
    """Shows a QImage. `show_picture` is the only way in."""

    painted = Signal(int)  # stamp of the picture, each time a new one first reaches the screen
    view_changed = Signal()  # zoom, fit or crispness
    uncovered = Signal()  # it is seen again, after another view was

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._image = QImage()
        self._shown = QImage()  # what the tool makes of it
        self._tool = Tool()
        self._tool_held = False
        self._stamp: int | None = None  # of a picture that was not painted yet
        self._view = Viewport()
        self._empty = True  # nothing is shown and nothing is on its way
        self._offered = False
        self._fit = True  # the picture follows the canvas's size
        self._crisp: bool | None = None  # None: by zoom
        self._space = False
        self._drag: QPointF | None = None  # last place of a pan, logical pixels
        self._scaled: dict[int, tuple[QSize, QImage]] = {}  # pictures below 1:1, filtered once

    # --- what is shown

    @property
    def image(self) -> QImage:
        """The picture that is shown, null when there is none."""
        return self._image

    def show_picture(self, image: QImage, stamp: int | None = None) -> None:
        """Show a picture. Zoom and place stay unless its size is another one."""
        self._image = image
        self._stamp = stamp
        self.show_again()

    def show_again(self) -> None:
        """The tool makes something else of the picture than before."""
        before, self._shown = self._shown.size(), self._tool.shown(self._image)
        if self._shown.size() != before:
            self._fit = True
            self._show_cursor()  # there was nothing for a tool to do before the first picture
        self._refit()
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self._tool, self._tool_held = tool, False
        self.show_again()
        self._show_cursor()

    def refresh_cursor(self) -> None:
        """The tool has another one than before."""
        self._show_cursor()

    def wait(self) -> None:
        """A picture is on its way: do not ask for one."""
        self._empty = False
        self.update()

    def offer(self, offered: bool) -> None:
        """A file hangs over the window: show that it may be let go."""
        self._offered = offered
        self.update()

    # --- how it is shown

    @property
    def view(self) -> Viewport:
        """Where the picture lies."""
        return self._view

    @property
    def fits(self) -> bool:
        """Whether the whole picture is shown and follows the canvas's size."""
        return self._fit

    @property
    def crisp(self) -> bool:
        """Whether pixels show as squares."""
        return self._view.zoom >= CRISP_FROM if self._crisp is None else self._crisp

    def set_crisp(self, crisp: bool | None) -> None:
        """Squares or smooth; None: squares from 800 % on."""
        self._crisp = crisp
        self._changed()

    def fit(self) -> None:
        """Show the whole picture."""
        self._fit = True
        self._refit()
        self._changed()

    def zoom_to(self, zoom: float, about: QPointF | None = None) -> None:
        """Zoom to device pixels per picture pixel, about a place of the canvas (None: its centre)."""
        if self._image.isNull():
            return
        at = QPointF(self.width() / 2, self.height() / 2) if about is None else about
        self._fit = False
        if zoom == 1 and about is None:
            self._view = centred(self._picture_size(), self._device_size(), 1.0)
        else:
            self._view = self._view.zoomed(zoom, self._device(at))
        self._changed()

    def picture_place(self, at: QPointF) -> tuple[float, float]:
        """The place in the picture (pixels) under a place of the canvas (logical pixels)."""
        return self._view.to_picture(self._device(at))

    # --- arithmetic

    def _device(self, at: QPointF) -> tuple[float, float]:
        ratio = self.devicePixelRatioF()
        return at.x() * ratio, at.y() * ratio

    def _device_size(self) -> Size:
        ratio = self.devicePixelRatioF()
        return self.width() * ratio, self.height() * ratio

    def _picture_size(self) -> Size:
        return max(self._shown.width(), 1), max(self._shown.height(), 1)

    def _refit(self) -> None:
        if self._fit and not self._image.isNull():
            before = self._view
            self._view = fitted(self._picture_size(), self._device_size(), MARGIN * self.devicePixelRatioF())
            if self._view != before:
                self.view_changed.emit()

    def _changed(self) -> None:
        self.update()
        self.view_changed.emit()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("surround"))
        if not self._image.isNull():
            self._paint_picture(painter)
        elif self._empty:
            self._paint_empty(painter)
        if self._offered:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(self.rect().adjusted(4, 4, -4, -4), theme.RADIUS, theme.RADIUS)
        painter.end()
        if self._stamp is not None:
            stamp, self._stamp = self._stamp, None
            self.painted.emit(stamp)

    def _paint_picture(self, painter: QPainter) -> None:
        painter.save()
        # Paint in device pixels from a whole one on: with a scaling of 150 % a widget may begin half-way through one.
        ratio = self.devicePixelRatioF()
        corner = painter.deviceTransform().map(QPointF(0, 0))
        dx, dy = round(corner.x()) - corner.x(), round(corner.y()) - corner.y()
        painter.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio).translate(dx, dy))
        x, y = (round(at) for at in self._view.origin)
        width, height = (max(1, round(self._view.zoom * size)) for size in self._picture_size())
        target = QRectF(x, y, width, height)
        if self._shown.hasAlphaChannel():
            painter.save()
            painter.setBrushOrigin(target.topLeft())
            painter.fillRect(target, _chequer(ratio))
            painter.restore()
        self.draw(painter, self._shown, target)
        self._tool.paint(self, painter, target)
        painter.restore()

    def draw(self, painter: QPainter, image: QImage, target: QRectF) -> None:
        """Draw a picture over all of `target` (device pixels), as zoom and crispness want it."""
        if self._view.zoom < 1:
            painter.drawImage(target.topLeft(), self._filtered(image, target.size().toSize()))
        elif self._view.zoom == 1 and target.size() == QSizeF(image.size()):
            painter.drawImage(target.topLeft(), image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.crisp)
            painter.drawImage(target, image)

    def _filtered(self, image: QImage, size: QSize) -> QImage:
        """A picture below 1:1, averaged over the pixels that fall into one; the last two are kept."""
        kept = self._scaled.get(image.cacheKey())
        if kept is None or kept[0] != size:
            way = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            kept = size, image.scaled(size, *way)
            self._scaled[image.cacheKey()] = kept
            while len(self._scaled) > 2:
                self._scaled.pop(next(iter(self._scaled)))
        return kept[1]

    def _paint_empty(self, painter: QPainter) -> None:
        frame = QRectF(self.rect()).adjusted(24.5, 24.5, -24.5, -24.5)
        pen = painter.pen()
        pen.setColor(theme.colour("line"))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(frame, 6, 6)
        painter.setPen(theme.colour("text"))
        middle = self.rect().center().y()
        painter.drawText(QRectF(0, middle - 24, self.width(), 20), Qt.AlignmentFlag.AlignCenter, EMPTY_TEXT)
        painter.setPen(theme.colour("quiet"))
        painter.drawText(QRectF(0, middle, self.width(), 20), Qt.AlignmentFlag.AlignCenter, EMPTY_HINT)

    # --- hands

    def resizeEvent(self, event: QResizeEvent) -> None:
        ratio = self.devicePixelRatioF()
        before = event.oldSize()
        if self._fit:
            self._refit()
        elif before.isValid():
            after = self._device_size()
            moved = self._view.resized((before.width() * ratio, before.height() * ratio), after)
            self._view = moved.within(self._picture_size(), after)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._refit()
            self.update()
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._image.isNull():
            return
        notches = event.angleDelta().y() / 120 or event.pixelDelta().y() / 60
        if not notches:
            return
        about = self._device(event.position())
        self._fit = False
        x, y = self._view.to_picture(about)
        on_picture = 0 <= x <= self._shown.width() and 0 <= y <= self._shown.height()
        view = self._view.stepped(notches, about)
        self._view = view if on_picture else view.within(self._picture_size(), self._device_size())
        self._changed()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        panning = event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        )
        if self._image.isNull():
            event.ignore()
            return
        if not panning:
            self._tool_held = event.button() == Qt.MouseButton.LeftButton and self._tool.press(event.position())
            event.setAccepted(self._tool_held)
            return
        self._drag = event.position()
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._tool_held:
            self._tool.move(event.position())
            return
        if self._drag is None:
            event.ignore()
            return
        moved = event.position() - self._drag
        self._drag = event.position()
        self._fit = False
        dx, dy = self._device(moved)
        self._view = self._view.panned(dx, dy).within(self._picture_size(), self._device_size())
        self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._tool_held and event.button() == Qt.MouseButton.LeftButton:
            self._tool_held = False
            self._tool.release()
            return
        if self._drag is None:
            event.ignore()
            return
        self._drag = None
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.hold_space(True)
        elif not self._tool.key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.hold_space(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hold_space(False)
        super().focusOutEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.uncovered.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_cursor()
        super().enterEvent(event)

    def hold_space(self, held: bool) -> None:
        """While Space is held, the left button pans."""
        self._space = held
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._drag is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(self._tool.cursor if not self._image.isNull() else Qt.CursorShape.ArrowCursor)


def _chequer(ratio: float) -> QPixmap:
    """Two squares by two, 8 logical pixels each."""
    side = round(8 * ratio)
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(theme.colour("surround"))
    painter = QPainter(tile)
    painter.fillRect(0, 0, side, side, theme.colour("chequer"))
    painter.fillRect(side, side, side, side, theme.colour("chequer"))
    painter.end()
    return tile
