"""The model of the picture is read: at the start, and when undo comes back to one that had to make room for others.

Taking long it shows how far it is. Given up, the history goes back to where the picture on the canvas is from; where
there is none, the bar says so and offers to try again. The window can be worked with all the while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from engine.errors import clipped
from explorer.document import Document
from explorer.error_bar import Trouble
from explorer.history import Step
from explorer.live import Live
from explorer.patience import Patience
from explorer.task import LONG, Task

if TYPE_CHECKING:
    from explorer.window import Window


class Loading(QObject):
    """One for a window with a document."""

    def __init__(self, window: Window, document: Document, live: Live) -> None:
        super().__init__(window)
        self._window, self._document, self._live = window, document, live
        self._home: Step | None = None  # the newest step of the model that the canvas shows
        self._task: Task | None = None  # of the model that is wanted
        self.patience = Patience("loading", window.stage.error_bar, window.status_line, self)
        self.text = QTimer(self)  # until the status line says it; how far it is, is told only of reading
        self.text.setSingleShot(True)
        self.text.setInterval(LONG)
        self.text.timeout.connect(self.say)
        live.loading.connect(self._watch)
        live.shown.connect(self._end)
        live.stuck.connect(self._end)
        document.model_changed.connect(self.text.start)
        document.history_changed.connect(self._note)

    @Slot()
    def say(self) -> None:
        """Say that the picture is not there yet, if it is not."""
        seen = self._window.stage.canvas.isVisibleTo(self._window)  # else its picture is asked for later
        if seen and not self._live.up_to_date and self.patience.task is None:
            self._window.status_line.load(f"Loading {clipped(self._document.info.name, 60)} ...")

    @Slot(object)
    def _watch(self, task: Task) -> None:
        self.patience.end()
        self._task = task
        task.begun.connect(self._on_begun, Qt.ConnectionType.QueuedConnection)
        task.given_up.connect(self._on_given_up)

    @Slot()
    def _on_begun(self) -> None:
        """The render thread reads it; at once where it is at hand."""
        if self._task is not None and self.sender() is self._task:
            self.patience.wait_for(self._task)

    @Slot()
    def _end(self) -> None:
        self._note()
        self.patience.end()
        self._window.status_line.loaded()

    @Slot()
    def _note(self) -> None:
        shown, history = self._live.last, self._document.history
        if shown is not None and shown.recipe.model.content_id == history.present.model.content_id:
            self._home = history.steps[history.position]

    @Slot()
    def _on_given_up(self) -> None:
        task, window = self.patience.task, self._window
        if task is None or not task.stopped():
            return  # another model is wanted by now
        self._end()
        window.status_line.say(f"{task.words} was cancelled")
        home = self._way_home()
        if home is not None and home != self._document.history.position:
            self._document.jump(home)
            return
        actions = (("Retry", self._live.ask), ("Choose file ...", window.commands.choose_model))
        name = clipped(self._document.info.name, 60)
        window.stage.error_bar.tell("picture", Trouble(f"The model {name} is not loaded.", actions=actions))

    def _way_home(self) -> int | None:
        """The position of that step; where it is not there any more, of the nearest with its model."""
        if self._home is None:
            return None
        wanted, history = self._home.recipe.model.content_id, self._document.history
        there = [place for place, step in enumerate(history.steps) if step.recipe.model.content_id == wanted]
        same = [place for place in there if history.steps[place] is self._home]
        return min(same or there, key=lambda place: abs(place - history.position), default=None)
