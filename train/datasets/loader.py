"""Batches of a data set in the order of a run, decoded ahead of time by threads.

Threads, not processes: Pillow decodes without the interpreter's lock, nothing is copied between processes, and nothing
is left behind when the trainer is killed. What a batch holds depends on (seed, pictures seen) and the files alone,
never on timing: a damaged picture is replaced by the next one in the data set that is whole, with that one's label.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError, clipped
from train.datasets.order import Order
from train.datasets.pictures import ArraySet, DataSet, whole

AHEAD = 3  # batches
MAX_DAMAGED = 0.01  # of all pictures


@dataclass(frozen=True, eq=False)
class Batch:
    """Pictures of one step, or one rank's part of them."""

    pictures: NDArray[np.uint8]  # [N, H, W, C]
    labels: NDArray[np.float32] | None  # [N, K]


class Loader:
    """Batch after batch; use it with `with`, or call close()."""

    def __init__(
        self,
        data: DataSet,
        order: Order,
        batch: int,  # pictures in a whole batch
        part: NDArray[np.int64] | None = None,  # of every batch that is wanted here: a rank's; None: all
        threads: int | None = None,
    ) -> None:
        self.data, self.order, self.batch, self.part = data, order, batch, part
        self.damaged: dict[str, str] = {}  # name -> reason, of pictures that others stand in for
        self._lock = threading.Lock()
        self._ahead: dict[int, list[Future[tuple[int, NDArray[np.uint8]]]]] = {}  # by pictures seen
        self._threads = ThreadPoolExecutor(threads or min(8, max(2, (os.cpu_count() or 1) // 2)), "decode")

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def at(self, seen: int) -> Batch:
        """The batch that follows after `seen` pictures. Quick if the one before it was asked for last.

        Raises TrainingError when more than 1% of the data set turned out to be damaged.
        """
        if isinstance(self.data, ArraySet):
            indices = self._indices(seen)
            return self._batch(indices, self.data.images[indices])
        if next(iter(self._ahead), None) != seen:  # the first one, or a run that went back to a snapshot
            self._forget()
        for step in range(AHEAD + 1):
            self._ask(seen + step * self.batch)
        places, pictures = zip(*(one.result() for one in self._ahead.pop(seen)), strict=True)
        return self._batch(np.array(places, np.int64), np.stack(pictures))

    def _batch(self, indices: NDArray[np.int64], pictures: NDArray[np.uint8]) -> Batch:
        labels = self.data.labels
        return Batch(pictures, None if labels is None else labels.rows(indices))

    def _indices(self, seen: int) -> NDArray[np.int64]:
        indices = self.order.batch(seen, self.batch)
        return indices if self.part is None else indices[self.part]

    def _ask(self, seen: int) -> None:
        if seen not in self._ahead:
            self._ahead[seen] = [
                self._threads.submit(whole, self.data, int(index), self._note) for index in self._indices(seen)
            ]

    def _forget(self) -> None:
        for pictures in self._ahead.values():
            for picture in pictures:
                picture.cancel()
        self._ahead.clear()

    def _note(self, name: str, reason: str) -> None:
        with self._lock:
            if name in self.damaged:
                return
            self.damaged[name] = reason
            count = len(self.damaged)
        told = f"{clipped(name)} cannot be used: {reason}"
        if count > MAX_DAMAGED * len(self.data):
            what = f"{count} of {len(self.data)} pictures cannot be used, which is more than 1%; the last: {told}"
            raise TrainingError(what, "see `dataset check`, mend the data set, and run again to resume")
        print(f"{told}; another picture stands in for it", file=sys.stderr, flush=True)
