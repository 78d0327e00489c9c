"""Variations: nine near the present picture, one click a step, and a trail that is the history's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine import edits, latents
from engine.recipe import Recipe, Seed, Source
from explorer import history
from explorer.latent_work import mixed_ws, model_of
from explorer.views.variations import LEAST, MOST, VariationsView, nine_of, trail
from explorer.window import Window

from .conftest import pixels, until_shown

NAMES = st.sampled_from(["distance", "seeds"])


def test_the_trail_is_the_picked_steps_around_the_present() -> None:
    steps = history.begun(Recipe())
    for number, label in enumerate(["psi", "variation 3", "variation 1", "variation 9", "psi", "variation 2"]):
        steps = steps.applied(label, Recipe(a=Source(Seed(number + 1))))
    assert trail(steps) == [5, 6]
    assert trail(steps.moved(3)) == [1, 2, 3, 4]
    assert trail(steps.moved(1)) == [1, 2, 3, 4]
    assert trail(steps.moved(0)) == [0]


def test_steps_that_leave_the_picture_as_it_was_do_not_end_the_trail() -> None:
    one, two, three = (Recipe(a=Source(Seed(seed))) for seed in (1, 2, 3))
    steps = history.begun(Recipe()).applied("psi", one)
    steps = steps.applied("Variations: others", one, asides=(("variations", "1"),))
    steps = steps.applied("variation 2", two)
    steps = steps.applied("Variations: distance 0.50", two, asides=(("variations", "2"),))
    steps = steps.applied("variation 5", three)
    for position in range(1, 6):
        assert trail(steps.moved(position)) == [1, 3, 5]
    assert trail(steps.moved(0)) == [0]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(), lambda x: st.dictionaries(NAMES, x | st.lists(x))
    )
)
def test_variations_of_a_file_may_be_anything(data: object) -> None:
    nine = nine_of(data)
    assert LEAST <= nine.distance <= MOST
    assert len(nine.seeds) == 9


def test_nine_neighbours_are_near_and_picking_one_is_a_step_of_the_trail(qtbot: QtBot, live_window: Window) -> None:
    """One test: a window with a real engine takes a second to start."""
    window = live_window
    window.resize(1024, 700)
    window.stage.turn_to("variations")
    view = window.stage.pages.currentWidget()
    assert isinstance(view, VariationsView)
    document, engine = view.document, window.worker._engine
    assert engine is not None
    qtbot.waitUntil(lambda: len(view._recipes) == 9 and not view.wishes.waiting)
    assert len(view.board._pictures) == 9

    # as far from w_avg as the picture itself, and a share of the way
    centre = model_of(engine, document.recipe).w_avg
    here = mixed_ws(engine, document.recipe)
    for recipe in view._recipes:
        there = mixed_ws(engine, recipe)
        far = latents.lerp(here, there, 1)
        assert not np.array_equal(far, here)
        assert np.linalg.norm(there - here) < np.linalg.norm(here - centre) * 1.2

    # picking is one undo step, other nine come, the trail grows
    before, picked = document.recipe, view._recipes[4]
    seeds, nine = view.nine.seeds, view._recipes
    old = {picture.cacheKey() for picture in view.board._pictures.values()}
    view.board.chosen.emit(4)
    assert document.recipe == picked
    assert view.nine.seeds != seeds
    qtbot.waitUntil(lambda: view._recipes != nine)
    assert not old & {picture.cacheKey() for picture in view.board._pictures.values()}  # what is seen is what is picked
    window.undo()
    assert (document.recipe, view.nine.seeds) == (before, seeds)
    window.redo()
    assert list(view._steps.values()) == [before, picked]
    qtbot.waitUntil(lambda: view._recipes[0] != picked and view._recipes[0].a != picked.a and not view.wishes.waiting)
    view.trail.chosen.emit(document.history.position - 1)
    assert document.recipe == before
    assert list(view._steps.values()) == [before, picked]

    # the distance 1 is unrelated, near 0 is the picture itself
    view._amount._edit(0.02, 0)
    qtbot.waitUntil(lambda: not view.queue._questions)
    near = mixed_ws(engine, view._recipes[0])
    assert np.linalg.norm(near - here) < 0.1 * np.linalg.norm(here - centre)

    # a mixed picture varies as a whole: its layers stay different
    document.apply("mix", edits.with_share(document.recipe, range(4), 1.0))
    qtbot.waitUntil(lambda: not view.queue._questions)
    assert view._recipes[0].a.latent.space == "ws"  # type: ignore[union-attr]
    shown = view._recipes[0]
    view.board.chosen.emit(0)
    window.stage.turn_to("canvas")
    until_shown(qtbot, window)
    assert window.live is not None
    assert window.live.last is not None
    assert window.live.last.recipe == shown
    assert len(pixels(window)) == pytest.approx(64 * 64 * 4)
