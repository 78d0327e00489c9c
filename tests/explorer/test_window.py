"""The window on a fake engine: every edit becomes a picture, nothing that goes wrong ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.errors import RenderError
from explorer.controls.fader import Fader
from explorer.document import Document, OpenModel
from explorer.error_bar import Trouble
from explorer.faults import Faults
from explorer.history import new_gesture
from explorer.settings import Settings
from explorer.views.model_chip import description
from explorer.window import Window
from explorer.worker import Rendered, qimage

from .conftest import pixels, until_shown
from .fake_renderer import FakeRenderer, model_info, pixels_of


def sentence(window: Window) -> str:
    trouble = window.stage.error_bar.trouble
    return "" if trouble is None else trouble.sentence


def test_the_first_picture_is_that_of_the_document(window: Window, document: Document) -> None:
    assert pixels(window)[:3] == pixels_of(document.recipe)[0, 0].tobytes()
    assert window.status_line.summary.text() == "seed 1234, psi 0.70"


def test_an_edit_becomes_a_picture(qtbot: QtBot, window: Window, document: Document) -> None:
    before = pixels(window)
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    until_shown(qtbot, window)
    assert pixels(window) != before


def test_a_flick_of_200_values_ends_at_the_last(qtbot: QtBot, window: Window, document: Document) -> None:
    gesture = new_gesture()
    for number in range(200):
        document.apply("psi", edits.with_psi(document.recipe, number / 200), gesture)
    until_shown(qtbot, window)
    assert window.live is not None
    assert window.live.last is not None
    assert window.live.last.recipe.psi == 199 / 200
    assert document.history.undo_label == "psi"
    assert len(document.history.steps) == 2


def test_undo_returns_identical_pixels(qtbot: QtBot, window: Window, document: Document) -> None:
    before = pixels(window)
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    until_shown(qtbot, window)
    after = pixels(window)
    window.undo()
    until_shown(qtbot, window)
    assert pixels(window) == before
    window.redo()
    until_shown(qtbot, window)
    assert pixels(window) == after


def test_the_edit_menu_names_what_it_takes_back(window: Window, document: Document) -> None:
    assert not window.actions_.undo.isEnabled()
    document.apply("psi 0.20", edits.with_psi(document.recipe, 0.2))
    assert window.actions_.undo.text() == "&Undo psi 0.20"
    window.undo()
    assert not window.actions_.undo.isEnabled()
    assert window.actions_.redo.text() == "&Redo psi 0.20"


def test_a_model_switch_can_be_undone(qtbot: QtBot, window: Window, document: Document, other_model: OpenModel) -> None:
    before = pixels(window)
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open other")
    until_shown(qtbot, window)
    assert "other-64" in window.chip.text()
    window.undo()
    until_shown(qtbot, window)
    assert "fake-32" in window.chip.text()
    assert pixels(window) == before


def test_a_late_picture_of_the_model_before_is_not_shown(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document, other_model: OpenModel
) -> None:
    assert window.live is not None
    engine.gate.clear()
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open other")
    before = pixels(window)
    late = edits.with_psi(document.history.steps[0].recipe, 0.123)
    from engine.picture import Picture

    array = pixels_of(late)
    window.live._on_rendered(Rendered(10**6, late, Picture(array, late), qimage(array), engine.last))
    assert pixels(window) == before
    engine.gate.set()
    until_shown(qtbot, window)


def test_a_picture_that_cannot_be_made_is_told_and_the_last_one_stays(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    before = pixels(window)
    engine.refuse = lambda r: RenderError("there is not enough memory on cpu", "close something") if r.psi < 0 else None
    document.apply("psi", edits.with_psi(document.recipe, -1))
    qtbot.waitUntil(lambda: bool(sentence(window)))
    assert sentence(window) == "there is not enough memory on cpu - close something"
    assert pixels(window) == before
    document.apply("psi", edits.with_psi(document.recipe, 0.5))
    until_shown(qtbot, window)
    assert sentence(window) == ""


def test_escape_dismisses_an_error_whatever_has_the_focus(window: Window) -> None:
    window.stage.error_bar.tell("open", Trouble("not opened"))
    for name in ("psi", "master"):
        control = window.findChild(QWidget, name)
        assert control is not None
        control.setFocus()
    QTest.keyClick(window.findChild(Fader, "master"), Qt.Key.Key_Escape)
    assert sentence(window) == ""


def test_space_over_the_canvas_pans_whatever_has_the_focus(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas, fader = window.stage.canvas, window.findChild(Fader, "master")
    monkeypatch.setattr(canvas, "underMouse", lambda: True)
    QTest.keyPress(fader, Qt.Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    QTest.keyRelease(fader, Qt.Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.SizeAllCursor  # of the tool in hand


def test_retry_renders_again(qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document) -> None:
    engine.refuse = lambda r: RenderError("the device failed", "retry")
    document.apply("psi", edits.with_psi(document.recipe, 0.4))
    qtbot.waitUntil(lambda: bool(sentence(window)))
    engine.refuse = lambda r: None
    trouble = window.stage.error_bar.trouble
    assert trouble is not None
    text, act = trouble.actions[0]
    assert text == "Retry"
    act()
    until_shown(qtbot, window)
    assert sentence(window) == ""


def test_a_fault_in_a_slot_is_told_and_the_window_lives(
    qtbot: QtBot, settings: Settings, engine: FakeRenderer, document: Document
) -> None:
    faults = Faults()
    window = Window(settings, lambda: engine, faults)
    qtbot.addWidget(window)
    window.adopt(document)
    window.start()
    faults.raised.emit("Something went wrong inside Stylescope (KeyError: 'x').", "Traceback")
    qtbot.waitUntil(lambda: bool(sentence(window)))
    assert sentence(window) == "Something went wrong inside Stylescope (KeyError: 'x'). The window goes on."
    until_shown(qtbot, window)


def test_thumbnails_of_sources_and_steps_come_when_the_hand_rests(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    assert window.live is not None
    with qtbot.waitSignals([window.live.source_thumbnail, window.live.source_thumbnail, window.live.step_thumbnail]):
        document.apply("seed", edits.with_seed(document.recipe, "a", 5))
    shown = len(engine.rendered)
    with qtbot.waitSignals([window.live.source_thumbnail, window.live.source_thumbnail]):
        window.undo()
    assert len(engine.rendered) <= shown + 1


def test_latency_is_measured_from_the_edit_to_the_paint(qtbot: QtBot, window: Window, document: Document) -> None:
    assert window.live is not None
    latency = window.live.latency
    assert latency.p50 is None  # the first picture answers no edit
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    qtbot.waitUntil(lambda: len(latency.samples) == 1)
    qtbot.waitUntil(lambda: "ms" in window.status_line.speed.text())


def test_closing_while_a_picture_is_made_ends_the_thread(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    engine.gate.clear()
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    qtbot.waitUntil(engine.busy.is_set)
    window.close()
    assert window.ended


def test_the_layout_is_remembered(qtbot: QtBot, window: Window, settings: Settings, engine: FakeRenderer) -> None:
    window.resize(780, 640)  # the offscreen screen is 800 x 800
    window.docks["history"].close()
    window.close()
    again = Window(Settings(settings.folder), lambda: engine)
    qtbot.addWidget(again)
    again.show()
    assert again.size() == QSize(780, 640)
    assert again.docks["history"].isHidden()
    assert again.docks["noise"].isVisible()
    bars = again.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert not any(bar.isVisible() and bar.geometry().intersects(again.menuBar().geometry()) for bar in bars)
    again.reset_layout()
    assert again.docks["history"].isVisible()
    assert again.docks["performance"].isHidden()


def test_everything_fits_into_1024_by_700(qtbot: QtBot, window: Window) -> None:
    window.resize(1024, 700)
    assert window.size() == QSize(1024, 700)
    for name, dock in window.docks.items():
        if name != "performance" and not dock.visibleRegion().isEmpty():  # else a tab behind another one
            assert window.rect().contains(dock.geometry()), name
    assert window.stage.width() >= 400
    assert window.stage.height() >= 300


def test_the_canvas_is_no_smaller_than_a_third_of_the_window_for_18_layers(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    info = model_info("large-1024", 1024)
    model = OpenModel(info, Path("/models/large.safetensors"))
    engine.models[model.path] = info
    window.resize(1024, 700)
    document.open_model(model, edits.with_model(document.recipe, info), "open large")
    until_shown(qtbot, window)
    assert window.size() == QSize(1024, 700)
    assert window.stage.height() >= 700 / 3


def test_every_menu_entry_does_something_and_nothing_raises(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a, **k: "")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: True)
    pressed: list[str] = []

    def press(menu: QMenu) -> None:
        for action in menu.actions():
            if action.menu() is not None:
                action.menu().aboutToShow.emit()
            elif not action.isSeparator() and action.isEnabled() and action.text() != "&Quit":
                action.trigger()
                pressed.append(action.text())

    for action in window.menuBar().actions():
        press(action.menu())
    assert len(pressed) > 15
    walk = window.stage.canvas_view.walk
    assert walk is not None
    walk.animate(False)  # one of them began it, and it goes on in every view
    until_shown(qtbot, window)
    for dialog in [w for w in window.findChildren(QLabel) if w.window() is not window]:
        dialog.window().close()


def test_the_performance_panel_plots_what_was_measured(qtbot: QtBot, window: Window, document: Document) -> None:
    dock = window.performance
    dock.show()
    for number in range(5):
        document.apply("psi", edits.with_psi(document.recipe, number / 10))
        until_shown(qtbot, window)
    qtbot.waitUntil(lambda: "5 pictures" in dock.findChild(QLabel, "figures").text())
    window.actions_.dark.trigger()
    window.actions_.dark.trigger()
    window.reset_layout()
    assert dock.isHidden()


def test_the_chip_shows_a_longer_name_whole(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    info = model_info("a-name-that-is-rather-long-32", 32)
    model = OpenModel(info, Path("/models/long.safetensors"))
    engine.models[model.path] = info
    document.open_model(model, edits.with_model(document.recipe, info), "open long")
    assert "a-name-that-is-rather-long-32" in window.chip.text()
    assert window.chip.width() >= window.chip.sizeHint().width()
    assert window.chip.mapTo(window.menuBar(), window.chip.rect().topRight()).x() <= window.menuBar().width()
    assert window.search.mapTo(window.menuBar(), window.search.rect().topRight()).x() <= window.menuBar().width()


def test_shortcuts_are_all_different(window: Window) -> None:
    keys = [key.toString() for _, action in window.actions_.all for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+Z", "Ctrl+S", "Ctrl+O", "F", "C", "Ctrl+0", "Ctrl+1"} <= set(keys)


def test_view_actions_move_the_canvas(window: Window) -> None:
    canvas, actions = window.stage.canvas, window.actions_
    actions.actual.trigger()
    assert canvas.view.zoom == 1
    assert window.stage.zoom.text() == "100 %"
    actions.crisp.trigger()
    assert canvas.crisp
    actions.fit.trigger()
    assert canvas.fits
    assert window.stage.zoom.text().startswith("Fit")


def test_dark_and_light_are_kept(window: Window, settings: Settings) -> None:
    from explorer import theme

    window.actions_.dark.trigger()
    assert theme.tokens() == theme.LIGHT
    assert settings.look == "light"
    assert window.actions_.looks["light"].isChecked()
    window.actions_.looks["dark"].trigger()
    assert theme.tokens() == theme.DARK
    window.actions_.looks["system"].trigger()
    assert settings.look == "system"
    assert theme.tokens() == theme.DARK  # the offscreen system does not tell


def test_without_a_model_nothing_can_be_saved_and_the_docks_wait(empty_window: Window) -> None:
    actions = empty_window.actions_
    enabled: list[QAction] = [actions.save, actions.undo, actions.redo, actions.copy_picture, actions.copy_recipe]
    assert not any(action.isEnabled() for action in enabled)
    assert actions.open_model.isEnabled()
    assert "No model" in empty_window.chip.text()


def test_a_model_name_with_html_stays_text(model: OpenModel) -> None:
    from dataclasses import replace

    text = description(replace(model.info, name="<img src=x>", licence="<b>"))
    assert "<img" not in text
    assert "&lt;img" in text
