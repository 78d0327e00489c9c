"""A vertical fader of the mixing desk: A at the top is share 0, B at the bottom share 1. Knows no document.

Its light runs from the middle to the cap, upwards in A's colour, downwards in B's: how far a layer leans, and to
whom. Hollow while it follows the master, filled once it was set by hand.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer import theme
from explorer.controls.rail import Rail

CAPTION = 20  # px under the rail
CAP = 12  # px, height of the cap
MARGIN = 4  # px above A and below B
AROUND = 4  # px around the cap, for its focus ring


def share_text(share: float) -> str:
    """A share in words: "A", "B", or how much of B."""
    return "A" if share <= 0 else "B" if share >= 1 else f"{share:.2f}"


def lean_colour(share: float) -> QColor:
    """A's colour at 0, B's at 1, grey half-way, as the two are equally bright."""
    return theme.between("a", "b", share)


class Fader(Rail):
    """`edited(share, gesture)` when the user moves it, `defaulted(gesture)`: follow again; `show_share` is silent."""

    focused = Signal()

    def __init__(self, name: str, caption: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, 0.0, 1.0, 0.01, parent=parent)
        self.setInvertedAppearance(True)  # share 0 is at the top, also for who reads the screen aloud
        self.caption = caption
        self.widest = 28  # px, the cap
        self._rail_look: object = None  # what the kept picture of the rail was painted for
        self._rail_image = QPixmap()
        self._look = (-1.0, False, (0.0, 0.0))  # what is painted: share, by hand, range of a group's layers
        self.setToolTip(tip)
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.CAPTION, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(14, 96)
        self.setMaximumWidth(96)
        self.valueChanged.connect(self._say)
        self.show_share(0.0, by_hand=False)

    def sizeHint(self) -> QSize:
        return QSize(32, 144)

    def show_share(self, share: float, by_hand: bool, spread: tuple[float, float] | None = None) -> None:
        """Show a share, whether it was set by hand, and for a group the range of its layers. Says nothing."""
        look = (share, by_hand, spread or (share, share))
        if look == self._look:
            return
        self._look = look
        self.set_number(share)
        if self.hasFocus():  # costs too much to write on twenty faders at every move of the master
            self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """Where it stands, in words."""
        share, by_hand, _ = self._look
        return f"{share_text(share)}, {'set by hand' if by_hand else 'follows the master'}"

    def by_hand(self) -> bool:
        """Whether it is drawn filled."""
        return self._look[1]

    def travel(self) -> tuple[float, float]:
        return MARGIN + CAP / 2, self.height() - CAPTION - MARGIN - CAP / 2

    def cap_length(self) -> float:
        return CAP

    def _say(self) -> None:
        """The number beside the cap while it is dragged."""
        if self.held():
            place = self.mapToGlobal(QPoint(self.width(), round(self._place(self.share())) - 24))
            QToolTip.showText(place, f"{self.number():.2f}", self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.setAccessibleDescription(self.words())
        self.focused.emit()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.isEnabled():
            QToolTip.showText(event.globalPos(), f"{self.toolTip()}\n{self.words()}", self)
            return True
        return super().event(event)

    def _place(self, share: float) -> float:
        top, bottom = self.travel()
        return top + share * (bottom - top)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle, lively = self.width() // 2, self.isEnabled() and (self.hasFocus() or self.underMouse() or self.held())
        ink = "text" if lively else "quiet" if self.isEnabled() else "faint"
        painter.drawPixmap(0, 0, self._rail(ink))
        self._paint_light(painter, middle)
        cap = _cap(
            min(self.widest, self.width() - 2) // 2 * 2,
            (lean_colour(self.share()) if self.isEnabled() else theme.colour("line")).rgb(),
            self.by_hand() and self.isEnabled(),
            self.underMouse() and self.isEnabled(),
            self.hasFocus(),
            theme.tokens(),
            self.devicePixelRatio(),
        )
        place = round(self._place(self.share()))
        painter.drawPixmap(middle - round(cap.deviceIndependentSize().width()) // 2, place - CAP // 2 - AROUND, cap)

    def _rail(self, ink: str) -> QPixmap:
        """Scale and caption, kept as long as they look the same: moving the master paints every fader of the desk."""
        look = (self.size(), self.devicePixelRatio(), ink, theme.tokens(), self.font().key())
        if look != self._rail_look:
            self._rail_look, self._rail_image = look, self._painted_rail(ink)
        return self._rail_image

    def _painted_rail(self, ink: str) -> QPixmap:
        image = transparent(self.size(), self.devicePixelRatio())
        painter = QPainter(image)
        middle = self.width() // 2
        top, bottom = (round(place) for place in self.travel())
        painter.fillRect(middle - 1, top, 2, bottom - top, theme.colour("line"))
        for quarter in range(5):  # the scale of the lane
            place, half = round(self._place(quarter / 4)), 6 if quarter % 2 == 0 else 4
            painter.fillRect(middle - half, place, 2 * half, 1, theme.colour("line"))
        painter.setFont(self.font())
        painter.setPen(theme.colour(ink))
        words = QRectF(middle - 40, self.height() - CAPTION, 80, CAPTION)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.caption)
        painter.end()
        return image

    def _paint_light(self, painter: QPainter, middle: int) -> None:
        """From the middle to the cap, or over the range of a group's layers."""
        if not self.isEnabled():
            return
        low, high = (round(self._place(share)) for share in self._look[2])
        if high > low:
            painter.fillRect(middle - 2, low, 4, high - low, theme.colour("quiet", 0.6))
            return
        cap, centre = round(self._place(self.share())), round(self._place(0.5))
        light = theme.colour("a" if cap < centre else "b", 1.0 if self.by_hand() else 0.45)
        half = 2 if self.by_hand() else 1
        painter.fillRect(middle - half, min(cap, centre), 2 * half, abs(cap - centre), light)


def transparent(size: QSize, ratio: float) -> QPixmap:
    """An empty picture of a size in device-independent pixels."""
    image = QPixmap(size * ratio)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    return image


@lru_cache(maxsize=512)
def _cap(
    width: int, ink: int, filled: bool, hovered: bool, focused: bool, tokens: theme.Tokens, ratio: float
) -> QPixmap:
    """A cap with AROUND px of room on each side. `tokens` only tells the themes' caps apart."""
    image = transparent(QSize(width + 2 * AROUND, CAP + 2 * AROUND), ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    cap, colour = QRectF(AROUND, AROUND, width, CAP), QColor(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(cap.adjusted(-1, -2, 1, 2), 4, 4)  # a breath between rail and cap
    if filled:
        painter.setBrush(colour)
        painter.drawRoundedRect(cap, 3, 3)
    else:
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(theme.colour("raised" if hovered else "panel"))
        painter.drawRoundedRect(cap.adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
    line = QRectF(cap.x() + 3, cap.center().y() - 0.5, width - 6, 1)
    painter.fillRect(line, theme.colour("panel") if filled else colour)
    if focused:
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cap.adjusted(-2, -2, 2, 2), 5, 5)
    painter.end()
    return image
