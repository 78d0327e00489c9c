"""How far each pixel strays among realisations of the noise (StyleGAN paper, figure 4c). numpy only, no engine, no Qt.

Sums of whole numbers, so that the result does not depend on the order of the pictures.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


class Deviation:
    """Pictures are added one by one; the deviation of those so far can be asked for at any time from the second on."""

    def __init__(self) -> None:
        self.count = 0
        self._total: npt.NDArray[np.int64] | None = None  # [H, W, C]
        self._squares: npt.NDArray[np.int64] | None = None

    def add(self, pixels: Pixels) -> None:
        """One more realisation, uint8 [H, W, C]; an alpha channel is left out."""
        values = pixels[:, :, : 3 if pixels.shape[2] == 4 else None].astype(np.int64)
        if self._total is None or self._squares is None:
            self._total, self._squares = np.zeros_like(values), np.zeros_like(values)
        self._total += values
        self._squares += values**2
        self.count += 1

    def grey_levels(self) -> npt.NDArray[np.float64]:
        """The standard deviation of each pixel in grey levels 0..127.5 [H, W], mean over the colours."""
        assert self._total is not None
        assert self._squares is not None
        spread = np.sqrt(self.count * self._squares - self._total**2) / self.count
        result: npt.NDArray[np.float64] = spread.mean(axis=2)
        return result


def shades(levels: npt.NDArray[np.float64]) -> Pixels:
    """As a picture uint8 [H, W, 1], the largest deviation white; no deviation at all is black."""
    largest = float(levels.max())
    grey: Pixels = np.rint(levels * (255 / largest if largest else 0)).astype(np.uint8)[:, :, None]
    return grey
