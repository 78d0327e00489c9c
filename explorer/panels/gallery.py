"""What was liked: pictures with names. A click returns to the state; Delete can be taken back; items can be dragged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine import edits
from engine.errors import StylescopeError, clipped
from engine.recipe import Recipe
from explorer import theme
from explorer.controls.buttons import icon_button, text_button
from explorer.status import latent_words
from explorer.view import Workspace
from explorer.views.shelf import Shelf

KIND = "Galleries (*.json);;All files (*)"


class GalleryPanel(QWidget):
    """Like, the shelf, and what was deleted last."""

    elsewhere = Signal(object)  # Recipe of a model that this document does not know
    said = Signal(str)  # a text of the moment
    failed = Signal(str)  # a sentence

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.gallery = workspace.document, workspace.gallery
        self._wishes = workspace.queue.wishes()
        self._wishes.arrived.connect(self._keep)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._like = text_button("heart", "Like", "Keep this picture in the gallery (L)")
        self._like.setObjectName("like")
        self._like.clicked.connect(self.like)
        self.shelf = Shelf(self.gallery)
        self.shelf.clicked.connect(self._show)
        self._gone = QLabel()
        self._gone.setProperty("quiet", True)
        self._gone.setFont(theme.font(theme.CAPTION))
        self._gone.setTextFormat(Qt.TextFormat.PlainText)
        restore = QPushButton("Undo")
        restore.setObjectName("restore_liked")
        restore.setToolTip("Bring back what was deleted last")
        restore.clicked.connect(self.gallery.restore)
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(12, 0, 12, 4)
        bar.addWidget(self._gone, 1)
        bar.addWidget(restore)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.setSpacing(0)
        head.addWidget(self._like)
        head.addStretch(1)
        for icon, name, tip, act in (
            ("folder", "import gallery", "Add the items of a gallery file", self.choose_import),
            ("save", "export gallery", "Write all items into a file", self.choose_export),
        ):
            button: QToolButton = icon_button(icon, name, tip)
            button.setObjectName(name.replace(" ", "_"))
            button.clicked.connect(act)
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(head)
        column.addWidget(self.shelf, 1)
        column.addWidget(self._bar)
        self.gallery.changed.connect(self._show_gone)
        self.gallery.failed.connect(self.failed)
        self._show_gone()

    def like(self) -> None:
        """Keep the present state, once its picture is there."""
        self._wishes.want({self.document.recipe: self.document.recipe})

    def _keep(self, recipe: Recipe, picture: QImage) -> None:
        self.gallery.like(name_of(recipe), recipe, picture)
        self.shelf.scrollToTop()

    def _show(self, index: QModelIndex) -> None:
        item = self.gallery.items[index.row()]
        model = self.document.known_model(item.recipe.model.content_id)
        if model is None:
            self.elsewhere.emit(item.recipe)
        else:
            self.document.apply(f"liked {item.name}", edits.with_model(item.recipe, model.info))

    def _show_gone(self) -> None:
        gone = self.gallery.gone
        self._bar.setVisible(gone is not None)
        self._gone.setText("" if gone is None else f"{clipped(gone.name, 20)} deleted")

    # --- files

    def choose_import(self) -> None:
        """Ask for a file and add its items."""
        name, _ = QFileDialog.getOpenFileName(self, "Import gallery", "", KIND)
        if name:
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Add the items of a file."""
        try:
            count = self.gallery.add_from(path)
        except StylescopeError as error:
            self.failed.emit(str(error))
        else:
            self.said.emit(f"{count} new in the gallery")

    def choose_export(self) -> None:
        """Ask for a file and write all items."""
        name, _ = QFileDialog.getSaveFileName(self, "Export gallery", "gallery.json", KIND)
        if name:
            try:
                self.gallery.write(Path(name))
            except StylescopeError as error:
                self.failed.emit(str(error))
            else:
                self.said.emit(f"Gallery written to {clipped(Path(name).name, 60)}")


def name_of(recipe: Recipe) -> str:
    """What a state is called before somebody names it."""
    mixed = recipe.mix.t or any(recipe.mix.shares)
    words = latent_words(recipe.a.latent)
    return f"{words} + {latent_words(recipe.b.latent)}" if mixed else words
