"""What all side panels share: a column of controls that scrolls, built from what the model's header says."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer import theme
from explorer.document import Document

WIDTH = 240  # px, a side dock


class Panel(QScrollArea):
    """Rebuilt when the model changes, shown anew when the recipe changes. Keeps no value of its own."""

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
        content = self.widget().sizeHint() if self.widget() else QSize(0, 0)
        return QSize(WIDTH, content.height())

    def minimumSizeHint(self) -> QSize:
        content = self.widget().minimumSizeHint() if self.widget() else QSize(0, 0)
        return QSize(min(WIDTH, content.width() + 8), min(72, content.height()))

    def _rebuild(self, info: ModelInfo) -> None:
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()  # not at once: one of its controls may be what changed the model
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 4, 8, 12)
        column.setSpacing(theme.GAP)
        self.build(info, column)
        column.addStretch(1)
        self.setWidget(body)
        self.show_recipe(self.document.recipe)
