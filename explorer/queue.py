"""Small pictures for everything but the canvas: one queue, which the canvas always overtakes.

A view states what it wants now as {key: recipe} (`Wishes.want`) and shows what arrives; stating it again replaces what
was wanted before. Pictures are kept by recipe, so that what two views want is made once. Only a few wishes at a time
lie in the worker's mailbox: whatever nobody wants any more costs nothing. Who was served longest ago is served next,
views as well as keys, so that nobody starves while recipes change under a dragging hand.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from engine.recipe import Recipe
from explorer.document import Document
from explorer.worker import Compute, Computed, Decorate, Decorated, Engine, Failed, Worker

SIDE = 256  # device pixels, the longer side of a kept picture where no larger one is wanted
KEPT_BYTES = 96 * 2**20  # of pictures: 500 of 256x256
AHEAD = 2  # letters in the mailbox: the thread has the next one while the last is being shown
HOLD = 150  # ms after the last edit of a picture on the canvas until small ones are made again
LONGEST_HOLD = 1000  # ms: in an animation they then take what time is left over

Stop = Callable[[], bool]


class Pictures:
    """Pictures by recipe, the ones used last; bounded by their bytes. Knows no thread."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[Recipe, tuple[QImage, bool]] = OrderedDict()  # and whether it is as large as can be
        self.bytes = 0

    def get(self, recipe: Recipe, side: int = SIDE) -> QImage | None:
        """The picture of a recipe with a longer side of at least `side`, or as large as the model makes it."""
        found = self._kept.get(recipe)
        if found is None or not (found[1] or max(found[0].width(), found[0].height()) >= side):
            return None
        self._kept.move_to_end(recipe)
        return found[0]

    def put(self, recipe: Recipe, picture: QImage, side: int = SIDE) -> QImage:
        """Keep a picture, scaled down to `side`; the scaled one."""
        small = scaled(picture, side)
        old = self._kept.pop(recipe, None)
        self.bytes += small.sizeInBytes() - (old[0].sizeInBytes() if old else 0)
        self._kept[recipe] = small, small.size() == picture.size()
        while self.bytes > self._limit and len(self._kept) > 1:
            _, (dropped, _) = self._kept.popitem(last=False)
            self.bytes -= dropped.sizeInBytes()
        return small


def scaled(picture: QImage, side: int) -> QImage:
    """A picture for a panel, never larger than it was."""
    if max(picture.width(), picture.height()) <= side:
        return picture
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return picture.scaled(side, side, keep, smooth)


class Wishes(QObject):
    """What one view wants. Made by `Queue.wishes`."""

    arrived = Signal(object, QImage)  # key, picture: also at once, for what is kept
    refused = Signal(object)  # key: its picture cannot be made

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue)
        self._queue = queue
        self.side = SIDE
        self.waiting: dict[Hashable, Recipe] = {}  # what has not arrived yet
        self.served: dict[Hashable, int] = {}  # when a key was served last; all of those that are wanted

    def want(self, wishes: Mapping[Any, Recipe], side: int = SIDE) -> None:
        """Replace what was wanted. Of equal patience the first goes first. `side`: device pixels it will fill."""
        self.side = side
        self.served = {key: self.served.get(key, 0) for key in wishes}
        self.waiting = {}
        there = {}
        for key, recipe in wishes.items():
            found = self._queue.pictures.get(recipe, side)
            if found is None:
                self.waiting[key] = recipe
            else:
                there[key] = found
        self._queue.refill()
        for key, picture in there.items():
            self.arrived.emit(key, picture)

    def clear(self) -> None:
        """Nothing is wanted: what is under way is given up."""
        self.want({})


