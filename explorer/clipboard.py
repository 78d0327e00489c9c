"""Copy and paste: the picture, the state as text, the command that makes it; a state, a session or a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication

from engine import recipe_json
from engine.errors import RecipeError, StylescopeError
from engine.recipe import Recipe
from explorer import session
from explorer.document import Document
from explorer.error_bar import Trouble
from explorer.names import file_name
from explorer.opening import What

if TYPE_CHECKING:
    from explorer.window import Window


COPY_FIRST, COPY_AGAIN = "copy a state as text first (Ctrl+C)", "copy all of it, from { to }"


class Clipboard(QObject):
    """One for a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    def copy_picture(self) -> None:
        """The picture, at its own size; no preview of it."""
        if self._window.live is not None and not self._window.live.up_to_date:
            self._window.live.when_whole(self.copy_picture)
            return
        image = self._window.stage.canvas.image
        if not image.isNull():
            QGuiApplication.clipboard().setImage(image)
            self._window.status_line.say("Picture copied")

    def copy_recipe(self) -> None:
        """The recipe as one line of JSON."""
        self._copy("State copied as text", lambda document: recipe_json.dumps(document.recipe))

    def copy_command(self) -> None:
        """The command line that makes this picture."""
        self._copy("Command copied", lambda document: command_line(document.recipe, document.model.path))

    def copy_content_id(self) -> None:
        """The content id of the model."""
        self._copy("Content id copied", lambda document: document.info.content_id)

    def _copy(self, told: str, text: Callable[[Document], str]) -> None:
        if self._window.document is not None:
            QGuiApplication.clipboard().setText(text(self._window.document))
            self._window.status_line.say(told)

    def paste(self) -> None:
        """Open what the clipboard holds."""
        try:
            what = pasted(QGuiApplication.clipboard().mimeData())
        except StylescopeError as error:
            sentence = f"Nothing was pasted: {error}."
            self._window.stage.error_bar.tell("open", Trouble(sentence, details=str(error)))
            return
        self._window.commands.open(what)


def pasted(data: QMimeData) -> What:
    """What lies in the clipboard. Raises RecipeError."""
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if files:
        return files[0]
    text = data.text().strip()
    if text.startswith(f'{{"{session.KEY}"'):
        return session.loads(text)
    if not text:
        raise RecipeError("the clipboard holds neither text nor a file", COPY_FIRST)
    if not text.startswith("{"):
        raise RecipeError("the text in the clipboard is no state of Stylescope", COPY_FIRST)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise RecipeError("the text in the clipboard begins like a state but is not a whole one", COPY_AGAIN) from None
    return recipe_json.loads(text)


def command_line(recipe: Recipe, model: Path) -> str:
    """A command that makes the picture of a recipe, to be pasted into the system's own shell."""
    from engine.export import job  # not before somebody asks: the window stands sooner

    return job.command_line(job.Job(what=job.Pictures(recipes=(recipe,)), out=Path(file_name(recipe))), model)
