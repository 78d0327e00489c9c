"""The map: principal components of w's, places that become edits. The view runs on a real engine with a tiny model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine import edits, latents
from engine.recipe import SavedLatent, Seed
from explorer.latent_work import surveyed
from explorer.views.map_plot import MapPlot
from explorer.views.map_view import MapView
from explorer.window import Window


def samples(seed: int, count: int = 40, width: int = 8) -> np.ndarray:
    random = np.random.RandomState(seed)
    return (random.randn(count, width) * np.linspace(3, 0.1, width) + 1).astype(np.float32)


@given(st.integers(0, 1000))
def test_the_two_axes_are_those_of_the_singular_value_decomposition(seed: int) -> None:
    ws = samples(seed)
    survey = surveyed(ws, tuple(range(len(ws))))
    _, values, rows = np.linalg.svd((ws - ws.mean(0)).astype(float), full_matrices=False)
    for own, row in zip(survey.axes, rows[:2], strict=True):
        assert abs(float(own @ row)) == pytest.approx(1, abs=1e-4)
    assert survey.share == pytest.approx(float((values[:2] ** 2).sum() / (values**2).sum()), abs=1e-4)


@given(st.integers(0, 100), st.floats(-5, 5), st.floats(-5, 5))
def test_a_place_becomes_a_w_at_that_place(seed: int, x: float, y: float) -> None:
    survey = surveyed(samples(seed), tuple(range(40)))
    assert survey.place(survey.w_at(x, y)) == pytest.approx((x, y), abs=1e-3)
    w = samples(seed + 1)[0]
    there = survey.place(w)
    moved = survey.shifted(w, x, y)
    assert survey.place(moved) == pytest.approx((there[0] + x, there[1] + y), abs=1e-3)
    rest = np.eye(8) - survey.axes.T @ survey.axes  # everything that the map does not show
    assert np.allclose(rest @ moved, rest @ w, atol=1e-3)


def test_the_same_samples_give_the_same_map() -> None:
    one, other = (surveyed(samples(3), tuple(range(40))) for _ in range(2))
    assert np.array_equal(one.places, other.places)


@given(st.integers(0, 100))
def test_seeds_are_as_vivid_as_psi_says_and_the_mean_is_not(seed: int) -> None:
    ws = samples(seed)
    survey = surveyed(ws, tuple(range(40)))
    assert survey.vividness(ws) == pytest.approx(1, abs=1e-4)
    assert survey.vividness(survey.mean) == pytest.approx(0, abs=1e-4)
    half = (ws[0] + 2 * survey.mean) / 3
    assert survey.vividness(half) == pytest.approx(survey.vividness(ws[0]) / 3, rel=1e-3)


@pytest.fixture
def view(qtbot: QtBot, live_window: Window) -> MapView:
    live_window.resize(1024, 700)
    live_window.stage.turn_to("map")
    found = live_window.stage.pages.currentWidget()
    assert isinstance(found, MapView)
    qtbot.waitUntil(lambda: found.survey is not None and found.standing is not None)
    return found


def press(plot: MapPlot, at: QPointF) -> None:
    """Click with the mouse, as pyqtgraph sees it."""
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.mapFromScene(at))


def test_everything_that_is_clicked_or_dragged_on_the_map_goes_there(qtbot: QtBot, view: MapView) -> None:
    """One test: a window with a real engine takes a second to start."""
    survey, plot, document = view.survey, view.plot, view.document
    assert survey is not None
    assert plot is not None
    assert view.standing is not None
    assert len(survey.seeds) == 1000

    really = survey.vividness(view.standing.ws) * document.recipe.psi
    assert view._bar.effective.text() == f"effective psi {really:.2f}"

    # a dot is a seed, whose w lies where the dot is
    index = int(np.argmax(survey.places[:, 0]))
    press(plot, plot._pixel(*map(float, survey.places[index])))
    assert document.recipe.a.latent == Seed(survey.seeds[index])
    asked = document.recipe.a
    qtbot.waitUntil(
        lambda: (
            view.standing is not None
            and survey.place(view.standing.a) == pytest.approx(tuple(survey.places[index].tolist()), abs=1e-2)
            and document.recipe.a == asked
        )
    )

    # a place without a dot is a w
    right = float(survey.places[:, 0].max()) * 3
    plot.click(plot._pixel(right, 0.0))
    latent = document.recipe.a.latent
    assert isinstance(latent, SavedLatent)
    assert survey.place(latents.array(latent.vector)) == pytest.approx((right, 0.0), abs=1e-2)

    # a marker is dragged, not clicked
    qtbot.waitUntil(lambda: not view.queue._questions)
    press(plot, plot._pixel(*plot._markers["now"].pos()))
    assert document.recipe.a.latent == latent

    # B, when it is chosen
    view._bar.source._group.button(1).click()
    plot.click(plot._pixel(*map(float, survey.places[index])))
    assert document.recipe.b.latent == Seed(survey.seeds[index])
    qtbot.waitUntil(lambda: not view.queue._questions)

    # a drag is one undo step and keeps what the map does not show
    steps, before = len(document.history.steps), view.standing.b
    x, y = survey.place(before)
    marker = plot._markers["b"]
    for shift in (0.1, 0.2, 0.3):
        marker.setPos(x + shift, y)
    marker.sigPositionChangeFinished.emit(marker)
    assert len(document.history.steps) == steps + 1
    moved = latents.array(document.recipe.b.latent.vector)  # type: ignore[union-attr]
    assert np.allclose(moved - before, 0.3 * survey.axes[0], atol=1e-3)

    # the ring slides between A and B
    qtbot.waitUntil(lambda: not view.queue._questions)
    a, b = survey.place(view.standing.a), survey.place(view.standing.b)
    ring = plot._markers["now"]
    ring.setPos((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    ring.sigPositionChangeFinished.emit(ring)
    assert document.recipe.mix.t == pytest.approx(0.5, abs=0.01)

    # arrows move the source that is chosen
    qtbot.waitUntil(lambda: not view.queue._questions)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert isinstance(document.recipe.b.latent, SavedLatent)
    assert document.history.undo_label == "B on the map"

    # and none of their presses is lost, however long the engine takes to say where the sources are
    step = 0.01 * float(np.ptp(survey.places[:, 0]))
    before = survey.place(latents.array(document.recipe.b.latent.vector))[0]
    for _ in range(5):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    latent = document.recipe.b.latent
    assert isinstance(latent, SavedLatent)
    assert survey.place(latents.array(latent.vector))[0] - before == pytest.approx(5 * step, rel=1e-3)

    # what was liked lies on it, and a click returns there
    recipe = edits.with_seed(document.recipe, "a", 4)
    view.gallery.like("four", recipe, view.window().stage.canvas.image)
    qtbot.waitUntil(lambda: len(plot._liked) == 1)
    press(plot, plot._pixel(plot._liked[0].pos().x(), plot._liked[0].pos().y()) + QPointF(3, 3))
    assert document.recipe == recipe

    # hidden, it asks for nothing
    view.window().stage.turn_to("canvas")
    document.apply("seed", edits.with_seed(document.recipe, "a", 9))
    assert not view.queue._questions

    # what was liked meanwhile is there when it is seen again
    view.gallery.like("nine", document.recipe, view.window().stage.canvas.image)
    view.window().stage.turn_to("map")
    qtbot.waitUntil(lambda: len(plot._liked) == 2)


def test_who_zoomed_away_from_the_map_finds_back(view: MapView) -> None:
    plot = view.plot
    assert plot is not None
    box = plot.getViewBox()
    all_dots = box.viewRect()
    for back in (lambda: QTest.keyClick(plot, Qt.Key.Key_F), view._bar.fitted.emit):
        box.scaleBy((1e-9, 1e-9))
        assert all_dots.width() / box.viewRect().width() < 100  # there is an end to it
        box.scaleBy((1e9, 1e9))
        assert box.viewRect().width() / all_dots.width() < 100
        back()
        assert box.viewRect().center().x() == pytest.approx(all_dots.center().x(), abs=0.1)
        assert box.viewRect().width() == pytest.approx(all_dots.width(), rel=0.01)
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        QTest.keyClick(plot, key)
    assert box.viewRect().width() == pytest.approx(all_dots.width(), rel=0.01)


def test_clicks_while_the_map_of_another_model_is_on_its_way_change_nothing(qtbot: QtBot, live_window: Window) -> None:
    live_window.stage.turn_to("map")
    view, document = live_window.stage.pages.currentWidget(), live_window.document
    assert isinstance(view, MapView)
    assert document is not None
    qtbot.waitUntil(lambda: view.survey is not None)
    before, view.survey = document.recipe, None  # as after a switch of models
    view._choose_place(0.1, 0.2)
    view._choose_dot(3)
    assert document.recipe == before


def test_the_picture_in_the_corner_lies_over_no_marker(view: MapView) -> None:
    plot, preview = view.plot, view._preview
    assert plot is not None

    def hidden() -> int:
        return plot.hidden_by(preview.geometry().translated(-plot.pos()))[0]

    under = plot.getViewBox().mapSceneToView(plot.mapToScene(preview.geometry().center() - plot.pos()))
    plot.show_markers({name: (under.x(), under.y()) for name in ("a", "b", "now")})
    assert hidden() == 3
    view._place_preview()
    assert hidden() == 0
    assert view.rect().contains(preview.geometry())
