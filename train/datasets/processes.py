"""Work spread over processes, results in order. None outlives the process that started it, even one that is killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import FrameType
from typing import TypeVar

from engine.errors import TrainingError

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 4  # items for each process that wait or are worked on: what is held in memory at a time
WORTH = 4_000_000  # bytes of pictures that pay for starting one more process


def in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """function(item) of each, in the order of the items, which are taken only as fast as they are worked on.

    function, items and results must be picklable. Raises what function raises, and TrainingError if a process dies.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    # spawn: the same on every system, and safe beside the threads that torch has started
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(executor.submit(function, item))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        remedy = "free some memory, or give fewer --workers"
        raise TrainingError("a worker process was ended by the system", remedy) from None
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def tidily_ended() -> Iterator[None]:
    """SIGTERM raises SystemExit(143) in the block, so that what is half written is removed, as after Ctrl-C."""

    def leave(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # `timeout` sends it twice: the second would end the tidying
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def workers_for(total_bytes: int, asked: int | None) -> int:
    """How many processes: as asked, else as many as there are cores and work for."""
    return asked or min(os.cpu_count() or 1, 1 + total_bytes // WORTH)


def _begin() -> None:
    """In a new process, before any work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the parent ends us in good order
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # several would fight for the cores that the other processes work on
    threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()  # a pipe that closes when the parent is gone, however it went
        os._exit(1)
