"""What a run left that ended by force: laid aside at the next start, and offered there.

It is not shown unasked, for it may be what ended that run; and nothing of it is lost while nobody has answered: it is
offered again at every start until it is restored, or until "Start anew" gives it up.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot

from explorer.error_bar import Trouble
from explorer.session import Session
from explorer.settings import Settings
from explorer.window import Window
from explorer.worker import Opened

SUBJECT = "rescue"  # in the error bar
log = logging.getLogger("stylescope")


def lay_aside(settings: Settings, forced: bool) -> Path | None:
    """The session that is to be offered; `forced`: the last run ended so, and what it kept is laid aside now."""
    left, aside = settings.session_file, settings.rescued_file
    session = settings.session() if forced else None
    if session is not None and (len(session.history.steps) > 1 or not aside.exists()):
        try:
            left.replace(aside)
        except OSError as error:
            log.warning("the last session cannot be laid aside: %s", error)
            return None
    return aside if aside.exists() else None


class Rescue(QObject):
    """Offers a session in a window."""

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__(window)
        self._window, self._path = window, path
        window.worker.opened.connect(self._on_opened, Qt.ConnectionType.QueuedConnection)
        actions = (("Restore", self._restore), ("Start anew", self._start_anew))
        window.stage.error_bar.tell(SUBJECT, Trouble("The last session ended unexpectedly.", actions=actions))

    def _restore(self) -> None:
        self._window.stage.error_bar.clear(SUBJECT)
        self._window.commands.open(self._path)

    def _start_anew(self) -> None:
        self._window.stage.error_bar.clear(SUBJECT)
        self._give_up()

    @Slot(object)
    def _on_opened(self, answer: Opened) -> None:
        """It is part of the history, which is on the disk before its own file goes."""
        document, keeper = self._window.document, self._window.keeper
        if answer.what != self._path or document is None or keeper is None:
            return
        in_time = isinstance(answer.recipe, Session) and document.recipe == answer.recipe.recipe
        if in_time and keeper.flush():
            self._give_up()

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
