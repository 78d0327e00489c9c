"""The status line: figures that do not move, and a summary in words."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from engine import edits
from engine.recipe import PlanePoint, Recipe, SavedLatent, Seed, Source, vector
from explorer.status import StatusLine, summary

from .fake_renderer import Stats


@pytest.fixture
def line(qtbot: QtBot) -> StatusLine:
    made = StatusLine()
    qtbot.addWidget(made)
    made.resize(1000, 24)
    made.show()
    return made


def stats(**figures: Any) -> Any:
    return cast(Any, Stats(**figures))


def test_nothing_moves_when_digits_change(line: StatusLine) -> None:
    fields = (line.speed, line.reused, line.resolution, line.precision, line.device)

    def places() -> list[tuple[int, int]]:
        return [(f.x(), f.width()) for f in fields]

    before = places()
    line.show_speed(7, 9)
    line.show_stats(stats(reused_to=4))
    line.show_badge("newest wins")
    assert places() == before
    line.show_speed(1234, 2345)
    line.show_stats(stats(reused_to=1024, dtype="bfloat16", device="cuda:0"))
    line.show_badge("preview 1024x1024")
    assert places() == before
    for field in fields:
        assert field.sizeHint().width() <= field.width() + 4


def test_figures_are_told_in_words(line: StatusLine) -> None:
    line.show_speed(11.4, 18.2)
    line.show_stats(stats(reused_to=32))
    line.show_badge("full 64x64")
    texts = [f.text() for f in (line.speed, line.reused, line.resolution, line.precision, line.device)]
    assert texts == ["11 ms (p95 18)", "reused to 32x32", "full 64x64", "float32", "CPU"]


def test_a_text_of_the_moment_gives_way_to_the_summary(line: StatusLine) -> None:
    recipe = Recipe(a=Source(Seed(7)), psi=0.7)
    line.show_summary(recipe)
    line.say("Saved x.png")
    line.show_summary(edits.with_psi(recipe, 0.5))
    assert line.summary.text() == "Saved x.png"
    line.hush()
    assert line.summary.text() == "seed 7, psi 0.50"


def test_only_the_text_about_loading_ends_with_the_picture(line: StatusLine) -> None:
    line.show_summary(Recipe())
    line.say("Saved x.png")
    line.loaded()
    assert line.summary.text() == "Saved x.png"
    line.load("Loading ...")
    line.loaded()
    assert line.summary.text() == "seed 0, psi 1.00"


def test_the_summary_names_b_only_when_it_is_heard() -> None:
    recipe = Recipe(a=Source(Seed(1)), b=Source(PlanePoint(1.5, 2)))
    assert summary(recipe) == "seed 1, psi 1.00"
    assert summary(edits.with_master(recipe, 0.25)) == "A 1, B (1.50, 2.00), mix 0.25, psi 1.00"
    saved = edits.with_latent(recipe, "a", SavedLatent("w", vector([1.0])))
    assert summary(saved) == "A saved W latent, psi 1.00"
