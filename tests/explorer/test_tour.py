"""The first-run tour: beside what it is about, in nobody's way, once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import tour
from explorer.controls.fader import Fader
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document
from explorer.error_bar import Trouble
from explorer.settings import Settings
from explorer.tour import STOPS, Tour
from explorer.window import Window

from . import hands
from .conftest import until_shown


@pytest.fixture
def taken(qtbot: QtBot, window: Window) -> Tour:
    window.resize(1024, 700)
    return tour.take(window, take_focus=False)


def gone(window: Window) -> bool:
    return tour.of(window) is None and not any(label.text() == STOPS[0].title for label in window.findChildren(QLabel))


def button(found: Tour, text: str) -> QPushButton:
    return next(b for b in found.callout.findChildren(QPushButton) if b.text() == text)


def test_it_goes_through_five_stops_and_leaves_nothing(qtbot: QtBot, window: Window, taken: Tour) -> None:
    assert len(STOPS) == 5
    seen = []
    for stop in STOPS:
        seen.append(taken.stop)
        assert window.docks[stop.dock].isVisible()
        assert stop.text in taken.callout.accessibleDescription()
        next(b for b in taken.callout.findChildren(QPushButton) if b.property("primary")).click()
    assert seen == list(STOPS)
    qtbot.waitUntil(lambda: gone(window))


@pytest.mark.parametrize("size", [(720, 480), (1024, 700), (2560, 1440)])
def test_a_callout_lies_within_the_window_and_beside_what_it_is_about(
    qtbot: QtBot, window: Window, taken: Tour, size: tuple[int, int]
) -> None:
    window.resize(*size)
    QApplication.processEvents()
    for stop in STOPS:
        QApplication.processEvents()
        place = taken.callout.geometry()
        assert window.rect().contains(place), stop
        assert not place.intersects(window.docks[stop.dock].geometry()), stop
        assert taken.callout.height() >= taken.callout.layout().totalHeightForWidth(place.width())  # type: ignore[union-attr]
        taken.forth()


def test_back_and_skip_do_what_they_say(qtbot: QtBot, window: Window, taken: Tour) -> None:
    assert not button(taken, "Back").isEnabled()
    taken.forth()
    button(taken, "Back").click()
    assert taken.stop is STOPS[0]
    button(taken, "Skip").click()
    qtbot.waitUntil(lambda: gone(window))


def test_it_takes_neither_keyboard_nor_pointer_from_a_drag(
    qtbot: QtBot, window: Window, taken: Tour, document: Document
) -> None:
    taken.end()
    slider = window.findChild(ValueSlider, "psi")
    assert slider is not None
    slider.rail.setFocus()
    hands.press(slider.rail, slider.rail.share())
    hands.move(slider.rail, 0.3)
    tour.take(window, take_focus=False)
    hands.move(slider.rail, 0.6)
    hands.release(slider.rail, 0.6)
    assert document.recipe.psi == pytest.approx(0.8, abs=0.03)
    assert window.focusWidget() is slider.rail


def test_enter_goes_on_and_escape_leaves_wherever_the_focus_is(qtbot: QtBot, window: Window, taken: Tour) -> None:
    canvas, fader = window.stage.canvas, window.findChild(Fader, "master")
    assert fader is not None
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert taken.stop is STOPS[1]
    window.stage.error_bar.tell("open", Trouble("not opened"))
    fader.setFocus()
    QTest.keyClick(fader, Qt.Key.Key_Escape)  # the message goes first
    assert window.stage.error_bar.trouble is None
    assert tour.of(window) is taken
    QTest.keyClick(fader, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: gone(window))


def test_enter_in_a_field_is_the_fields_own(window: Window, taken: Tour) -> None:
    field = window.findChild(ValueSlider, "psi").field  # type: ignore[union-attr]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert taken.stop is STOPS[0]


def test_it_is_offered_once_after_the_first_picture(
    qtbot: QtBot, window: Window, document: Document, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour, "SOON", 0)
    monkeypatch.setattr(tour, "AGAIN", 0)
    held = [Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton]
    monkeypatch.setattr(QApplication, "mouseButtons", lambda: held.pop() if held else Qt.MouseButton.NoButton)
    tour.offer(window)
    assert tour.of(window) is None
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    until_shown(qtbot, window)
    qtbot.waitUntil(lambda: tour.of(window) is not None)
    assert held == []  # it waited for the hand
    assert settings.toured
    taken = tour.of(window)
    assert taken is not None
    taken.end()
    tour.offer(window)
    document.apply("psi", edits.with_psi(document.recipe, 0.3))
    until_shown(qtbot, window)
    assert tour.of(window) is None


def test_help_brings_it_back_for_the_keyboard(window: Window) -> None:
    action = next(a for _, a in window.actions_.all if "Tour" in a.text())
    window.docks["noise"].close()
    action.trigger()
    taken = tour.of(window)
    assert taken is not None
    assert taken.callout.isAncestorOf(window.focusWidget())
    for _ in range(3):
        taken.forth()
    assert window.docks["noise"].isVisible()
    action.trigger()  # again from its beginning
    assert taken.stop is STOPS[0]


def test_it_stands_on_its_own_where_its_dock_floats(window: Window, taken: Tour) -> None:
    window.docks["sources"].setFloating(True)
    QApplication.processEvents()
    assert window.rect().contains(taken.callout.geometry())
    assert taken.ring.isHidden()
