"""Gesture numbers for the edits of one control. Knows nothing of Qt."""

from __future__ import annotations

import time

from explorer.history import new_gesture

PAUSE = 0.8  # seconds without an edit after which a burst of keys or wheel turns is over


class Gesture:
    """The number that the next edit carries: the same one while a drag is held or a burst goes on."""

    def __init__(self) -> None:
        self._number = 0
        self._held = False
        self._last = -1e9

    def hold(self) -> None:
        """A drag begins."""
        self.end()
        self._number = new_gesture()
        self._held = True

    def release(self) -> None:
        """The drag is over. The number lives on for the second press of a double click (`last`)."""
        self._held = False
        self.end()

    def end(self) -> None:
        """Whatever comes next is another gesture."""
        self._last = -1e9

    @property
    def last(self) -> int:
        """The number of the gesture that was last."""
        return self._number

    def number(self) -> int:
        """The number for an edit that happens now."""
        now = time.monotonic()
        if not self._held and now - self._last > PAUSE:
            self._number = new_gesture()
        self._last = now
        return self._number
