"""Between a running job and whoever watches it: progress, pause, cancel. Standard library only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BEAT = 0.25  # seconds between reports while one picture is being made: a slow model reports too

Progress = Callable[[int, int, float], None]  # pictures done, pictures in all, seconds of work without pauses


class Cancelled(Exception):
    """A job was given up because its owner said so. No fault, so no StylescopeError."""


class Control:
    """What the owner of a job holds. Every method may be called from any thread, at any time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._cancelled = False

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Give the job up; a paused one too. It ends with Cancelled and leaves no partial file."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Hold the job between two steps of a picture until `resume` or `cancel`."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def hold(self) -> None:
        """Called by the job: wait while it is paused."""
        with self._changed:
            self._changed.wait_for(lambda: self._cancelled or not self._paused)


class Watch:
    """The clock of one running job; belongs to its thread."""

    def __init__(self, total: int, progress: Progress | None, control: Control) -> None:
        self.total = total
        self.done = 0
        self._progress = progress
        self._control = control
        self._began = self._told = time.perf_counter()
        self._held = 0.0  # seconds spent in pauses

    @property
    def seconds(self) -> float:
        """Seconds of work so far, without pauses."""
        return time.perf_counter() - self._began - self._held

    def advance(self) -> None:
        """One more picture is done."""
        self.done += 1
        self._tell()

    def stopped(self) -> bool:
        """Whether to stop, asked between the steps of a picture: waits while paused and reports now and then."""
        if self._control.paused:
            before = time.perf_counter()
            self._control.hold()
            self._held += time.perf_counter() - before
        if time.perf_counter() - self._told >= BEAT:
            self._tell()
        return self._control.cancelled

    def check(self) -> None:
        """Raise Cancelled when it is time to stop."""
        if self.stopped():
            raise Cancelled

    def _tell(self) -> None:
        self._told = time.perf_counter()
        if self._progress is not None:
            self._progress(self.done, self.total, self.seconds)
