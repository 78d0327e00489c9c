"""The noise view: realisations, their deviation, noise on some layers only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine import edits
from explorer.deviation import Deviation
from explorer.document import Document
from explorer.views.noise_study import ASIDE, DEVIATION, NoiseView, drawn_anew, kept_of, parts, silenced
from explorer.window import Window

from . import fakes
from .fake_renderer import pixels_of

NAMES = ["first", "over"]


@pytest.fixture
def view(qtbot: QtBot, window: Window) -> NoiseView:
    window.resize(1024, 700)
    window.stage.turn_to("noise-study")
    found = window.stage.pages.currentWidget()
    assert isinstance(found, NoiseView)
    qtbot.waitUntil(lambda: not found.wishes.waiting)
    return found


def test_the_deviation_is_that_of_the_pictures_themselves(qtbot: QtBot, view: NoiseView, document: Document) -> None:
    expected = Deviation()
    for seed in range(20):
        expected.add(pixels_of(drawn_anew(document.recipe, document.info, seed)))
    largest = expected.grey_levels().max()
    qtbot.waitUntil(lambda: view._progress.text() == "" and bool(view._levels))
    assert view._levels == f"deviation, to ±{largest:.1f}"
    assert DEVIATION in view.board._pictures


def test_the_deviation_is_begun_anew_for_another_picture(qtbot: QtBot, view: NoiseView, document: Document) -> None:
    qtbot.waitUntil(lambda: view._progress.text() == "" and bool(view._levels))
    before = view._levels
    document.apply("seed", edits.with_seed(document.recipe, "a", 5))
    qtbot.waitUntil(lambda: view._levels != before and view._progress.text() == "")


def test_a_noise_seed_of_the_document_does_not_change_the_deviation(view: NoiseView, document: Document) -> None:
    base = view._base
    document.apply("noise", drawn_anew(document.recipe, document.info, 3))
    assert view._base == base


def test_a_click_on_a_realisation_shows_it_in_one_step(view: NoiseView, document: Document) -> None:
    before = document.recipe
    QTest.mouseClick(view.board, Qt.MouseButton.LeftButton, pos=view.board.rect_of((0, 1)).center())
    assert document.recipe == drawn_anew(before, document.info, 1)
    assert view.board._marked == "seed 1"
    document.undo()
    assert document.recipe == before


def test_a_click_on_none_silences_every_layer(view: NoiseView, document: Document) -> None:
    QTest.mouseClick(view.board, Qt.MouseButton.LeftButton, pos=view.board.rect_of((1, 3)).center())
    noise = document.recipe.noise
    assert {noise.at(r).strength for r in document.info.noise_resolutions} == {0.0}


def test_a_click_on_the_deviation_changes_nothing(view: NoiseView, document: Document) -> None:
    before = document.recipe
    QTest.mouseClick(view.board, Qt.MouseButton.LeftButton, pos=view.board.rect_of((0, 3)).center())
    assert document.recipe == before


def test_coarse_and_fine_are_parted_as_in_the_paper() -> None:
    assert parts(fakes.model_info(1024)) == ((4, 8, 16, 32), (64, 128, 256, 512, 1024))
    assert parts(fakes.model_info(64)) == ((4, 8, 16), (32, 64))
    recipe = silenced(fakes.document().recipe, (4, 8))
    assert [recipe.noise.at(r).strength for r in (4, 8, 16)] == [0, 0, 1]


def test_a_model_without_noise_says_so(qtbot: QtBot, view: NoiseView, document: Document, window: Window) -> None:
    from dataclasses import replace
    from pathlib import Path

    from explorer.document import OpenModel

    silent = replace(document.info, noise=(), content_id="f" * 32)
    model = OpenModel(silent, Path("/models/silent.safetensors"))
    document.open_model(model, edits.with_model(document.recipe, silent), "open")
    assert view.board._rows == ()
    assert not view._number.isEnabled()
    assert "no noise" in view._number.toolTip()


def test_a_hidden_view_renders_nothing(qtbot: QtBot, view: NoiseView, window: Window, document: Document) -> None:
    window.stage.turn_to("canvas")
    assert not view.wishes.waiting
    assert not view.queue._questions
    document.apply("seed", edits.with_seed(document.recipe, "a", 5))
    assert not view.queue._questions


def test_what_is_set_here_is_undone_and_the_deviation_with_it(
    qtbot: QtBot, view: NoiseView, document: Document
) -> None:
    qtbot.waitUntil(lambda: view._progress.text() == "" and bool(view._levels))
    levels = view._levels
    view._first.box.take(50)
    assert set(view._recipes) >= {"seed 50", "seed 51", "seed 52"}
    view._number.setValue(7)
    assert [step.label for step in document.history.steps[1:]] == ["Noise: from seed 50", "Noise: deviation over 7"]
    qtbot.waitUntil(lambda: view._progress.text() == "" and view._levels != levels)
    document.undo()
    assert view._number.value() == 20
    qtbot.waitUntil(lambda: view._levels == levels)
    view._first.dot.click()
    assert document.aside(ASIDE) is None
    assert set(view._recipes) >= {"seed 0", "seed 1", "seed 2"}
    document.undo()
    assert view._first.value() == 50


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.dictionaries(st.sampled_from(NAMES), x)))
def test_settings_of_a_file_may_be_anything(data: object) -> None:
    kept = kept_of(data)
    assert 0 <= kept["first"] < 2**32
    assert 2 <= kept["over"] <= 1000
    assert list(kept) == NAMES
