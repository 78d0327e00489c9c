"""How an export begins: the first picture, the first frame, or a whole grid, filled as its pictures arrive."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, cast

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.export.outlook import Preview, draw
from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer import theme
from explorer.queue import Queue
from explorer.worker import qimage

SIDE = 128  # pixels, the longest side of a picture in it
PIXELS = 4_000_000  # of the whole preview
MOST, FEWEST = 400, 16  # pictures that are asked for
SECONDS = 6.0  # of work that a preview may make
PAUSE = 60  # ms between two drawings while pictures arrive


class PreviewPicture(QWidget):
    """Wishes for small pictures, and draws the page of them as the export does."""

    def __init__(self, queue: Queue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Preview")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.image = QImage()
        self._info: ModelInfo | None = None
        self._seen: Preview | None = None
        self._side = SIDE
        self._there: dict[Recipe, QImage] = {}
        self._wishes = queue.wishes()
        self._wishes.arrived.connect(self._on_arrived)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE)
        self._soon.timeout.connect(self._draw)

    def show_preview(self, seen: Preview | None, info: ModelInfo, ms: float) -> None:
        """Show how an export begins; None: it cannot be made, and what was seen last stays. ms: of a picture."""
        if seen is None:
            return
        self._seen, self._info = seen, info
        cells = len(seen.layout.rows) * seen.layout.columns
        self._side = max(4, min(SIDE, info.resolution, int(math.sqrt(PIXELS / max(cells, 1)))))
        most = int(min(MOST, max(FEWEST, 1000 * SECONDS / max(ms, 1))))
        found = [recipe for row in seen.layout.rows for cell in row.cells if (recipe := recipe_of(cell)) is not None]
        wanted = list(dict.fromkeys(found))[:most]
        self._there = {recipe: image for recipe, image in self._there.items() if recipe in wanted}
        self._wishes.want({recipe: recipe for recipe in wanted}, self._side)
        self._soon.start()

    def rest(self) -> None:
        """Nobody looks: wish for nothing."""
        self._wishes.clear()

    @property
    def complete(self) -> bool:
        """Whether all pictures have arrived and are drawn."""
        return not self._wishes.waiting and not self._soon.isActive()

    @Slot(object, QImage)
    def _on_arrived(self, recipe: Recipe, image: QImage) -> None:
        self._there[recipe] = image
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _draw(self) -> None:
        if self._seen is None or self._info is None:
            return
        rows = []
        for row in self._seen.layout.rows:
            cells = [
                cell if recipe_of(cell) in self._there else replace(cell, recipe=None, realisations=())
                for cell in row.cells
            ]
            rows.append(replace(row, cells=tuple(cells)))
        seen = replace(self._seen, layout=replace(self._seen.layout, rows=tuple(rows)))
        kept = _Kept(self._info, self._there)
        self.image = qimage(draw(seen, cast(Any, kept), self._side, most=MOST))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("surround"))
        painter.drawRoundedRect(self.rect(), theme.RADIUS, theme.RADIUS)
        if self.image.isNull():
            return
        room = QRectF(self.rect()).adjusted(12, 12, -12, -12)
        scale = min(room.width() / self.image.width(), room.height() / self.image.height())
        width, height = scale * self.image.width(), scale * self.image.height()
        place = QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self.image)


def recipe_of(cell: Any) -> Recipe | None:
    """What stands for a cell in a preview: of a deviation, its first realisation."""
    return cell.recipe or next(iter(cell.realisations), None)


@dataclass(frozen=True, slots=True)
class _Pixels:
    pixels: Any


class _Kept:
    """To `draw`, a renderer: its pictures are made already."""

    def __init__(self, info: ModelInfo, there: dict[Recipe, QImage]) -> None:
        self.info, self._there = info, there

    def render(self, recipe: Recipe, **_: object) -> _Pixels:
        import numpy as np

        formats = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
        channels = self.info.channels
        image = self._there[recipe].convertToFormat(formats[channels])
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return _Pixels(rows[:, : image.width() * channels].reshape(image.height(), image.width(), channels))
