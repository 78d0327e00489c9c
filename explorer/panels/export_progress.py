"""A word of the status line on the exports under way: how far, how long, and a way to give them up."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from explorer import theme
from explorer.controls.buttons import icon_button
from explorer.export_words import duration, words
from explorer.exports import Export, Exports
from explorer.status import Field

LONGEST = "100 %, 23 h 59 min left"


class ExportProgress(QWidget):
    """Only there while something is exported. The lines under the views say more, and hold each export."""

    def __init__(self, exports: Exports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exports = exports
        self.figures = Field(LONGEST, "")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(48)
        self.bar.setAccessibleName("Progress of the exports")
        self.cancel = icon_button("stop", "Cancel the export", "Give the export that runs up: nothing of it is left")
        self.cancel.setFixedHeight(16)
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        for part in (self.bar, self.figures, self.cancel):
            row.addWidget(part)
        exports.added.connect(self._watch)
        self.hide()

    @property
    def export(self) -> Export | None:
        """The one that runs, or waits to."""
        return next((export for export in self._exports.all if export.open), None)

    @Slot(object)
    def _watch(self, export: Export) -> None:
        export.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        export = self.export
        self.setVisible(export is not None)
        if export is None:
            return
        self.bar.setValue(round(1000 * export.done / max(export.total, 1)))
        self.figures.setText(figures(export))
        behind = sum(other.open for other in self._exports.all) - 1
        more = f"; {behind} more behind it" if behind else ""
        self.figures.setToolTip(f"{export.name}: {words(export)}{more}")
        self.bar.setToolTip(self.figures.toolTip())
        self.cancel.setEnabled(not export.control.cancelled)

    @Slot()
    def _cancel(self) -> None:
        export = self.export
        if export is not None:
            self._exports.cancel(export)


def figures(export: Export) -> str:
    """How far an export is, in a few characters."""
    share = f"{100 * export.done // max(export.total, 1)} %"
    if export.paused:
        return f"{share}, on hold"
    return share if export.left is None else f"{share}, {duration(export.left)} left"
