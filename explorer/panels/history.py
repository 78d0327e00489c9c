"""The steps of the history, newest on top, with their pictures; a click goes there. Knows document and theme."""

from __future__ import annotations

from collections import OrderedDict
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.recipe import Recipe
from explorer import theme
from explorer.document import Document

if TYPE_CHECKING:
    from explorer.queue import Wishes

Index = QModelIndex | QPersistentModelIndex
PICTURE = 32  # px
KEPT = 500  # pictures, 8 kB each at a scale of 2
REST = 400  # ms without a change or a turn of the wheel, after which missing pictures are asked for


class Steps(QAbstractListModel):
    """Reads the document's history where it lies: row 0 is the newest step."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self._count = len(document.history.steps)
        self._pictures: OrderedDict[Recipe, QPixmap] = OrderedDict()
        document.history_changed.connect(self._follow)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self._count

    def position(self, row: int) -> int:
        """The step's place in the history."""
        return self._count - 1 - row

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        step = self._document.history.steps[self.position(index.row())]
        if role == Qt.ItemDataRole.DisplayRole:
            return step.label
        if role == Qt.ItemDataRole.ToolTipRole:
            return escape(step.label)  # labels hold file names, and tool tips guess HTML
        return self._pictures.get(step.recipe) if role == Qt.ItemDataRole.DecorationRole else None

    def has_picture(self, recipe: Recipe) -> bool:
        """Whether the step of a recipe has its picture."""
        return recipe in self._pictures

    def set_picture(self, recipe: Recipe, image: QImage) -> None:
        """Keep a small copy of a step's picture; the oldest go."""
        side = PICTURE * 2
        small = image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        self._pictures[recipe] = QPixmap.fromImage(small)
        self._pictures.move_to_end(recipe)
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)

    def _follow(self) -> None:
        after = len(self._document.history.steps)
        if after > self._count:
            self.beginInsertRows(QModelIndex(), 0, after - self._count - 1)
            self._count = after
            self.endInsertRows()
        elif after < self._count:
            self.beginRemoveRows(QModelIndex(), 0, self._count - after - 1)
            self._count = after
            self.endRemoveRows()


class Line(QStyledItemDelegate):
    """Paints a step: picture, label; the present one marked, those that redo would bring back pale."""

    def __init__(self, document: Document, steps: Steps) -> None:
        super().__init__(steps)
        self._document, self._steps = document, steps

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, PICTURE + theme.GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        ahead = self._steps.position(index.row()) - self._document.history.position
        painter.save()
        if ahead == 0 or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.colour("raised"))
        if ahead == 0:
            painter.fillRect(rect.x(), rect.y(), 2, rect.height(), theme.colour("accent"))
        painter.setOpacity(0.45 if ahead > 0 else 1.0)
        place = QRect(rect.x() + 12, rect.y() + theme.GRID, PICTURE, PICTURE)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture)
        else:
            painter.fillRect(place, theme.colour("surround"))
        painter.setOpacity(1.0)  # words are to be read
        text = rect.adjusted(12 + PICTURE + theme.GAP, 0, -theme.GAP, 0)
        painter.setPen(theme.colour("text" if ahead == 0 else "quiet"))
        label = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, label)
        painter.restore()


class HistoryPanel(QListView):
    """Click or Enter on a step makes it the present one."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewport(QWidget())  # as Qt's own; but PySide6 takes 20 ms of the start to find out what that is
        self.document = document
        self._steps = Steps(document)
        self.setObjectName("history")
        self.setAccessibleName("history")
        self.setToolTip("Click a step to return to it")
        self.setModel(self._steps)
        self.setItemDelegate(Line(document, self._steps))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(theme.font(tabular=True))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setViewportMargins(0, theme.GRID, 0, 0)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._jump)
        self.activated.connect(self._jump)
        document.history_changed.connect(self._show_present)
        self._show_present()

    def set_thumbnail(self, position: int, image: QImage) -> None:
        """A picture for a step of the history, by its position."""
        self._show_picture(self.document.history.steps[position].recipe, image)

    def watch(self, wishes: Wishes) -> None:
        """Where pictures of steps come from that were never shown: those of a history that was read from a file."""
        self._wishes = wishes
        wishes.arrived.connect(self._show_picture)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._wish)
        self.verticalScrollBar().valueChanged.connect(self._rest.start)
        self.document.history_changed.connect(self._rest.start)
        self._rest.start()

    @Slot()
    def _wish(self) -> None:
        """Ask for what is seen and has no picture; of the present model only: another one would have to be loaded."""
        area, last = self.viewport().rect(), self._steps.rowCount() - 1
        top, bottom = (self.indexAt(place) for place in (area.topLeft(), area.bottomLeft()))
        if not self.isVisible() or not top.isValid():
            self._wishes.clear()
            return
        present = self.document.recipe.model
        rows = range(top.row(), (bottom.row() if bottom.isValid() else last) + 1)
        seen = [self.document.history.steps[self._steps.position(row)].recipe for row in rows]
        wanted = [recipe for recipe in seen if recipe.model == present and not self._steps.has_picture(recipe)]
        self._wishes.want({recipe: recipe for recipe in wanted}, 2 * PICTURE)

    def _show_picture(self, recipe: Recipe, image: QImage) -> None:
        self._steps.set_picture(recipe, image)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(240, 160)

    def _jump(self, index: QModelIndex) -> None:
        self.document.jump(self._steps.position(index.row()))

    def _show_present(self) -> None:
        """Only what is seen is painted anew: this runs at every move of a drag, with thousands of steps."""
        self.viewport().update()
        index = self._steps.index(self._steps.rowCount() - 1 - self.document.history.position)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            self.scrollTo(index)
