"""What a program can see of colours: words too faint to be read, pictures that kept the colours of the other theme.

The contrast is that of WCAG 2. The ground is the commonest colour where a widget was photographed; the ink is what its
palette says or the most different pixel, whichever is clearer: thin strokes are blurred, palettes know no `:checked`.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QWidget
from rules import name_of, text_of

from explorer import theme

LEAST = 4.5  # to one, WCAG 2 level AA for text
BORDER = 3  # px of a widget that are no ground for words
OWN = "app-icon"  # has colours of its own
FEW = 0.02  # share of a widget's pixels that are of a colour, at least, for it to be called its ink

Colours = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]


def faint_words(top: QWidget, shot: QPixmap) -> list[str]:
    """Words on enabled widgets that stand out too little from their ground, in a photograph of `top`."""
    pixels, scale = _pixels(shot.toImage()), shot.devicePixelRatio()
    found = []
    for widget in top.findChildren(QWidget):
        place = _seen(widget, top)
        if not text_of(widget).strip() or not widget.isEnabled() or place is None:
            continue
        ground, kinds = _ground(pixels, scale, place)
        painted = contrast(kinds, ground).max()
        said = contrast(_rgb(widget.palette().color(widget.foregroundRole())), ground).max()
        if max(painted, said) < LEAST:
            found.append(f"{name_of(widget)}: {text_of(widget)[:40]!r} has a contrast of {max(painted, said):.2f}")
    return found


def left_behind(top: QWidget, shot: QPixmap) -> list[str]:
    """Small pictures on widgets, such as marks, and grounds of plots and lists in a colour of the other theme alone."""
    here, other = asdict(theme.tokens()), asdict(theme.LIGHT if theme.tokens() is theme.DARK else theme.DARK)
    foreign = {QColor(colour).rgb() for colour in other.values()} - {QColor(colour).rgb() for colour in here.values()}
    found = []
    pixels, scale = _pixels(shot.toImage()), shot.devicePixelRatio()
    for area in top.findChildren(QAbstractScrollArea):
        place = _seen(area.viewport(), top)
        if place is not None and QColor(*_ground(pixels, scale, place)[0].tolist()).rgb() in foreign:
            found.append(f"{name_of(area)}: its ground is that of the other theme")
    for label in top.findChildren(QLabel):
        image = label.pixmap().toImage()
        if label.isVisible() and not image.isNull() and label.objectName() != OWN:
            ink = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
            wrong = sum(colour.alpha() == 255 and colour.rgb() in foreign for colour in ink)
            if wrong > FEW * len(ink):
                found.append(f"{name_of(label)}: a picture in the colours of the other theme")
    return found


def contrast(colours: Colours | Pixels, ground: Colours | Pixels) -> Colours:
    """Of colours [N, 3] 0..255 on a ground [3], as WCAG 2 defines it: 1 to 21."""
    one, other = luminance(np.atleast_2d(colours)), luminance(np.atleast_2d(ground))
    result: Colours = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
    return result


def luminance(colours: Colours | Pixels) -> Colours:
    """Relative luminance [N] of sRGB colours [N, 3] 0..255."""
    share = np.asarray(colours, dtype=np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    result: Colours = linear @ np.array([0.2126, 0.7152, 0.0722])
    return result


def _rgb(colour: QColor) -> Colours:
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)


def _pixels(image: QImage) -> Pixels:
    """A copy [H, W, 3]: the bytes go with the image."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _ground(pixels: Pixels, scale: float, place: QRect) -> tuple[Pixels, Pixels]:
    """The commonest colour [3] of a place (logical pixels), and all that there are [N, 3]."""
    left, upper, right, lower = (round(scale * v) for v in place.getCoords())
    part = pixels[upper : lower + 1, left : right + 1].reshape(-1, 3)
    kinds, counts = np.unique(part, axis=0, return_counts=True)
    return kinds[counts.argmax()], kinds


def _seen(widget: QWidget, top: QWidget) -> QRect | None:
    """Where the inside of a widget lies in its window; None where it is hidden, scrolled away or covered."""
    if not widget.isVisible() or widget.visibleRegion().isEmpty():
        return None
    seen = widget.visibleRegion().boundingRect()
    inner = seen.adjusted(BORDER, BORDER, -BORDER, -BORDER)
    whole = seen.size() == widget.size() and inner.isValid()
    place = QRect(widget.mapTo(top, inner.topLeft()), inner.size())
    corners = (QPoint(), QPoint(inner.width() - 1, 0), QPoint(0, inner.height() - 1))
    over = [top.childAt(place.topLeft() + corner) for corner in corners]
    mine = all(w is not None and (w is widget or widget.isAncestorOf(w) or w.isAncestorOf(widget)) for w in over)
    return place if whole and mine and place.size() != QSize() else None
