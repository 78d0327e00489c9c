"""Buttons in a line, and in as many lines as they need where there is less room. Knows no document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from explorer import theme


class ButtonLines(QWidget):
    """Those of the buttons that are not hidden, in their order, each line ending at the right edge."""

    def __init__(self, buttons: Sequence[QPushButton], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = buttons
        for button in buttons:
            button.setParent(self)
            button.installEventFilter(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _lines(self, width: int) -> list[list[QPushButton]]:
        """Which buttons stand in which line."""
        lines: list[list[QPushButton]] = []
        left = 0
        for button in self._buttons:
            if button.isHidden():
                continue
            wanted = button.sizeHint().width() + theme.GAP
            if not lines or wanted - theme.GAP > left:
                lines.append([])
                left = width
            lines[-1].append(button)
            left -= wanted
        return lines

    def _height(self, lines: int) -> int:
        line = max((button.sizeHint().height() for button in self._buttons), default=0)
        return lines * line + max(0, lines - 1) * theme.GRID

    def heightForWidth(self, width: int) -> int:
        return self._height(len(self._lines(width)))

    def sizeHint(self) -> QSize:
        shown = [button.sizeHint().width() for button in self._buttons if not button.isHidden()]
        return QSize(sum(shown) + theme.GAP * max(0, len(shown) - 1), self._height(bool(shown)))

    def minimumSizeHint(self) -> QSize:
        shown = [button.sizeHint().width() for button in self._buttons if not button.isHidden()]
        return QSize(max(shown, default=0), self._height(bool(shown)))

    def _place(self) -> None:
        y = 0
        for line in self._lines(self.width()):
            sizes = [button.sizeHint() for button in line]
            x = self.width() - sum(size.width() for size in sizes) - theme.GAP * (len(sizes) - 1)
            for button, size in zip(line, sizes, strict=True):
                button.setGeometry(max(0, x), y, min(size.width(), self.width()), size.height())
                x += size.width() + theme.GAP
            y += sizes[0].height() + theme.GRID

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A button came, went, or has other words."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.updateGeometry()
            self._place()
        return False
