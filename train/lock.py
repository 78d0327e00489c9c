"""One trainer at a time in the folder of a run: a lock that the system takes back when its holder ends, however."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.errors import TrainingError, clipped

NAME = ".lock"
TAKEN = (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold the lock of a run's folder. Raises TrainingError where another process does.

    The file stays when the lock is given back: it says nothing, the system knows who holds it, and nobody for a
    process that was killed. Where the file system has no locks, the run goes on without, and says so.
    """
    try:
        handle = os.open(run / NAME, os.O_RDWR | os.O_CREAT, 0o666)  # not inherited by processes that are started
    except OSError as error:
        what = f"nothing can be written into the folder {clipped(run)} ({clipped(error.strerror or error, 80)})"
        raise TrainingError(what, "give another --out, or the right to write there") from None
    try:
        try:
            _lock(handle)
        except OSError as error:
            if error.errno in TAKEN:
                what = f"another trainer is at work in {clipped(run)}"
                raise TrainingError(what, "wait for its end or choose another --out") from None
            print(f"{clipped(run)} cannot be locked ({error.strerror}): start no second trainer in it", file=sys.stderr)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
