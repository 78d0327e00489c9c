"""Ctrl-C and SIGTERM: the first asks for an end in good order, the second ends at once."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType

TELL = b"stopping after this step, snapshot follows ...\n"


class Stop:
    """`signal` is the number of the first signal, 0 before. A second one raises KeyboardInterrupt or SystemExit."""

    def __init__(self, same: float = 0.0) -> None:
        """same: seconds in which further signals are echoes of the first, as under a launcher that passes them on."""
        self.signal = 0
        self._same, self._at = same, 0.0

    def __enter__(self) -> Stop:
        self._old = {s: signal.signal(s, self._asked) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        if not self.signal:
            self.signal, self._at = number, time.monotonic()
            os.write(2, TELL)  # print may be what was interrupted
        elif time.monotonic() - self._at >= self._same:
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            raise SystemExit(128 + number)
