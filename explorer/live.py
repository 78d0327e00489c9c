"""The live picture: every change of the document becomes a request, every answer reaches the canvas.

Between document, render thread and canvas; knows no other widget. Panels that want small pictures ask here.
"""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from engine.recipe import Mix, Recipe, SourceName
from explorer.canvas import Canvas
from explorer.document import Document
from explorer.latency import Latency
from explorer.worker import Decorated, Failed, Rendered, Show, Worker

REST = 150  # ms without a change, after which the hand is taken to rest and thumbnails are made
THUMBNAIL = 128  # device pixels, the longer side
KEPT_THUMBNAILS = 200


class Live(QObject):
    """Keeps the canvas at the document's recipe."""

    shown = Signal(object)  # Rendered: on its way to the screen
    stuck = Signal(object)  # Failed: the newest wish cannot be rendered
    source_thumbnail = Signal(str, QImage)  # "a" or "b"
    step_thumbnail = Signal(int, QImage)  # position in the history

    def __init__(self, document: Document, worker: Worker, canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._worker, self._canvas = document, worker, canvas
        self.latency = Latency()
        self.last: Rendered | None = None  # what the canvas shows, None while that is a stored picture
        self._wanted = 0  # stamp of the newest wish
        self._thumbnails: dict[Hashable, QImage] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._decorate)
        document.changed.connect(self._on_changed)
        worker.rendered.connect(self._on_rendered, Qt.ConnectionType.QueuedConnection)
        worker.decorated.connect(self._on_decorated, Qt.ConnectionType.QueuedConnection)
        worker.failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        canvas.painted.connect(self._on_painted)

    def ask(self) -> None:
        """Wish for the picture of the document as it is."""
        self._wanted = self._worker.show(self._document.recipe, self._document.model.path)

    @property
    def up_to_date(self) -> bool:
        """Whether the canvas shows the document's recipe."""
        return self.last is not None and self.last.recipe == self._document.recipe

    @Slot(object)
    def _on_changed(self, _: Recipe) -> None:
        self.ask()
        if self.last is not None and self.last.recipe.model == self._document.recipe.model:
            self.latency.asked(self._wanted)  # opening a model is no edit of a picture

    @Slot(object)
    def _on_rendered(self, answer: Rendered) -> None:
        if answer.recipe.model.content_id != self._document.recipe.model.content_id:
            return  # a picture of the model before; the newest wish is still under way
        self.last = answer
        self._canvas.show_picture(answer.image, answer.stamp)
        self.shown.emit(answer)
        self._rest.start()

    @Slot(object)
    def _on_failed(self, failed: Failed) -> None:
        if isinstance(failed.letter, Show) and failed.stamp == self._wanted:
            self.stuck.emit(failed)

    @Slot(int)
    def _on_painted(self, stamp: int) -> None:
        self.latency.painted(stamp)

    # --- small pictures, when the hand rests

    @Slot()
    def _decorate(self) -> None:
        if self.last is None or not self.up_to_date:
            return  # a picture is on its way and will call again
        self.step_thumbnail.emit(self._document.history.position, small(self.last.image))
        recipe, path = self._document.recipe, self._document.model.path
        names: tuple[SourceName, ...] = ("a", "b")
        for name in names:
            alone = source_alone(recipe, name)
            kept = self._thumbnails.get(alone)
            if kept is not None:
                self.source_thumbnail.emit(name, kept)
            else:
                self._worker.decorate(name, alone, path)

    @Slot(object)
    def _on_decorated(self, answer: Decorated) -> None:
        image = small(answer.image)
        self._thumbnails[answer.recipe] = image
        while len(self._thumbnails) > KEPT_THUMBNAILS:
            self._thumbnails.pop(next(iter(self._thumbnails)))
        names: tuple[SourceName, ...] = ("a", "b")
        for name in names:
            if source_alone(self._document.recipe, name) == answer.recipe:
                self.source_thumbnail.emit(name, image)


def source_alone(recipe: Recipe, name: SourceName) -> Recipe:
    """A recipe of one source without the other, pushes and noise: what its thumbnail shows."""
    source = recipe.source(name)
    return Recipe(recipe.model, a=source, b=source, mix=Mix(), psi=recipe.psi, cutoff=recipe.cutoff)


def small(image: QImage) -> QImage:
    """A picture for a panel, never larger than it was."""
    if max(image.width(), image.height()) <= THUMBNAIL:
        return image
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(THUMBNAIL, THUMBNAIL, keep, smooth)
