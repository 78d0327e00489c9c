"""Long work that somebody waits for: how far it is, how long it will take, and the wish to give it up.

Made and shown in the UI's thread; `begin`, `tell` and `stopped` are called on the thread that works.
"""

from __future__ import annotations

import math
import threading
import time

from PySide6.QtCore import QObject, Signal

LONG = 1000  # ms; what takes longer shows its progress
TOLD = 0.05  # seconds between two figures
SURE = 0.05  # share of the work after which a time is guessed
LOADED = 0.5  # of the work for a model, when it is there: its first picture takes about as long


class Task(QObject):
    """One piece of work."""

    begun = Signal()
    progressed = Signal(float)  # 0..1
    given_up = Signal()  # by the user

    def __init__(self, words: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.words = words  # e.g. "Opening big.pkl"
        self.done = 0.0
        self._began = self._told = time.monotonic()
        self.ended = threading.Event()  # set: nobody wants it any more

    def begin(self) -> None:
        """Work on it begins only now, or once more. From any thread."""
        self.done = 0.0
        self._began = self._told = time.monotonic()
        self.begun.emit()

    def tell(self, done: float) -> None:
        """So much is done, 0..1. From any thread; figures that come too fast are passed over."""
        self.done, now = done, time.monotonic()
        if now - self._told >= TOLD and not self.stopped():
            self._told = now
            self.progressed.emit(done)

    def stop(self) -> None:
        """Nobody wants it any more."""
        if not self.stopped():
            self.ended.set()
            self.given_up.emit()

    def stopped(self) -> bool:
        """Whether it is to end. From any thread."""
        return self.ended.is_set()

    def sentence(self) -> str:
        """What is done, how far, how long it will take."""
        if self.done <= 0:
            return f"{self.words} ..."
        left = (time.monotonic() - self._began) * (1 - self.done) / self.done
        time_left = f", {math.ceil(left)} s left" if self.done >= SURE else ""
        return f"{self.words} ... {100 * self.done:.0f} %{time_left}"
