"""The shelf: liked states as pictures with names, in rows. F2 renames, Delete takes away, and they can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine import recipe_json
from explorer import theme
from explorer.gallery import MIME, Gallery, Liked

Index = QModelIndex | QPersistentModelIndex
PICTURE = 64  # px
NAME = 20  # px under a picture
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
            keys = "Click: show it. F2: rename. Delete: take it away"
            return f"{name}\n{keys}. Drag it onto the picture, a source or the mix grid."
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
        self.setViewport(QWidget())  # PySide6 takes 20 ms of the start to find out what Qt's own is
        self._gallery = gallery
        self.setModel(Items(gallery))
        self.setItemDelegate(Frame(self))
        self.setObjectName("gallery")
        self.setAccessibleName("gallery")
        self.setToolTip("What was liked. Arrow keys walk, Enter shows, F2 renames, Delete takes away")
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
