"""How the program starts, in order.

1. Ask whether a window can open at all; make the application, put the theme on, hook up faults and the log.
2. Find what to show from headers alone: the last session, with the target behind it; else the bundled model's opening.
   A session that ended by force is only offered.
3. Show the window, with a stored picture of that recipe if there is one.
4. When it stands, start the render thread: it imports torch, and its first picture replaces the stored one.

Neither torch nor numpy nor pyqtgraph is imported here or by anything imported here (tests/explorer/test_app.py).
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine import edits, library, picture
from engine.errors import StylescopeError, clipped
from engine.files import kinds, native, source
from engine.recipe import Recipe
from explorer import faults, opening, rescue, theme
from explorer.document import Document, OpenModel
from explorer.interrupts import STATUS as INTERRUPTED
from explorer.interrupts import Interrupts
from explorer.keeper import RunMark
from explorer.session import Session
from explorer.settings import Settings, home
from explorer.window import Window
from explorer.worker import Engine

SWITCH = 0.0005  # seconds


def run(target: str | None = None, *, device: str = "auto", dtype: str = "auto", debug: bool = False) -> int:
    """Open the window and stay until it is closed. Returns the exit status."""
    QCoreApplication.setApplicationName("Stylescope")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    settings = Settings(home())
    theme.apply_look(app, settings.look)
    told, unhook = faults.install(settings.folder, debug)
    mark = RunMark(settings.run_mark)
    try:
        with Interrupts(tidy=mark.end) as interrupts:
            mark.begin()
            rescued = rescue.lay_aside(settings, mark.found)
            window = opened_window(settings, target, lambda: make_engine(device, dtype), told)
            window.export_desk.device, window.export_desk.dtype = device, dtype
            if rescued is not None:
                rescue.Rescue(window, rescued)
            window.show()
            interrupts.window = window
            if not settings.toured:
                from explorer import tour

                tour.offer(window)
            app.styleHints().colorSchemeChanged.connect(lambda: _follow_system(app, settings))
            QTimer.singleShot(0, window.start)  # after the first paint
            app.exec()
    finally:
        mark.end()
        unhook()
    status = INTERRUPTED if interrupts.caught else 0
    if not window.ended:  # the thread is deep in something long; what was to be kept is kept
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def _follow_system(app: QApplication, settings: Settings) -> None:
    """The system turned light or dark."""
    if settings.look == "system" and theme.wears_dark(app, "system") != (theme.tokens() == theme.DARK):
        theme.apply_look(app, "system")


def make_engine(device: str, dtype: str) -> Engine:
    """Import torch and make the renderer. Called on the render thread."""
    with _no_collections():
        return _made_engine(device, dtype)


def _made_engine(device: str, dtype: str) -> Engine:
    from engine.device import tune_allocator, wait_calmly

    wait_calmly()
    tune_allocator()
    # Between two operations of a network the render thread waits for the interpreter's lock: up to this long each time
    # while the window paints. At Python's 5 ms a drag of the master took twice as long to reach the screen.
    sys.setswitchinterval(SWITCH)
    from engine.renderer import Renderer

    return Renderer(device, dtype)


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """While torch is imported no garbage is looked for: that took a tenth of its time, and modules are none.

    Nor are they looked through ever after: a full collection among them would stop a drag for a moment.
    """
    if "torch" in sys.modules:
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def opened_window(
    settings: Settings, target: str | None, engine: Callable[[], Engine], told: faults.Faults | None = None
) -> Window:
    """The window with what it shows first. A target that cannot be shown at once is opened by the window itself.

    The history of the last session comes back always; what the target names is a step behind it.
    """
    window = Window(settings, engine, told)
    document = from_session(settings.session())
    first = None if target is None else from_target(target)
    if first is not None:
        document = following(document, first, Path(target or "").name)
    elif document is None:
        document = from_bundle()
    if document is not None:
        recipe, path = document.recipe, document.model.path
        window.adopt(document, stored_picture(recipe, path, settings))
        if path not in library.bundled().values():
            settings.add_recent(path)
        if isinstance(first, Session) and window.gallery is not None:
            window.gallery.add(first.liked)
    if target is not None and first is None:
        window.commands.open(target)
    return window


Start = tuple[OpenModel, Recipe] | Session


def following(document: Document | None, first: Start, name: str) -> Document:
    """A document that shows `first`, behind the history of another one."""
    if isinstance(first, Session):
        if document is None:
            return Document.restored(first.history, first.models.values())
        document.continue_with(first.history, first.models.values())
        return document
    if document is None:
        return Document(*first)
    document.open_model(*first, label=f"open {clipped(name, 60)}")
    return document


def from_target(target: str) -> Start | None:
    """A model file, a picture of a bundled model or a session, from headers. None: the window must find out."""
    try:
        if Path(target).is_dir():  # which snapshot is whole is seen by reading it: nothing for this thread
            return None
        path = opening.found(target)
        inside = opening.inside_of(path)
        if isinstance(inside, Session):
            return inside if is_there(inside.model) else None
        if isinstance(inside, (opening.Filmed, opening.Shared)):
            return None
        if inside is not None:
            path = named_by(inside, path.parent)
        info = native.read_info(path)
    except (StylescopeError, OSError):
        return None
    if inside is None:
        return OpenModel(info, path), opening.opening(info)
    if inside.model.content_id not in ("", info.content_id):
        return None
    return OpenModel(info, path), edits.with_model(inside, info)


def named_by(recipe: Recipe, beside: Path) -> Path:
    """The model of a recipe, among those whose header tells what they are. Raises StylescopeError."""
    wanted = recipe.model.content_id
    for path in (*library.bundled().values(), *sorted(beside.glob(f"*{library.SUFFIX}"))[: library.MAX_NEIGHBOURS]):
        try:
            if native.read_info(path).content_id == wanted or not wanted:
                return path
        except StylescopeError:
            continue
    return library.find()


def from_session(session: Session | None) -> Document | None:
    """What was shown last, when its model is still there."""
    if session is None or not is_there(session.model):
        return None
    return Document.restored(session.history, session.models.values())


def is_there(model: OpenModel) -> bool:
    """Whether a model's file is still that model, as far as can be told without reading all of it."""
    try:
        file, size = source.opened(model.path)
        with file:
            kind = kinds.kind_of_file(file.read(kinds.HEAD), size)
        if kind != "native":
            return True  # of another program: read later
        return native.read_info(model.path).content_id == model.info.content_id
    except (StylescopeError, source.Damage, OSError):
        return False


def from_bundle() -> Document | None:
    """The bundled model with its opening recipe."""
    try:
        path = library.find()
        info = native.read_info(path)
    except (StylescopeError, OSError):
        return None
    return Document(OpenModel(info, path), opening.opening(info))


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
