"""The export dialog: what, how and where to, with a preview, an estimate and the command that does the same.

Not modal: it follows the document, and what is asked for goes into the window's queue.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import StylescopeError, UsageError
from engine.export import outlook
from engine.export.job import Film, Grid, Job
from engine.recipe import Recipe
from explorer import theme
from explorer.controls.buttons import disabled_reason, quiet_label
from explorer.controls.number import HEIGHT
from explorer.dialogs.export_form import Wrong, plain_words
from explorer.dialogs.export_page import ExportPage
from explorer.dialogs.export_pages import FilmPage, GridPage, PicturePage
from explorer.dialogs.export_preview import PreviewPicture
from explorer.document import Document
from explorer.exports import Exports
from explorer.names import file_name, plain
from explorer.panels.exports import counted, duration
from explorer.queue import Queue
from explorer.settings import Settings
from explorer.worker import Engine

KEPT = "export"  # name in the settings
REST = 120  # ms after the last edit until the preview follows
SAMPLES, ENOUGH = 5, 500  # pictures that tell the speed, and milliseconds after which fewer do
MOST_NAMES = 1000  # names that are tried for a file that is not there yet


class ExportDialog(QDialog):
    """One for a window, made when it is first asked for."""

    def __init__(
        self, document: Document, queue: Queue, exports: Exports, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._queue, self._exports, self._settings = document, queue, exports, settings
        self.job: Job | None = None  # what the fields say; None: it cannot be made
        self._own_name = False  # the user gave one
        self.setWindowTitle("Export")
        self.pages: list[ExportPage] = [PicturePage(), GridPage(), FilmPage()]
        self._build()
        self._recall()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(REST)
        self._wait.timeout.connect(self.refresh)
        for page in self.pages:
            page.edited.connect(self._wait.start)
        self.tabs.currentChanged.connect(lambda _: self.refresh())
        self.path.textEdited.connect(self._on_typed)
        self.path.editingFinished.connect(self._wait.start)
        document.changed.connect(self._follow)
        exports.ended.connect(self._wait.start)

    def _build(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("What is exported")
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for page in self.pages:
            area = QScrollArea()
            area.setWidget(page)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setProperty("plain", True)
            self.tabs.addTab(area, page.title)
        self.preview = PreviewPicture(self._queue)
        self.facts = quiet_label("", theme.font(theme.CAPTION, tabular=True))
        self.facts.setFixedHeight(48)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        left = QVBoxLayout()
        left.setSpacing(theme.GAP)
        left.addWidget(self.preview, 1)
        left.addWidget(self.facts)
        top = QHBoxLayout()
        top.setSpacing(theme.GROUP_GAP)
        top.addLayout(left, 5)
        top.addWidget(self.tabs, 6)

        self.path = QLineEdit()
        self.path.setFixedHeight(HEIGHT)
        self.path.setAccessibleName("Where to")
        self.path.setToolTip("The file, or the folder where many are made")
        choose = QPushButton("Choose ...")
        choose.setToolTip("Choose with the system's own dialog")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.choose_path)
        where = QHBoxLayout()
        where.setSpacing(theme.GAP)
        where.addWidget(quiet_label("Where to"))
        where.addWidget(self.path, 1)
        where.addWidget(choose)
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setFont(theme.font(theme.CAPTION))
        self.note.setWordWrap(True)
        self.note.setMinimumHeight(32)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

        self.copy = QPushButton("Copy as command")
        self.copy.setToolTip("Copy the command line that makes the same, pixel for pixel")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self.copy_command)
        self.go = QPushButton("Export")
        self.go.setToolTip("Make it in the background (Enter)")
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        self.go.clicked.connect(self.export)
        close = QPushButton("Close")
        close.setToolTip("Exports that run go on (Esc)")
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.note, 1)
        buttons.addWidget(close)
        buttons.addWidget(self.go)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(theme.GROUP_GAP)
        outer.addLayout(top, 1)
        outer.addLayout(where)
        outer.addLayout(buttons)
        self.resize(800, 560)

    # --- what the fields say

    @property
    def page(self) -> ExportPage:
        """The tab that is seen."""
        return self.pages[self.tabs.currentIndex()]

    def turn_to(self, title: str, kind: str | None = None) -> None:
        """Show a tab, and a kind in it."""
        number = [page.title for page in self.pages].index(title)
        self.tabs.setCurrentIndex(number)
        if kind is not None and self.page["kind"] != kind:
            self.page.choose_kind(kind)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read all fields: job, preview, estimate, and what is wrong."""
        self._wait.stop()
        page, document = self.page, self._document
        self.job, wrong, warning = None, "", ""
        try:
            what = page.what(document.recipe, document.info)
            self._suggest()
            job = Job(what=what, out=self._out(), quality=page.quality, folder_format=page.folder_format)
            if isinstance(what, Grid):
                what.check(document.info)
            elif isinstance(what, Film):
                what.check(document.info, job.suffix)
            self.preview.show_preview(outlook.preview(job, document.info), document.info, self._speed or 0)
            job.check(document.info)
            self.job = job
            warning = self._replaced(job)
        except Wrong:
            wrong = "Something above is not right yet."
        except StylescopeError as error:
            wrong = plain_words(error)
        self._say(wrong or warning, "wrong" if wrong else "warning" if warning else "")
        self.facts.setText("" if self.job is None else self._facts(self.job))
        for button in (self.go, self.copy):
            disabled_reason(button, wrong or None)

    def _facts(self, job: Job) -> str:
        """Pictures, size, and what it will take."""
        info = self._document.info
        seen = outlook.preview(job, info)
        size = f"{seen.width} x {seen.height} pixels"
        what = counted(job.count(info))
        if isinstance(job.what, Film):
            what = f"{job.what.frames} frames, {job.what.seconds:.4g} s"
        found = outlook.estimate(job, info, self._speed or 0)
        takes = f"about {duration(found.seconds)} to make, " if self._speed else "measuring the speed ... "
        return f"{what}\n{size}\n{takes}about {size_words(found.bytes)}"

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        self.note.setProperty("wrong", tone == "wrong")
        self.note.setProperty("warning", tone == "warning")
        self.note.style().polish(self.note)

    # --- where to

    def _out(self) -> Path:
        text, suffix = self.path.text().strip(), self.page.suffix
        if not text:
            raise UsageError("there is no file name", "give one")
        ending = next((known for known in KNOWN if text.lower().endswith(known)), "")
        if SAME.get(ending, ending) != suffix:
            text = text[: len(text) - len(ending)] + suffix
            if not self.path.hasFocus():
                self.path.setText(text)
        return self._settings.folder_of(KEPT) / Path(text).expanduser()

    def _suggest(self) -> None:
        """A name that is not there yet, until the user gives one."""
        if not self._own_name:
            stem = self.page.file_stem(self._document.recipe)
            name = plain(stem) if stem else file_name(self._document.recipe).removesuffix(".png")
            self.path.setText(str(free(self._settings.folder_of(KEPT), name, self.page.suffix)))

    def _on_typed(self) -> None:
        self._own_name = bool(self.path.text().strip())
        suffix = Path(self.path.text()).suffix.lower()
        if "format" in self.page.fields and suffix in KNOWN:
            self.page.put({"format": SAME.get(suffix, suffix)})
        self._wait.start()

    def _replaced(self, job: Job) -> str:
        if job.suffix:
            return f"{job.out.name} is there already: it will be replaced." if job.out.exists() else ""
        return f"The folder {job.out.name} is there already." if job.out.is_dir() and any(job.out.iterdir()) else ""

    def choose_path(self) -> None:
        """Ask the system's dialog."""
        suffix = self.page.suffix
        start = self.path.text() or str(self._settings.folder_of(KEPT))
        name, _ = QFileDialog.getSaveFileName(self, "Export to", start, f"*{suffix}" if suffix else "Folder (*)")
        if name:
            self._settings.set_folder_of(KEPT, Path(name).parent)
            self.path.setText(name)
            self._on_typed()
            self.refresh()

    # --- what is done

    def export(self) -> None:
        """Put it into the queue."""
        self.refresh()
        if self.job is not None:
            self._settings.set_folder_of(KEPT, self.job.out.parent)
            self._remember()
            self._own_name = False
            self._exports.add(self.job, self._document.model)
            self.close()

    def copy_command(self) -> None:
        """The line that makes the same."""
        self.refresh()
        if self.job is not None:
            QGuiApplication.clipboard().setText(self._exports.command_line(self.job, self._document.model))
            self._say("Command copied", "")

    # --- what is remembered

    def _remember(self) -> None:
        state = {"tab": self.page.title, **{page.title: page.remember() for page in self.pages}}
        self._settings.set_layout(KEPT, QByteArray(json.dumps(state).encode()))

    def _recall(self) -> None:
        kept = self._settings.layout(KEPT)
        try:
            state = json.loads(bytes(kept.data())) if kept is not None else {}
        except ValueError:
            return
        if isinstance(state, dict):
            for page in self.pages:
                page.recall(state.get(page.title))

    # --- following

    @property
    def _speed(self) -> float | None:
        return self._exports.speeds.get(self._document.info.content_id)

    @Slot(object)
    def _follow(self, _: object) -> None:
        if self.isVisible():
            self._wait.start()

    def _measure(self) -> None:
        """How long a picture takes, where no export told yet."""
        info = self._document.info
        if self._speed is None:
            then = partial(self._on_measured, info.content_id)
            self._queue.compute("export speed", self._document.recipe, measured, then)

    def _on_measured(self, content_id: str, ms: float) -> None:
        self._exports.speeds.setdefault(content_id, ms)
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._remember()
        self.preview.rest()


SAME = {".jpeg": ".jpg", ".tiff": ".tif"}
KNOWN = (".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff", ".npy", ".mp4", ".webm", ".gif")


def free(folder: Path, name: str, suffix: str) -> Path:
    """A path that nothing has yet: with a number behind the name, where it is taken."""
    paths = (folder / f"{name}{number}{suffix}" for number in ("", *(f"-{n}" for n in range(2, MOST_NAMES))))
    return next((path for path in paths if not path.exists()), folder / f"{name}{suffix}")


def measured(engine: Engine, recipe: Recipe, stop: Callable[[], bool]) -> float:
    """Milliseconds of one whole picture; on the render thread."""
    times: list[float] = []
    while not times or (len(times) < SAMPLES and sum(times) < ENOUGH):
        began = time.perf_counter()
        engine.render(recipe, stop=stop, remember=False)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def size_words(size: float) -> str:
    """Bytes for people."""
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.2g} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size / 1000:.3g} GB"
