"""What follows a hand, no oftener than a screen could show. Knows no widget and no document.

A hand's events may come by thousands a second (a mouse that reports at 8 kHz, a backlog after a pause). What each of
them has to do must be little; the rest is done for the first at once, and then for all that came since together.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

PAUSE = 5  # ms from one time to the next: 200 a second


class Pace(QTimer):
    """Does one thing, when it is asked for."""

    def __init__(self, act: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._act = act
        self._due = False
        self._acting = self._again = False  # in the midst of it, and asked for once more since it began
        self._acted = 0.0  # when it was done last, in seconds of time.perf_counter
        self.setSingleShot(True)
        self.setTimerType(Qt.TimerType.PreciseTimer)
        self.setInterval(PAUSE)
        self.timeout.connect(self.now)

    @property
    def due(self) -> bool:
        """Whether it was asked for and is not done yet."""
        return self._due or self._again

    def soon(self) -> None:
        """At once, unless it was done just now: then a moment later, once for all who ask until then."""
        if self._due:
            return
        if time.perf_counter() - self._acted < PAUSE / 1000:
            self._due = True
            self.start()
        else:
            self.now()

    def now(self) -> None:
        """Do it; while it is being done: once more behind that, so that whoever hears of it hears all in order."""
        self.drop()
        self._again = True
        if self._acting:
            return
        self._acting = True
        try:
            while self._again:
                self._again = False
                self._act()
        finally:
            self._acting = self._again = False
            self._acted = time.perf_counter()

    def drop(self) -> None:
        """It need not be done any more."""
        self._again = False
        if self._due:
            self._due = False
            self.stop()
