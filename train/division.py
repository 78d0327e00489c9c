"""How a batch is divided: among the processes of a run, and in each into slices that fit its device one by one.

Every slice holds whole groups of minibatch standard deviation, the same as the undivided batch has: samples n, n + N/G,
n + 2 N/G, ... of N are a group of G. So neither processes nor slices change what is computed, but for rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError

Rows = NDArray[np.int64] | None  # which samples of a batch; None: all of them, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """The part of one process."""

    batch: int  # samples in all, N
    group: int = 1  # of minibatch standard deviation, G
    rank: int = 0
    ranks: int = 1
    slices: int = 1  # that each process computes one after the other

    @property
    def share(self) -> float:
        """Of a slice in the whole batch."""
        return 1 / (self.ranks * self.slices)

    def of_rank(self) -> Rows:
        """Samples of the batch that this process is shown."""
        return None if self.ranks == 1 else self._columns(self._whole(), self.ranks)[self.rank].reshape(-1)

    def rows(self) -> list[Rows]:
        """Samples of the whole batch, slice by slice of this process."""
        if self.ranks == self.slices == 1:
            return [None]
        mine = self._columns(self._whole(), self.ranks)[self.rank]
        return [part.reshape(-1) for part in self._columns(mine, self.slices)]

    def rows_of_rank(self) -> list[Rows]:
        """The same samples, counted among those that this process is shown."""
        if self.slices == 1:
            return [None]
        mine = np.arange(self.batch // self.ranks).reshape(self.group, -1)
        return [part.reshape(-1) for part in self._columns(mine, self.slices)]

    def some(self, count: int) -> list[Rows]:
        """Samples of a batch of `count` without groups, slice by slice of this process; there may be none in one."""
        if self.ranks == self.slices == 1:
            return [None]
        parts = np.array_split(np.arange(count), self.ranks * self.slices)
        return list(parts[self.rank * self.slices : (self.rank + 1) * self.slices])

    def _whole(self) -> NDArray[np.int64]:
        return np.arange(self.batch).reshape(self.group, -1)  # a column is a group

    @staticmethod
    def _columns(samples: NDArray[np.int64], parts: int) -> list[NDArray[np.int64]]:
        return np.split(samples, parts, axis=1)


def group_of(settings: Any) -> int | None:
    """Samples whose deviation a discriminator of these settings compares, which must stay together; None: the whole
    batch."""
    if not getattr(settings, "mbstd_channels", 0):
        return 1
    group: int | None = getattr(settings, "mbstd_group", None)
    return group


def divided(batch: int, group: int | None, *, rank: int = 0, ranks: int = 1, batch_gpu: int = 0) -> Division:
    """The division of a batch; batch_gpu: samples in a slice, 0: all that the process has.

    group None: the whole batch is one. Raises TrainingError with numbers that would do.
    """
    group = batch if group is None else min(group, batch)
    if batch % group:
        what = f"a batch of {batch} is no multiple of the minibatch-stddev group of {group}"
        raise TrainingError(what, f"--set batch={-(-batch // group) * group} or another --set D.mbstd_group")
    if batch // group % ranks:
        good = [n for n in range(1, batch // group + 1) if batch // group % n == 0]
        what = f"a batch of {batch} in groups of {group} cannot be divided among {ranks} processes"
        batches = f"--set batch={-(-batch // (group * ranks)) * group * ranks}"
        raise TrainingError(what, f"{batches}, or {_listed(good)} processes")
    each = batch // ranks
    if batch_gpu and (batch_gpu > each or each % batch_gpu or batch_gpu % group):
        what = f"--batch-gpu {batch_gpu} does not divide the {each} samples of a process into whole groups of {group}"
        raise TrainingError(what, f"give {_listed(slice_sizes(each, group))}")
    slices = each // batch_gpu if batch_gpu else 1
    return Division(batch=batch, group=group, rank=rank, ranks=ranks, slices=slices)


def slice_sizes(each: int, group: int) -> list[int]:
    """Samples that a slice may have, of those that a process has; the largest first."""
    return [each // n for n in range(1, each // group + 1) if each // group % n == 0]


def _listed(numbers: list[int]) -> str:
    return " or ".join(filter(None, (", ".join(map(str, numbers[:-1])), str(numbers[-1]))))
