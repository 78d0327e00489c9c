"""Keeps the session by itself: every change is on the disk some seconds later, whole or not at all.

The text is made in the UI's thread, where the document is, and written on another one, because a disk may take its
time. So nothing is lost by a crash, and closing need not ask anything. Knows no widget.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import StylescopeError
from explorer import session
from explorer.document import Document
from explorer.session import Session

log = logging.getLogger("stylescope")
SETTLE = 2000  # ms from a change to the disk


class Keeper(QObject):
    """One for a document and a file."""

    failed = Signal(str)  # a sentence; once, until writing succeeds again
    kept = Signal()

    def __init__(
        self, document: Document, path: Path, take: Callable[[], Session], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._path, self._take = path, take
        self._broken = False
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE)
        self._timer.timeout.connect(self._keep)
        document.history_changed.connect(self.note)

    def note(self) -> None:
        """Something changed. Not put off by the next change: a long drag is kept on its way, too."""
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> bool:
        """Write now and wait for it, for the window closes; whether it is on the disk."""
        self._timer.stop()
        if self._thread is not None:
            self._thread.join()
        return self._write(session.dumps(self._take()))

    def _keep(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            self._timer.start()  # a slow disk
            return
        text = session.dumps(self._take())
        self._thread = threading.Thread(target=self._write, args=(text,), name="keeper", daemon=True)
        self._thread.start()

    def _write(self, text: str) -> bool:
        try:
            session.write(text, self._path)
        except (StylescopeError, OSError, ValueError) as error:  # ValueError: a text that UTF-8 cannot say
            log.warning("the session is not kept: %s", error)
            if not self._broken:
                self._broken = True
                self.failed.emit(f"The session is not kept: {error}")
            return False
        self._broken = False
        self.kept.emit()
        return True


class RunMark:
    """A small file that is there while the program runs: found at a start, the run before it ended by force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.found = False

    def begin(self) -> None:
        """The program starts."""
        with contextlib.suppress(OSError, ValueError):
            number = int(self._path.read_text(encoding="ascii"))
            self.found = number != os.getpid() and not _runs(number)
        with contextlib.suppress(OSError):
            self._path.write_text(str(os.getpid()), encoding="ascii")

    def end(self) -> None:
        """The program ends as it should."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def _runs(number: int) -> bool:
    """Whether a process of this number is there; where that cannot be told: no."""
    if os.name == "nt":
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
