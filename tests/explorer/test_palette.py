"""The palette finds every action and every control, by its name and by other words, and brings them before the user."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.controls.finder import Finder
from explorer.document import Document
from explorer.menus import BUTTON
from explorer.reach import controls
from explorer.window import Window


def found(window: Window, typed: str) -> Finder:
    window.actions_.show_palette()
    finder = window.findChildren(Finder)[-1]
    QTest.keyClicks(finder.field, typed)
    return finder


def take(window: Window, typed: str) -> QWidget:
    """Take what is found first; what has the keyboard then."""
    QTest.keyClick(found(window, typed).field, Qt.Key.Key_Return)
    QApplication.processEvents()
    widget = window.focusWidget()
    assert widget is not None
    return widget


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("wipe", "comparison Wipe"),
        ("difference", "comparison Difference"),
        ("side by side", "comparison Both"),
        ("walk with b", "source to walk B"),
        ("lock", "lock seed A"),
        ("psi", "psi"),
        ("cutoff", "cutoff"),
        ("space", "space W"),
        ("blend", "blend even"),
        ("others", "Others"),
        ("rename", "gallery"),
        ("gallery", "gallery"),
        ("import gallery", "Import gallery"),
        ("export gallery", "Export gallery"),
        ("next keyframe", "Next keyframe"),
        ("scrub", "Next keyframe"),
        ("latency", "Show or hide Performance"),
        ("close", "Show or hide"),
        ("noise seed 32x32", "noise seed 32x32"),
        ("roll noise 16", "roll noise seed 16x16"),
        ("fader 4", "layer 4"),
        ("pause", "Play the timeline, or stop"),
        ("duration", "duration"),
    ],
)
def test_everything_is_found_by_the_words_that_people_use(window: Window, typed: str, text: str) -> None:
    finder = found(window, typed)
    assert finder.lines.found, typed
    assert finder.lines.entry(0).text.startswith(text)
    finder.close()


def test_every_control_that_tab_comes_to_is_found_by_its_name(window: Window) -> None:
    finder = found(window, "")
    listed = {(entry.text, entry.hint) for entry in finder.lines.entries}
    finder.close()
    pressed = {action.property(BUTTON) for _, action in window.actions_.all}
    for name in window.stage.names:
        window.stage.turn_to(name)
        QApplication.processEvents()
        tops = [(dock.windowTitle(), dock) for dock in window.docks.values()]
        tops.append((window.stage.tabs.tabText(window.stage.tabs.currentIndex()), window.stage.pages.currentWidget()))
        for title, top in tops:
            for widget in top.findChildren(QWidget):
                told = widget.accessibleName()
                if told and widget.isVisible() and widget.focusPolicy() and widget.objectName() not in pressed:
                    assert (told, title) in listed or (told.removesuffix(" value"), title) in listed, told


def test_a_control_is_shown_and_has_the_keyboard_although_its_dock_was_closed(window: Window) -> None:
    window.docks["mix"].close()
    window.docks["truncation"].close()
    for typed, name in (("fader 4", "layer 4"), ("psi", "psi"), ("noise strength 32", "noise strength 32x32")):
        widget = take(window, typed)
        assert widget.accessibleName().startswith(name)
        assert widget.isVisible()


def test_a_control_of_a_view_that_nobody_saw_is_turned_to(qtbot: QtBot, window: Window) -> None:
    assert window.stage.current == "canvas"
    assert take(window, "distance").accessibleName() == "distance"
    assert window.stage.current == "variations"
    assert take(window, "difference").isVisible()  # among the options of a tool that is not in hand
    assert window.stage.current == "canvas"
    assert window.stage.canvas_view.wipe.mode == "difference"


def test_a_button_is_pressed_and_remembered(window: Window, document: Document) -> None:
    take(window, "lock seed b")
    assert document.locks == {"source b"}
    assert window.settings.recent_actions[0] == "lock seed B"
    finder = found(window, "")
    assert finder.lines.entry(0).text == "lock seed B"
    finder.close()


def test_models_are_opened_by_their_name_while_they_are_there(
    qtbot: QtBot, live_window: Window, tiny_model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "one of mine.safetensors"
    shutil.copy(tiny_model, other)
    live_window.settings.add_recent(other)
    live_window.settings.add_recent(tmp_path / "gone.pkl")
    finder = found(live_window, "open gone")
    assert not finder.lines.found
    finder.close()
    QTest.keyClick(found(live_window, "one of mine").field, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: live_window.document is not None and live_window.document.model.path == other, timeout=20_000
    )


def test_a_control_of_a_panel_that_was_built_anew_is_passed_over(qtbot: QtBot, window: Window) -> None:
    control = next(control for control in controls(window) if control.name == "lock seed A")
    assert isinstance(control.widget, QAbstractButton)
    with qtbot.waitSignal(control.widget.destroyed):
        control.widget.deleteLater()
    control.reach(window)


def test_the_next_keyframe_is_gone_to(window: Window, document: Document) -> None:
    from explorer import timeline_edits
    from explorer.views.timeline_view import TimelineView

    times = [timeline_edits.append(document) for _ in range(3)]
    window.stage.turn_to("timeline")
    view = window.stage.findChild(TimelineView)
    seen = []
    for key in (Qt.Key.Key_BracketRight, Qt.Key.Key_BracketRight, Qt.Key.Key_BracketLeft):
        QTest.keyClick(window, key)
        seen.append(view.player.timeline.time_of(view.player.frame))
    assert seen == pytest.approx([times[1], times[2], times[1]])
