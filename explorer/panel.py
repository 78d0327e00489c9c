"""What all side panels share: a column of controls that scrolls, built from what the model's header says."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer import theme
from explorer.document import Document

WIDTH = 240  # px, a side dock
SCROLL_BAR = 8  # px


def discard(old: QWidget) -> None:
    """Let go of controls for another model: not at once, as one of them may be what changed the model or be under the
    hand just now, but what they say from here on is heard by nobody."""
    for control in (old, *old.findChildren(QWidget)):
        control.blockSignals(True)
    old.hide()
    old.deleteLater()


class Panel(QScrollArea):
    """Rebuilt when the model changes, shown anew when the recipe changes. Keeps no value of its own."""

    DOTS = True  # a column of reset dots stands in the right margin: fields end at the same line with and without

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rebuild(document.info)
        document.model_changed.connect(self._rebuild)
        document.changed.connect(self._show)

    def build(self, info: ModelInfo, column: QVBoxLayout) -> None:
        """Put the controls for a model into the column."""
        raise NotImplementedError

    def part(self, recipe: Recipe) -> object:
        """What of a recipe the panel shows: while it stays, nothing is shown anew."""
        return recipe

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe; no control may answer with an edit."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, self._body.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        content = self._body.minimumSizeHint()
        return QSize(min(WIDTH, content.width() + SCROLL_BAR), min(76, content.height()))

    def _rebuild(self, info: ModelInfo) -> None:
        old = self.takeWidget()
        if old is not None:
            discard(old)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(12, 8, 4 if self.DOTS else 20, 12)
        column.setSpacing(theme.GAP)
        self.build(info, column)
        column.addStretch(1)
        self.setWidget(self._body)
        self._shown: object = None
        self._show(self.document.recipe)

    def _show(self, recipe: Recipe) -> None:
        """Where it changed: a drag of a fader is not to wait for panels that have no part in it."""
        part = self.part(recipe)
        if part != self._shown:
            self._shown = part
            self.show_recipe(recipe)
