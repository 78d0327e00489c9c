"""Who cannot see the window, or has no mouse: names, tips, and a way to every control with Tab, as the eye goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.controls.seed import SeedBox
from explorer.error_bar import ErrorBar, Trouble
from explorer.views.dock import PanelDock
from explorer.window import Window

from .hands import CTRL

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QAbstractItemView, QComboBox, QLineEdit, QTabBar)


def is_part(widget: QWidget) -> bool:
    """Qt's own parts of a control that has a name itself: they are no control of their own."""
    inner = widget.objectName().startswith("qt_")  # fields of spin boxes, buttons under our title bars of docks
    scrolls = isinstance(widget, QScrollBar) or isinstance(widget.parent(), QTabBar)  # keys of what they scroll
    canvas_of_view = widget.parent().inherits("QAbstractScrollArea") and not isinstance(widget, CONTROLS)
    of_list = widget.parent().inherits("QComboBoxPrivateContainer")
    return inner or scrolls or canvas_of_view or of_list


def controls(window: Window) -> Iterator[QWidget]:
    """Everything that a hand can work on, also what is hidden just now."""
    for widget in window.findChildren(QWidget):
        can = isinstance(widget, CONTROLS) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if can and not isinstance(widget, QLabel) and not is_part(widget):
            yield widget


def panel_of(window: Window, widget: QWidget) -> str:
    """The dock or the view that a control lies in."""
    at: QWidget | None = widget
    while at is not None:
        if isinstance(at, (PanelDock, ErrorBar)) or at.parentWidget() is window.stage.pages:
            return at.objectName()
        at = at.parentWidget()
    return "window"


def has_other_keys(widget: QWidget) -> bool:
    """What Tab passes over, because a key on the control beside it does the same."""
    name, parent = widget.accessibleName(), widget.parentWidget()
    reset = name.startswith(("reset ", "Take ")) and widget.width() == 16  # Delete
    arrow = isinstance(parent, SeedBox)  # Up and Down
    of_dock = parent.objectName() == "dock-title"  # entries of the View menu
    table = isinstance(widget, QLineEdit) and widget.isReadOnly()  # a table to read: copied with the button beside it
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    one_of_several = group is not None and group.exclusive()  # arrow keys, from the one that is chosen
    return reset or arrow or of_dock or table or one_of_several


def test_every_control_has_a_name_of_its_own_a_tip_and_a_way_by_keyboard(window: Window) -> None:
    for name in window.stage.names:
        window.stage.turn_to(name)
    for dock in window.docks.values():
        dock.show()
        dock.raise_()
    wrong = Trouble("It went wrong", "Traceback", (("Retry", lambda: None), ("Choose file ...", lambda: None)))
    window.stage.error_bar.tell("test", wrong)
    window.findChild(SeedBox).parent().set_value(5)
    QApplication.processEvents()
    faults, names = [], Counter[tuple[str, str]]()
    for widget in controls(window):
        panel = panel_of(window, widget)
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        names[panel, name] += 1
        if not name:
            faults.append(f"{widget} in {panel} has no name")
        if not widget.toolTip():
            faults.append(f"{name} in {panel} has no tool tip")
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not has_other_keys(widget):
            faults.append(f"{name} in {panel} cannot be reached with Tab")
    faults += [f"{count} controls in {panel} are called {name}" for (panel, name), count in names.items() if count > 1]
    assert sum(names.values()) > 120
    assert not faults, "\n".join(faults)


def walked(window: Window, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Where Tab leads from the canvas, until it is there again."""
    window.activateWindow()
    window.stage.canvas.setFocus()
    places: list[QWidget] = []
    while not places or places[-1] is not window.stage.canvas:
        assert len(places) < 500
        QTest.keyClick(window.focusWidget(), key)
        places.append(window.focusWidget())
    return places


def from_the_top(window: Window) -> list[QWidget]:
    """The way of Tab from the menu bar on."""
    places = walked(window)
    assert len(set(places)) == len(places)
    start = next(number for number, place in enumerate(places) if place is window.chip)
    return [*places[start:], *places[:start]]


def test_tab_goes_as_the_eye_does(window: Window) -> None:
    around = from_the_top(window)
    panels = [panel_of(window, widget) for widget in around]
    steps = [panel for number, panel in enumerate(panels) if number == 0 or panels[number - 1] != panel]
    middle = ["dock-sources", "dock-gallery", "dock-history", "window", "canvas"]
    assert steps == ["window", *middle, "dock-truncation", "dock-noise", "window", "dock-mix"]
    names = [widget.objectName() or widget.accessibleName() for widget in around]
    assert names.index("seed A") < names.index("swap") < names.index("seed B")
    assert names.index("views") < names.index("tool_walk") < names.index("canvas") < names.index("zoom-button")
    assert names.index("master") < names.index("layer_0") < names.index("share") < names.index("space W")


def test_shift_tab_goes_back_the_same_way(window: Window) -> None:
    there = walked(window)
    assert walked(window, Qt.Key.Key_Backtab) == [*reversed(there[:-1]), there[-1]]


def test_tab_finds_a_dock_where_it_was_moved_to(qtbot: QtBot, window: Window) -> None:
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks["truncation"])
    qtbot.waitUntil(lambda: window.docks["truncation"].x() < window.stage.x())
    panels = [panel_of(window, widget) for widget in from_the_top(window)]
    assert panels.index("dock-history") < panels.index("dock-truncation") < panels.index("canvas")


def test_tab_goes_through_a_view_that_was_just_made(window: Window) -> None:
    window.stage.turn_to("variations")
    window.activateWindow()
    window.stage.tabs.setFocus()
    names = []
    for _ in range(6):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        names.append(window.focusWidget().accessibleName())
    assert names == ["distance", "distance value", "Others", "variations", "trail of variations", "psi"]


def is_kept(widget: QWidget, keys: QKeySequence) -> bool:
    """Whether a control takes the keys of a shortcut before the window gets them."""
    key, modifiers = keys[0].key(), keys[0].keyboardModifiers()  # type: ignore[index]
    sign = chr(key) if key < 0x80 and not (modifiers & CTRL and chr(key).isalpha()) else ""
    text = sign if modifiers & Qt.KeyboardModifier.ShiftModifier else sign.lower()
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_no_control_keeps_a_shortcut_of_the_window_from_it(window: Window) -> None:
    """After a drag of a slider, Alt+2 is to turn to the mix grid, and not to type a 2."""
    for name in window.stage.names:
        window.stage.turn_to(name)
    shortcuts = {keys for _, action in window.actions_.all for keys in action.shortcuts()}
    assert {QKeySequence("Alt+2"), QKeySequence("Ctrl+-"), QKeySequence("["), QKeySequence("L")} <= shortcuts
    kept = {
        (type(widget).__name__, keys.toString())
        for widget in controls(window)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        for keys in shortcuts
        if is_kept(widget, keys)
    }
    fields = {"NumberField", "SeedBox", "SourceField"}
    own_dice = {(name, "R") for name in ("SeedBox", "SourceField", "MixBoard", "QToolButton")}  # of a source
    assert kept <= own_dice | {(name, "Ctrl+V") for name in fields}
