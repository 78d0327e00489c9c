"""Where the window leaves what it wants and the render thread takes it: one letter a subject, the newest wins.

Knows nothing of Qt, recipes or pictures. A drag posts hundreds of letters about the same subject; only the last
one that nobody has taken yet is kept, so the last is always taken and nothing ever queues up.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Stamped(Generic[L]):
    """A letter and its number; later letters have higher numbers."""

    stamp: int
    letter: L


class Mailbox(Generic[L]):
    """Thread-safe. Urgent subjects (low `rank`) are taken first; within a rank the one that waits longest."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._slots: dict[tuple[int, Hashable], Stamped[L]] = {}
        self._stamp = 0
        self._closed = False

    def post(self, letter: L, subject: Hashable = None, rank: int = 0) -> int:
        """Leave a letter; one about the same subject that still lies there is replaced. Returns the stamp."""
        with self._condition:
            self._stamp += 1
            if not self._closed:
                # a letter that replaces another one takes over its place in the queue
                self._slots[rank, subject] = Stamped(self._stamp, letter)
                self._condition.notify()
            return self._stamp

    def put_back(self, stamped: Stamped[L], subject: Hashable = None, rank: int = 0) -> None:
        """Leave a letter again, under its number, that could not be dealt with; unless a newer one about its subject
        has come."""
        with self._condition:
            if (rank, subject) not in self._slots and not self._closed:
                self._slots[rank, subject] = stamped

    def take(self, timeout: float | None = None, below: int | None = None) -> Stamped[L] | None:
        """The most urgent letter, waiting for one. None once the box is closed, or when `timeout` seconds are over.

        below: take only what is more urgent than this rank.
        """

        def most_urgent() -> tuple[int, Hashable] | None:
            found = min(self._slots, key=lambda key: key[0], default=None)
            return found if found is not None and (below is None or found[0] < below) else None

        with self._condition:
            self._condition.wait_for(lambda: most_urgent() is not None or self._closed, timeout)
            key = most_urgent()
            return None if key is None else self._slots.pop(key)

    def waiting(self, below: int) -> bool:
        """Whether something more urgent than rank `below` lies there, or the box is closed: time to stop early."""
        with self._condition:
            return self._closed or any(rank < below for rank, _ in self._slots)

    @property
    def closed(self) -> bool:
        """Whether no more letters are taken."""
        with self._condition:
            return self._closed

    def close(self, keep: int | None = None) -> bool:
        """Wake the taker and give it nothing more, but letters of rank `keep`. Whether there are such."""
        with self._condition:
            self._closed = True
            self._slots = {key: letter for key, letter in self._slots.items() if key[0] == keep}
            self._condition.notify_all()
            return bool(self._slots)
