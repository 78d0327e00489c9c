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
        document.changed.connect(self.show_recipe)

    def build(self, info: ModelInfo, column: QVBoxLayout) -> None:
        """Put the controls for a model into the column."""
        raise NotImplementedError

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
            old.deleteLater()  # not at once: one of its controls may be what changed the model
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(12, 8, 4 if self.DOTS else 20, 12)
        column.setSpacing(theme.GAP)
        self.build(info, column)
        column.addStretch(1)
        self.setWidget(self._body)
        self.show_recipe(self.document.recipe)
