"""What a picture is compared with: the recipe that was pinned. A part of the document's steps, so that a pin can be
undone and is there again after a restart. Until one is pinned, it is what was shown when Compare was first taken.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine import recipe_json
from engine.errors import StylescopeError
from engine.recipe import Recipe
from explorer.names import latent_words
from explorer.view import Workspace
from explorer.views.wipe import Wipe

ASIDE = "pinned"  # among the document's asides
NATURAL = 2**16  # device pixels: a pinned picture is wanted as large as the model makes it


class Pin(QObject):
    """Keeps the wipe at the picture of the pinned recipe."""

    def __init__(self, workspace: Workspace, wipe: Wipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = workspace.document
        self._wishes = workspace.queue.wishes()
        self._wishes.arrived.connect(lambda _, picture: wipe.pin(picture))
        self._first: Recipe | None = None
        self._shown: Recipe | None = None
        self._document.asides_changed.connect(self._show)

    @property
    def recipe(self) -> Recipe | None:
        """What is pinned; None: nothing yet."""
        kept = self._document.aside(ASIDE)
        try:
            return self._first if kept is None else recipe_json.from_dict(kept)
        except StylescopeError:
            return self._first

    def begin(self) -> None:
        """Compare was taken in hand: there must be something to compare with."""
        if self._first is None:
            self._first = self._document.recipe
            self._show()

    def pin(self) -> None:
        """Compare with the picture as it is now."""
        recipe = self._document.recipe
        label = f"Compare: pin {latent_words(recipe.a.latent)}"
        self._document.apply_aside(label, ASIDE, recipe_json.to_dict(recipe))
        self._show()

    def _show(self) -> None:
        recipe = self.recipe
        if recipe is not None and recipe != self._shown:
            self._shown = recipe
            self._wishes.want({ASIDE: recipe}, NATURAL)
