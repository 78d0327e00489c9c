"""A small panel with a few words beside a part of the window, and a ring around that part. Knows no document."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer import theme
from explorer.controls.buttons import quiet_label

WIDTH = 296  # px
EDGE = 12  # px to the edge of its room


class Ring(QWidget):
    """A line around a rectangle of the window; the pointer does not notice it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def surround(self, target: QRect) -> None:
        """An empty rectangle: none."""
        self.setVisible(not target.isEmpty())
        self.setGeometry(target.adjusted(-1, -1, 1, 1))
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        painter.end()


class Callout(QFrame):
    """Title, words, how far it is, and what to do next."""

    forth = Signal()
    back = Signal()
    left = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("callout")
        self.setFixedWidth(WIDTH)
        self._title = QLabel()
        self._title.setFont(theme.font(bold=True))
        self._count = quiet_label("", theme.font(theme.CAPTION, tabular=True))
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._back, self._forth, skip = QPushButton("Back"), QPushButton("Next"), QPushButton("Skip")
        self._back.setToolTip("The callout before")
        self._forth.setToolTip("Go on (Enter)")
        self._forth.setProperty("primary", True)
        skip.setToolTip("Leave the tour (Esc). Help > Tour brings it back.")
        self._skip = skip
        self._back.clicked.connect(self.back)
        self._forth.clicked.connect(self.forth)
        skip.clicked.connect(self.left)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        foot = QHBoxLayout()
        foot.setSpacing(theme.GAP)
        foot.addWidget(skip)
        foot.addStretch(1)
        foot.addWidget(self._back)
        foot.addWidget(self._forth)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(theme.GAP)
        column.addLayout(head)
        column.addWidget(self._text)
        column.addLayout(foot)

    def show_words(self, title: str, text: str, number: int, of: int) -> None:
        """Show a step of the tour."""
        self._title.setText(title)
        self._text.setText(text)
        self._count.setText(f"{number} of {of}")
        self._back.setEnabled(number > 1)
        self._skip.setVisible(number < of)
        self._forth.setText("Next" if number < of else "Done")
        self.setAccessibleName(f"Tour, {number} of {of}: {title}")
        self.setAccessibleDescription(text)
        layout = self.layout()
        assert layout is not None
        self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))

    def stand_beside(self, target: QRect, room: QRect) -> None:
        """Within `room`, which the parts of the window surround, as near to one of them as can be; where there is none
        (an empty rectangle), in the middle. A room that is too narrow is left on the side that is farther away."""
        window = self.parentWidget()
        assert window is not None
        room = room.adjusted(EDGE, EDGE, -EDGE, -EDGE)
        towards = room.center() if target.isEmpty() else target.center()
        x, y = towards.x() - self.width() // 2, towards.y() - self.height() // 2
        if target.left() > room.right():
            x = room.right() - self.width()
        else:
            x = max(room.left(), min(x, room.right() - self.width()))
        y = min(max(y, room.top()), room.bottom() - self.height())
        inside = window.rect()
        self.move(
            max(inside.left(), min(x, inside.right() - self.width())),
            max(inside.top(), min(y, inside.bottom() - self.height())),
        )
        self.show()
        self.raise_()

    def take_focus(self) -> None:
        """Let the keyboard act on it."""
        self._forth.setFocus(Qt.FocusReason.TabFocusReason)
