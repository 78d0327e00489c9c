"""What the window has of exports: their queue, the strip under the views, the question when the window is to close.

Nothing of it is imported before somebody exports: most who open the window look first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from engine.errors import StylescopeError
from explorer.worker import Engine

if TYPE_CHECKING:
    from explorer.exports import Export, Exports
    from explorer.panels.exports import ExportStrip

log = logging.getLogger("stylescope")
WORDS = {"done": "Exported {}", "failed": "{} was not exported", "cancelled": "{} was cancelled"}


class ExportDesk(QObject):
    """`queue` and `strip` are made together, by whoever asks first."""

    made = Signal(object, object)  # Exports, ExportStrip
    said = Signal(str, bool)  # a text for the status line, and whether it stays

    def __init__(self, engine: Callable[[], Engine], hand_waits: Callable[[], bool], window: QWidget) -> None:
        super().__init__(window)
        self._engine, self._hand_waits, self._window = engine, hand_waits, window
        self.device = self.dtype = "auto"  # as the window was started with
        self._parts: tuple[Exports, ExportStrip] | None = None
        self._close_after = False  # the exports that run
        self.question: QDialog | None = None  # what to do with them

    @property
    def queue(self) -> Exports:
        """Jobs that wait, run and have ended."""
        return self._made()[0]

    @property
    def strip(self) -> ExportStrip:
        """A line for each of them."""
        return self._made()[1]

    def _made(self) -> tuple[Exports, ExportStrip]:
        if self._parts is None:
            from explorer.exports import Exports
            from explorer.panels.exports import ExportStrip

            queue = Exports(self._engine, self._hand_waits, self)
            queue.device, queue.dtype = self.device, self.dtype
            queue.ended.connect(self._on_ended)
            queue.emptied.connect(self._on_emptied)
            self._parts = queue, ExportStrip(queue)
            self.made.emit(*self._parts)
        return self._parts

    @property
    def busy(self) -> bool:
        """Whether something waits or runs."""
        return self._parts is not None and self._parts[0].busy

    def stop(self) -> bool:
        """Give everything up and wait for the thread. False: it is still busy."""
        return self._parts is None or self._parts[0].stop()

    def _on_ended(self, export: Export) -> None:
        self.said.emit(WORDS[export.state].format(export.name), False)
        if export.details and not isinstance(export.error, StylescopeError):
            log.warning("%s was not exported:\n%s", export.name, export.details)

    # --- the window is to close

    def may_close(self) -> bool:
        """Whether nothing runs, or the wish was uttered twice, as Ctrl-C in the terminal can be; else asks."""
        if not self.busy or self.question is not None:
            return True
        from explorer.dialogs.closing import ask_about_exports

        self.question = ask_about_exports(self._window, self._answer)
        return False

    def _answer(self, answer: str) -> None:
        """What is to be done with the exports that run: "finish" and close, "cancel" and close, "stay"."""
        if answer == "cancel":
            self._window.close()  # while the question stands: not asked again
        self.question = None
        self._close_after = answer == "finish"
        if self._close_after:
            self.said.emit("The window closes when the exports are done", True)
            self._on_emptied()

    def _on_emptied(self) -> None:
        if self._close_after and not self.busy:
            failed = any(export.state == "failed" for export in self.queue.all)
            self._close_after = False
            if not failed:  # else somebody has to see it
                self._window.close()
