"""The faders of the mixing desk side by side, with the lines of A, of the middle and of B behind them.

Knows no document.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.family import LayerInfo
from explorer import theme
from explorer.controls.fader import Fader

LETTERS = 16  # px at the left end, for A and B


class FaderBoard(QWidget):
    """Left and Right walk along it."""

    def __init__(self, master: Fader, groups: list[Fader], layers: list[Fader], info: Sequence[LayerInfo]) -> None:
        super().__init__()
        self._faders = [master, *groups, *layers]
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(0)
        row.addStretch(0)
        row.addSpacing(LETTERS)
        row.addWidget(master, 1)
        row.addSpacing(theme.GROUP_GAP)
        for fader in groups:
            row.addWidget(fader, 1)
        row.addSpacing(theme.GROUP_GAP)
        for before, layer in zip((None, *info), info, strict=False):
            if before is not None and before.group != layer.group:
                row.addSpacing(theme.GAP)
            row.addWidget(layers[layer.index], 1)
        row.addStretch(0)
        for fader, after in pairwise(self._faders):
            QWidget.setTabOrder(fader, after)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk along the desk."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        here = next((number for number, fader in enumerate(self._faders) if fader.hasFocus()), None)
        if not step or here is None:
            event.ignore()
            return
        there = here + step
        while 0 <= there < len(self._faders) and not self._faders[there].isEnabled():
            there += step
        if 0 <= there < len(self._faders):
            self._faders[there].setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        first, last = self._faders[0], self._faders[-1]
        top, bottom = (round(first.mapTo(self, QPoint(0, 0)).y() + place) for place in first.travel())
        left, right = first.geometry().left(), last.geometry().right()
        for place, strength in ((top, 0.6), ((top + bottom) // 2, 0.35), (bottom, 0.6)):
            painter.fillRect(left, place, right - left, 1, theme.colour("line", strength))
        painter.setFont(theme.font(bold=True))
        for letter, place in (("a", top), ("b", bottom)):
            painter.setPen(theme.colour(letter))
            painter.drawText(left - 16, place - 8, 12, 16, Qt.AlignmentFlag.AlignCenter, letter.upper())
