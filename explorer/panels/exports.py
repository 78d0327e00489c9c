"""The strip under the views: a line for each export that waits, runs, failed or is done. Not there without any."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer import theme
from explorer.controls.buttons import icon_button, text_button
from explorer.export_words import words
from explorer.exports import Export, Exports

LINE = 36  # px, a line
ROOMY = 400  # px; a narrower line says its figures without a bar
SHOWN = 3  # lines; more are scrolled


class ExportStrip(QScrollArea):
    """Shows a queue and hands on what is pressed."""

    reveal = Signal(object)  # Path
    said = Signal(str)

    def __init__(self, exports: Exports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export-strip")
        self.setAccessibleName("Exports")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._exports = exports
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setWidget(self._body)
        self.lines: dict[Export, ExportLine] = {}
        exports.added.connect(self._add)
        self._refresh()

    def take_focus(self) -> None:
        """Give the keyboard to the first line."""
        line = next(iter(self.lines.values()), None)
        if line is not None:
            shown = [button for button in line.buttons if not button.isHidden() and button.isEnabled()]
            for button in shown[:1]:
                button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(320, LINE * min(len(self.lines), SHOWN))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    @Slot(object)
    def _add(self, export: Export) -> None:
        line = ExportLine(export, self._exports)
        line.copied.connect(self._copy)
        line.reveal.connect(self.reveal)
        self.lines[export] = line
        self._column.addWidget(line)
        export.changed.connect(self._refresh)
        self._refresh()
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    @Slot()
    def _refresh(self) -> None:
        for export in [export for export in self.lines if export not in self._exports.all]:
            line = self.lines.pop(export)
            line.hide()
            self._column.removeWidget(line)
            line.deleteLater()
        self.setVisible(bool(self.lines))
        self.setFixedHeight(self.sizeHint().height())

    def _copy(self, export: Export) -> None:
        QGuiApplication.clipboard().setText(self._exports.command_line(export.job, export.model))
        self.said.emit("Command copied")


class ExportLine(QWidget):
    """One export: its name, how far it is, and what can be done about it."""

    copied = Signal(object)
    reveal = Signal(object)

    def __init__(self, export: Export, exports: Exports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.export = export
        self.setFixedHeight(LINE)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._name = _Elided(theme.font(), 2)
        self._name.setToolTip(str(export.job.out))
        self._words = _Elided(theme.font(theme.CAPTION, tabular=True), 3)
        self._words.setProperty("quiet", True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(f"Progress of {export.name}")
        self._bar.setMinimumWidth(48)
        self.pause = icon_button("pause", f"Pause {export.name}", "Hold this export, and those behind it")
        self.pause.clicked.connect(lambda: exports.pause(export, not export.paused))
        self.cancel = icon_button("stop", f"Cancel {export.name}", "Give this export up: nothing of it is left")
        self.cancel.clicked.connect(lambda: exports.cancel(export))
        self.retry = text_button("retry", "Retry", "Make it again from the beginning")
        self.retry.clicked.connect(lambda: exports.retry(export))
        self.show_file = text_button("folder", "Show in folder", "Show what was made in the system's file manager")
        self.show_file.clicked.connect(lambda: self.reveal.emit(export.written[-1].path))
        self.copy = icon_button("copy", f"Copy the command of {export.name}", "Copy the command that makes the same")
        self.copy.clicked.connect(lambda: self.copied.emit(export))
        self.dismiss = icon_button("close", f"Dismiss {export.name}", "Take this line away; the file stays")
        self.dismiss.clicked.connect(lambda: exports.dismiss(export))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self._name, 4)
        row.addWidget(self._words, 4)
        row.addWidget(self._bar, 2)
        self._row = row
        self.buttons = (self.retry, self.show_file, self.copy, self.pause, self.cancel, self.dismiss)
        for button in self.buttons:
            row.addWidget(button)
        export.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        export = self.export
        state, ending = export.state, export.open and export.control.cancelled
        self._name.set_text(export.job.out.name)
        self._words.setWordWrap(state == "failed")  # a sentence has two lines
        self._words.set_text(words(export))
        self._row.setStretch(0, 1 if state == "failed" else 4)
        self._words.setToolTip(self._words.full if state == "failed" else "")
        self._words.setProperty("failed", state == "failed")
        self._words.style().polish(self._words)
        self._bar.setVisible(export.open and self.width() >= ROOMY)
        self._bar.setValue(round(1000 * export.done / max(export.total, 1)))
        self.pause.setVisible(export.open)
        self.pause.setEnabled(state == "running" and not ending)
        self.pause.setIcon(theme.icon("play" if export.paused else "pause", "quiet"))
        self.pause.setToolTip("Go on" if export.paused else "Hold this export, and those behind it")
        self.pause.setAccessibleName(f"{'Go on with' if export.paused else 'Pause'} {export.name}")
        self.cancel.setVisible(export.open)
        self.cancel.setEnabled(not ending)
        self.retry.setVisible(state == "failed")
        self.show_file.setVisible(state == "done" and bool(export.written))
        self.copy.setVisible(state == "done")
        self.dismiss.setVisible(state in ("done", "failed"))
        self.setAccessibleName(f"{export.name}: {self._words.full}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.setVisible(self.export.open and self.width() >= ROOMY)


class _Elided(QLabel):
    """A text that is cut where it does not fit, so that a long name moves nothing."""

    def __init__(self, font: QFont, share: int) -> None:
        super().__init__()
        self.full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHorizontalStretch(share)
        self.setSizePolicy(policy)

    def set_text(self, text: str) -> None:
        self.full = text
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._cut()

    def _cut(self) -> None:
        room = self.width() * (2 if self.wordWrap() else 1) - (theme.GROUP_GAP if self.wordWrap() else 0)
        self.setText(self.fontMetrics().elidedText(self.full, Qt.TextElideMode.ElideMiddle, room))
