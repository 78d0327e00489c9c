"""The one picture over the timeline: as large as fits, with a word that says what it is. Knows no document."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer import theme

PAD = 8  # px
WAITING = "Making the first picture ..."


class FramePicture(QWidget):
    """Keeps its old picture until the new one is there, so that nothing flickers."""

    doubled = Signal()  # double-clicked
    side_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image, self._words = QImage(), ""
        self.setAccessibleName("frame")
        self.setToolTip("The frame at the playhead. Double-click, or Enter on the strip: edit it")
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage, words: str) -> None:
        """Show a picture, and what it is."""
        self._image, self._words = image, words
        self.setAccessibleDescription(words)
        self.update()

    @property
    def words(self) -> str:
        """What the picture is."""
        return self._words

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("surround"))
        painter.setFont(theme.font(theme.CAPTION, tabular=True))
        painter.setPen(theme.colour("quiet"))
        room = self.rect().adjusted(PAD, PAD, -PAD, -PAD)
        if self._image.isNull():
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, WAITING)
        else:
            shown = QRect(QPoint(), self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
            shown.moveCenter(room.center())
            painter.drawImage(shown, self._image)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, self._words)
        painter.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.doubled.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side_changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(480, 240)
