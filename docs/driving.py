"""Opens the real window with settings of its own, works its controls by their names, and waits for its pictures."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("STYLESCOPE_FONT", "bundled")

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from explorer import app  # noqa: E402
from explorer.dialogs.palette import words_of  # noqa: E402
from explorer.settings import Settings  # noqa: E402
from explorer.window import Window  # noqa: E402

PATIENCE = 60_000  # ms without a picture or an answer, after which a scene is taken to hang


@contextmanager
def opened(model: Path | None, width: int, height: int) -> Iterator[Window]:
    """A window with settings of its own, its first pictures in it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        window = app.opened_window(
            settings, None if model is None else str(model), lambda: app.make_engine("cpu", "auto")
        )
        window.resize(width, height)
        window.show()
        window.reset_layout()  # as a first start on a screen of this size has it
        window.start()
        settle(window)
        try:
            yield window
        finally:
            window.close()
            window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def press(window: Window, name: str) -> None:
    """Click a button by its name."""
    button = window.findChild(QWidget, name)
    assert button is not None, name
    button.click()  # type: ignore[attr-defined]


def action(window: Window, words: str) -> None:
    """Take an entry of a menu by its words, as the palette does."""
    next(a for _, a in window.actions_.all if words_of(a) == words).trigger()


def until(done: Callable[[], bool], far: Callable[[], object] = lambda: None) -> bool:
    """Run the event loop until `done()`; False when that did not come and `far()`, how far it is, has not changed."""
    timer = QElapsedTimer()
    timer.start()
    before = far()
    while not done() and timer.elapsed() < PATIENCE:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if (now := far()) != before:
            before = now
            timer.restart()
    return done()


def settle(window: Window) -> bool:
    """Wait until everything that is seen has its pictures."""
    queue, live = window.queue, window.live
    assert queue is not None
    assert live is not None

    def still() -> bool:
        hidden = not window.stage.canvas.isVisible()
        asked = any(view.waiting for view in queue._views) or bool(queue._questions) or queue._hold.isActive()
        return (hidden or live.up_to_date) and not asked

    def far() -> object:
        return sum(len(view.waiting) for view in queue._views), [letter for letter, *_ in queue._questions.values()]

    quiet = QElapsedTimer()
    quiet.start()

    def for_a_while() -> bool:
        if not still():
            quiet.restart()
        return quiet.elapsed() > 500  # thumbnails are asked for when the hand rests

    return until(for_a_while, far)
