"""Frames of the timeline, made ahead of the playhead and kept: a ring in memory of bounded size.

Sources that move need the model, once for a timeline: their routes are asked of the engine. Then every frame is a
recipe, and its picture a wish like any other. After an edit the pictures of frames that stayed as they were are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from engine.recipe import Recipe
from engine.timeline.at import recipe_at, routes_of
from engine.timeline.value import EMPTY, Timeline
from explorer.document import Document
from explorer.queue import Queue, scaled
from explorer.worker import Engine

if TYPE_CHECKING:
    from engine.timeline.at import Routes

LIMIT = 192 * 2**20  # bytes of pictures
AHEAD = 8  # frames that are wished for at a time
LOOKED = 64  # recipes that are made at a time: a tenth of a millisecond each
QUESTION = "timeline"


class Frames(QObject):
    """Of one view. `aim` says where the playhead is."""

    arrived = Signal(int)  # a frame's picture is there
    changed = Signal()  # which ones are there

    def __init__(self, document: Document, queue: Queue, parent: QObject | None = None, limit: int = LIMIT) -> None:
        super().__init__(parent)
        self._document, self._queue, self._limit = document, queue, limit
        self._wishes = queue.wishes()
        self._wishes.arrived.connect(self._on_arrived)
        self._wishes.refused.connect(self._on_refused)
        self._timeline: Timeline = EMPTY
        self._routes: Routes | None = None
        self._recipes: dict[int, Recipe] = {}
        self._ready: dict[int, QImage] = {}
        self._before: OrderedDict[Recipe, QImage] = OrderedDict()  # of timelines before; oldest go first
        self._refused: set[int] = set()
        self._bytes = 0
        self._aim, self._side = 0, 0
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._fill)

    # --- what there is

    def image(self, frame: int) -> QImage | None:
        """The picture of a frame, if it is there."""
        return self._ready.get(frame)

    def recipe(self, frame: int) -> Recipe | None:
        """The recipe of a frame; None while the engine has not told the routes yet."""
        if self._routes is None or not self._timeline.keys:
            return None
        if frame not in self._recipes:
            time = self._timeline.time_of(frame)
            self._recipes[frame] = recipe_at(self._timeline, time, self._document.info, self._routes)
        return self._recipes[frame]

    @property
    def ready(self) -> frozenset[int]:
        """The frames whose pictures are there."""
        return frozenset(self._ready)

    @property
    def bytes(self) -> int:
        """Of all pictures."""
        return self._bytes

    # --- what is wanted

    def show(self, timeline: Timeline) -> None:
        """Another timeline. Pictures of frames that stay as they were are found again."""
        if timeline == self._timeline:
            return
        self._wishes.clear()
        for frame, image in self._ready.items():
            self._before[self._recipes[frame]] = image
        self._timeline, self._routes = timeline, None
        self._recipes.clear()
        self._ready.clear()
        self._refused.clear()
        self._queue.withdraw(QUESTION)
        if timeline.keys:
            recipe = timeline.keys[0].recipe
            self._queue.compute(QUESTION, recipe, routes(timeline), self._on_routes)
        self._count()
        self.changed.emit()

    def aim(self, frame: int, side: int) -> None:
        """The playhead is at a frame; `side`: device pixels that pictures will fill."""
        self._aim = frame
        if side != self._side:
            self._side = side
            self._ready.clear()
            self._before.clear()
            self._count()
        self._fill()

    def rest(self) -> None:
        """Nobody looks: ask for nothing more."""
        self._more.stop()
        self._wishes.clear()

    # --- filling

    def _on_routes(self, found: Routes) -> None:
        self._routes = found
        self._more.start()
        self.changed.emit()

    def _fill(self) -> None:
        """Wish for the frames that the playhead reaches next."""
        count = self._timeline.frames
        wanted: dict[int, Recipe] = {}
        looked = 0
        if self._routes is None or not self._timeline.keys:
            return
        for step in range(min(count, self._capacity)):
            frame = (self._aim + step) % count
            if frame in self._ready or frame in self._refused:
                continue
            recipe = self.recipe(frame)
            assert recipe is not None
            looked += 1
            found = self._before.pop(recipe, None)
            if found is not None:
                self._ready[frame] = found
            else:
                wanted[frame] = recipe
            if len(wanted) == AHEAD or looked == LOOKED:
                break
        if looked > len(wanted):
            self.changed.emit()
            self._more.start()
        if wanted or self._wishes.waiting:
            self._wishes.want(wanted, self._side)

    @property
    def _capacity(self) -> int:
        """Frames that find room."""
        one = next(iter(self._ready.values()), None)
        return self._limit // max(1, one.sizeInBytes()) if one is not None else AHEAD

    def _on_arrived(self, frame: int, image: QImage) -> None:
        if frame not in self._recipes or self._routes is None:
            return
        self._bytes -= self._ready[frame].sizeInBytes() if frame in self._ready else 0
        self._ready[frame] = scaled(image, self._side)
        self._bytes += self._ready[frame].sizeInBytes()
        self._make_room()
        self.arrived.emit(frame)
        self.changed.emit()
        if len(self._wishes.waiting) < AHEAD // 2:
            self._more.start()

    def _on_refused(self, frame: int) -> None:
        self._refused.add(frame)
        self._more.start()

    def _make_room(self) -> None:
        count = self._timeline.frames
        while self._bytes > self._limit and (self._before or len(self._ready) > 1):
            if self._before:
                _, dropped = self._before.popitem(last=False)
            else:  # the one that the playhead reaches last
                dropped = self._ready.pop(max(self._ready, key=lambda frame: (frame - self._aim) % count))
            self._bytes -= dropped.sizeInBytes()

    def _count(self) -> None:
        self._bytes = sum(image.sizeInBytes() for image in (*self._ready.values(), *self._before.values()))


def routes(timeline: Timeline) -> Callable[[Engine, Recipe, Callable[[], bool]], Routes]:
    """Asks for the ways of a timeline's sources; on the render thread."""

    def work(engine: Engine, recipe: Recipe, stop: Callable[[], bool]) -> Routes:
        renderer: Any = engine
        return routes_of(timeline, renderer)

    return work
