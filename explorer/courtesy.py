"""How work in the background gives way to the hand. Knows no Qt."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable

from engine.export.control import Control

GLANCE = 0.01  # seconds between looks at whether the hand rests
PATIENCE = 0.1  # seconds that a step waits for the hand, so that an animation does not hold an export for ever
NICE = 10  # of Linux's priorities: 0 is usual, 19 the lowest


class Courteous(Control):
    """A job's control that also holds it for a moment while the hand waits for a picture."""

    def __init__(self, hand_waits: Callable[[], bool]) -> None:
        super().__init__()
        self._hand_waits = hand_waits

    @property
    def paused(self) -> bool:
        return super().paused or (not self.cancelled and self._hand_waits())

    def hold(self) -> None:
        end = time.monotonic() + PATIENCE
        while not self.cancelled and self._hand_waits() and time.monotonic() < end:
            time.sleep(GLANCE)
        super().hold()


def lower_priority() -> None:
    """The calling thread, and those that it starts, take what time others leave. Only Linux has it for one thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
