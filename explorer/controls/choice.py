"""A drop-down list in the window's style. Knows no document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from explorer import theme
from explorer.controls.finder import Entry, Finder
from explorer.controls.number import HEIGHT

SEARCHED = 12  # words; a longer list opens with a field to search in


class Choice(QComboBox):
    """`edited(index)` when the user chooses; `set_value` says nothing, -1 shows that none of them fits."""

    edited = Signal(int)

    def __init__(self, name: str, words: Sequence[str], tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItems(list(words))
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self._chevron = theme.icon("chevron-down", "quiet")
        self.activated.connect(self.edited)

    def showPopup(self) -> None:
        if self.count() <= SEARCHED:
            super().showPopup()
            return
        finder = Finder([Entry(self.itemText(n)) for n in range(self.count())], self.accessibleName(), self)
        finder.taken.connect(self._take)
        finder.open_under(self)

    def _take(self, index: int) -> None:
        self.set_value(index)
        self.edited.emit(index)

    def set_value(self, index: int) -> None:
        """Show a choice. Says nothing."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(index)
        self.blockSignals(blocked)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel scrolls

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)  # style sheets take arrows from files of one colour only
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self._chevron.paint(painter, QRect(self.width() - 20, (self.height() - 16) // 2, 16, 16), mode=mode)
