"""What falls on the window: a file is opened; a liked picture is shown, or becomes the source that it falls on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QWidget

from engine import edits, recipe_json
from engine.errors import StylescopeError, clipped
from engine.recipe import Recipe, Source, SourceName
from explorer.error_bar import Trouble
from explorer.gallery import MIME
from explorer.names import latent_words
from explorer.shell import Target

if TYPE_CHECKING:
    from explorer.window import Window

NAMED = 3  # files of those that were not taken


class Drops(QObject):
    """One for a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    def knows(self, data: QMimeData) -> bool:
        """Files, and liked pictures of the shelf."""
        return bool(files(data)) or (data.hasFormat(MIME) and self._window.document is not None)

    def target(self, data: QMimeData, under: QWidget | None) -> Target | None:
        """Where it falls: a file on the canvas, wherever it hangs; a liked picture on the canvas or on a source."""
        canvas, sources = self._window.stage.canvas, self._window.sources
        if files(data) or (under is canvas and self.knows(data)):
            return "canvas"
        return None if sources is None or not self.knows(data) else sources.source_of(under)

    def offer(self, target: Target | None) -> None:
        """Light where it would fall."""
        self._window.stage.canvas.offer(target == "canvas")
        if self._window.sources is not None:
            self._window.sources.offer(None if target == "canvas" else target)

    def take(self, data: QMimeData, target: Target) -> None:
        """It was let go."""
        paths = files(data)
        if paths:
            self._open(paths)
            return
        try:
            recipe = recipe_json.loads(bytes(data.data(MIME).data()).decode("utf-8", "replace"))
        except StylescopeError:  # not from the shelf
            return
        if target == "canvas":
            self._show(recipe)
        else:
            self._put(target, recipe)

    # --- files

    def _open(self, paths: list[Path]) -> None:
        bar = self._window.stage.error_bar
        bar.clear("drop")
        self._window.commands.open(paths[0])
        others = [clipped(path.name, 40) for path in paths[1:]]
        if others:
            more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
            names = ", ".join(others[:NAMED]) + more
            first = clipped(paths[0].name, 40)
            sentence = f"Only {first} is opened, not {names}: drop one file at a time."
            bar.tell("drop", Trouble(sentence))

    # --- liked pictures

    def _show(self, recipe: Recipe) -> None:
        document = self._window.document
        assert document is not None
        model = document.known_model(recipe.model.content_id)
        if model is None:
            self._window.commands.open(recipe)
        else:
            document.apply("show a liked picture", edits.with_model(recipe, model.info))

    def _put(self, name: SourceName, recipe: Recipe) -> None:
        """As a source: the one that it shows, or its mix by value."""
        from explorer import latent_work  # not at the start
        from explorer.views.mix_axes import main_source

        document, queue = self._window.document, self._window.queue
        assert document is not None
        assert queue is not None
        recipe = edits.with_model(recipe, document.info)
        source = main_source(recipe, len(document.info.layers))
        if source is not None:
            self._set(name, source)
        else:
            queue.compute(f"drop {name}", recipe, latent_work.as_source, partial(self._set, name))

    def _set(self, name: SourceName, source: Source) -> None:
        document = self._window.document
        assert document is not None
        label = f"source {name.upper()} is {latent_words(source.latent)}"
        document.apply(label, edits.with_source(document.recipe, name, source))


def files(data: QMimeData) -> list[Path]:
    """The local files of what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
