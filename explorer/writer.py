"""A file that follows what is in memory: written on a thread of its own, from the moment that there is something new.

Nothing is put off: a thread that is at work writes the newest content next, and passes over what came in between. The
interpreter does not end before it is done, whoever forgets to wait for it. Knows no widget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.errors import StylescopeError


class Writer(QObject):
    """Writes one file. Asked by one thread."""

    failed = Signal(str)  # a sentence, from its own thread: connect queued

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name  # of its thread
        self._lock = threading.Lock()
        self._next: Callable[[], None] | None = None
        self._thread: threading.Thread | None = None

    def write(self, act: Callable[[], None]) -> None:
        """Run `act`, which writes the file and may raise StylescopeError, OSError and ValueError; soon, and unless a
        later one takes its place."""
        with self._lock:
            self._next = act
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name)
                self._thread.start()

    def flush(self) -> None:
        """Wait until the last one is done."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (act := self._taken()) is not None:
            try:
                act()
            except (StylescopeError, OSError, ValueError) as error:  # ValueError: a text that UTF-8 cannot say
                self.failed.emit(str(error))

    def _taken(self) -> Callable[[], None] | None:
        with self._lock:
            act, self._next = self._next, None
            if act is None:
                self._thread = None
            return act
