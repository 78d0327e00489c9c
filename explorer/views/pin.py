"""What a picture is compared with: the recipe that was pinned, at first what was shown when Compare was taken in hand.

No step of the history: to go back, pin, and go forward again is how two states are compared, and a step would cut off
what lies ahead.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.recipe import Recipe
from explorer.view import Workspace
from explorer.views.wipe import Wipe

NATURAL = 2**16  # device pixels: a pinned picture is wanted as large as the model makes it


class Pin(QObject):
    """Keeps the wipe at the picture of the pinned recipe."""

    def __init__(self, workspace: Workspace, wipe: Wipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = workspace.document
        self._wishes = workspace.queue.wishes()
        self._wishes.arrived.connect(lambda _, picture: wipe.pin(picture))
        self.recipe: Recipe | None = None  # what is pinned; None: nothing yet

    def begin(self) -> None:
        """Compare was taken in hand: there must be something to compare with."""
        if self.recipe is None:
            self.pin()

    def pin(self) -> None:
        """Compare with the picture as it is now."""
        if self.recipe != self._document.recipe:
            self.recipe = self._document.recipe
            self._wishes.want({"pinned": self.recipe}, NATURAL)
