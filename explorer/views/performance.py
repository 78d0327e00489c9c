"""View > Performance: the latencies of the last pictures as a plot, and what they are made of.

pyqtgraph is imported when it is first seen.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from explorer import theme
from explorer.latency import PARTS, Latency
from explorer.views.dock import PanelDock

PERCENTS = (50, 95)  # the median, and what 19 of 20 pictures stay under
ROOM = 1.5  # times p95 that the plot shows: one picture that came late would make all others flat
KINDS = 2  # kinds of pictures that are named, the most frequent
WORDS = 2  # lines that they take
PLOT = 72  # px, its least height


class PerformanceDock(PanelDock):
    """Empty until it is shown and there is something to plot."""

    def __init__(self) -> None:
        super().__init__("performance", "Performance")
        self.setAccessibleDescription("Latency: milliseconds from slider to pixel, how fast")
        self._latency: Latency | None = None
        self._plot: Any = None
        self._dots: Any = None  # slider to pixel
        self._ticks: Any = None  # of that, the network
        self._lines: list[Any] = []
        self._words = _label("No picture yet")
        self._words.setObjectName("figures")
        self._words.setWordWrap(True)
        self._words.setMinimumHeight(WORDS * self._words.fontMetrics().lineSpacing())
        self._numbers: dict[tuple[str, int], QLabel] = {}
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(12, 4, 8, 12)
        self._column.addLayout(self._table())
        self._column.addWidget(self._words)
        self.set_panel(self._body)
        self.visibilityChanged.connect(lambda shown: self.refresh() if shown else None)

    def watch(self, latency: Latency) -> None:
        """Plot these."""
        self._latency = latency

    def refresh(self) -> None:
        """Show what was measured since."""
        if self._latency is None or not self._latency.samples or not self.isVisible():
            return
        if self._plot is None:
            self._make_plot()
        latency, samples = self._latency, list(self._latency.samples)
        self._dots.setData(list(range(len(samples))), [sample.ms for sample in samples])
        self._ticks.setData(list(range(len(samples))), [sample.computed for sample in samples])
        self._plot.setYRange(0, ROOM * max(latency.p95 or 0, 1))
        for line, percent in zip(self._lines, PERCENTS, strict=True):
            line.setValue(latency.of("ms", percent) or 0)
        for part, _ in PARTS:
            for percent in PERCENTS:
                self._numbers[part, percent].setText(f"{latency.of(part, percent) or 0:.1f}")
        kinds = ", ".join(f"{count} {kind}" for kind, count in latency.kinds[:KINDS])
        self._words.setText(f"The last {len(samples)} pictures: {kinds}")

    def _table(self) -> QGridLayout:
        """A row for each part of the time, a column for each percentile."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for column, title in enumerate(("p50 ms", "p95 ms"), start=1):
            grid.addWidget(_label(title), 0, column, right)
        for row, (part, words) in enumerate(PARTS, start=1):
            grid.addWidget(_label(words), row, 0)
            for column, percent in enumerate(PERCENTS, start=1):
                number = self._numbers[part, percent] = _label("")
                number.setObjectName(f"{part}_{percent}")
                number.setAccessibleName(f"{words}, {percent} % of the pictures stay under, ms")
                number.setMinimumWidth(number.fontMetrics().horizontalAdvance("00000.0"))
                number.setAlignment(right)
                grid.addWidget(number, row, column, right)
        return grid

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            self._colour()

    def _make_plot(self) -> None:
        import pyqtgraph as pg

        pg.setConfigOptions(antialias=True)
        self._plot = pg.PlotWidget(background=None)
        self._plot.setMinimumHeight(PLOT)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(False, False)
        self._plot.getAxis("left").setStyle(tickFont=theme.font(theme.CAPTION, tabular=True))
        self._plot.getAxis("bottom").setStyle(showValues=False)
        self._plot.getAxis("bottom").setHeight(theme.GAP)  # half of the lowest number stands beside it,
        self._plot.getPlotItem().setContentsMargins(0, theme.GAP, 0, 0)  # and half of the highest over it
        self._plot.setLimits(yMin=0)
        self._dots, self._ticks = (self._plot.plot(pen=None, symbol=s, symbolSize=4, symbolPen=None) for s in "os")
        self._plot.setToolTip(
            "Milliseconds of each picture. Dots: slider to pixel. Squares: the network's part. Lines: p50 and p95."
        )
        for _ in PERCENTS:
            line = pg.InfiniteLine(angle=0)
            self._plot.addItem(line)
            self._lines.append(line)
        self._column.insertWidget(0, self._plot, 1)
        self._colour()

    def _colour(self) -> None:
        """The theme's colours: pyqtgraph does not ask for them when it paints."""
        self._plot.setBackground(theme.colour("panel"))
        for name in ("left", "bottom"):
            self._plot.getAxis(name).setPen(theme.colour("line"))
            self._plot.getAxis(name).setTextPen(theme.colour("quiet"))
        self._dots.setSymbolBrush(theme.colour("quiet"))
        self._ticks.setSymbolBrush(theme.colour("faint"))
        for line in self._lines:
            line.setPen(QPen(theme.colour("accent"), 0, Qt.PenStyle.DashLine))


def _label(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("quiet", True)
    label.setFont(theme.font(theme.CAPTION, tabular=True))
    return label
