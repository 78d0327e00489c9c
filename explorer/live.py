"""The live picture: every change of the document becomes a request, every answer reaches the canvas.

Between document, render thread and canvas; knows no other widget. While another view hides the canvas, its picture is
only made when the hand rests, for the history and for the next start: the time belongs to the view that is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from engine.errors import clipped
from engine.recipe import Mix, Recipe, SourceName
from explorer.canvas import Canvas
from explorer.document import Document
from explorer.latency import Latency
from explorer.queue import Queue, scaled
from explorer.task import Task
from explorer.worker import Failed, Rendered, Show, Worker

REST = 150  # ms without a change, after which the hand is taken to rest and thumbnails are made
THUMBNAIL = 128  # device pixels, the longer side
NAMES: tuple[SourceName, SourceName] = ("a", "b")


class Live(QObject):
    """Keeps the canvas at the document's recipe."""

    shown = Signal(object)  # Rendered: on its way to the screen
    badge = Signal(str)  # what the canvas shows: whole, preview, or pictures that come late
    whole = Signal()  # the picture of the document as it is, at full size and in full precision
    stuck = Signal(object)  # Failed: the newest wish cannot be rendered
    loading = Signal(object)  # Task: of the present model, in case that it has to be read again
    source_thumbnail = Signal(object, QImage)  # "a" or "b"
    step_thumbnail = Signal(int, QImage)  # position in the history

    def __init__(
        self, document: Document, worker: Worker, queue: Queue, canvas: Canvas, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._worker, self._queue, self._canvas = document, worker, queue, canvas
        self._sources = queue.wishes()
        self._sources.arrived.connect(self.source_thumbnail)
        self.latency = Latency()
        self.last: Rendered | None = None  # the last answer that is shown, None while that is a stored picture
        self._wanted = 0  # stamp of the newest wish
        self._task = Task("")  # of its model
        self._task_of = ""  # content id
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._on_rest)
        document.changed.connect(self._on_changed)
        worker.rendered.connect(self._on_rendered, Qt.ConnectionType.QueuedConnection)
        worker.failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        canvas.painted.connect(self._on_painted)
        canvas.uncovered.connect(self._on_uncovered)

    def ask(self) -> None:
        """Wish for the picture of the document as it is."""
        document, model = self._document, self._document.recipe.model
        if self._task_of != model.content_id or self._task.stopped():
            before, self._task, self._task_of = self._task, Task(f"Loading {clipped(model.name, 60)}"), model.content_id
            self.loading.emit(self._task)
            before.stop()  # nobody waits for that model
        self._wanted = self._worker.show(document.recipe, document.model.path, document.info.size, self._task)

    @property
    def up_to_date(self) -> bool:
        """Whether the canvas shows the document's recipe, and no mere preview of it."""
        return self.last is not None and self.last.full and self.last.recipe == self._document.recipe

    def when_whole(self, then: Callable[[], None]) -> None:
        """Call once the canvas is up to date, at once if it is."""
        if self.up_to_date:
            then()
        else:
            self.whole.connect(then, Qt.ConnectionType.SingleShotConnection)

    @property
    def _seen(self) -> bool:
        """Whether no other view hides the canvas."""
        return self._canvas.isVisibleTo(self._canvas.window())

    @Slot(object)
    def _on_changed(self, _: Recipe) -> None:
        if not self._seen:
            self._rest.start()
            return
        self._queue.hold()
        self.ask()
        if self.last is not None and self.last.recipe.model == self._document.recipe.model:
            # Opening a model is no edit of a picture. Counted from the edit, also where it was not told of at once
            self.latency.asked(self._wanted, self._document.edited_at)

    @Slot()
    def _on_uncovered(self) -> None:
        if not self.up_to_date:
            self.ask()

    @Slot(object)
    def _on_rendered(self, answer: Rendered) -> None:
        if answer.recipe.model.content_id != self._document.recipe.model.content_id:
            return  # a picture of the model before; the newest wish is still under way
        self.last = answer
        self.latency.made(answer.stamp, answer.began, answer.ended, f"{answer.badge} {answer.stats.dtype}")
        self._canvas.show_picture(answer.image, answer.stamp)
        self.shown.emit(answer)
        self.badge.emit(answer.badge)
        self._rest.start()
        if self.up_to_date:
            self.whole.emit()

    @Slot(object)
    def _on_failed(self, failed: Failed) -> None:
        if isinstance(failed.letter, Show) and failed.stamp == self._wanted:
            self.stuck.emit(failed)

    @Slot(int)
    def _on_painted(self, stamp: int) -> None:
        self.latency.painted(stamp)

    # --- when the hand rests

    @Slot()
    def _on_rest(self) -> None:
        if not self.up_to_date:  # a picture is on its way and will call again, or was put off until now
            if not self._seen:
                self.ask()
            return
        assert self.last is not None
        self.badge.emit(replace(self.last, overtaking=False).badge)
        self._queue.pictures.put(self.last.recipe, self.last.image)  # for views and the gallery
        self.step_thumbnail.emit(self._document.history.position, scaled(self.last.image, THUMBNAIL))
        self._sources.want({name: source_alone(self._document.recipe, name) for name in NAMES}, THUMBNAIL)


def source_alone(recipe: Recipe, name: SourceName) -> Recipe:
    """A recipe of one source without the other, pushes and noise: what its thumbnail shows."""
    source = recipe.source(name)
    return Recipe(recipe.model, a=source, b=source, mix=Mix(), psi=recipe.psi, cutoff=recipe.cutoff)
