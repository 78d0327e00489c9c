"""Ctrl-C in the terminal closes the window; before there is one, it ends the program at once.

Python sees signals only between its own steps, and Qt's loop has none while nothing happens: so the signal writes a
byte into a socket that wakes the loop. No exception is raised: in what Qt calls, it would be printed and lost.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QWidget

STATUS = 130  # of the program after Ctrl-C, as shells have it


class Interrupts(contextlib.AbstractContextManager["Interrupts"]):
    """`window` is closed by Ctrl-C; while there is none, `tidy` runs and the program ends."""

    def __init__(self, tidy: Callable[[], None]) -> None:
        self._tidy = tidy
        self.window: QWidget | None = None
        self.caught = False

    def __enter__(self) -> Interrupts:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._drain)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno())
        self._old = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._read.recv(64)  # the handler runs as soon as Python does

    def _on_signal(self, number: int, frame: object) -> None:
        if self.window is None:
            self._tidy()
            os._exit(STATUS)
        self.caught = True
        self.window.close()

    def __exit__(self, *exc: object) -> None:
        signal.signal(signal.SIGINT, self._old)
        signal.set_wakeup_fd(self._old_fd)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()
