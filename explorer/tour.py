"""The first-run tour: five callouts beside the parts of the window that they are about. It can be skipped at any time.

Nothing is modal and nothing is taken: the keyboard stays where it is, every control works while a callout stands, and
one that would come while a button of the mouse is held waits. Enter goes on, Esc leaves, where no control has a use for
them. It is offered once, at the first start; Help brings it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit

from explorer import theme
from explorer.views.callout import Callout, Ring

if TYPE_CHECKING:
    from explorer.window import Window

SOON = 600  # ms after the first picture
AGAIN = 400  # ms until the next look whether the hand is free


@dataclass(frozen=True, slots=True)
class Stop:
    """One callout: the dock that it stands beside, and its words."""

    dock: str
    title: str
    text: str


STOPS = (
    Stop(
        "sources",
        "Two sources",
        "A picture grows out of A, or of a mix of A and B. Roll the dice, type a seed, or drag the picture itself: "
        "it walks from seed to seed.",
    ),
    Stop(
        "truncation",
        "How daring",
        "psi is the distance from the average picture: 0 is the average itself, 1 is as trained, below 0 lies the "
        "opposite. Double-click any slider to get its default back.",
    ),
    Stop(
        "mix",
        "The desk",
        "Pull a fader from A down to B. Coarse layers carry pose and shape, fine ones detail and often colour; the "
        "master moves all faders that are hollow.",
    ),
    Stop(
        "noise",
        "Chance",
        "Noise lays the fine detail: strands, freckles, grain. Re-roll one resolution and only that changes; the "
        "lock keeps it.",
    ),
    Stop(
        "history",
        "Nothing is lost",
        "Every change is a step: Ctrl+Z, or a click here, goes back. L likes a picture, Ctrl+S saves it, and dropping "
        "the saved file on the window brings all of it back. Ctrl+K finds everything else.",
    ),
)


class Tour(QObject):
    """One for a window; it lives as long as a callout stands."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._place = -1
        self.ring, self.callout = Ring(window), Callout(window)
        self.callout.forth.connect(self.forth)
        self.callout.back.connect(self.back)
        self.callout.left.connect(self.end)
        window.installEventFilter(self)
        for stop in STOPS:
            window.docks[stop.dock].installEventFilter(self)

    @property
    def stop(self) -> Stop:
        """Where it is."""
        return STOPS[self._place]

    def begin(self, take_focus: bool = False) -> None:
        """Show the first callout. take_focus: somebody asked for the tour with the keyboard in hand."""
        self._window.settings.toured = True
        self._go(0)
        if take_focus:
            self.callout.take_focus()

    def forth(self) -> None:
        """The next callout; behind the last one it ends."""
        self._go(self._place + 1) if self._place + 1 < len(STOPS) else self.end()

    def back(self) -> None:
        """The callout before."""
        self._go(max(0, self._place - 1))

    def end(self) -> None:
        """Leave nothing behind."""
        self._window.removeEventFilter(self)
        for stop in STOPS:
            self._window.docks[stop.dock].removeEventFilter(self)
        if self.callout.isAncestorOf(self._window.focusWidget() or self._window):
            self._window.stage.canvas.setFocus()
        self.callout.deleteLater()
        self.ring.deleteLater()
        self.callout.hide()
        self.ring.hide()
        self.setParent(None)
        self.deleteLater()

    def _go(self, place: int) -> None:
        self._place = place
        dock = self._window.docks[self.stop.dock]
        dock.show()
        dock.raise_()
        self.callout.show_words(self.stop.title, self.stop.text, place + 1, len(STOPS))
        self._lay_out()

    def _lay_out(self) -> None:
        """Beside its dock, whatever is moved: within the window, and not over what it is about."""
        dock = self._window.docks[self.stop.dock]
        inside = dock.isVisible() and not dock.isFloating()
        target = dock.geometry() if inside else QRect()
        self.ring.surround(target)
        pages = self._window.stage.pages
        room = QRect(pages.mapTo(self._window, QPoint(0, theme.TOOLS)), pages.size() - QSize(0, theme.TOOLS))
        self.callout.stand_beside(target, room)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            QTimer.singleShot(0, self.callout, self._lay_out)  # the layout is not done yet
        if event.type() == QEvent.Type.KeyPress and watched is self._window and isinstance(event, QKeyEvent):
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """A key that no control had a use for."""
        if event.key() == Qt.Key.Key_Escape and self._window.stage.error_bar.trouble is None:
            self.end()
            return True
        typing = isinstance(self._window.focusWidget(), QLineEdit | QAbstractSpinBox)  # these pass Enter on
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not typing:
            self.forth()
            return True
        return False


def take(window: Window, take_focus: bool = True) -> Tour:
    """Begin the tour, from its beginning where it stands already."""
    tour = of(window) or Tour(window)
    tour.begin(take_focus)
    return tour


def of(window: Window) -> Tour | None:
    """The tour that is on its way in a window."""
    return window.findChild(Tour)


def offer(window: Window) -> None:
    """At the first start, once the first picture is there and the hand is free."""
    if window.settings.toured or window.live is None:
        return
    patience = QTimer(window)
    patience.setSingleShot(True)

    def look() -> None:
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton or QApplication.activePopupWidget() is not None:
            patience.start(AGAIN)
        elif not window.settings.toured:
            take(window, take_focus=False)

    patience.timeout.connect(look)
    window.live.shown.connect(lambda _: patience.start(SOON), Qt.ConnectionType.SingleShotConnection)
