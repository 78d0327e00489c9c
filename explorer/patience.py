"""Long work shows itself where one looks: in the bar over the picture and in the status line, with a way to give it up.

Short work does not. Knows no document.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from explorer.error_bar import ErrorBar, Trouble
from explorer.status import StatusLine
from explorer.task import LONG, Task


class Patience(QTimer):
    """One for a kind of work, of which there is one at a time. Its interval is the time until a task is shown."""

    def __init__(self, subject: str, bar: ErrorBar, status: StatusLine, parent: QObject) -> None:
        super().__init__(parent)
        self._subject, self._bar, self._status = subject, bar, status  # the subject is one of the bar's
        self.task: Task | None = None  # that is waited for
        self.setSingleShot(True)
        self.setInterval(LONG)
        self.timeout.connect(self._show)

    def wait_for(self, task: Task) -> None:
        """Somebody waits for a task from now on."""
        self.end()
        self.task = task
        self.start()

    def end(self) -> None:
        """It is done, or nobody waits any more: nothing of it is shown."""
        task, self.task = self.task, None
        self.stop()
        self._bar.clear(self._subject)
        if task is not None:
            self._status.end_task(task)

    @Slot()
    def _show(self) -> None:
        if self.task is not None:
            self.task.progressed.connect(self._on_progress)
            self._bar.tell(self._subject, Trouble(self.task.words, task=self.task))
            self._on_progress()

    @Slot()
    def _on_progress(self) -> None:
        if self.task is not None:
            self._bar.show_progress()
            self._status.show_task(self.task)
