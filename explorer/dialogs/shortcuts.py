"""All keyboard shortcuts, read from the actions themselves, and what mouse and keys do on controls. Not modal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from explorer import theme
from explorer.dialogs.palette import keys_of, words_of

HANDS = (
    (
        "Canvas",
        (
            ("Wheel", "zoom about the pointer"),
            ("Middle button, Space + drag", "pan"),
            ("Space + arrows", "pan"),
            ("Double-click", "fit"),
            ("Drag", "walk through the seeds, or move the wipe"),
            ("Arrows, Shift + arrows", "the same: a little, tenfold"),
        ),
    ),
    (
        "Sliders and faders",
        (
            ("Arrows", "step"),
            ("Shift, Ctrl + arrows", "ten steps, a tenth"),
            ("Double-click", "default"),
            ("Wheel, when focused", "step"),
        ),
    ),
    (
        "Boards and gallery",
        (
            ("Arrows, Enter", "walk, and take a picture"),
            ("R, Delete, +", "mix grid: another seed, one source less, one more"),
            ("F2, Delete", "gallery: rename, take away"),
        ),
    ),
    (
        "Map",
        (
            ("Arrows, Shift + arrows", "move A or B: a little, tenfold"),
            ("+, -, F", "nearer, farther, all dots"),
        ),
    ),
    (
        "Timeline",
        (
            ("Arrows, Shift + arrows", "a frame, ten"),
            ("Ctrl + arrows", "the next keyframe"),
            ("Alt + arrows", "move the keyframe"),
            ("Enter", "edit the keyframe, or the frame"),
            ("Space, Delete", "play, take the keyframe away"),
        ),
    ),
    (
        "Anywhere",
        (
            ("Drop a file", "open a model, a saved picture, a session"),
            ("Esc", "dismiss a message, leave the tour"),
            ("Tab, Shift+Tab", "the next control, the one before"),
        ),
    ),
)

KEYS_WIDTH = 184  # px: the second columns of all sections stand under each other
ROOM = 0.9  # of the window's height, at most

Section = tuple[str, list[tuple[str, str]]]  # title, and keys with what they do


class ShortcutsDialog(QDialog):
    """Two columns of about the same length, that scroll where they are longer than the window."""

    def __init__(self, actions: Iterable[tuple[str, QAction]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        menus: dict[str, list[tuple[str, str]]] = {}
        for menu, action in actions:
            if keys := keys_of(action):
                menus.setdefault(menu, []).append((keys, words_of(action)))
        sections = [*menus.items(), *((title, list(rows)) for title, rows in HANDS)]
        body = QWidget()
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, 16, 0)
        columns.setSpacing(32)
        for half in halves(sections):
            columns.addLayout(_column(half))
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setProperty("plain", True)
        area.setAccessibleName("Keyboard shortcuts")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(body.sizeHint().width() + area.verticalScrollBar().sizeHint().width())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(16)
        outer.addWidget(area, 1)
        outer.addWidget(buttons)
        whole = body.sizeHint().height() + buttons.sizeHint().height() + 48
        self.resize(self.sizeHint().width(), whole if parent is None else min(whole, round(ROOM * parent.height())))


def halves(sections: list[Section]) -> tuple[list[Section], list[Section]]:
    """Two parts with most nearly as many lines, the first section in the first; both keep the sections' order."""
    lengths = [len(rows) + 2 for _, rows in sections]  # a title and the gap before it
    first = range(min(1, len(sections)))

    def unequal(left: tuple[int, ...]) -> tuple[int, int]:
        jumps = sum(b - a > 1 for a, b in pairwise(left))  # of equal ones: what reads on from above
        return abs(sum(lengths) - 2 * sum(lengths[i] for i in left)), jumps

    lefts = ((*first, *more) for n in range(len(sections)) for more in combinations(range(1, len(sections)), n))
    left = min(lefts, key=unequal, default=())
    return [sections[i] for i in left], [s for i, s in enumerate(sections) if i not in left]


def _column(sections: list[Section]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for title, rows in sections:
        heading = QLabel(title)
        heading.setFont(theme.font(title=True))
        heading.setProperty("quiet", True)
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (keys, what) in enumerate(rows):
            grid.addWidget(QLabel(keys), row, 0)
            grid.setColumnMinimumWidth(0, KEYS_WIDTH)
            label = QLabel(what)
            label.setProperty("quiet", True)
            grid.addWidget(label, row, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch(1)
    return column
