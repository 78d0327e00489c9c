"""What is shown while the hand moves: the choice of a size, the whole picture afterwards, and what is said of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine import edits
from engine.recipe import Recipe
from explorer.document import Document, OpenModel
from explorer.latency import PARTS
from explorer.previews import BUDGET, EARLY_TIMES, LATE, LATE_TIMES, Previews
from explorer.window import Window
from explorer.worker import Rendered, Worker

from .conftest import until_shown
from .fake_renderer import FakeRenderer, Offered

SIZES = (8, 16, 32, 64, 128, 256)


def offers(*ms: float, quick: bool = False) -> list[Offered]:
    return [Offered(size, quick, time) for size, time in zip(SIZES, ms, strict=False)]


def size(previews: Previews, *ms: float) -> int:
    chosen = previews.choose(offers(*ms))  # type: ignore[arg-type]
    return SIZES[len(ms) - 1] if chosen is None else chosen.resolution


def test_a_picture_that_is_quick_enough_is_whole() -> None:
    assert Previews().choose(offers(1, 2, 3, 6, 12, 30)) is None  # type: ignore[arg-type]


def test_an_engine_that_knows_no_times_is_asked_for_the_whole_picture() -> None:
    assert Previews().choose([]) is None


def test_else_it_is_the_largest_that_is_quick_enough_and_never_a_tiny_one() -> None:
    assert size(Previews(), 2, 5, 15, 50, 120, 400) == 64
    assert size(Previews(), 90, 180, 360, 700, 1400, 2800) == 16


def test_full_precision_goes_first_where_both_are_quick_enough() -> None:
    both = [*offers(2, 5, 20, 50, 200, 400), *offers(1, 2, 10, 25, 50, 110, quick=True)]
    chosen = Previews().choose(both)  # type: ignore[arg-type]
    assert (chosen.resolution, chosen.quick) == (128, True)  # type: ignore[union-attr]
    both = [*offers(2, 5, 20, 50, 200, 400), *offers(1, 2, 10, 25, 90, 110, quick=True)]
    chosen = Previews().choose(both)  # type: ignore[arg-type]
    assert (chosen.resolution, chosen.quick) == (64, False)  # type: ignore[union-attr]


@given(st.lists(st.floats(0.7, 1.1), min_size=1, max_size=60))
def test_a_drag_keeps_its_size_while_times_waver(noise: list[float]) -> None:
    previews = Previews()
    assert {size(previews, 2, 5, 15, 52, 120 * n, 400 * n) for n in noise} == {64}


@given(st.lists(st.floats(0.5, 300), min_size=6, max_size=6))
def test_a_drag_begins_with_the_largest_that_reaches_the_rate(ms: list[float]) -> None:
    in_time = [SIZES[n] for n in range(1, 6) if ms[n] <= BUDGET]
    fastest = SIZES[1:][ms[1:].index(min(ms[1:]))]
    assert size(Previews(), *ms) == max(in_time, default=fastest)


@given(st.lists(st.lists(st.floats(0.5, 300), min_size=6, max_size=6).map(sorted), max_size=80))
def test_whatever_the_times_a_drag_does_not_flicker(pictures: list[list[float]]) -> None:
    """It takes a larger size only after a second, and a smaller one only after being late twice."""
    previews = Previews()
    shown = [size(previews, *ms) for ms in pictures]
    changed = [n for n in range(1, len(shown)) if shown[n] != shown[n - 1]]
    for before, now in zip([0, *changed], changed, strict=False):
        assert now - before >= (EARLY_TIMES if shown[now] > shown[now - 1] else LATE_TIMES)
        if shown[now] < shown[now - 1]:
            assert all(ms[SIZES.index(shown[now - 1])] > LATE for ms in pictures[now - LATE_TIMES + 1 : now + 1])


def test_one_late_picture_changes_nothing_and_two_make_it_smaller() -> None:
    previews = Previews()
    quick, late = (2, 5, 15, 50, 120, 400), (8, 20, 50, LATE + 1, 300, 900)
    assert [size(previews, *ms) for ms in (quick, late, quick, late, late, late)] == [64, 64, 64, 64, 32, 32]


def test_a_larger_size_is_taken_after_a_second_of_being_early_or_when_the_hand_has_rested() -> None:
    slow, quick = (8, 20, 50, 150, 300, 900), (2, 4, 8, 30, 120, 400)
    previews = Previews()
    assert size(previews, *slow) == 32
    assert [size(previews, *quick) for _ in range(EARLY_TIMES)] == [32] * (EARLY_TIMES - 1) + [64]
    previews = Previews()
    assert size(previews, *slow) == 32
    previews.rest()
    assert size(previews, *quick) == 64


def test_a_size_that_does_not_show_the_change_gives_way_to_one_that_does() -> None:
    previews = Previews()
    assert size(previews, 2, 5, 15, 50, 120, 400) == 64
    chosen = previews.choose([Offered(128, False, 90.0), Offered(256, False, 150.0)])  # type: ignore[list-item]
    assert chosen is not None
    assert chosen.resolution == 128


# --- the render thread


SLOW = (Offered(8, False, 4.0), Offered(16, False, BUDGET - 1), Offered(32, False, 900.0))


@pytest.fixture
def shown(worker: Worker) -> list[Rendered]:
    """What the thread has shown so far."""
    answers: list[Rendered] = []
    worker.rendered.connect(answers.append)
    return answers


def test_the_whole_picture_follows_a_preview_once_no_wish_comes(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, shown: list[Rendered]
) -> None:
    engine.offered = SLOW
    worker.start()
    asked = time.perf_counter()
    worker.show(recipe, model.path, (32, 32))
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert [answer.full for answer in shown] == [False, True]
    assert [answer.badge for answer in shown] == ["preview 16x16", "full 32x32"]
    assert [answer.image.width() for answer in shown] == [32, 32]
    assert [answer.stamp for answer in shown] == [1, 1]
    assert engine.made == [(16, False), (None, False)]
    assert shown[1].began - asked >= 0.1  # a hand that goes on within that time is not disturbed


def test_a_flick_shows_previews_and_ends_with_the_whole_of_the_last(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, shown: list[Rendered]
) -> None:
    engine.offered = SLOW
    worker.start()
    flick = [edits.with_psi(recipe, number / 200) for number in range(200)]
    for value in flick:
        worker.show(value, model.path)
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].full)
    assert [answer.full for answer in shown].count(True) == 1
    assert shown[-1].recipe == flick[-1]


def test_the_whole_picture_is_given_up_for_a_newer_wish(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, shown: list[Rendered]
) -> None:
    engine.offered = SLOW
    worker.start()
    worker.show(recipe, model.path)
    qtbot.waitUntil(lambda: len(shown) == 1)
    engine.gate.clear()
    assert engine.busy.wait(10)  # the whole picture is under way
    newer = edits.with_psi(recipe, 0.1)
    worker.show(newer, model.path)
    qtbot.waitUntil(lambda: engine.stopped == 1)
    engine.gate.set()
    qtbot.waitUntil(lambda: shown[-1].full)
    assert [answer.recipe for answer in shown] == [recipe, newer, newer]


def test_the_whole_picture_goes_before_thumbnails(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    engine.offered = SLOW
    order: list[str] = []
    worker.rendered.connect(lambda answer: order.append("whole" if answer.full else "preview"))
    worker.decorated.connect(lambda _: order.append("thumbnail"))
    worker.decorate("a", recipe, model.path)
    worker.show(recipe, model.path)
    with qtbot.waitSignal(worker.decorated):
        worker.start()
    assert order == ["preview", "whole", "thumbnail"]


def test_a_slow_model_is_looked_into_once_for_a_quicker_precision(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    engine.offered = SLOW
    worker.start()
    for psi in (0.1, 0.2):
        with qtbot.waitSignals([worker.rendered, worker.rendered]):
            worker.show(edits.with_psi(recipe, psi), model.path)
    qtbot.waitUntil(lambda: len(engine.tried) == 1)


def test_a_model_without_previews_says_that_the_newest_wins(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, shown: list[Rendered]
) -> None:
    engine.gate.clear()
    worker.start()
    for psi in (0.1, 0.2):
        worker.show(edits.with_psi(recipe, psi), model.path)
    assert engine.busy.wait(10)
    began = time.perf_counter()
    qtbot.waitUntil(lambda: time.perf_counter() - began > 2 * BUDGET / 1000)
    engine.gate.set()
    qtbot.waitUntil(lambda: bool(shown))
    assert shown[0].badge == "newest wins"
    assert shown[0].full


# --- the window


def test_the_badge_says_what_is_shown_and_ends_at_full(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    engine.offered = SLOW
    badges: list[str] = []
    assert window.live is not None
    window.live.badge.connect(badges.append)
    document.apply("psi", edits.with_psi(document.recipe, 0.2), 1)
    until_shown(qtbot, window)
    assert badges[:2] == ["preview 16x16", "full 32x32"]
    assert window.status_line.resolution.text() == "full 32x32"
    assert window.live.latency.kinds == [("preview 16x16 float32", 1)]


def test_the_performance_panel_says_what_was_measured_and_what_it_is_made_of(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    engine.offered = SLOW
    dock = window.performance
    dock.show()
    document.apply("psi", edits.with_psi(document.recipe, 0.2), 1)
    until_shown(qtbot, window)
    figures = dock.findChild(QLabel, "figures")
    qtbot.waitUntil(lambda: figures.text() == "The last 1 pictures: 1 preview 16x16 float32")
    parts = {part: float(dock.findChild(QLabel, f"{part}_50").text()) for part, _ in PARTS}
    assert parts["ms"] == pytest.approx(parts["waited"] + parts["computed"] + parts["shown"], abs=0.2)
    assert parts["shown"] > 0


def test_zoom_and_place_stay_while_previews_are_shown(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    engine.offered = SLOW
    window.stage.canvas.zoom_to(3)
    before = window.stage.canvas.view
    document.apply("psi", edits.with_psi(document.recipe, 0.2), 1)
    until_shown(qtbot, window)
    assert window.stage.canvas.view == before


def test_a_preview_is_not_copied_but_the_whole_picture_when_it_is_there(
    qtbot: QtBot, window: Window, engine: FakeRenderer, document: Document
) -> None:
    engine.offered = SLOW
    assert window.live is not None
    with qtbot.waitSignal(window.live.shown):
        document.apply("psi", edits.with_psi(document.recipe, 0.2), 1)
    assert not window.live.up_to_date
    QGuiApplication.clipboard().clear()
    window.actions_.copy_picture.trigger()
    assert QGuiApplication.clipboard().image().isNull()
    until_shown(qtbot, window)
    copied = QGuiApplication.clipboard().image()
    shown = window.stage.canvas.image
    assert copied.convertToFormat(shown.format()) == shown


def test_what_is_saved_during_a_drag_is_the_whole_picture(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, tmp_path: Path
) -> None:
    engine.offered = SLOW
    worker.start()
    with qtbot.waitSignal(worker.saved):
        worker.show(recipe, model.path)
        worker.save(recipe, model.path, tmp_path / "picture.png")
    assert QImage(str(tmp_path / "picture.png")).width() == 32
