"""View > Performance: the latencies of the last pictures as a plot. pyqtgraph is imported when it is first seen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer import theme
from explorer.latency import Latency
from explorer.views.dock import PanelDock

GOALS = (20.0, 40.0)  # ms: what the median and 19 of 20 pictures should stay under


class PerformanceDock(PanelDock):
    """Empty until it is shown and there is something to plot."""

    def __init__(self) -> None:
        super().__init__("performance", "Performance")
        self._latency: Latency | None = None
        self._plot: Any = None
        self._dots: Any = None
        self._lines: list[Any] = []
        self._words = QLabel("No picture yet")
        self._words.setObjectName("figures")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("quiet", True)
        self._words.setFont(theme.font(theme.CAPTION, tabular=True))
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(12, 4, 8, 12)
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
        samples = list(self._latency.samples)
        self._dots.setData(list(range(len(samples))), samples)
        p50, p95 = self._latency.p50 or 0, self._latency.p95 or 0
        self._lines[0].setValue(p50)
        self._lines[1].setValue(p95)
        self._words.setText(
            f"{len(samples)} pictures\nmedian {p50:.1f} ms, 95 % under {p95:.1f} ms, worst {max(samples):.0f} ms"
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            self._colour()

    def _make_plot(self) -> None:
        import pyqtgraph as pg

        pg.setConfigOptions(antialias=True)
        self._plot = pg.PlotWidget(background=None)
        self._plot.setMinimumHeight(120)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(False, False)
        self._plot.setLabel("left", "slider to pixel", units="ms")
        self._plot.getAxis("left").enableAutoSIPrefix(False)
        self._plot.getAxis("bottom").setStyle(showValues=False)
        self._plot.setLimits(yMin=0)
        self._dots = self._plot.plot(pen=None, symbol="o", symbolSize=4, symbolPen=None)
        for _ in GOALS:
            line = pg.InfiniteLine(angle=0)
            self._plot.addItem(line)
            self._lines.append(line)
        self._column.insertWidget(0, self._plot, 1)
        self._colour()

    def _colour(self) -> None:
        """The theme's colours: pyqtgraph does not ask for them when it paints."""
        for name in ("left", "bottom"):
            self._plot.getAxis(name).setPen(theme.colour("line"))
            self._plot.getAxis(name).setTextPen(theme.colour("quiet"))
        self._dots.setSymbolBrush(theme.colour("quiet"))
        for line in self._lines:
            line.setPen(QPen(theme.colour("accent"), 0, Qt.PenStyle.DashLine))
