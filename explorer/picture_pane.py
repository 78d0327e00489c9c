"""A pane with one picture on a neutral surround: zoom, place, and how it is painted. It takes no mouse and no key.

All arithmetic is in device pixels (viewport.py), so that 1:1 is exact on every screen.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QTransform
from PySide6.QtWidgets import QWidget

from explorer import theme
from explorer.viewport import CRISP_FROM, MARGIN, Size, Viewport, centred, fitted

EMPTY_TEXT = "Drop a model or a picture here"
EMPTY_HINT = "or open one with Ctrl+O"


class PicturePane(QWidget):
    """Shows a QImage. `show_picture` is the only way in."""

    painted = Signal(int)  # stamp of the picture, each time a new one first reaches the screen
    view_changed = Signal()  # zoom, fit or crispness

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._image = QImage()
        self._shown = QImage()  # what is made of it
        self._stamp: int | None = None  # of a picture that was not painted yet
        self._view = Viewport()
        self._empty = True  # nothing is shown and nothing is on its way
        self._offered = False
        self._fit = True  # the picture follows the pane's size
        self._crisp: bool | None = None  # None: by zoom
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
        """Something else is made of the picture than before."""
        before, self._shown = self._shown.size(), self.made_of(self._image)
        if self._shown.size() != before:
            self._fit = True
        self._refit()
        self.update()

    def made_of(self, picture: QImage) -> QImage:
        """What is painted for a picture."""
        return picture

    def paint_over(self, painter: QPainter, target: QRectF) -> None:
        """Something over the picture, which fills `target` (device pixels)."""

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
        """Whether the whole picture is shown and follows the pane's size."""
        return self._fit

    @property
    def crisp(self) -> bool:
        """Whether pixels show as squares."""
        return (self._view.zoom >= CRISP_FROM and not self._fit) if self._crisp is None else self._crisp

    def set_crisp(self, crisp: bool | None) -> None:
        """Squares or smooth; None: squares from 1600 % on where the hand zoomed, a fitted picture is looked at."""
        self._crisp = crisp
        self._refit()
        self._changed()

    def fit(self) -> None:
        """Show the whole picture."""
        self._fit = True
        self._refit()
        self._changed()

    def zoom_to(self, zoom: float, about: QPointF | None = None) -> None:
        """Zoom to device pixels per picture pixel, about a place of the pane (None: its centre)."""
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
        """The place in the picture (pixels) under a place of the pane (logical pixels)."""
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
            margin = MARGIN * self.devicePixelRatioF()
            self._view = fitted(self._picture_size(), self._device_size(), margin, squares=self.crisp)
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
        self.paint_over(painter, target)
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

    # --- its size

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
