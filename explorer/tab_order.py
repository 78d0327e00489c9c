"""Where Tab goes: as the eye does, along the window's parts as they lie, docks that were moved included.

Qt's own order is that in which widgets were made, and parts are made when they are first seen. Within a part its order
holds. Knows no panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QMainWindow, QScrollArea, QWidget


def sections(window: QMainWindow) -> list[QWidget]:
    """The window's parts: above its centre, left of it, the centre, right of it, below it; each from top to bottom."""
    middle = window.centralWidget().geometry()

    def rank(part: QWidget) -> tuple[int, int, int]:
        place: QRect = part.geometry()
        if part is window.centralWidget():
            side = 2
        elif place.bottom() <= middle.top():
            side = 0
        elif place.top() >= middle.bottom():
            side = 4
        else:
            side = 1 if place.center().x() < middle.center().x() else 3
        return side, place.top(), place.left()

    direct = window.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    parts = [part for part in direct if not part.isWindow() and not part.visibleRegion().isEmpty()]
    return sorted(parts, key=rank)


def stops(window: QMainWindow, first: Sequence[QWidget] = ()) -> list[QWidget]:
    """Everything that Tab can reach now, in order. `first`: parts of a part that go before all else of it."""
    chain = [widget for widget in _chain(window) if _can_be_reached(widget)]
    ordered: dict[QWidget, None] = {}  # without doubles
    for section in sections(window):
        inner = [part for part in first if section.isAncestorOf(part)]
        for part in (*inner, section):
            ordered.update(dict.fromkeys(w for w in chain if w is part or part.isAncestorOf(w)))
    return list(ordered)


def _chain(window: QWidget) -> Iterator[QWidget]:
    widget = window.nextInFocusChain()
    while widget is not None and widget is not window:
        yield widget
        widget = widget.nextInFocusChain()


def _can_be_reached(widget: QWidget) -> bool:
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    return bool(takes) and widget.isVisible() and widget.isEnabled()


def go(window: QMainWindow, forward: bool, first: Sequence[QWidget] = ()) -> bool:
    """Give the keyboard to the next control or the one before. False: there is none."""
    order = stops(window, first)
    if not order:
        return False
    here = window.focusWidget()
    step = 1 if forward else -1
    place = order.index(here) + step if here in order else (0 if forward else -1)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    target = order[place % len(order)]
    target.setFocus(reason)
    around = target.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(target, 0, 8)
        around = around.parentWidget()
    return True
