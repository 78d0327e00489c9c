"""What all views in the middle of the window share. A view shows the document in its own way and emits edits.

To add one: a class in a file of `views/`, and its line in `window.VIEWS`. The module is imported when its tab is first
turned to. Torch, numpy and pyqtgraph come later still, with what first needs them: a remembered view stands before they
load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer.document import Document
from explorer.gallery import Gallery
from explorer.queue import Queue


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a view or a panel may work with."""

    document: Document
    queue: Queue
    gallery: Gallery
    export: Callable[[], None] = lambda: None  # asks what to make of the timeline


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as long as nobody has looked at it: what is on its tab, and where it comes from."""

    name: str  # in what is remembered
    title: str
    tip: str
    source: str  # "module:class" in explorer.views

    def make(self, workspace: Workspace) -> View:
        """Import and build it."""
        module, _, name = self.source.partition(":")
        view: type[View] = getattr(import_module(f"explorer.views.{module}"), name)
        return view(workspace)


class View(QWidget):
    """Asks for nothing while it is hidden; when it is seen it is told the model first, then of every change once: of
    recipe, keyframes and what it keeps aside together."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.queue, self.gallery = workspace.document, workspace.queue, workspace.gallery
        self.wishes = self.queue.wishes()
        self._model: ModelInfo | None = None  # that the controls are built for
        self.build()
        self.document.history_changed.connect(self.refresh)

    def build(self) -> None:
        """Make what is there for every model."""
        raise NotImplementedError

    def show_model(self, info: ModelInfo) -> None:
        """Another model than before: only called while the view is seen."""

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe and state what is wanted for it: only called while the view is seen."""
        raise NotImplementedError

    @Slot()
    def refresh(self) -> None:
        """Show the document as it is, if the view is seen."""
        if not self.isVisible():
            return
        info = self.document.info
        if self._model is None or self._model.content_id != info.content_id:
            self._model = info
            self.show_model(info)
        self.show_recipe(self.document.recipe)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.wishes.clear()
