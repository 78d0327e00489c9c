"""What a program can see of the look: words that are cut or too small, controls too wide, things that jump."""

from __future__ import annotations

from itertools import combinations

from driving import settle
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QTabBar,
    QWidget,
)

from engine import edits
from explorer.controls.buttons import _REASON as REASON
from explorer.controls.rail import Rail
from explorer.window import Window

SMALLEST_TEXT = 11  # px
WIDEST = 480  # px of a control; the canvas, the desk, boards and bars are wider because they are pictures or rows
WIDE = {"canvas", "views", "error-bar", "finder", "export-strip", "Where to"}  # by name; the last holds a whole path
WIDE_KINDS = ("TileBoard", "MixBoard", "MapPlot", "MixPanel", "Bar", "StatusLine", "Track", "Ruler", "Timeline")


def unsightly(top: QWidget) -> list[str]:
    """What the rules of the look do not allow, of everything that is seen in a window."""
    found = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty() or widget.objectName().startswith("qt_"):
            continue
        if text_of(widget) and widget.fontInfo().pixelSize() < SMALLEST_TEXT:
            found.append(f"{name_of(widget)}: text of {widget.fontInfo().pixelSize()} px")
        if is_control(widget) and widget.width() > WIDEST:
            found.append(f"{name_of(widget)}: {widget.width()} px wide")
        if is_cut(widget):
            found.append(f"{name_of(widget)}: {text_of(widget)[:40]!r} is cut, {widget.width()} px wide")
        if sticks_out(widget):
            found.append(f"{name_of(widget)}: sticks out of {name_of(widget.parentWidget())}")
        if is_unexplained(widget):
            found.append(f"{name_of(widget)}: greyed, and no tool tip says why")
    return found + overlaps(top)


def text_of(widget: QWidget) -> str:
    """What is written on a widget."""
    if isinstance(widget, QAbstractButton | QLabel):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.text() if isinstance(widget, QLineEdit | QAbstractSpinBox) else ""


def is_control(widget: QWidget) -> bool:
    """Something that is worked with or read, not what holds such things."""
    kinds = {base.__name__ for base in type(widget).__mro__}
    if (
        {widget.objectName(), widget.accessibleName()} & WIDE
        or kinds & set(WIDE_KINDS)
        or isinstance(widget, QAbstractScrollArea | QDockWidget)
    ):
        return False
    if isinstance(widget, QLabel):  # a label may have room; its words may not be that long
        return widget.sizeHint().width() > WIDEST and not widget.wordWrap()
    return isinstance(widget, QAbstractButton | QAbstractSpinBox | QLineEdit | QComboBox) or "Rail" in kinds


def is_cut(widget: QWidget) -> bool:
    """Whether its words do not fit."""
    if isinstance(widget, QLabel) and widget.text() and not widget.wordWrap():
        return widget.sizeHint().width() > widget.width() + 1 or widget.sizeHint().height() > widget.height() + 1
    if isinstance(widget, QAbstractButton) and widget.text():
        padding = 16 if type(widget.parent()).__name__ == "Segmented" else 24 * isinstance(widget, QPushButton)
        return widget.fontMetrics().horizontalAdvance(widget.text().replace("&", "")) + padding > widget.width()
    if isinstance(widget, QLineEdit) and widget.isReadOnly():
        return False  # the arrow keys bring the rest of it
    if isinstance(widget, QLineEdit | QAbstractSpinBox) and not widget.hasFocus():
        inner = 8  # px of padding, both sides
        return widget.fontMetrics().horizontalAdvance(text_of(widget)) + inner > widget.width()
    if isinstance(widget, QTabBar):
        rooms = [widget.tabRect(i).width() - widget.fontMetrics().horizontalAdvance(widget.tabText(i)) for i in
                 range(widget.count())]  # fmt: skip
        return min(rooms, default=0) < 0 or widget.tabRect(widget.count() - 1).right() > widget.width()
    return False


def sticks_out(widget: QWidget) -> bool:
    """Whether part of it lies beyond its parent, where that does not scroll."""
    parent = widget.parentWidget()
    if parent is None or widget.isWindow() or isinstance(parent.parentWidget(), QAbstractScrollArea):
        return False
    return not parent.rect().adjusted(-1, -1, 1, 1).contains(widget.geometry())


def is_unexplained(widget: QWidget) -> bool:
    """Whether a control is greyed for itself without a reason in its tool tip."""
    parent = widget.parentWidget()
    alone = not widget.isEnabled() and (parent is None or parent.isEnabled())
    return alone and is_control(widget) and widget.property(REASON) is None and not widget.toolTip()


def overlaps(top: QWidget) -> list[str]:
    """Neighbours in a row or column that lie over each other because there is too little room for them."""
    found = []
    for holder in (top, *top.findChildren(QWidget)):
        if not holder.isVisible() or isinstance(holder, QDockWidget):  # Qt lays its title over the frame of the rest
            continue
        seen = [w for w in laid_out(holder.layout()) if w.isVisible() and not w.size().isEmpty()]
        for one, other in combinations(seen, 2):
            if one.geometry().intersects(other.geometry()):
                found.append(f"{name_of(one)}: lies over {name_of(other)}")
    return found


def laid_out(layout: QLayout | None) -> list[QWidget]:
    """The widgets that a layout and those in it place; pages of a stack are not beside each other."""
    if layout is None or isinstance(layout, QStackedLayout):
        return []
    items = [layout.itemAt(number) for number in range(layout.count())]
    widgets = [item.widget() for item in items if item is not None and item.widget() is not None]
    return widgets + [w for item in items if item is not None for w in laid_out(item.layout())]


def name_of(widget: QWidget | None) -> str:
    """What a person would look for."""
    if widget is None:
        return "nothing"
    owner = widget
    while not (owner.objectName() or owner.accessibleName()) and owner.parentWidget() is not None:
        owner = owner.parentWidget()
    return f"{type(widget).__name__} {owner.objectName() or owner.accessibleName()}"


def jumps(window: Window) -> list[str]:
    """What moves or changes its width when values change their number of digits."""
    document = window.document
    assert document is not None
    first = document.recipe

    kinds = QAbstractButton | QLabel | QAbstractSpinBox | QLineEdit | QComboBox | QDockWidget | Rail

    def places() -> dict[QWidget, QRect]:
        seen = [w for w in window.findChildren(QWidget) if w.isVisible() and isinstance(w, kinds)]
        return {w: QRect(w.mapTo(window, QPoint(0, 0)), w.size()) for w in seen}

    before = places()
    changed = edits.with_seed(edits.with_seed(edits.with_psi(first, -0.123), "a", 4_294_967_295), "b", 0)
    if document.info.features.layer_styles:
        changed = edits.with_master(changed, 0.375)
    for noise in {noise.resolution for noise in document.info.noise}:
        changed = edits.with_noise_seed(changed, noise, 4_000_000_000)
    document.apply("other digits", changed)
    settle(window)
    after = places()
    document.undo()
    settle(window)
    return [f"{name_of(w)}: jumps when digits change" for w, rect in before.items() if after.get(w, rect) != rect]
