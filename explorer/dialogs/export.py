"""The export dialog: what, how and where to, with a preview, an estimate and the command that does the same.

Not modal: it follows the document, and what is asked for goes into the window's queue.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import StylescopeError
from engine.export import outlook
from engine.export.job import Film, Grid, Job
from explorer import theme
from explorer.controls.buttons import disabled_reason, quiet_label
from explorer.dialogs.export_facts import facts, measured
from explorer.dialogs.export_form import Wrong, plain_words
from explorer.dialogs.export_memory import recall, remember
from explorer.dialogs.export_page import ExportPage
from explorer.dialogs.export_pages import FilmPage, GridPage, PicturePage
from explorer.dialogs.export_preview import PreviewPicture
from explorer.dialogs.export_target import ExportTarget, replaced
from explorer.dialogs.export_timeline import TimelinePage
from explorer.document import Document
from explorer.exports import Exports
from explorer.names import file_name, plain
from explorer.queue import Queue
from explorer.settings import Settings

REST = 120  # ms after the last edit until the preview follows


class ExportDialog(QDialog):
    """One for a window, made when it is first asked for."""

    def __init__(
        self, document: Document, queue: Queue, exports: Exports, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._queue, self._exports, self._settings = document, queue, exports, settings
        self.job: Job | None = None  # what the fields say; None: it cannot be made
        self.setWindowTitle("Export")
        self.pages: list[ExportPage] = [PicturePage(), GridPage(), FilmPage(), TimelinePage(document)]
        self._build()
        recall(self.pages, settings)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(REST)
        self._wait.timeout.connect(self.refresh)
        for page in self.pages:
            page.edited.connect(self._wait.start)
        self.tabs.currentChanged.connect(lambda _: self.refresh())
        self.target.edited.connect(self._on_typed)
        self.target.left.connect(self._wait.start)
        document.changed.connect(self._follow)
        document.timeline_changed.connect(self._follow)
        exports.ended.connect(self._wait.start)

    def _build(self) -> None:
        self.target = ExportTarget(self._settings)
        self.path = self.target.path
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(theme.GROUP_GAP)
        outer.addLayout(self._fields(), 1)
        outer.addWidget(self.target)
        outer.addLayout(self._buttons())
        self.resize(800, 560)

    def _fields(self) -> QHBoxLayout:
        """The pages, and beside them what they would make."""
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
        return top

    def _buttons(self) -> QHBoxLayout:
        """What is wrong, or was done, stands among them."""
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setFont(theme.font(theme.CAPTION))
        self.note.setWordWrap(True)
        self.note.setMinimumHeight(32)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        same = "Copy the command line that makes the same, pixel for pixel"
        self.copy = _button("Copy as command", same, self.copy_command)
        self.go = _button("Export", "Make it in the background (Enter)", self.export)
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        close = _button("Close", "Exports that run go on (Esc)", self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.note, 1)
        buttons.addWidget(close)
        buttons.addWidget(self.go)
        return buttons

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
            job = Job(what=what, out=self.target.out(), quality=page.quality, folder_format=page.folder_format)
            if isinstance(what, Grid):
                what.check(document.info)
            elif isinstance(what, Film):
                what.check(document.info, job.suffix)
            self.preview.show_preview(outlook.preview(job, document.info), document.info, self._speed or 0)
            job.check(document.info)
            self.job = job
            warning = replaced(job)
        except Wrong:
            wrong = "Something above is not right yet."
        except StylescopeError as error:
            wrong = plain_words(error)
        self._say(wrong or warning, "wrong" if wrong else "warning" if warning else "")
        self.facts.setText("" if self.job is None else facts(self.job, document.info, self._speed))
        for button in (self.go, self.copy):
            disabled_reason(button, wrong or None)

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        self.note.setProperty("wrong", tone == "wrong")
        self.note.setProperty("warning", tone == "warning")
        self.note.style().polish(self.note)

    def _suggest(self) -> None:
        page, recipe = self.page, self._document.recipe
        stem = page.file_stem(recipe)
        self.target.suggest(plain(stem) if stem else file_name(recipe).removesuffix(".png"), page.suffix)

    def _on_typed(self) -> None:
        if "format" in self.page.fields and self.target.suffix:
            self.page.put({"format": self.target.suffix})
        self._wait.start()

    # --- what is done

    def export(self) -> None:
        """Put it into the queue."""
        self.refresh()
        if self.job is not None:
            self.target.used(self.job.out)
            remember(self.pages, self._settings)
            self._exports.add(self.job, self._document.model)
            self.close()

    def copy_command(self) -> None:
        """The line that makes the same."""
        self.refresh()
        if self.job is not None:
            QGuiApplication.clipboard().setText(self._exports.command_line(self.job, self._document.model))
            self._say("Command copied", "")

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
        remember(self.pages, self._settings)
        self.preview.rest()


def _button(words: str, tip: str, act: Callable[[], object]) -> QPushButton:
    """One that Enter in a field does not press."""
    button = QPushButton(words)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda: act())
    return button
