"""What the menus do with files: open, save, reveal. The slow part happens on the render thread.

A failed open or save leaves everything as it was, and the error bar says why. Opening that takes long shows how far it
is, in the bar over the picture and in the status line, and can be given up there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from engine import edits, library
from engine.errors import ModelNotFoundError, StylescopeError, clipped
from engine.recipe import Recipe
from explorer import desktop, session
from explorer.document import Document, OpenModel
from explorer.error_bar import Trouble, trouble
from explorer.names import file_name, name_of, plain
from explorer.opening import Filmed, Search, Shared, What, opening
from explorer.patience import Patience
from explorer.session import Session, session_of
from explorer.task import Task
from explorer.worker import Failed, Open, Opened, Save, Saved

if TYPE_CHECKING:
    from explorer.dialogs.export import ExportDialog
    from explorer.window import Window


class Commands(QObject):
    """One for a window; parent of its file dialogs is the window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._opening = 0  # stamp of the newest wish to open something, 0: none
        self._export: ExportDialog | None = None
        self._patience = Patience("opening", window.stage.error_bar, window.status_line, self)
        worker, queued = window.worker, Qt.ConnectionType.QueuedConnection
        worker.opened.connect(self._on_opened, queued)
        worker.saved.connect(self._on_saved, queued)
        worker.failed.connect(self._on_failed, queued)

    # --- open

    def open(self, what: What) -> None:
        """Open a model, a picture, a recipe or a session. Returns at once; the window changes when it is there."""
        window = self._window
        document = window.document
        self._end_task()
        task = Task(f"Opening {name_of(what)}")
        search = Search(
            known=(lambda _: None) if document is None else document.known_model,
            recent=tuple(window.settings.recent),
            present=None if document is None else document.recipe,
            task=task,
        )
        window.stage.error_bar.clear("open")
        window.status_line.say(task.sentence(), lasting=True)
        task.given_up.connect(lambda: self._on_given_up(task))
        self._patience.wait_for(task)
        self._opening = window.worker.open(Open(what, search))  # type: ignore[arg-type]  # it hands on what it is given

    def _on_given_up(self, task: Task) -> None:
        if task is self._patience.task:
            self._opening = 0  # whatever answer comes is not wanted
            self._end_task()
            self._window.status_line.say(f"{task.words} was cancelled")

    def _end_task(self) -> None:
        task = self._patience.task
        self._patience.end()
        if task is not None:
            task.stop()

    def choose_model(self) -> None:
        """Ask for a model file and open it."""
        self._choose("model", "Open model", desktop.MODELS)

    def choose_run(self) -> None:
        """Ask for the folder of a training run and open its newest model."""
        path = desktop.asked_for_folder(self._window, "run", "Open training run")
        if path is not None:
            self.open(path)

    def choose_picture(self) -> None:
        """Ask for a picture with a recipe and open it."""
        self._choose("picture", "Open picture", desktop.PICTURES)

    def choose_session(self) -> None:
        """Ask for a session and open it."""
        self._choose("session", "Open session", desktop.SESSIONS)

    def _choose(self, purpose: str, title: str, kinds: str) -> None:
        path = desktop.asked_for(self._window, purpose, title, kinds)
        if path is not None:
            self.open(path)

    def _choose_model_for(self, what: What, name: str) -> None:
        path = desktop.asked_for(self._window, "model", f"Open the model {clipped(name, 60)}", desktop.MODELS)
        if path is not None:
            self._window.settings.add_recent(path)  # where the search for the content id will find it
            self.open(what)

    @Slot(object)
    def _on_opened(self, answer: Opened) -> None:
        window, model, inside = self._window, answer.model, answer.recipe
        if answer.stamp != self._opening:
            return  # something else was asked for since, or nothing at all
        self._end_task()
        window.status_line.hush()
        if model.path not in library.bundled().values():
            window.settings.add_recent(model.path)
        document = window.document
        if isinstance(inside, Shared):
            self._take_gallery(inside, model)
            return
        if isinstance(inside, Session):
            models = {**inside.models, model.info.content_id: model}.values()
            if document is None:
                window.adopt(Document.restored(inside.history, models))
            else:
                document.continue_with(inside.history, models)
            if window.gallery is not None:
                window.gallery.add(inside.liked)
            return
        timeline = inside.timeline if isinstance(inside, Filmed) else None
        recipe = edits.with_model(inside.recipe, model.info) if isinstance(inside, Filmed) else inside
        if recipe is None:
            recipe = opening(model.info) if document is None else edits.with_model(document.recipe, model.info)
        if document is None:
            document = Document(model, recipe)
            window.adopt(document)
        document.open_model(model, recipe, f"open {name_of(answer.what)}", timeline)

    def _take_gallery(self, shared: Shared, model: OpenModel) -> None:
        """Add what somebody liked; the gallery's own Undo takes it away again."""
        window = self._window
        if window.document is None:
            first = edits.with_model(shared.liked[0].recipe, model.info)
            window.adopt(Document(model, first))
        assert window.gallery is not None
        words = window.gallery.add(shared.liked)
        window.docks["gallery"].show()
        window.docks["gallery"].raise_()
        window.status_line.say(words)

    # --- save

    def choose_save(self) -> None:
        """Ask where, and save the picture there."""
        if self._window.document is not None:
            name = file_name(self._window.document.recipe)
            path = desktop.asked_where(self._window, "save", "Save picture", name, desktop.SAVED, ".png")
            if path is not None:
                self.save(path)

    def save(self, to: Path) -> None:
        """Save the picture of the present recipe as a PNG that holds it."""
        window = self._window
        if window.document is not None:
            window.settings.set_folder_of("save", to.parent)
            window.stage.error_bar.clear("save")
            window.status_line.say(f"Saving {clipped(to.name, 60)} ...", lasting=True)
            window.worker.save(window.document.recipe, window.document.model.path, to)

    def choose_save_session(self) -> None:
        """Ask where, and save the session there."""
        if self._window.document is not None:
            name = plain(f"{self._window.document.info.name or 'session'}{session.SUFFIX}")
            kinds, suffix = desktop.SESSIONS, session.SUFFIX
            path = desktop.asked_where(self._window, "session", "Save session", name, kinds, suffix)
            if path is not None:
                self.save_session(path)

    def save_session(self, to: Path) -> None:
        """Save history, timeline, gallery and models, to go on with another day or elsewhere."""
        window = self._window
        if window.document is None or window.gallery is None:
            return
        window.settings.set_folder_of("session", to.parent)
        window.stage.error_bar.clear("save")
        try:
            session.write(session.dumps(session_of(window.document, window.gallery.items)), to)
        except StylescopeError as error:
            actions = (("Retry", lambda: self.save_session(to)), ("Choose file ...", self.choose_save_session))
            window.stage.error_bar.tell("save", Trouble(f"Not saved: {error}", actions=actions))
        else:
            window.status_line.say(f"Saved {clipped(to.name, 80)}")

    @Slot(object)
    def _on_saved(self, answer: Saved) -> None:
        self._window.status_line.say(f"Saved {clipped(answer.to.name, 80)}")

    # --- the model's file

    def reveal(self) -> None:
        """Show the model's file in the system's file manager."""
        if self._window.document is not None:
            self.reveal_file(self._window.document.model.path)

    def reveal_file(self, path: Path) -> None:
        """Show a file in the system's file manager."""
        if not desktop.show_in_folder(path):
            bar = self._window.stage.error_bar
            bar.tell("reveal", Trouble(f"The folder cannot be shown: {clipped(path.parent, 200)}"))

    # --- export

    def export(self, title: str, kind: str | None = None) -> None:
        """Show the export dialog at a tab."""
        window = self._window
        if window.document is None or window.queue is None:
            return
        if self._export is None:
            from explorer.dialogs.export import ExportDialog

            self._export = ExportDialog(window.document, window.queue, window.exports, window.settings, window)
        self._export.turn_to(title, kind)
        self._export.show()
        self._export.raise_()
        self._export.activateWindow()

    # --- what went wrong

    @Slot(object)
    def _on_failed(self, failed: Failed) -> None:
        window, letter = self._window, failed.letter
        if isinstance(letter, Open):
            if failed.stamp == self._opening:
                self._end_task()
                window.status_line.hush()
                window.stage.error_bar.tell("open", self._open_trouble(letter, failed))
        elif isinstance(letter, Save):
            window.status_line.hush()
            actions = (("Retry", lambda: self.save(letter.to)), ("Choose file ...", self.choose_save))
            window.stage.error_bar.tell("save", trouble(failed, f"Not saved: {failed.error}", actions))

    def _open_trouble(self, letter: Open, failed: Failed) -> Trouble:
        what: What = letter.what
        retry = ("Retry", lambda: self.open(what))
        if isinstance(what, (Recipe, Session)) and isinstance(failed.error, ModelNotFoundError):
            name = (what if isinstance(what, Recipe) else what.recipe).model.name
            return trouble(failed, None, (("Choose model ...", lambda: self._choose_model_for(what, name)), retry))
        return trouble(failed, None, (retry, ("Choose file ...", self.choose_model)))
