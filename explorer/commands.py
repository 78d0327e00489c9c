"""What the menus do with files and the clipboard: open, save, copy, paste. The slow part happens on the render thread.

A failed open or save leaves everything as it was, and the error bar says why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from engine import edits, library, recipe_json
from engine.errors import ModelNotFoundError, RecipeError, StylescopeError, clipped
from engine.recipe import Recipe
from explorer.document import Document
from explorer.error_bar import Trouble
from explorer.opening import Search, opening
from explorer.status import latent_words
from explorer.worker import Failed, Open, Opened, Save, Saved

if TYPE_CHECKING:
    from explorer.window import Window

MODELS = "Models (*.safetensors *.pkl *.pt *.pth);;All files (*)"
PICTURES = "Pictures with a recipe (*.png);;Recipes (*.json);;All files (*)"


class Commands(QObject):
    """One for a window; parent of its file dialogs is the window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._opening = 0  # stamp of the newest wish to open something
        self._then: Recipe | None = None  # a recipe that waits for its model to be chosen
        worker, queued = window.worker, Qt.ConnectionType.QueuedConnection
        worker.opened.connect(self._on_opened, queued)
        worker.saved.connect(self._on_saved, queued)
        worker.failed.connect(self._on_failed, queued)

    # --- open

    def open(self, what: Path | str | Recipe) -> None:
        """Open a model, a picture or a recipe. Returns at once; the window changes when it is there."""
        window = self._window
        document = window.document
        search = Search(
            known=(lambda _: None) if document is None else document.known_model,
            recent=tuple(window.settings.recent),
            present=None if document is None else document.recipe,
        )
        window.stage.error_bar.clear("open")
        window.status_line.say(f"Opening {name_of(what)} ...", lasting=True)
        self._opening = window.worker.open(Open(what, search))

    def choose_model(self) -> None:
        """Ask for a model file and open it."""
        path = self._asked_for("model", "Open model", MODELS)
        if path is not None:
            self.open(path)

    def choose_picture(self) -> None:
        """Ask for a picture with a recipe and open it."""
        path = self._asked_for("picture", "Open picture", PICTURES)
        if path is not None:
            self.open(path)

    def _choose_model_for(self, recipe: Recipe) -> None:
        path = self._asked_for("model", f"Open the model {clipped(recipe.model.name, 60)}", MODELS)
        if path is not None:
            self._window.settings.add_recent(path)  # where the search for the recipe's content id will find it
            self.open(recipe)

    def _asked_for(self, purpose: str, title: str, kinds: str) -> Path | None:
        window = self._window
        name, _ = QFileDialog.getOpenFileName(window, title, str(window.settings.folder_of(purpose)), kinds)
        if not name:
            return None
        path = Path(name)
        window.settings.set_folder_of(purpose, path.parent)
        return path

    @Slot(object)
    def _on_opened(self, answer: Opened) -> None:
        window, model = self._window, answer.model
        if answer.stamp < self._opening:
            return  # something else was asked for since
        window.status_line.hush()
        if model.path not in library.bundled().values():
            window.settings.add_recent(model.path)
        document = window.document
        recipe = answer.recipe
        if recipe is None:
            recipe = opening(model.info) if document is None else edits.with_model(document.recipe, model.info)
        if document is None:
            window.adopt(Document(model, recipe))
        else:
            document.open_model(model, recipe, f"open {name_of(answer.what)}")

    # --- save

    def choose_save(self) -> None:
        """Ask where, and save the picture there."""
        window = self._window
        if window.document is None:
            return
        recipe = window.document.recipe
        start = window.settings.folder_of("save") / file_name(recipe)
        name, _ = QFileDialog.getSaveFileName(window, "Save picture", str(start), "PNG with recipe (*.png)")
        if name:
            path = Path(name)
            self.save(path if path.suffix else path.with_suffix(".png"))

    def save(self, to: Path) -> None:
        """Save the picture of the present recipe as a PNG that holds it."""
        window = self._window
        if window.document is not None:
            window.settings.set_folder_of("save", to.parent)
            window.stage.error_bar.clear("save")
            window.status_line.say(f"Saving {clipped(to.name, 60)} ...", lasting=True)
            window.worker.save(window.document.recipe, window.document.model.path, to)

    @Slot(object)
    def _on_saved(self, answer: Saved) -> None:
        self._window.status_line.say(f"Saved {clipped(answer.to.name, 80)}")

    # --- the clipboard

    def copy_picture(self) -> None:
        """The picture, at its own size."""
        image = self._window.stage.canvas.image
        if not image.isNull():
            QGuiApplication.clipboard().setImage(image)
            self._window.status_line.say("Picture copied")

    def copy_recipe(self) -> None:
        """The recipe as one line of JSON."""
        if self._window.document is not None:
            QGuiApplication.clipboard().setText(recipe_json.dumps(self._window.document.recipe))
            self._window.status_line.say("Recipe copied")

    def paste_recipe(self) -> None:
        """A recipe from the clipboard: all controls take it over."""
        bar = self._window.stage.error_bar
        try:
            recipe = recipe_json.loads(QGuiApplication.clipboard().text())
        except RecipeError as error:
            sentence = f"The clipboard holds no recipe: {error.what}."
            bar.tell("open", Trouble(sentence, details=str(error)))
            return
        self.open(recipe)

    # --- what went wrong

    @Slot(object)
    def _on_failed(self, failed: Failed) -> None:
        window, letter = self._window, failed.letter
        if isinstance(letter, Open) and failed.stamp >= self._opening:
            window.status_line.hush()
            window.stage.error_bar.tell("open", self._open_trouble(letter, failed))
        elif isinstance(letter, Save):
            window.status_line.hush()
            actions = (("Retry", lambda: self.save(letter.to)), ("Choose file ...", self.choose_save))
            window.stage.error_bar.tell("save", trouble(failed, f"Not saved: {failed.error}", actions))

    def _open_trouble(self, letter: Open, failed: Failed) -> Trouble:
        what, error = letter.what, failed.error
        retry = ("Retry", lambda: self.open(what))
        if isinstance(what, Recipe) and isinstance(error, ModelNotFoundError):
            return trouble(failed, None, (("Choose model ...", lambda: self._choose_model_for(what)), retry))
        return trouble(failed, None, (retry, ("Choose file ...", self.choose_model)))


def trouble(failed: Failed, sentence: str | None = None, actions: tuple = ()) -> Trouble:  # type: ignore[type-arg]
    """What the error bar says of a failed letter."""
    error = failed.error
    if sentence is None:
        if isinstance(error, StylescopeError):
            sentence = str(error)
        else:
            sentence = f"Something went wrong inside Stylescope ({type(error).__name__}: {clipped(error, 200)})"
    return Trouble(sentence, details=failed.details, actions=actions)


def name_of(what: Path | str | Recipe) -> str:
    """What something is called in a sentence."""
    return "recipe" if isinstance(what, Recipe) else clipped(Path(what).name, 60)


def file_name(recipe: Recipe) -> str:
    """A file name that tells the picture: model, seeds, psi."""
    words = [recipe.model.name or "picture", latent_words(recipe.a.latent)]
    if recipe.mix.t or any(recipe.mix.shares):
        words.append(latent_words(recipe.b.latent))
    words.append(f"psi{recipe.psi:.2f}")
    name = "-".join(words)
    return "".join(c if c.isalnum() or c in "-_.+" else "_" for c in name).lstrip("._")[:120] + ".png"
