"""The main window: docks around the stage, and who talks to whom. It owns the render thread and ends it.

Everything that thinks is elsewhere: document.py, live.py, commands.py. Without a model the docks stand empty and the
canvas says what to do; `adopt` fills them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QImage
from PySide6.QtWidgets import QWidget

from engine.errors import clipped
from engine.family import ModelInfo
from explorer.actions import Actions
from explorer.commands import Commands
from explorer.document import Document
from explorer.drops import Drops
from explorer.error_bar import Trouble, trouble
from explorer.export_desk import ExportDesk
from explorer.faults import Faults
from explorer.gallery import Gallery
from explorer.keeper import Keeper
from explorer.live import Live
from explorer.loading import Loading
from explorer.panels.gallery import GalleryPanel
from explorer.panels.history import HistoryPanel
from explorer.panels.mix import MixPanel
from explorer.panels.noise import NoisePanel
from explorer.panels.sources import SourcesPanel
from explorer.panels.truncation import TruncationPanel
from explorer.queue import Queue
from explorer.session import session_of
from explorer.settings import Settings
from explorer.shell import Shell
from explorer.view import Tab, Workspace
from explorer.worker import Engine, Failed, Rendered, Worker

if TYPE_CHECKING:
    from explorer.exports import Exports
    from explorer.panels.exports import ExportStrip

VIEWS = (  # behind the canvas; each is imported when it is first seen
    Tab("mix-grid", "Mix grid", "Sources A and B crossed: a cell is A with some layers of B", "mix_grid:MixGridView"),
    Tab("noise-study", "Noise", "What the noise does to this picture: draws, deviation", "noise_study:NoiseView"),
    Tab("map", "Map", "Many latents W as dots, and where A, B and the picture are among them", "map_view:MapView"),
    Tab("variations", "Variations", "Nine pictures near this one: pick one, repeat", "variations:VariationsView"),
    Tab(
        "timeline",
        "Timeline",
        "Keyframes of whole states over time: scrub, play, make a film",
        "timeline_view:TimelineView",
    ),
)
GALLERY = "gallery.json"  # in the settings' folder
SPEED_INTERVAL = 250  # ms between two looks at the latency: faster digits cannot be read

log = logging.getLogger("stylescope")


class Window(Shell):
    """`adopt` gives it a document, `start` its engine."""

    def __init__(self, settings: Settings, engine: Callable[[], Engine], faults: Faults | None = None) -> None:
        super().__init__(settings)
        self.document: Document | None = None
        self.keeper: Keeper | None = None
        self.live: Live | None = None
        self.queue: Queue | None = None
        self.gallery: Gallery | None = None
        self.worker = Worker(engine)
        self.ended = True  # False after a close that had to leave the render thread busy
        self.export_desk = ExportDesk(engine, lambda: self.worker.hand_waits, self)
        self.export_desk.made.connect(self._show_exports)
        self.export_desk.said.connect(self.status_line.say)
        self.commands = Commands(self)
        self.landing = Drops(self)
        self.sources: SourcesPanel | None = None
        self.actions_ = Actions(self)
        self.search.clicked.connect(self.actions_.show_palette)
        self.dock_layout.restore()

        self._speed = QTimer(self)
        self._speed.setSingleShot(True)
        self._speed.setInterval(SPEED_INTERVAL)
        self._speed.timeout.connect(self._show_speed)
        if faults is not None:
            faults.raised.connect(self._on_fault, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Import the engine and begin to render."""
        self.worker.start()

    def adopt(self, document: Document, stored: QImage | None = None) -> None:
        """Show a document, for life. `stored`: a picture of its recipe, until the engine has one."""
        assert self.document is None
        self.document = document
        self.queue = queue = Queue(document, self.worker, self)
        self.gallery = Gallery(self.settings.folder / GALLERY, self)
        workspace = Workspace(document, queue, self.gallery, partial(self.commands.export, "Timeline"))
        self.stage.canvas_view.adopt(workspace)
        for view in VIEWS:
            self.stage.add(view.name, view.title, view.tip, partial(view.make, workspace))
        self.actions_.add_views()
        self.stage.turn_to(bytes((self.settings.layout("view") or QByteArray()).data()).decode())
        self.live = live = Live(document, self.worker, queue, self.stage.canvas, self)
        self._fill_docks(workspace, live)
        self.keeper = Keeper(document, self.settings.session_file, partial(session_of, document), self)
        self.keeper.failed.connect(lambda sentence: self.stage.error_bar.tell("keeper", Trouble(sentence)))
        self.keeper.kept.connect(lambda: self.stage.error_bar.clear("keeper"))
        self.loading = Loading(self, document, live)
        self._listen(document, live)
        self._show_model(document.info)
        self.status_line.show_summary(document.recipe)
        self.actions_.refresh()
        self.loading.say()
        self.stage.canvas.wait()
        if stored is not None:
            self.stage.canvas.show_picture(stored)
        live.ask()

    def _fill_docks(self, workspace: Workspace, live: Live) -> None:
        document = workspace.document
        self.sources = sources = SourcesPanel(document)
        history = HistoryPanel(document)
        gallery = GalleryPanel(workspace)
        gallery.elsewhere.connect(self.commands.open)
        gallery.said.connect(self.status_line.say)
        gallery.failed.connect(lambda sentence: self.stage.error_bar.tell("gallery", Trouble(sentence)))
        self.docks["gallery"].set_panel(gallery)
        self.docks["sources"].set_panel(sources)
        self.docks["history"].set_panel(history)
        history.watch(workspace.queue.wishes())
        self.docks["truncation"].set_panel(TruncationPanel(document))
        self.docks["noise"].set_panel(NoisePanel(document))
        self.docks["mix"].set_panel(MixPanel(document))
        self.docks["model"].set_maker(self._model_panel)
        live.source_thumbnail.connect(sources.set_thumbnail)
        live.step_thumbnail.connect(history.set_thumbnail)

    def _listen(self, document: Document, live: Live) -> None:
        live.shown.connect(self._on_shown)
        live.badge.connect(self.status_line.show_badge)
        live.stuck.connect(self._on_stuck)
        self.performance.watch(live.latency)
        document.changed.connect(self.status_line.show_summary)
        document.history_changed.connect(self.actions_.refresh)
        document.model_changed.connect(self._show_model)

    def _model_panel(self) -> QWidget:
        from explorer.panels.model import ModelPanel

        assert self.document is not None
        panel = ModelPanel(self.document)
        panel.revealed.connect(self.commands.reveal)
        return panel

    def _ask_checksum(self) -> None:
        """Ask the engine for what only the complete file tells."""
        document = self.document
        if document is not None and self.queue is not None and not document.info.sha256:
            path = document.model.path
            self.queue.compute("model", document.recipe, lambda engine, recipe, stop: engine.load(path), document.learn)

    # --- exports, from the first one on

    @property
    def exports(self) -> Exports:
        """The queue of exports."""
        return self.export_desk.queue

    @property
    def export_strip(self) -> ExportStrip:
        """Their lines under the views."""
        return self.export_desk.strip

    @Slot(object, object)
    def _show_exports(self, exports: Exports, strip: ExportStrip) -> None:
        from explorer.panels.export_progress import ExportProgress

        self.stage.add_foot(strip)
        self.status_line.add(ExportProgress(exports))
        strip.reveal.connect(self.commands.reveal_file)
        strip.said.connect(self.status_line.say)
        self.actions_.watch_exports(exports)

    # --- what the engine answers

    @Slot(object)
    def _on_shown(self, answer: Rendered) -> None:
        self.stage.error_bar.clear("picture")
        self.status_line.show_stats(answer.stats)
        if not self._speed.isActive():
            self._speed.start()

    @Slot()
    def _show_speed(self) -> None:
        if self.live is not None:
            self.status_line.show_speed(self.live.latency.p50, self.live.latency.p95)
            self.performance.refresh()

    @Slot(object)
    def _on_stuck(self, failed: Failed) -> None:
        assert self.live is not None
        self.stage.error_bar.tell("picture", trouble(failed, None, (("Retry", self.live.ask),)))

    @Slot(str, str)
    def _on_fault(self, sentence: str, details: str) -> None:
        self.stage.error_bar.tell("fault", Trouble(f"{sentence} The window goes on.", details=details))

    @Slot(object)
    def _show_model(self, info: ModelInfo) -> None:
        self.chip.show_model(info)
        self.setWindowTitle(f"{clipped(info.name, 60)} - Stylescope")
        self.stage.error_bar.clear("picture")
        if self.live is not None:
            self.live.when_whole(self._ask_checksum)  # not before: it would have the file read without any progress

    def undo(self) -> None:
        """One step back."""
        if self.document is not None:
            self.document.undo()

    def redo(self) -> None:
        """One step forward."""
        if self.document is not None:
            self.document.redo()

    # --- the end

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.export_desk.may_close():
            event.ignore()
            return
        self._remember()
        self.hide()  # at once, also where the threads take a moment
        self.ended = self.export_desk.stop() & self.worker.stop()
        if not self.ended:
            log.warning("a thread was still busy when the window closed")
        event.accept()

    def _remember(self) -> None:
        self.dock_layout.remember()
        self.settings.set_layout("view", QByteArray(self.stage.current.encode()))
        if self.document is not None and self.live is not None:
            image = self.stage.canvas.image if self.live.up_to_date else None
            self.settings.set_session_picture(self.document.recipe, image)
        if self.keeper is not None:
            self.keeper.flush()
        if self.gallery is not None:
            self.gallery.flush()
        self.settings.sync()
