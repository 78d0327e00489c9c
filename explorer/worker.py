"""The render thread: one for the life of the program. It owns the engine; it knows no widget.

The window posts letters into a mailbox (newest wins) and gets answers as queued signals. Whatever a letter raises
becomes a `Failed` answer; the thread lives on. torch is imported here, after the window stands. What is done with a
letter: answers.py.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Hashable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.recipe import Recipe
from explorer.answers import Answers, qimage
from explorer.letters import (
    SAVING,
    Answer,
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
)
from explorer.mailbox import Mailbox
from explorer.task import Task

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
        self.mailbox: Mailbox[Letter] = Mailbox()
        self._answers = Answers(self.mailbox, self._say)
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)

    def start(self) -> None:
        """Begin: import the engine, then answer letters."""
        self._thread.start()

    def stop(self) -> bool:
        """Take no more letters, but finish what is to be saved; wait for the thread. False: it is still busy."""
        saving = self.mailbox.close(keep=SAVING) or self._answers.saving
        if self._thread.is_alive():
            self._thread.join(SAVING_SECONDS if saving else JOIN_SECONDS)
        return not self._thread.is_alive()

    @property
    def hand_waits(self) -> bool:
        """Whether a picture for the canvas is under way: other threads may give way. From any thread."""
        return self._answers.showing or self.mailbox.waiting(SAVING)

    # --- called by the window

    def show(self, recipe: Recipe, path: Path, size: tuple[int, int] | None = None, task: Task | None = None) -> int:
        """Ask for the picture of the document, (width, height) pixels large. Returns its stamp.

        task: hears how far its model is, where that has to be read first; when it is stopped, the wish is given up.
        """
        self._answers.asked()
        return self._post(Show(recipe, path, size, task=task))

    def open(self, letter: Open) -> int:
        """Open something. A later wish replaces one that was not begun."""
        return self._post(letter)

    def save(self, recipe: Recipe, path: Path, to: Path) -> int:
        """Write a picture. Each file is a wish of its own."""
        return self._post(Save(recipe, path, to))

    def decorate(self, key: Hashable, recipe: Recipe, path: Path) -> Decorate:
        """Ask for a picture for a panel. A later wish of the same key replaces one that was not begun."""
        letter = Decorate(key, recipe, path)
        self._post(letter)
        return letter

    def compute(self, letter: Compute) -> None:
        """Ask the engine something. A later question of the same key replaces one that was not begun."""
        self._post(letter)

    def _post(self, letter: Letter) -> int:
        return self.mailbox.post(letter, letter.subject, letter.rank)

    # --- the thread

    def _run(self) -> None:
        try:
            self._start_engine()
        except BaseException:  # the first letter tries again, and tells the window when that fails too
            self._engine = None
        while (stamped := self._answers.next_letter()) is not None:
            try:
                self._answers.answer(stamped, self._engine or self._start_engine())
            except BaseException as error:  # MemoryError and SystemExit too: the thread lives as long as the window
                if self.mailbox.closed:
                    continue
                details = traceback.format_exc()
                error.__traceback__ = None  # it holds the tensors of every frame that it names
                self._say(Failed(stamped.stamp, stamped.letter, error, details))

    def _start_engine(self) -> Engine:
        engine = self._engine = self._make_engine()
        if not self.mailbox.closed:
            self.started.emit()
        return engine

    def _say(self, answer: Answer) -> None:
        signals = {
            Rendered: self.rendered,
            Decorated: self.decorated,
            Computed: self.computed,
            Saved: self.saved,
            Opened: self.opened,
            Failed: self.failed,
        }
        signals[type(answer)].emit(answer)
