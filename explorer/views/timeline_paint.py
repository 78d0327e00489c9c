"""How the parts of the timeline's strip are painted. Knows no widget."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from engine.timeline.value import Timeline
from explorer import theme
from explorer.views.timeline_scale import HEADER, Scale

RULER = 20  # px
READY = 3  # px, the bar of the frames that are there
DIAMOND = 6  # px, half of a keyframe's diamond
WORD = 34  # px of a word on the ruler


def paint_ruler(painter: QPainter, scale: Scale, timeline: Timeline, size: QSize) -> None:
    """Seconds, and a line at the end."""
    painter.fillRect(QRect(HEADER, 0, size.width() - HEADER, RULER), theme.colour("window"))
    painter.setFont(theme.font(theme.CAPTION, tabular=True))
    for number in range(int(scale.seconds / scale.step) + 1):
        time = number * scale.step
        x = scale.x(time)
        painter.setPen(theme.colour("line" if time > timeline.seconds else "quiet"))
        painter.drawLine(QPointF(x, RULER - 5), QPointF(x, RULER))
        if x + WORD < size.width():
            painter.drawText(QRectF(x + 3, 0, WORD, RULER - 2), Qt.AlignmentFlag.AlignVCenter, f"{time:.4g} s")
    painter.setPen(QPen(theme.colour("line"), 1))
    end = scale.x(timeline.seconds)
    painter.drawLine(QPointF(end, RULER), QPointF(end, size.height()))


def paint_ready(painter: QPainter, scale: Scale, timeline: Timeline, ready: Iterable[tuple[int, int]]) -> None:
    """A bar over the frames that are kept: first and last of each run of them."""
    end = scale.x(timeline.seconds)
    for first, last in ready:
        left = scale.x(timeline.time_of(first))
        width = min(scale.x(timeline.time_of(last + 1)), end) - left
        painter.fillRect(QRectF(left, RULER, max(1.0, width), READY), theme.colour("quiet", 0.7))


def paint_key(painter: QPainter, diamond: QPointF, box: QRect, picture: QImage | None, chosen: bool) -> None:
    """A keyframe: its diamond and its picture."""
    if picture is None or picture.isNull():
        painter.fillRect(box, theme.colour("chequer"))
    else:
        shown = QRect(box.topLeft(), picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio))
        shown.moveCenter(box.center())
        painter.drawImage(shown, picture)
    painter.setPen(QPen(theme.colour("accent" if chosen else "line"), 2 if chosen else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(box))
    painter.setPen(QPen(theme.colour("panel"), 1))
    painter.setBrush(theme.colour("accent" if chosen else "text"))
    painter.drawPolygon(_diamond(diamond))


def paint_return(painter: QPainter, diamond: QPointF) -> None:
    """A hollow diamond at the end of a loop, where the first keyframe comes again."""
    painter.setPen(QPen(theme.colour("quiet"), 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawPolygon(_diamond(diamond))


def _diamond(middle: QPointF) -> QPolygonF:
    corners = ((0, -DIAMOND), (DIAMOND, 0), (0, DIAMOND), (-DIAMOND, 0))
    return QPolygonF([middle + QPointF(*corner) for corner in corners])


def paint_playhead(painter: QPainter, x: float, height: int) -> None:
    """A line with a handle on the ruler."""
    painter.setPen(QPen(theme.colour("accent"), 1.5))
    painter.drawLine(QPointF(x, 6), QPointF(x, height))
    painter.setBrush(theme.colour("accent"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(QPolygonF([QPointF(x - 5, 1), QPointF(x + 5, 1), QPointF(x, 9)]))


def ranges(frames: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of every run of numbers."""
    found: list[tuple[int, int]] = []
    for frame in sorted(frames):
        if found and frame == found[-1][1] + 1:
            found[-1] = found[-1][0], frame
        else:
            found.append((frame, frame))
    return found
