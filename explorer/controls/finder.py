"""A search field over a list: type to narrow, arrows to walk, Enter to take, Esc to leave. Knows no document.

One widget for everything that is found by its name: classes of a model, actions of the menus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer import theme

Index = QModelIndex | QPersistentModelIndex
LINE = 28  # px, a line of the list
SEEN = 12  # lines that are seen at once
WALKS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: 1 - SEEN, Qt.Key.Key_PageDown: SEEN - 1}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what is searched, what stands quietly at its right end, other words that find it, and its key."""

    text: str
    hint: str = ""
    enabled: bool = True
    words: str = ""
    keys: str = ""


def matching(entries: Sequence[Entry], typed: str) -> list[int]:
    """Which entries hold every word that was typed: those that begin with it first, then those whose text holds it;
    these in their own order. Last what is found by other words, where these stand earlier first."""
    words = typed.casefold().split()
    if not words:
        return list(range(len(entries)))
    found = []
    for number, entry in enumerate(entries):
        text = entry.text.casefold()
        whole = f"{text} {entry.hint} {entry.words} {entry.keys}".casefold()
        places = [whole.find(word) for word in words]
        if min(places) < 0:
            continue
        if text.startswith(" ".join(words)):
            rank = (0, 0)
        elif all(word in text for word in words):
            rank = (1, 0)
        else:
            rank = (2, sum(places))
        found.append((rank, number))
    return [number for _, number in sorted(found)]


class Lines(QAbstractListModel):
    """The entries that match."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self.entries = entries
        self.longest_key = max((entry.keys for entry in entries), key=len, default="")
        self.found = matching(entries, "")

    def narrow(self, typed: str) -> None:
        """Show what matches."""
        self.beginResetModel()
        self.found = matching(self.entries, typed)
        self.endResetModel()

    def entry(self, row: int) -> Entry:
        """What stands in a row."""
        return self.entries[self.found[row]]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.text} {entry.hint} {entry.keys}".strip()
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsEnabled if self.entry(index.row()).enabled else flags


class Line(QStyledItemDelegate):
    """Paints a line: text left, hint and key in columns of their own at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, rect, state = index.model(), QRect(option.rect), option.state
        assert isinstance(model, Lines)
        entry = model.entry(index.row())
        painter.save()
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.colour("hover"))
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect.x(), rect.y(), 2, rect.height(), theme.colour("accent"))
        inner = rect.adjusted(12, 0, -12, 0)
        metrics = painter.fontMetrics()
        painter.setPen(theme.colour("quiet" if entry.enabled else "faint"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(inner, right, entry.keys)
        keys = metrics.horizontalAdvance(model.longest_key)
        inner.setRight(inner.right() - (keys + theme.GROUP_GAP if keys else 0))
        painter.drawText(inner, right, entry.hint)
        room = inner.width() - metrics.horizontalAdvance(entry.hint) - 2 * theme.GAP
        painter.setPen(theme.colour("text" if entry.enabled else "faint"))
        text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class Finder(QFrame):
    """Opens under a control or in the middle of a window; closes when something is taken or the user goes elsewhere."""

    taken = Signal(int)  # index of the entry

    def __init__(self, entries: Sequence[Entry], asks: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("finder")
        self.field = QLineEdit()
        self.field.setPlaceholderText(asks)
        self.field.setAccessibleName(asks)
        self.field.setFixedHeight(LINE)
        self.lines = Lines(list(entries), self)
        self.list = QListView()
        self.list.setAccessibleName("what was found")
        self.list.setModel(self.lines)
        self.list.setItemDelegate(Line(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field keeps the keyboard and walks the list
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = QLabel("Nothing has this name")
        self._nothing.setProperty("quiet", True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(theme.GAP)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self._nothing)
        lines = min(SEEN, max(len(self.lines.entries), 3))
        self.list.setFixedHeight(lines * LINE)
        self._nothing.setFixedHeight(lines * LINE)  # the field stays where it is when nothing matches
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._narrow)
        self.list.clicked.connect(self._take)
        self._narrow("")

    def open_under(self, control: QWidget, width: int = 280) -> None:
        """Show it under a control, within its screen."""
        self._open(control.mapToGlobal(QPoint(0, control.height() + 4)), max(width, control.width()), control)

    def open_over(self, window: QWidget, width: int = 480) -> None:
        """Show it in the upper middle of a window."""
        width = min(width, window.width() - 2 * theme.GROUP_GAP)
        self._open(window.mapToGlobal(QPoint((window.width() - width) // 2, window.height() // 8)), width, window)

    def _open(self, place: QPoint, width: int, over: QWidget) -> None:
        self.setFixedWidth(width)
        self.adjustSize()
        room = over.screen().availableGeometry()
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        y = max(room.top(), min(place.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _narrow(self, typed: str) -> None:
        self.lines.narrow(typed)
        self.list.setVisible(bool(self.lines.found))
        self._nothing.setVisible(not self.lines.found)
        self.list.setCurrentIndex(self.lines.index(next(iter(self._able()), -1)))

    def _able(self) -> list[int]:
        """Rows that can be taken."""
        return [row for row in range(len(self.lines.found)) if self.lines.entry(row).enabled]

    def _walk(self, by: int) -> None:
        """So many lines on, past those that cannot be taken."""
        able, row = self._able(), self.list.currentIndex().row()
        if row in able:
            place = max(0, min(len(able) - 1, able.index(row) + by))
            self.list.setCurrentIndex(self.lines.index(able[place]))

    def _take(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.isValid() and self.lines.entry(index.row()).enabled:
            number = self.lines.found[index.row()]
            self.close()
            self.taken.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the field has no use for: it lies in the popup, so its keys come here."""
        if event.key() in WALKS:
            self._walk(WALKS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
