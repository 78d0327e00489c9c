"""A yes or no with its word, in the window's style. Knows no document."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from explorer import theme
from explorer.controls.number import HEIGHT

BOX = 16  # px


class Check(QCheckBox):
    """Fusion's own box has an edge that a dark ground swallows."""

    def __init__(self, text: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(text)
        self.setToolTip(tip)
        self.setFixedHeight(HEIGHT)
        self._tick = theme.icon("check", "on_accent")

    def sizeHint(self) -> QSize:
        return QSize(BOX + theme.GAP + self.fontMetrics().horizontalAdvance(self.text()) + theme.GRID, HEIGHT)

    def hitButton(self, place: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        top = (self.height() - BOX) / 2
        box = QRectF(0.5, top + 0.5, BOX - 1, BOX - 1)
        edge = "accent" if self.isChecked() or self.hasFocus() else "quiet" if self.underMouse() else "faint"
        painter.setPen(QPen(theme.colour(edge), 1))
        painter.setBrush(theme.colour("accent" if self.isChecked() else "raised"))
        painter.drawRoundedRect(box, 4, 4)
        if self.isChecked():
            self._tick.paint(painter, QRect(2, int(top) + 2, BOX - 4, BOX - 4), mode=QIcon.Mode.Normal)
        painter.setPen(theme.colour("text"))
        left = BOX + theme.GAP
        place = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus() and self.isChecked():
            width = self.fontMetrics().horizontalAdvance(self.text())
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawLine(left, self.height() - 3, left + width, self.height() - 3)
