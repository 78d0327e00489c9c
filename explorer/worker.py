"""The render thread: one for the life of the program. It owns the engine; it knows no widget.

The window posts letters into a mailbox (newest wins) and gets answers as queued signals. Whatever a letter raises
becomes a `Failed` answer; the thread lives on. torch is imported here, after the window stands. Where the whole picture
takes too long for a moving hand, a smaller one is shown (previews.py); the whole one follows as soon as the hand rests.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from engine.recipe import Recipe
from explorer.letters import (
    Compute,
    Computed,
    Decorate,
    Decorated,
    Engine,
    Failed,
    Letter,
    Open,
    Opened,
    Rendered,
    Save,
    Saved,
    Show,
    Try,
)
from explorer.mailbox import Mailbox, Stamped
from explorer.previews import BUDGET, Previews

if TYPE_CHECKING:  # numpy and torch come with the engine
    from engine.picture import Picture
    from engine.renderer import Offer

__all__ = [
    "Compute",
    "Computed",
    "Decorate",
    "Decorated",
    "Engine",
    "Failed",
    "Open",
    "Opened",
    "Rendered",
    "Save",
    "Saved",
    "Show",
    "Worker",
    "qimage",
]

# Ranks in the mailbox: what the hand waits for goes first, what only decorates goes last.
OPENING, SHOWING, SAVING, DECORATING, TRYING = range(5)
MOVING = 0.3  # seconds: pictures that are asked for in so quick a sequence belong to a hand that moves
REST = 0.1  # seconds without another one, after which it is taken to rest
JOIN_SECONDS = 2.0  # that closing waits for a thread which is busy
SAVING_SECONDS = 20.0  # and for one which has pictures to write


class Worker(QObject):
    """Lives in the UI's thread; its signals come from the render thread: connect them queued."""

    rendered = Signal(object)
    decorated = Signal(object)
    computed = Signal(object)
    saved = Signal(object)
    opened = Signal(object)
    failed = Signal(object)
    started = Signal()  # the engine is imported

    def __init__(self, engine: Callable[[], Engine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_engine = engine
        self._engine: Engine | None = None
        self._saving = self._showing = False
        self._current = ""  # content id of the model that the engine surely has at hand
        self._previews = Previews()
        self._rough: Stamped[Letter] | None = None  # was only previewed: the whole picture is to follow
        self._posted = 0.0  # when a picture was asked for last, in seconds of time.perf_counter
        self._moving = False  # and whether that was soon after the one before
        self._tried: set[str] = set()  # content ids of models whose quick precision was looked into
        self.mailbox: Mailbox[Letter] = Mailbox()
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)

    def start(self) -> None:
        """Begin: import the engine, then answer letters."""
        self._thread.start()

    def stop(self) -> bool:
        """Take no more letters, but finish what is to be saved; wait for the thread. False: it is still busy."""
        saving = self.mailbox.close(keep=SAVING) or self._saving
        if self._thread.is_alive():
            self._thread.join(SAVING_SECONDS if saving else JOIN_SECONDS)
        return not self._thread.is_alive()

    @property
    def hand_waits(self) -> bool:
        """Whether a picture for the canvas is under way: other threads may give way. From any thread."""
        return self._showing or self.mailbox.waiting(SAVING)

    # --- called by the window

    def show(self, recipe: Recipe, path: Path, size: tuple[int, int] | None = None) -> int:
        """Ask for the picture of the document, (width, height) pixels large. Returns its stamp."""
        now = time.perf_counter()
        self._moving, self._posted = now - self._posted < MOVING, now
        return self.mailbox.post(Show(recipe, path, size), "document", SHOWING)

    def open(self, letter: Open) -> int:
        """Open something. A later wish replaces one that was not begun."""
        return self.mailbox.post(letter, "open", OPENING)

    def save(self, recipe: Recipe, path: Path, to: Path) -> int:
        """Write a picture. Each file is a wish of its own."""
        return self.mailbox.post(Save(recipe, path, to), to, SAVING)

    def decorate(self, key: Hashable, recipe: Recipe, path: Path) -> Decorate:
        """Ask for a picture for a panel. A later wish of the same key replaces one that was not begun."""
        letter = Decorate(key, recipe, path)
        self.mailbox.post(letter, key, DECORATING)
        return letter

    def compute(self, letter: Compute) -> None:
        """Ask the engine something. A later question of the same key replaces one that was not begun."""
        self.mailbox.post(letter, letter.key, DECORATING)

    # --- the thread

    def _run(self) -> None:
        try:
            self._start_engine()
        except BaseException:  # the first letter tries again, and tells the window when that fails too
            self._engine = None
        while (stamped := self._next()) is not None:
            try:
                self._answer(stamped, self._engine or self._start_engine())
            except BaseException as error:  # MemoryError and SystemExit too: the thread lives as long as the window
                if self.mailbox.closed:
                    continue
                details = traceback.format_exc()
                error.__traceback__ = None  # it holds the tensors of every frame that it names
                self.failed.emit(Failed(stamped.stamp, stamped.letter, error, details))

    def _next(self) -> Stamped[Letter] | None:
        """The next letter; when the hand rests, the whole of what was only previewed goes before thumbnails."""
        if self._rough is None:
            return self.mailbox.take()
        left = self._posted + REST - time.perf_counter()
        stamped = self.mailbox.take(max(left, 0.0), below=DECORATING)
        if stamped is not None or self.mailbox.closed:
            return stamped
        rough, self._rough = self._rough, None
        assert isinstance(rough.letter, Show)
        return replace(rough, letter=replace(rough.letter, whole=True))

    def _start_engine(self) -> Engine:
        engine = self._engine = self._make_engine()
        if not self.mailbox.closed:
            self.started.emit()
        return engine

    def _answer(self, stamped: Stamped[Letter], engine: Engine) -> None:
        letter = stamped.letter
        if isinstance(letter, Open):
            self._current = ""  # whatever comes of it, the engine may have let go of the model before
            model, recipe = letter.find(engine, letter.what)
            self.opened.emit(Opened(stamped.stamp, letter.what, model, recipe))
            return
        if isinstance(letter, (Decorate, Compute)) and letter.unwanted.is_set():
            return
        self._use(engine, letter)
        if isinstance(letter, (Decorate, Compute)):
            self._decorate(engine, letter)
            return
        if isinstance(letter, Save):
            self._save(engine, letter)
            return
        if isinstance(letter, Try):
            self._try(engine, letter)
            return
        self._showing = True
        try:
            self._show(engine, stamped, letter)
        finally:
            self._showing = False

    def _show(self, engine: Engine, stamped: Stamped[Letter], letter: Show) -> None:
        began = time.perf_counter()
        offers: Sequence[Offer] = ()
        if not letter.whole:
            if not self._moving:
                self._previews.rest()
            offers = engine.offers(letter.recipe)
        offer = self._previews.choose(offers)
        picture = self._picture(engine, stamped, letter, offer)
        if picture is None:
            return
        image = qimage(picture.pixels)
        if offer is not None and letter.size is not None:
            image = image.scaled(*letter.size, mode=Qt.TransformationMode.SmoothTransformation)
        ended = time.perf_counter()
        slow = (ended - began) * 1000 > BUDGET
        answer = Rendered(
            stamped.stamp,
            letter.recipe,
            picture,
            image,
            engine.last,
            full=offer is None,
            overtaking=slow and self._moving and not letter.whole and len({o.resolution for o in offers}) < 2,
            began=began,
            ended=ended,
        )
        self.rendered.emit(answer)
        content_id = letter.recipe.model.content_id
        if (slow or offer is not None) and content_id not in self._tried:
            self._tried.add(content_id)
            self.mailbox.post(Try(letter.recipe, letter.path), content_id, TRYING)

    def _picture(self, engine: Engine, stamped: Stamped[Letter], letter: Show, offer: Offer | None) -> Picture | None:
        """The picture that was chosen; None: it was given up, the whole one for a newer wish."""
        from engine.synthesizer import Stopped

        self._rough = None if offer is None else stamped
        urgent = SAVING if letter.whole else OPENING  # nothing is: what the hand waits for only ends with the window
        chosen: dict[str, Any] = {} if offer is None else {"stop_at": offer.resolution, "quick": offer.quick}
        try:
            return engine.render(letter.recipe, stop=lambda: self.mailbox.waiting(urgent), **chosen)
        except Stopped:
            self._rough = stamped
            return None

    def _use(self, engine: Engine, letter: Show | Save | Decorate | Compute | Try) -> None:
        """Have the letter's model at hand."""
        wanted = letter.recipe.model.content_id
        if wanted != self._current:
            # The file may hold another model by now, as snapshots of a training run do. The one that is wanted can be
            # in memory all the same; if not, `render` says so.
            found = engine.load(letter.path).content_id
            self._current = wanted if found == wanted else ""

    def _save(self, engine: Engine, letter: Save) -> None:
        from engine.picture import save_png

        self._saving = True
        try:
            save_png(engine.render(letter.recipe), letter.to)
        finally:
            self._saving = False
        self.saved.emit(Saved(letter.to))

    def _try(self, engine: Engine, letter: Try) -> None:
        from engine.synthesizer import Stopped

        try:
            engine.try_quick(letter.recipe, stop=lambda: self.mailbox.waiting(TRYING))
        except Stopped:
            self.mailbox.put_back(letter, letter.recipe.model.content_id, TRYING)

    def _decorate(self, engine: Engine, letter: Decorate | Compute) -> None:
        from engine.synthesizer import Stopped

        def stop() -> bool:
            return letter.unwanted.is_set() or self.mailbox.waiting(DECORATING)

        try:
            if isinstance(letter, Compute):
                self.computed.emit(Computed(letter, letter.work(engine, letter.recipe, stop)))
                return
            # remember=False: what is kept for resuming belongs to the picture that the hand works on. Never a preview:
            # their colours are paler, and galleries keep these pictures
            picture = engine.render(letter.recipe, stop=stop, remember=False)
        except Stopped:
            if not letter.unwanted.is_set():
                self.mailbox.put_back(letter, letter.key, DECORATING)
            return
        self.decorated.emit(Decorated(letter, qimage(picture.pixels)))


def qimage(pixels: Any) -> QImage:
    """uint8 [H, W, C] with C of 1, 3 or 4 as an image that owns its bytes."""
    height, width, channels = pixels.shape
    formats = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    # bytesPerLine is given because Qt would round it up to four bytes; copy() because the array is not Qt's to keep.
    return QImage(pixels.tobytes(), width, height, width * channels, formats[channels]).copy()
