"""What was liked: pictures with names. A click returns to the state; Delete can be taken back; items can be dragged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine import edits, recipe_json
from engine.errors import StylescopeError, clipped
from engine.recipe import Recipe
from explorer import theme
from explorer.controls.buttons import icon_button, text_button
from explorer.gallery import MIME, Gallery, Liked
from explorer.status import latent_words
from explorer.view import Workspace

Index = QModelIndex | QPersistentModelIndex
PICTURE = 64  # px
NAME = 20  # px under a picture
KIND = "Galleries (*.json);;All files (*)"
EMPTY = "Like a picture to keep it here"


class Items(QAbstractListModel):
    """Reads the gallery where it lies."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__(gallery)
        self.gallery = gallery
        gallery.changed.connect(self._follow)

    def _follow(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.gallery.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.gallery.items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.name
        if role == Qt.ItemDataRole.DecorationRole:
            return item.picture
        if role == Qt.ItemDataRole.ToolTipRole:
            name = item.name.replace("&", "&amp;").replace("<", "&lt;")  # tool tips guess HTML
            return f"{name}\nClick: show it. F2: rename. Delete: take it away. Drag it onto the mix grid."
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        self.gallery.rename(self.gallery.items[index.row()], str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable | flag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [MIME, "text/plain"]

    def mimeData(self, indexes: object) -> QMimeData:
        data = QMimeData()
        text = recipe_json.dumps(self.gallery.items[indexes[0].row()].recipe)  # type: ignore[index]
        data.setData(MIME, text.encode())
        data.setText(text)
        return data


class Frame(QStyledItemDelegate):
    """Paints an item: picture, name under it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(PICTURE + theme.GAP, PICTURE + NAME + theme.GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        place = QRect(rect.x() + (rect.width() - PICTURE) // 2, rect.y() + 2, PICTURE, PICTURE)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if isinstance(picture, QImage) and not picture.isNull():
            painter.drawImage(place, picture)
        else:
            painter.fillRect(place, theme.colour("surround"))
        focused = state & QStyle.StateFlag.State_HasFocus
        if focused or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(theme.colour("accent" if focused else "quiet"), 2))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        painter.setFont(theme.font(theme.CAPTION, tabular=True))
        painter.setPen(theme.colour("text" if focused else "quiet"))
        name = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, rect.width() - 4)
        painter.drawText(self._name(rect), Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    @staticmethod
    def _name(rect: QRect) -> QRect:
        return QRect(rect.x(), rect.y() + PICTURE + 2, rect.width(), NAME)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setFont(theme.font(theme.CAPTION))
        editor.setGeometry(self._name(option.rect))


class Shelf(QListView):
    """The items in rows."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__()
        self._gallery = gallery
        self.setModel(Items(gallery))
        self.setItemDelegate(Frame(self))
        self.setObjectName("gallery")
        self.setAccessibleName("gallery")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setViewportMargins(theme.GAP, 0, 0, 0)
        self.setMinimumHeight(PICTURE + NAME + theme.GAP)

    def item(self) -> Liked | None:
        """The item that keys act on."""
        row = self.currentIndex().row()
        return self._gallery.items[row] if 0 <= row < len(self._gallery.items) else None

    def startDrag(self, actions: Qt.DropAction) -> None:
        # Qt's own picture of a drag would be the whole row
        from PySide6.QtGui import QDrag

        item = self.item()
        if item is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([self.currentIndex()]))
        drag.setPixmap(QPixmap.fromImage(item.picture.scaled(PICTURE, PICTURE, Qt.AspectRatioMode.KeepAspectRatio)))
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.item()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
            self._gallery.delete(item)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and item is not None:
            self.clicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._gallery.items:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.colour("quiet")))
            painter.setFont(theme.font(theme.CAPTION))
            centre = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(12, 0, -12, 0), centre, EMPTY)

    def sizeHint(self) -> QSize:
        return QSize(240, PICTURE + NAME + theme.GAP)


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
