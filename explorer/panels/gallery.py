"""What was liked: pictures with names. A click returns to the state; all changes can be undone; items can be dragged.

Ctrl+Z with the focus here undoes what was done to the gallery, as long as it is newer than the document's last step.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine import edits
from engine.errors import StylescopeError, clipped
from engine.recipe import Recipe
from explorer import theme
from explorer.controls.buttons import icon_button, text_button
from explorer.names import latent_words
from explorer.view import Workspace
from explorer.views.shelf import Shelf

KIND = "Galleries (*.json);;All files (*)"


class GalleryPanel(QWidget):
    """Like, the shelf, and what was done to it last."""

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
        self._since = self.document.history  # when the gallery changed last
        self._done = QLabel()
        self._bar = self._built_bar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(self._built_head())
        column.addWidget(self.shelf, 1)
        column.addWidget(self._bar)
        self.gallery.changed.connect(self._on_gallery)
        self.gallery.failed.connect(self.failed)
        self._on_gallery()

    def _built_head(self) -> QHBoxLayout:
        """Like, import, export."""
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
        return head

    def _built_bar(self) -> QWidget:
        """What was done last, and its Undo."""
        self._done.setProperty("quiet", True)
        self._done.setFont(theme.font(theme.CAPTION))
        self._done.setTextFormat(Qt.TextFormat.PlainText)
        self._done.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no reason to widen a dock
        undo = QPushButton("Undo")
        undo.setObjectName("restore_liked")
        undo.setToolTip("Take back what was done to the gallery last (Ctrl+Z on its pictures)")
        undo.clicked.connect(self.gallery.undo)
        made = QWidget()
        bar = QHBoxLayout(made)
        bar.setContentsMargins(12, 0, 12, 4)
        bar.addWidget(self._done, 1)
        bar.addWidget(undo)
        return made

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

    # --- undo

    def _on_gallery(self) -> None:
        self._since = self.document.history
        done = self.gallery.done
        self._bar.setVisible(done is not None and done.told)
        self._done.setText("" if done is None else done.words)
        self._done.setToolTip("" if done is None else escape(done.words))  # tool tips guess HTML

    def _undoing(self, event: QEvent) -> Callable[[], None] | None:
        """What a key is to do to the gallery: nothing, where the document's last step is newer."""
        if not isinstance(event, QKeyEvent) or self._since is not self.document.history:
            return None
        if event.matches(QKeySequence.StandardKey.Undo) and self.gallery.done is not None:
            return self.gallery.undo
        if _is_redo(event) and self.gallery.undone is not None:
            return self.gallery.redo
        return None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._undoing(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._undoing(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    # --- files

    def choose_import(self) -> None:
        """Ask for a file and add its items."""
        name, _ = QFileDialog.getOpenFileName(self, "Import gallery", "", KIND)
        if name:
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Add the items of a file."""
        try:
            words = self.gallery.add_from(path)
        except StylescopeError as error:
            self.failed.emit(str(error))
        else:
            self.said.emit(words)

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


def _is_redo(event: QKeyEvent) -> bool:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    keys = {(Qt.Key.Key_Y, control), (Qt.Key.Key_Z, control | shift)}  # as in the menu, on every system
    return (event.key(), event.modifiers()) in keys
