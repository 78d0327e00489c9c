"""Every control of the window by the name that a screen reader says, and the way to it. Read from the controls
themselves, so that a new one is found without a word here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QScrollArea, QStackedWidget, QWidget
from shiboken6 import isValid

from explorer.shell import Shell

KIND = re.compile("[A-Z][a-z]+")  # the words of a class's name: a SeedBox is found as a box, too


@dataclass(frozen=True, slots=True)
class Control:
    """One that Tab can come to."""

    widget: QWidget
    name: str
    place: str  # title of its dock or view
    words: str  # what else it is found by

    def reach(self, window: Shell) -> None:
        """Show it and give it the keyboard; a button is pressed."""
        widget = self.widget
        if not isValid(widget):  # its panel was built anew for another model meanwhile
            return
        for above in _above(widget):
            if isinstance(above, QDockWidget):
                above.show()
                above.raise_()
            elif isinstance(above.parentWidget(), QStackedWidget):
                window.stage.reveal(above)
            elif isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget)
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if isinstance(widget, QAbstractButton):
            widget.click()


def controls(window: Shell) -> list[Control]:
    """Those of all docks and views, also of those that nobody has seen yet."""
    stage = window.stage
    stage.build_all()
    places: list[tuple[str, QWidget]] = [(dock.windowTitle(), dock) for dock in window.docks.values()]
    pages = (stage.pages.widget(n) for n in range(stage.pages.count()))
    places += [(stage.tabs.tabText(n), page) for n, page in enumerate(pages) if page is not None]
    found = []
    for place, top in places:
        for widget in top.findChildren(QWidget):
            name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
            if name and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not _is_away(widget, top):
                kind = " ".join(KIND.findall(type(widget).__name__))
                found.append(Control(widget, name, place, f"{kind} {widget.toolTip()}"))
    return found


def _is_away(widget: QWidget, top: QWidget) -> bool:
    """Whether it, or what it lies in, is not there now; or is but the number beside a slider of the same name."""
    parent = widget.parentWidget()
    if parent is not None and widget.accessibleName() == f"{parent.accessibleName()} value":
        return True
    return any(
        part.isHidden()
        and part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
        and not isinstance(part.parentWidget(), QStackedWidget)  # turned to another page
        for part in (widget, *_above(widget))
        if top.isAncestorOf(part) and part is not top
    )


def _above(widget: QWidget) -> Iterator[QWidget]:
    """What a widget lies in, from the outermost on."""
    chain = []
    parent = widget.parentWidget()
    while parent is not None:
        chain.append(parent)
        parent = parent.parentWidget()
    yield from reversed(chain)
