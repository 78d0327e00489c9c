"""Which picture is shown when: a function of (seed, number of pictures seen), so that a resumed run goes on exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Order:
    """Index of the n-th picture shown: a fresh permutation each epoch."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self._epoch = -1
        self._permutation: NDArray[np.int64] = np.empty(0, np.int64)

    def indices(self, seen: int, batch: int) -> NDArray[np.int64]:
        """Data set indices of pictures seen .. seen + batch - 1."""
        return np.array([self._index(n) for n in range(seen, seen + batch)], np.int64)

    def batch(self, seen: int, batch: int) -> NDArray[np.int64]:
        """The same, ascending, as they lie in a batch: kind to a mapped file."""
        return np.sort(self.indices(seen, batch))

    def _index(self, n: int) -> int:
        epoch, position = divmod(n, self.count)
        if epoch != self._epoch:
            self._epoch = epoch
            self._permutation = np.random.default_rng([self.seed, epoch]).permutation(self.count)
        return int(self._permutation[position])