class Queue(QObject):
    """Between views and the render thread."""

    def __init__(self, document: Document, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pictures = Pictures()
        self._document, self._worker = document, worker
        self._views: list[Wishes] = []
        self._served: dict[Wishes, int] = {}
        self._turn = 0
        self._ahead: dict[Decorate, tuple[Wishes, Hashable]] = {}
        self._questions: dict[Hashable, tuple[Compute, Callable[[Any], None], Callable[[BaseException], None]]] = {}
        self._since, self._last = QElapsedTimer(), QElapsedTimer()  # first and newest edit of a drag
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.timeout.connect(self._let_go)
        queued = Qt.ConnectionType.QueuedConnection
        worker.decorated.connect(self._on_decorated, queued)
        worker.computed.connect(self._on_computed, queued)
        worker.failed.connect(self._on_failed, queued)

    def wishes(self) -> Wishes:
        """A list of wishes for one view."""
        made = Wishes(self)
        self._views.append(made)
        self._served[made] = 0
        return made

    def hold(self) -> None:
        """The hand works on the canvas: make nothing for a moment, and give up what is under way."""
        if not self._last.isValid() or self._last.elapsed() > HOLD:
            self._since.start()
        self._last.start()
        if self._since.elapsed() > LONGEST_HOLD:
            return
        if not self._hold.isActive():  # one that is active looks again when it is over: this runs at every move
            self._hold.start(HOLD)
        for letter in self._ahead:
            letter.unwanted.set()
        self._ahead.clear()

    @Slot()
    def _let_go(self) -> None:
        left = HOLD - self._last.elapsed()
        if left > 0 and self._since.elapsed() <= LONGEST_HOLD:
            self._hold.start(left)
        else:
            self.refill()

    def compute(
        self,
        key: Hashable,
        recipe: Recipe,
        work: Callable[[Engine, Recipe, Stop], Any],
        then: Callable[[Any], None],
        otherwise: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        """Ask the engine something about a recipe's model; a later question of the same key replaces this one.

        `work` runs on the render thread; it may raise `Stopped` when `stop()` says True, and is then asked again.
        """
        self.withdraw(key)
        model = self._document.known_model(recipe.model.content_id)
        if model is not None:
            letter = Compute(("question", key), recipe, model.path, work)
            self._questions[key] = letter, then, otherwise
            self._worker.compute(letter)

    def withdraw(self, key: Hashable) -> None:
        """The answer to a question is not wanted any more."""
        if key in self._questions:
            self._questions.pop(key)[0].unwanted.set()

    # --- letters

    @Slot()
    def refill(self) -> None:
        """Give up what nobody wants, and post what is wanted most."""
        for letter, (view, key) in list(self._ahead.items()):
            # A key that wants another recipe by now may have this one first: while a hand drags, else none would come.
            if key not in view.served:
                letter.unwanted.set()
                del self._ahead[letter]
        while len(self._ahead) < AHEAD and not self._hold.isActive():
            chosen = self._next()
            if chosen is None:
                return
            view, key = chosen
            recipe = view.waiting[key]
            model = self._document.known_model(recipe.model.content_id)
            if model is None:
                del view.waiting[key]
                view.refused.emit(key)
                continue
            self._turn += 1
            self._served[view] = view.served[key] = self._turn
            letter = self._worker.decorate((id(view), key), recipe, model.path)
            self._ahead[letter] = view, key

    def _next(self) -> tuple[Wishes, Hashable] | None:
        busy = {letter.recipe for letter in self._ahead}
        keys_busy = set(self._ahead.values())
        for view in sorted(self._views, key=self._served.__getitem__):
            free = [k for k, recipe in view.waiting.items() if recipe not in busy and (view, k) not in keys_busy]
            if free:
                return view, min(free, key=view.served.__getitem__)
        return None

    @Slot(object)
    def _on_decorated(self, answer: Decorated) -> None:
        recipe = answer.letter.recipe
        asked = self._ahead.pop(answer.letter, None)
        sides = [view.side for view in self._views if recipe in view.waiting.values()]
        picture = self.pictures.put(recipe, answer.image, max(sides, default=SIDE))
        wanted = asked[0].waiting.get(asked[1], recipe) if asked is not None else recipe
        if asked is not None and wanted != recipe and wanted.model == recipe.model:
            asked[0].arrived.emit(asked[1], picture)  # overtaken, but the newest there is of this model
        for view in self._views:
            for key in [k for k, wanted in view.waiting.items() if wanted == recipe]:
                del view.waiting[key]
                view.arrived.emit(key, picture)
        self.refill()

    @Slot(object)
    def _on_computed(self, answer: Computed) -> None:
        for key, (letter, then, _) in list(self._questions.items()):
            if letter is answer.letter:
                del self._questions[key]
                then(answer.answer)

    @Slot(object)
    def _on_failed(self, failed: Failed) -> None:
        letter = failed.letter
        if isinstance(letter, Decorate):
            self._ahead.pop(letter, None)
            for view in self._views:
                for key in [k for k, wanted in view.waiting.items() if wanted == letter.recipe]:
                    del view.waiting[key]
                    view.refused.emit(key)
            self.refill()
        elif isinstance(letter, Compute):
            for key, (asked, _, otherwise) in list(self._questions.items()):
                if asked is letter:
                    del self._questions[key]
                    otherwise(failed.error)
