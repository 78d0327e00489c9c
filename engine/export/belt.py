"""A belt between rendering and encoding: one thread makes frames, another one writes them, and only a few wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

F = TypeVar("F")

GLANCE = 0.1  # seconds between looks at whether to stop, while waiting for the last frames


class _Abandoned(Exception):
    """Ends the encoder's thread: nobody wants the film any more."""


class Belt(Generic[F]):
    """A context: `put` frames on it; leaving it waits for the last one to be written, or gives everything up.

    What the writer raises is raised again by the next `put`, or on leaving.
    """

    def __init__(self, write: Callable[[Iterator[F]], None], check: Callable[[], None], depth: int = 4) -> None:
        self._depth = depth  # frames that may wait
        self._write = write  # takes all frames; runs on the other thread
        self._check = check  # raises when it is time to stop
        self._changed = threading.Condition()
        self._waiting: deque[F] = deque()
        self._ended = self._abandoned = self._finished = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="encode", daemon=True)

    def __enter__(self) -> Belt[F]:
        self._thread.start()
        return self

    def put(self, frame: F) -> None:
        """The next frame. Waits while the belt is full."""
        with self._changed:
            while len(self._waiting) >= self._depth and not self._finished:
                self._changed.wait(GLANCE)
                self._check()
            self._raise_error()
            self._waiting.append(frame)
            self._changed.notify_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except BaseException:
            self._abandon()
            raise
        if kind is not None:
            self._abandon()

    def _finish(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            while not self._finished:
                self._changed.wait(GLANCE)
                self._check()
        self._thread.join()
        self._raise_error()

    def _abandon(self) -> None:
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()
        self._thread.join()  # it is at most one frame away from seeing it

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    # --- the other thread

    def _run(self) -> None:
        try:
            self._write(self._frames())
        except _Abandoned:
            pass
        except BaseException as error:
            self._error = error
        with self._changed:
            self._finished = True
            self._waiting.clear()
            self._changed.notify_all()

    def _frames(self) -> Iterator[F]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended or self._abandoned)
                if self._abandoned:
                    raise _Abandoned
                if not self._waiting:
                    return
                frame = self._waiting.popleft()
                self._changed.notify_all()
            yield frame
