"""One picture of a board: what it is, and how it is painted. Knows no board."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from explorer import theme

CAPTION = 20  # px under a tile with words
BADGE = 16  # px, the letter of a source
SIGN = 16  # px
STRIP = 18  # px, the words of a source over its picture
ROOMY = 48  # px: smaller tiles of sources show a smaller letter and no words, else nothing were seen of the picture
SMALL = 12  # px, that letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture."""

    key: Hashable
    words: str  # tool tip, and what a screen reader says
    caption: str = ""  # under it; on it where it is a source
    source: str = ""  # "a" or "b": frame and letter of that source


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is so about a tile just now."""

    marked: bool  # it is what the window shows
    focused: bool
    hovered: bool
    refused: bool  # its picture cannot be made


def paint_tile(painter: QPainter, tile: Tile, rect: QRect, picture: QImage | None, look: Look) -> None:
    """Picture, frame and words of a tile; the words stand under `rect`."""
    if picture is None or picture.isNull():
        painter.fillRect(rect, theme.colour("chequer"))
        if look.refused:
            sign = QRect(0, 0, SIGN, SIGN)
            sign.moveCenter(rect.center())
            theme.icon("warning", "warning").paint(painter, sign)
    else:
        shown = QRect(rect.topLeft(), picture.size().scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio))
        shown.moveCenter(rect.center())  # it may be no square: letterbox bars are cropped
        painter.drawImage(QRectF(shown), picture)
    if tile.source:
        _paint_source(painter, tile, rect)
    if look.marked or look.focused or look.hovered:
        painter.setPen(QPen(theme.colour("accent" if look.marked or look.focused else "quiet"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        out = 2 if look.focused else 1
        painter.drawRect(QRectF(rect).adjusted(-out, -out, out, out))
    if tile.caption and not tile.source:
        painter.setFont(theme.font(theme.CAPTION, tabular=True))
        painter.setPen(theme.colour("text" if look.marked else "quiet"))
        box = QRect(rect.x(), rect.bottom() + 1, rect.width(), CAPTION)
        _paint_words(painter, tile.caption, box, box.width())


def _paint_words(painter: QPainter, words: str, box: QRect, room: int) -> None:
    cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, cut)


def _paint_source(painter: QPainter, tile: Tile, rect: QRect) -> None:
    """The frame and the letter of a source, its words on a strip over the picture."""
    if rect.height() >= ROOMY:
        strip = QRect(rect.x(), rect.bottom() - STRIP + 1, rect.width(), STRIP)
        painter.fillRect(strip, theme.colour("panel", 0.88))
        painter.setFont(theme.font(theme.CAPTION, tabular=True))
        painter.setPen(theme.colour("text"))
        _paint_words(painter, tile.caption, strip, strip.width() - 6)
    painter.setPen(QPen(theme.colour(tile.source), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(rect).adjusted(1, 1, -1, -1))
    side = BADGE if rect.height() >= ROOMY else SMALL
    badge = QRect(rect.x(), rect.y(), side, side)
    painter.fillRect(badge, theme.colour(tile.source))
    painter.setFont(theme.font(theme.CAPTION, bold=True))
    painter.setPen(theme.colour("on_accent"))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, tile.source.upper())
