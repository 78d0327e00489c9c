"""Wipe: the picture against a pinned one, as a wipe, as a heat map of the difference, or side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen

from explorer import theme
from explorer.canvas import Canvas
from explorer.tool import Tool

WIPE, DIFFERENCE, BESIDE = "wipe", "difference", "beside"
GAP = 1 / 32  # of a picture's width, between two
KEY = 0.01  # of the width: one press of an arrow; Shift: tenfold
HEAT = (theme.DARK.surround, theme.DARK.error, theme.DARK.warning, theme.DARK.text)  # the same by day and by night


class Wipe(Tool):
    """Nothing is compared until a picture is pinned."""

    tip = "Drag the line, or arrow keys: the pinned picture on its left"

    def __init__(self, canvas: Canvas, tell: Callable[[int], None]) -> None:
        self._canvas, self._tell = canvas, tell  # `tell` gets the largest difference in grey levels
        self.pinned = QImage()
        self.mode = WIPE
        self.at = 0.5  # where the wipe stands, share of the width

    @property
    def cursor(self) -> Qt.CursorShape:  # type: ignore[override]
        moves = self.mode == WIPE and not self.pinned.isNull()
        return Qt.CursorShape.SplitHCursor if moves else Qt.CursorShape.ArrowCursor

    def pin(self, picture: QImage) -> None:
        """Compare with this one from now on."""
        self.pinned = picture
        self._canvas.show_again()
        self._canvas.refresh_cursor()

    def set_mode(self, mode: str) -> None:
        self.mode = mode
        self._canvas.show_again()
        self._canvas.refresh_cursor()

    # --- hands

    def press(self, at: QPointF) -> bool:
        if self.pinned.isNull() or self.mode != WIPE:
            return False
        self.move(at)
        return True

    def move(self, at: QPointF) -> None:
        self._stand(self._canvas.picture_place(at)[0] / max(1, self._canvas.image.width()))

    def _stand(self, at: float) -> None:
        self.at = min(max(at, 0.0), 1.0)
        self._canvas.update()

    def key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Left: -KEY, Qt.Key.Key_Right: KEY}
        step = steps.get(Qt.Key(event.key()))
        if step is None or self.pinned.isNull() or self.mode != WIPE:
            return False
        self._stand(self.at + step * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))
        return True

    # --- pictures

    def shown(self, picture: QImage) -> QImage:
        if self.pinned.isNull() or picture.isNull() or self.mode == WIPE:
            return picture
        if self.mode == BESIDE:
            return beside(self._fitted(picture), picture)
        heat, largest = heat_map(self._fitted(picture), picture)
        self._tell(largest)
        return heat

    def _fitted(self, picture: QImage) -> QImage:
        """The pinned picture in the size of another: it may be another model's."""
        if self.pinned.size() == picture.size():
            return self.pinned
        way = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        return self.pinned.scaled(picture.size(), *way)

    def paint(self, canvas: Canvas, painter: QPainter, target: QRectF) -> None:
        if self.pinned.isNull():
            return
        if self.mode == WIPE:
            line = target.x() + self.at * target.width()
            painter.save()
            painter.setClipRect(QRectF(target.x(), target.y(), line - target.x(), target.height()))
            canvas.draw(painter, self.pinned, target)
            painter.restore()
            painter.setPen(QPen(theme.colour("text"), 2 * canvas.devicePixelRatioF()))
            painter.drawLine(QPointF(line, target.top()), QPointF(line, target.bottom()))
        if self.mode != DIFFERENCE:
            self._name(canvas, painter, target, "pinned", Qt.AlignmentFlag.AlignLeft)
            self._name(canvas, painter, target, "now", Qt.AlignmentFlag.AlignRight)

    def _name(self, canvas: Canvas, painter: QPainter, target: QRectF, word: str, edge: Qt.AlignmentFlag) -> None:
        """A small plate in an upper corner; the zoom button may lie over a lower one."""
        ratio = canvas.devicePixelRatioF()
        font = theme.font(theme.CAPTION)
        font.setPixelSize(round(theme.CAPTION * ratio))
        painter.setFont(font)
        width, height = painter.fontMetrics().horizontalAdvance(word) + round(12 * ratio), round(18 * ratio)
        left = target.x() if edge == Qt.AlignmentFlag.AlignLeft else target.right() - width
        plate = QRect(round(left), round(target.y()), width, height)
        painter.fillRect(plate, theme.colour("panel", 0.85))
        painter.setPen(theme.colour("text"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, word)


def beside(left: QImage, right: QImage) -> QImage:
    """Two pictures of one size with a gap between them."""
    gap = max(1, round(GAP * right.width()))
    both = QImage(2 * right.width() + gap, right.height(), QImage.Format.Format_ARGB32_Premultiplied)
    both.fill(theme.colour("surround"))
    painter = QPainter(both)
    painter.drawImage(0, 0, left)
    painter.drawImage(right.width() + gap, 0, right)
    painter.end()
    return both


def heat_map(one: QImage, other: QImage) -> tuple[QImage, int]:
    """How far two pictures of one size differ at each pixel, the largest difference brightest; and that in grey levels.

    The difference of a pixel is the largest of its colours'.
    """
    import numpy as np

    def pixels(image: QImage) -> np.ndarray:
        plain = image.convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
        return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3)

    a, b = pixels(one), pixels(other)  # bytes all the way: this runs at every picture of a drag, 1024x1024 of them too
    apart = np.maximum(a, b) - np.minimum(a, b)
    difference = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])
    largest = int(difference.max())
    height, width = difference.shape
    heat = QImage(difference.tobytes(), width, height, width, QImage.Format.Format_Indexed8).copy()
    heat.setColorTable([ramp()[min(255, round(shade * 255 / max(1, largest)))] for shade in range(256)])
    return heat.convertToFormat(QImage.Format.Format_RGB888), largest


@cache
def ramp() -> tuple[int, ...]:
    """256 colours through those of HEAT, from no difference to the largest."""
    colours, parts = [QColor(colour) for colour in HEAT], len(HEAT) - 1
    stops = [(colour.red(), colour.green(), colour.blue()) for colour in colours]
    found = []
    for shade in range(256):
        place = shade * parts / 255
        part = min(int(place), parts - 1)
        pairs = zip(stops[part], stops[part + 1], strict=True)
        found.append(QColor(*(round(p + (place - part) * (q - p)) for p, q in pairs)).rgb())
    return tuple(found)
