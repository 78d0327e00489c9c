"""The main window: docks around the stage, and who talks to whom. It owns the render thread and ends it.

Everything that thinks is elsewhere: document.py, live.py, commands.py. Without a model the docks stand empty and the
canvas says what to do; `adopt` fills them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox

from engine.errors import StylescopeError, clipped
from engine.family import ModelInfo
from explorer import theme
from explorer.actions import Actions
from explorer.commands import Commands, trouble
from explorer.dialogs.closing import ask_about_exports
from explorer.document import Document
from explorer.error_bar import Trouble
from explorer.exports import Export, Exports
from explorer.faults import Faults
from explorer.gallery import Gallery
from explorer.keeper import Keeper
from explorer.live import Live
from explorer.panels.exports import ExportStrip
from explorer.panels.gallery import GalleryPanel
from explorer.panels.history import HistoryPanel
from explorer.panels.mix import MixPanel
from explorer.panels.model import ModelPanel, empty
from explorer.panels.noise import NoisePanel
from explorer.panels.sources import SourcesPanel
from explorer.panels.truncation import TruncationPanel
from explorer.queue import Queue
from explorer.session import session_of
from explorer.settings import Settings
from explorer.status import StatusLine
from explorer.view import View, Workspace
from explorer.views.dock import PanelDock
from explorer.views.map_view import MapView
from explorer.views.mix_grid import MixGridView
from explorer.views.model_chip import ModelChip
from explorer.views.noise_study import NoiseView
from explorer.views.performance import PerformanceDock
from explorer.views.stage import Stage
from explorer.views.variations import VariationsView
from explorer.worker import Engine, Failed, Rendered, Worker

log = logging.getLogger("stylescope")
LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
DOCKS = (
    ("sources", "Sources", LEFT),
    ("gallery", "Gallery", LEFT),
    ("history", "History", LEFT),
    ("truncation", "Truncation", RIGHT),
    ("noise", "Noise", RIGHT),
    ("model", "Model", RIGHT),  # a tab beside the noise
    ("mix", "Mix", BOTTOM),
)
VIEWS: tuple[type[View], ...] = (MixGridView, NoiseView, MapView, VariationsView)  # behind the canvas
OPENING_SIZE = QSize(1280, 800)
GALLERY = "gallery.json"  # in the settings' folder
AROUND = 230  # px: menu bar, desk and status line, above and below the side docks
SPEED_INTERVAL = 250  # ms between two looks at the latency: faster digits cannot be read


class Window(QMainWindow):
    """`adopt` gives it a document, `start` its engine."""

    def __init__(self, settings: Settings, engine: Callable[[], Engine], faults: Faults | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.document: Document | None = None
        self.keeper: Keeper | None = None
        self.live: Live | None = None
        self.queue: Queue | None = None
        self.worker = Worker(engine)
        self.ended = True  # False after a close that had to leave the render thread busy
        self.setWindowTitle("Stylescope")
        self.setMinimumSize(720, 480)
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self.setCorner(corner, BOTTOM)

        self.stage = Stage()
        self.setCentralWidget(self.stage)
        self.chip = ModelChip()
        self.menuBar().setCornerWidget(self.chip, Qt.Corner.TopRightCorner)
        self.status_line = StatusLine()
        self.statusBar().addWidget(self.status_line, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.docks = {name: PanelDock(name, title) for name, title, _ in DOCKS}
        self.performance = PerformanceDock()
        self.docks["performance"] = self.performance
        self.docks["model"].set_panel(empty())
        self.exports = Exports(engine, lambda: self.worker.hand_waits, self)
        self.export_strip = ExportStrip(self.exports)
        self.stage.add_foot(self.export_strip)
        self.commands = Commands(self)
        self.actions_ = Actions(self)
        self._restore_layout()

        self.export_strip.reveal.connect(self.commands.reveal_file)
        self.export_strip.said.connect(self.status_line.say)
        self.exports.ended.connect(self._on_exported)
        self.exports.emptied.connect(self._on_exports_done)
        self._close_after = False  # the exports that run
        self._question: QMessageBox | None = None  # what to do with them

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
        workspace = Workspace(document, queue, Gallery(self.settings.folder / GALLERY, self))
        self.stage.canvas_view.adopt(workspace)
        for view in VIEWS:
            self.stage.add(view.NAME, view.TITLE, view.TIP, view(workspace))
        self.actions_.add_views()
        self.stage.turn_to(bytes((self.settings.layout("view") or QByteArray()).data()).decode())
        self.live = live = Live(document, self.worker, queue, self.stage.canvas, self)
        sources, history = SourcesPanel(document), HistoryPanel(document)
        gallery = GalleryPanel(workspace)
        gallery.elsewhere.connect(self.commands.open)
        gallery.said.connect(self.status_line.say)
        gallery.failed.connect(lambda sentence: self.stage.error_bar.tell("gallery", Trouble(sentence)))
        self.docks["gallery"].set_panel(gallery)
        self.docks["sources"].set_panel(sources)
        self.docks["history"].set_panel(history)
        history.watch(queue.wishes())
        self.docks["truncation"].set_panel(TruncationPanel(document))
        self.docks["noise"].set_panel(NoisePanel(document))
        self.docks["mix"].set_panel(MixPanel(document))
        model = ModelPanel(document)
        model.revealed.connect(self.commands.reveal)
        self.docks["model"].set_panel(model)
        model.watch(queue)
        self.keeper = Keeper(document, self.settings.session_file, partial(session_of, document), self)
        self.keeper.failed.connect(lambda sentence: self.stage.error_bar.tell("keeper", Trouble(sentence)))
        self.keeper.kept.connect(lambda: self.stage.error_bar.clear("keeper"))
        live.source_thumbnail.connect(sources.set_thumbnail)
        live.step_thumbnail.connect(history.set_thumbnail)
        live.shown.connect(self._on_shown)
        live.stuck.connect(self._on_stuck)
        self.performance.watch(live.latency)
        document.changed.connect(self.status_line.show_summary)
        document.history_changed.connect(self.actions_.refresh)
        document.model_changed.connect(self._show_model)
        self._show_model(document.info)
        self.status_line.show_summary(document.recipe)
        self.actions_.refresh()
        self.status_line.load(f"Loading {clipped(document.info.name, 60)} ...")
        self.stage.canvas.wait()
        if stored is not None:
            self.stage.canvas.show_picture(stored)
        live.ask()

    # --- what the engine answers

    @Slot(object)
    def _on_shown(self, answer: Rendered) -> None:
        self.stage.error_bar.clear("picture")
        self.status_line.show_stats(answer.stats, answer.image.width(), answer.image.height())
        self.status_line.loaded()
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
        self.status_line.loaded()
        self.stage.error_bar.tell("picture", trouble(failed, None, (("Retry", self.live.ask),)))

    @Slot(str, str)
    def _on_fault(self, sentence: str, details: str) -> None:
        self.stage.error_bar.tell("fault", Trouble(f"{sentence} The window goes on.", details=details))

    @Slot(object)
    def _on_exported(self, export: Export) -> None:
        words = {"done": "Exported {}", "failed": "{} was not exported", "cancelled": "{} was cancelled"}
        self.status_line.say(words[export.state].format(export.name))
        if export.details and not isinstance(export.error, StylescopeError):
            log.warning("%s was not exported:\n%s", export.name, export.details)

    @Slot(object)
    def _show_model(self, info: ModelInfo) -> None:
        self.chip.show_model(info)
        self.setWindowTitle(f"{clipped(info.name, 60)} - Stylescope")
        self.stage.error_bar.clear("picture")

    def undo(self) -> None:
        """One step back."""
        if self.document is not None:
            self.document.undo()

    def redo(self) -> None:
        """One step forward."""
        if self.document is not None:
            self.document.redo()

    # --- look and layout

    def set_look(self, look: str) -> None:
        """Dark, light or as the system has it."""
        self.settings.look = look
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply_look(app, look)

    def reset_layout(self) -> None:
        """All docks where they were at first."""
        self._lay_out()

    def _lay_out(self) -> None:
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        for name, _, area in DOCKS:
            self.addDockWidget(area, self.docks[name])
        self.tabifyDockWidget(self.docks["noise"], self.docks["model"])
        self.addDockWidget(RIGHT, self.performance)
        for name, dock in self.docks.items():
            dock.setVisible(name != "performance")
        self.docks["noise"].raise_()
        side = [self.docks["sources"], self.docks["truncation"]]
        self.resizeDocks(side, [240, 256], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["mix"]], [176], Qt.Orientation.Vertical)
        room = self.height() - AROUND
        for heights in ({"sources": 244, "gallery": 156}, {"truncation": 110}):
            last = "history" if "gallery" in heights else "noise"
            rest = max(80, room - sum(heights.values()))
            docks = [self.docks[name] for name in (*heights, last)]
            self.resizeDocks(docks, [*heights.values(), rest], Qt.Orientation.Vertical)

    def _restore_layout(self) -> None:
        geometry, state = self.settings.layout("geometry"), self.settings.layout("state")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(OPENING_SIZE.boundedTo(self.screen().availableSize()))
        self._lay_out()
        if state is not None and not self.restoreState(state):
            self._lay_out()

    # --- keys that the control with the focus has no use for

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.stage.canvas.underMouse():
            self.stage.canvas.hold_space(True)
        elif event.key() == Qt.Key.Key_Escape:
            self.stage.error_bar.dismiss()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.stage.canvas.hold_space(False)
        else:
            super().keyReleaseEvent(event)

    # --- drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.stage.canvas.offer(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.stage.canvas.offer(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.stage.canvas.offer(False)
        path = _dropped(event)
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.commands.open(path)

    # --- the end

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.exports.busy and self._question is None:
            self._question = ask_about_exports(self, self._answer)
            event.ignore()
            return
        self._remember()  # nothing runs, or the wish was uttered twice, as Ctrl-C in the terminal can be
        self.hide()  # at once, also where the threads take a moment
        self.ended = self.exports.stop() & self.worker.stop()
        if not self.ended:
            log.warning("a thread was still busy when the window closed")
        event.accept()

    def _answer(self, answer: str) -> None:
        """What is to be done with the exports that run: "finish" and close, "cancel" and close, "stay"."""
        if answer == "cancel":
            self.close()  # while the question stands: not asked again
        self._question = None
        self._close_after = answer == "finish"
        if self._close_after:
            self.status_line.say("The window closes when the exports are done", lasting=True)
            self._on_exports_done()

    @Slot()
    def _on_exports_done(self) -> None:
        if self._close_after and not self.exports.busy:
            failed = any(export.state == "failed" for export in self.exports.all)
            self._close_after = False
            if not failed:  # else somebody has to see it
                self.close()

    def _remember(self) -> None:
        self.settings.set_layout("geometry", QByteArray(self.saveGeometry()))
        self.settings.set_layout("state", QByteArray(self.saveState()))
        self.settings.set_layout("view", QByteArray(self.stage.current.encode()))
        if self.document is not None and self.live is not None:
            image = self.stage.canvas.image if self.live.up_to_date else None
            self.settings.set_session_picture(self.document.recipe, image)
        if self.keeper is not None:
            self.keeper.flush()
        self.settings.sync()


def _dropped(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """The local file that is dropped, the first of several."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return paths[0] if paths else None
