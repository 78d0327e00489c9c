"""The render thread: one for the life of the program. It owns the engine; it knows no widget.

The window posts letters into a mailbox (newest wins) and gets answers as queued signals. Whatever a letter raises
becomes a `Failed` answer; the thread lives on. torch is imported here, after the window stands.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer.document import OpenModel
from explorer.mailbox import Mailbox, Stamped

if TYPE_CHECKING:  # numpy comes with the engine
    from engine.picture import Picture

# Ranks in the mailbox: what the hand waits for goes first, what only decorates goes last.
OPENING, SHOWING, SAVING, DECORATING = range(4)
JOIN_SECONDS = 2.0  # that closing waits for a thread which is busy
SAVING_SECONDS = 20.0  # and for one which has pictures to write


class Engine(Protocol):
    """What the thread asks of `engine.renderer.Renderer`."""

    last: Any  # figures of the last picture

    def load(
        self,
        path: Path,
        *,
        progress: Callable[[float], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> ModelInfo:
        """Open a model file; at once when it is open."""

    def render(self, recipe: Recipe, *, stop: Callable[[], bool] | None = None, remember: bool = True) -> Picture:
        """The picture of a recipe whose model is open."""


# --- letters to the thread


@dataclass(frozen=True, slots=True)
class Show:
    """Render what the document shows."""

    recipe: Recipe
    path: Path  # of its model


@dataclass(frozen=True, slots=True)
class Save:
    """Render at full quality and write a PNG."""

    recipe: Recipe
    path: Path
    to: Path


@dataclass(frozen=True, slots=True, eq=False)
class Decorate:
    """Render for a panel, when nothing else is to be done."""

    key: Hashable
    recipe: Recipe
    path: Path
    unwanted: threading.Event = field(default_factory=threading.Event)  # set: give it up, also half-way


@dataclass(frozen=True, slots=True, eq=False)
class Compute:
    """Something else that only the engine knows, when nothing else is to be done."""

    key: Hashable
    recipe: Recipe
    path: Path
    work: Callable[[Engine, Recipe, Callable[[], bool]], Any]  # engine, recipe, "stop?" -> answer; may raise Stopped
    unwanted: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Open:
    """Find out what a path, a bundled name or a recipe is, and load the model it needs."""

    what: Path | str | Recipe
    find: Callable[[Engine, Path | str | Recipe], tuple[OpenModel, Recipe | None]]


Letter = Show | Save | Decorate | Compute | Open


# --- answers


@dataclass(frozen=True, slots=True)
class Rendered:
    """The picture of a recipe. The image owns its bytes."""

    stamp: int
    recipe: Recipe  # as it was asked for
    picture: Picture
    image: QImage
    stats: Any


@dataclass(frozen=True, slots=True)
class Decorated:
    """A picture for a panel."""

    letter: Decorate
    image: QImage


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of a `Compute`."""

    letter: Compute
    answer: Any


@dataclass(frozen=True, slots=True)
class Saved:
    """A picture was written."""

    to: Path


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that is loaded, and the recipe that was opened (None: a model file was)."""

    stamp: int
    what: Path | str | Recipe
    model: OpenModel
    recipe: Recipe | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A letter that could not be answered."""

    stamp: int
    letter: Letter
    error: BaseException
    details: str  # the traceback


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

    def show(self, recipe: Recipe, path: Path) -> int:
        """Ask for the picture of the document. Returns its stamp."""
        return self.mailbox.post(Show(recipe, path), "document", SHOWING)

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
        while (stamped := self.mailbox.take()) is not None:
            try:
                self._answer(stamped, self._engine or self._start_engine())
            except BaseException as error:  # MemoryError and SystemExit too: the thread lives as long as the window
                if self.mailbox.closed:
                    continue
                details = traceback.format_exc()
                error.__traceback__ = None  # it holds the tensors of every frame that it names
                self.failed.emit(Failed(stamped.stamp, stamped.letter, error, details))

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
        self._showing = True
        try:
            picture = engine.render(letter.recipe, stop=lambda: self.mailbox.closed)
        finally:
            self._showing = False
        self.rendered.emit(Rendered(stamped.stamp, letter.recipe, picture, qimage(picture.pixels), engine.last))

    def _use(self, engine: Engine, letter: Show | Save | Decorate | Compute) -> None:
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

    def _decorate(self, engine: Engine, letter: Decorate | Compute) -> None:
        from engine.synthesizer import Stopped

        def stop() -> bool:
            return letter.unwanted.is_set() or self.mailbox.waiting(DECORATING)

        try:
            if isinstance(letter, Compute):
                self.computed.emit(Computed(letter, letter.work(engine, letter.recipe, stop)))
                return
            # remember=False: what is kept for resuming belongs to the picture that the hand works on
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
