"""Where other explorers of latent spaces fail: each test is a situation in which a program of its kind stops, lies,
freezes or forgets. The window must not. Everything is done as a hand does it, in the real window. Here: hands; engine,
files and what is shared have files of their own.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from pytestqt.qtbot import QtBot

from engine import edits
from engine.picture import Picture
from engine.recipe import Recipe
from engine.renderer import Renderer
from explorer import previews
from explorer.controls.segmented import Segmented
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document
from explorer.window import Window

from . import hands
from .conftest import document_of, pixels, rested, until_shown
from .fake_renderer import FakeRenderer
from .test_commands import sentence

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


# --- Collapse any panel during animation or drag: nothing stops, nothing raises.


def test_closing_any_panel_during_an_animation_or_a_drag_stops_nothing(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    """DragGAN crashes, Autolume's animation stops with the panel that started it."""
    view = window.stage.canvas_view
    assert view.walk is not None
    view._animate.click()
    slider = window.findChild(ValueSlider, "psi")
    assert slider is not None
    for name, dock in window.docks.items():
        walked = document.recipe.a.latent
        hands.press(slider.rail, slider.rail.share())
        hands.move(slider.rail, 0.3)
        dock.close() if dock.isVisible() else dock.show()
        hands.move(slider.rail, 0.6)
        hands.release(slider.rail, 0.6)
        assert document.recipe.psi == pytest.approx(0.8, abs=0.03), name
        dock.toggleViewAction().trigger()
        qtbot.waitUntil(lambda walked=walked: document.recipe.a.latent != walked)  # type: ignore[misc]  # it walks on
        assert view.walk.animated, name
    view.walk.animate(False)
    until_shown(qtbot, window)
    assert sentence(window) == ""


# --- Move the FFT/gain slider: 0 network calls. The families of today have neither; what only changes how a picture is
# shown here is zoom, crispness, comparing, appearance and layout.


@pytest.fixture
def calls(engine: FakeRenderer, monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """Every picture that the engine is asked for, small ones too."""
    asked: list[Recipe] = []
    render = engine.render

    def counted(recipe: Recipe, **rest: Any) -> Picture:
        asked.append(recipe)
        return render(recipe, **rest)

    monkeypatch.setattr(engine, "render", counted)
    return asked


def test_what_only_changes_how_a_picture_is_shown_calls_no_network(
    qtbot: QtBot, calls: list[Recipe], window: Window, document: Document
) -> None:
    """NVIDIA's visualizer, its fork and Autolume run mapping and synthesis again for a change of gain."""
    view, canvas = window.stage.canvas_view, window.stage.canvas
    view.choose("wipe")
    qtbot.waitUntil(lambda: not view.wipe.pinned.isNull())
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    rested(qtbot, window)
    before = len(calls)
    assert before > 0
    for _ in range(3):
        hands.turn(canvas, 1)
    window.actions_.crisp.trigger()
    window.actions_.fit.trigger()
    middle = QPointF(canvas.rect().center())
    hands.mouse(canvas, PRESS, middle)
    for x in range(50):
        hands.mouse(canvas, MOVE, middle + QPointF(x, 0))
    hands.mouse(canvas, RELEASE, middle + QPointF(50, 0))
    modes = window.findChild(Segmented, "comparison")
    assert modes is not None
    for button in modes._group.buttons():
        button.click()
        canvas.grab()
    window.actions_.dark.trigger()
    window.actions_.dark.trigger()
    window.docks["history"].close()
    window.resize(window.width() - 40, window.height() - 30)
    rested(qtbot, window)
    assert len(calls) == before
    document.apply("psi", edits.with_psi(document.recipe, 0.4))
    rested(qtbot, window)
    assert len(calls) > before  # the count counts


# --- Flick a slider fast on a slow model: last picture = last value; slider back to 0 = start picture.


def test_a_slider_that_is_flicked_on_a_slow_model_ends_at_its_last_value_and_finds_its_start_again(
    qtbot: QtBot, live_window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """StyleFlow loses the last value while its thread runs, and edits that are taken back leave a trace."""
    monkeypatch.setattr(previews, "BUDGET", 0.0)  # nothing is quick enough: while the hand moves, previews are shown
    render, go, made = Renderer.render, threading.Event(), list[Recipe]()

    def slow(self: Renderer, recipe: Recipe, **rest: Any) -> Picture:
        go.wait(60)  # until the hand is done, though the window hears every move
        made.append(recipe)
        return render(self, recipe, **rest)

    document = document_of(live_window)
    rested(qtbot, live_window)
    start, first = pixels(live_window), document.recipe
    slider, live = live_window.findChild(ValueSlider, "psi"), live_window.live
    assert slider is not None
    assert live is not None
    monkeypatch.setattr(Renderer, "render", slow)
    rest = slider.rail.share()
    hands.press(slider.rail, rest)
    for number in range(20):
        wish = live._wanted
        for fast in range(10):
            hands.move(slider.rail, 0.2 + 0.6 * ((10 * number + fast) % 50) / 50)
        qtbot.waitUntil(lambda wish=wish: live._wanted != wish)  # type: ignore[misc]  # the engine is asked again
    hands.move(slider.rail, 0.9)
    hands.release(slider.rail, 0.9)
    assert document.recipe.psi == pytest.approx(1.7, abs=0.02)  # of -1..2; no move was too fast for it
    go.set()
    until_shown(qtbot, live_window)
    assert len({recipe.psi for recipe in made}) <= 3  # what was overtaken was not made
    assert pixels(live_window) == as_shown(document) != start
    hands.drag(slider.rail, 0.1, 0.95, rest)
    slider.edited.emit(first.psi, 0)  # exactly the value, not the nearest pixel of the slider
    until_shown(qtbot, live_window)
    assert pixels(live_window) == start
    document.apply("a late layer", edits.with_share(first, [6], 0.9))  # the network goes on from its middle
    until_shown(qtbot, live_window)
    assert pixels(live_window) == as_shown(document) != start
    document.undo()
    until_shown(qtbot, live_window)
    assert pixels(live_window) == start


def as_shown(document: Document) -> bytes:
    """The picture of a document as a fresh engine makes it, in the canvas's format."""
    fresh = Renderer("cpu")
    fresh.load(document.model.path)
    opaque = np.full((64, 64, 1), 255, np.uint8)
    return np.concatenate([fresh.render(document.recipe).pixels, opaque], axis=2).tobytes()
