"""How the program starts, in order.

1. Ask whether a window can open at all; make the application, put the theme on, hook up faults and the log.
2. Find what to show from headers alone: the target, else the last session, else the bundled model's opening recipe.
3. Show the window, with a stored picture of that recipe if there is one.
4. When it stands, start the render thread: it imports torch, and its first picture replaces the stored one.

Neither torch nor numpy nor pyqtgraph is imported here or by anything imported here (tests/explorer/test_app.py).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSocketNotifier, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine import edits, library, picture
from engine.errors import StylescopeError
from engine.files import native
from engine.recipe import Recipe
from explorer import faults, opening, theme
from explorer.document import Document, OpenModel
from explorer.settings import Settings, home
from explorer.window import Window
from explorer.worker import Engine

SWITCH = 0.0005  # seconds
INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it


def run(target: str | None = None, *, device: str = "auto", dtype: str = "auto", debug: bool = False) -> int:
    """Open the window and stay until it is closed. Returns the exit status."""
    QCoreApplication.setApplicationName("Stylescope")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    settings = Settings(home())
    theme.apply(app, settings.dark)
    told, unhook = faults.install(settings.folder, debug)
    try:
        window = opened_window(settings, target, lambda: make_engine(device, dtype), told)
        window.show()
        with _interrupts(window) as interrupted:
            QTimer.singleShot(0, window.start)  # after the first paint
            app.exec()
    finally:
        unhook()
    if not window.ended:  # the thread is deep in something long; what was to be kept is kept
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED if interrupted else 0)
    return INTERRUPTED if interrupted else 0


def make_engine(device: str, dtype: str) -> Engine:
    """Import torch and make the renderer. Called on the render thread."""
    from engine.device import tune_allocator

    tune_allocator()
    # Between two operations of a network the render thread waits for the interpreter's lock: up to this long each time
    # while the window paints. At Python's 5 ms a drag of the master took twice as long to reach the screen.
    sys.setswitchinterval(SWITCH)
    from engine.renderer import Renderer

    return Renderer(device, dtype)


def opened_window(
    settings: Settings, target: str | None, engine: Callable[[], Engine], told: faults.Faults | None = None
) -> Window:
    """The window with what it shows first. A target that cannot be shown at once is opened by the window itself."""
    window = Window(settings, engine, told)
    first = from_target(target) if target is not None else None
    shown = first or from_session(settings) or from_bundle()
    if shown is not None:
        model, recipe = shown
        window.adopt(Document(model, recipe), stored_picture(recipe, model.path, settings))
        if model.path not in library.bundled().values():
            settings.add_recent(model.path)
    if target is not None and first is None:
        window.commands.open(target)
    return window


Start = tuple[OpenModel, Recipe]


def from_target(target: str) -> Start | None:
    """A model file or a picture of a bundled model, from its header. None: the window must find out."""
    try:
        path = opening.found(target)
        recipe = opening.recipe_in(path)
        if recipe is not None:
            path = library.find_content_id(recipe.model.content_id, path) or library.find()
        info = native.read_info(path)
    except (StylescopeError, OSError):
        return None
    if recipe is None:
        return OpenModel(info, path), opening.opening(info)
    if recipe.model.content_id not in ("", info.content_id):
        return None
    return OpenModel(info, path), edits.with_model(recipe, info)


def from_session(settings: Settings) -> Start | None:
    """What was shown last, when its model is still there."""
    session = settings.session()
    if session is None:
        return None
    recipe, path = session
    try:
        info = native.read_info(path)
    except (StylescopeError, OSError):
        return None
    if info.content_id != recipe.model.content_id:
        return None
    return OpenModel(info, path), edits.with_model(recipe, info)


def from_bundle() -> Start | None:
    """The bundled model with its opening recipe."""
    try:
        path = library.find()
        info = native.read_info(path)
    except (StylescopeError, OSError):
        return None
    return OpenModel(info, path), opening.opening(info)


def stored_picture(recipe: Recipe, model: Path, settings: Settings) -> QImage | None:
    """A picture of exactly this recipe: that of the last session, or the one beside the model."""
    for path in (settings.session_picture, model.with_suffix(".png")):
        try:
            if path.exists() and picture.read_recipe(path) == recipe:
                image = QImage(str(path))
                if not image.isNull():
                    return image
        except StylescopeError:
            continue
    return None


class _interrupts(contextlib.AbstractContextManager[list[int]]):
    """Ctrl-C in the terminal closes the window. Python sees signals only between its own steps, and Qt's loop has
    none while nothing happens: so the signal writes a byte into a socket that wakes the loop."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._caught: list[int] = []

    def __enter__(self) -> list[int]:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._drain)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno())
        self._old = signal.signal(signal.SIGINT, self._on_signal)
        return self._caught

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._read.recv(64)  # the handler runs as soon as Python does

    def _on_signal(self, number: int, frame: object) -> None:
        self._caught.append(number)
        self._window.close()

    def __exit__(self, *exc: object) -> None:
        signal.signal(signal.SIGINT, self._old)
        signal.set_wakeup_fd(self._old_fd)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()
