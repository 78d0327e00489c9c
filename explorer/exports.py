"""The window's exports: jobs one after another, on a thread of their own with a renderer of its own.

The thread and its copy of the model are there only while there is something to do. It gives way while the picture on
the canvas is made: the hand goes first. Knows no widget; torch is imported on that thread.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.errors import RenderError, Stopped, clipped
from engine.export import job as engine_job
from engine.export.control import Cancelled, Control
from engine.export.job import Job, Written
from explorer.courtesy import Courteous, lower_priority
from explorer.document import OpenModel
from explorer.worker import Engine

State = Literal["waiting", "running", "done", "failed", "cancelled"]
TOLD = 0.1  # seconds between two figures
STOP_SECONDS = 10.0  # that closing waits for a cancelled job to tidy up

Run = Callable[..., list[Written]]


class Export(QObject):
    """One job of the window, from the moment it is asked for. Lives in the UI's thread."""

    changed = Signal()  # state or figures

    def __init__(self, job: Job, model: OpenModel, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.job, self.model, self.control = job, model, control
        self.state: State = "waiting"
        self.paused = False  # by the user
        self.done, self.total = 0, job.count(model.info)
        self.seconds = 0.0  # of work
        self.written: list[Written] = []
        self.error: BaseException | None = None
        self.details = ""  # the traceback

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return clipped(self.job.out.name, 80)

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def left(self) -> float | None:
        """Seconds of work that are left, None while nobody can tell."""
        return self.seconds * (self.total - self.done) / self.done if self.done else None


class Exports(QObject):
    """The queue. `add` from the UI's thread; what happens is told there too."""

    added = Signal(object)  # Export
    ended = Signal(object)  # Export: done, failed or cancelled
    emptied = Signal()  # nothing waits or runs any more
    _began = Signal(object)
    _progressed = Signal(object, int, float)
    _ended = Signal(object, str, object, str)  # Export, state, files or error, details

    def __init__(
        self,
        engine: Callable[[], Engine],
        hand_waits: Callable[[], bool] = lambda: False,
        parent: QObject | None = None,
        run: Run = engine_job.run,
    ) -> None:
        super().__init__(parent)
        self.all: list[Export] = []  # those that are shown: open, failed and done, oldest first
        self.speeds: dict[str, float] = {}  # content id -> milliseconds a picture, as measured last
        self.device = self.dtype = "auto"  # as the window was started with
        self._make_engine, self._hand_waits, self._run = engine, hand_waits, run
        self._lock = threading.Lock()
        self._waiting: deque[Export] = deque()
        self._thread: threading.Thread | None = None
        self._closed = False
        queued = Qt.ConnectionType.QueuedConnection
        self._began.connect(self._on_began, queued)
        self._progressed.connect(self._on_progressed, queued)
        self._ended.connect(self._on_ended, queued)

    @property
    def busy(self) -> bool:
        """Whether something waits or runs."""
        return any(export.open for export in self.all)

    def add(self, job: Job, model: OpenModel) -> Export:
        """Make a job when those before it are made. What was done earlier leaves the list."""
        self.all = [export for export in self.all if export.state != "done"]
        export = Export(job, model, Courteous(self._hand_waits), self)
        self.all.append(export)
        self.added.emit(export)
        self._queue(export)
        return export

    def retry(self, export: Export) -> None:
        """Make a job again that failed."""
        export.control = Courteous(self._hand_waits)
        export.state, export.paused, export.done, export.seconds, export.error = "waiting", False, 0, 0.0, None
        export.changed.emit()
        self._queue(export)

    def pause(self, export: Export, paused: bool) -> None:
        """Hold a job between two steps of a picture, or let it go on."""
        export.paused = paused
        if paused:
            export.control.pause()
        else:
            export.control.resume()
        export.changed.emit()

    def cancel(self, export: Export) -> None:
        """Give a job up. It has ended when `ended` says so; nothing is left of the file."""
        export.control.cancel()
        with self._lock:
            waited = export in self._waiting
            if waited:
                self._waiting.remove(export)
        if waited:
            self._on_ended(export, "cancelled", None, "")
        else:
            export.changed.emit()

    def dismiss(self, export: Export) -> None:
        """Take one that has ended from the list."""
        if not export.open and export in self.all:
            self.all.remove(export)
            export.changed.emit()

    def command_line(self, job: Job, model: OpenModel) -> str:
        """The line that makes the same pixels."""
        return engine_job.command_line(job, model.path, self.device, self.dtype)

    def stop(self) -> bool:
        """Give everything up and wait for the thread. False: it is still busy."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            thread = self._thread
        for export in self.all:
            if export.open:
                export.control.cancel()
        if thread is not None:
            thread.join(STOP_SECONDS)
        return thread is None or not thread.is_alive()

    def _queue(self, export: Export) -> None:
        with self._lock:
            if self._closed:
                return
            self._waiting.append(export)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="export", daemon=True)
                self._thread.start()

    # --- told by the thread

    @Slot(object)
    def _on_began(self, export: Export) -> None:
        export.state = "running"
        export.changed.emit()

    @Slot(object, int, float)
    def _on_progressed(self, export: Export, done: int, seconds: float) -> None:
        if export.state == "running":
            export.done, export.seconds = done, seconds
            export.changed.emit()

    @Slot(object, str, object, str)
    def _on_ended(self, export: Export, state: State, result: Any, details: str) -> None:
        export.state, export.paused, export.details = state, False, details
        if state == "done":
            export.written, export.done = result, export.total
            if export.seconds:
                self.speeds[export.model.info.content_id] = 1000 * export.seconds / max(export.total, 1)
        elif state == "failed":
            export.error = result
        else:
            self.all.remove(export)
        export.changed.emit()
        self.ended.emit(export)
        if not self.busy:
            self.emptied.emit()

    # --- the thread

    def _work(self) -> None:
        lower_priority()
        engine: Engine | None = None
        while (export := self._next()) is not None:
            self._began.emit(export)
            try:
                engine = engine or self._make_engine()
                result = self._made(export, engine)
            except (Cancelled, Stopped):
                self._tell_ended(export, "cancelled", None, "")
            except BaseException as error:  # MemoryError too: the next job may be smaller
                details = traceback.format_exc()
                error.__traceback__ = None  # it holds the tensors of every frame that it names
                self._tell_ended(export, "failed", error, details)
            else:
                self._tell_ended(export, "done", result, "")
        if engine is not None:
            del engine
            from engine.device import release_memory

            release_memory()

    def _next(self) -> Export | None:
        with self._lock:
            if self._waiting and not self._closed:
                return self._waiting.popleft()
            self._thread = None
            return None

    def _made(self, export: Export, engine: Engine) -> list[Written]:
        control, model = export.control, export.model
        found = engine.load(model.path, stop=lambda: control.cancelled)
        if found.content_id != model.info.content_id:
            what = f"{clipped(model.path.name, 80)} holds another model by now"
            raise RenderError(what, "open it again, and export again")
        told = 0.0

        def tell(done: int, total: int, seconds: float) -> None:
            nonlocal told
            if done == total or time.monotonic() - told >= TOLD:
                told = time.monotonic()
                if not self._closed:
                    self._progressed.emit(export, done, seconds)

        return self._run(export.job, engine, progress=tell, control=control)

    def _tell_ended(self, export: Export, state: State, result: Any, details: str) -> None:
        if not self._closed:
            self._ended.emit(export, state, result, details)
