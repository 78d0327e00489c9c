"""Small pictures: made once, in fair turns, never in the canvas's way, never for nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine import edits
from engine.errors import RenderError
from engine.recipe import ModelRef, Recipe, Seed, Source
from explorer.document import Document, OpenModel
from explorer.queue import HOLD, Pictures, Queue, Wishes
from explorer.worker import Decorate, Worker

from .fake_renderer import FakeRenderer, pixels_of


@pytest.fixture
def queue(document: Document, worker: Worker, engine: FakeRenderer, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """With a list of the recipes that were made."""
    made = Queue(document, worker)
    render = engine.render
    engine.small = []  # type: ignore[attr-defined]

    def listed(recipe: Recipe, **how: object) -> object:
        picture = render(recipe, **how)  # type: ignore[arg-type]
        engine.small.append(recipe)  # type: ignore[attr-defined]
        return picture

    monkeypatch.setattr(engine, "render", listed)
    return made


def seeds(document: Document, count: int, first: int = 0) -> dict[int, Recipe]:
    return {n: edits.with_seed(document.recipe, "a", first + n) for n in range(count)}


def got(wishes: Wishes) -> dict[object, QImage]:
    found: dict[object, QImage] = {}
    wishes.arrived.connect(found.__setitem__)
    return found


def test_every_wish_is_answered_with_its_own_picture(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document
) -> None:
    view = queue.wishes()
    found = got(view)
    recipes = seeds(document, 12)
    view.want(recipes)
    worker.start()
    qtbot.waitUntil(lambda: len(found) == 12)
    for key, recipe in recipes.items():
        assert found[key].pixelColor(0, 0).getRgb()[:3] == tuple(pixels_of(recipe)[0, 0])


def test_what_two_views_want_is_made_once_and_kept(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document, engine: FakeRenderer
) -> None:
    one, other = queue.wishes(), queue.wishes()
    first, second = got(one), got(other)
    one.want(seeds(document, 5))
    other.want(seeds(document, 5))
    worker.start()
    qtbot.waitUntil(lambda: len(first) == len(second) == 5)
    first.clear()
    one.want(seeds(document, 5))
    assert len(first) == 5  # at once
    assert len(engine.small) == 5  # type: ignore[attr-defined]


def test_what_nobody_wants_any_more_is_given_up(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document, engine: FakeRenderer
) -> None:
    engine.gate.clear()
    view, other = queue.wishes(), queue.wishes()
    found, later = got(view), got(other)
    view.want(seeds(document, 50))
    worker.start()
    qtbot.waitUntil(engine.busy.is_set)
    view.clear()
    qtbot.waitUntil(lambda: engine.stopped == 1)  # half-way
    engine.gate.set()
    other.want(seeds(document, 1, first=999))
    qtbot.waitUntil(lambda: len(later) == 1)
    assert not found
    assert len(engine.small) == 1  # type: ignore[attr-defined]


def test_nobody_starves_while_all_recipes_keep_changing(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document
) -> None:
    view = queue.wishes()
    times: dict[object, int] = {}
    drag = [0]

    def answered(key: object, picture: QImage) -> None:
        times[key] = times.get(key, 0) + 1
        drag[0] += 1
        if drag[0] < 60:  # the hand has moved on before the next picture is there
            view.want(seeds(document, 6, first=10 * drag[0]))

    view.arrived.connect(answered)
    view.want(seeds(document, 6))
    worker.start()
    qtbot.waitUntil(lambda: drag[0] >= 60)
    assert len(times) == 6
    assert max(times.values()) - min(times.values()) <= 3


@pytest.mark.parametrize(("switched", "shown"), [(False, 2), (True, 1)])
def test_an_overtaken_picture_is_shown_unless_it_is_of_another_model(
    qtbot: QtBot,
    queue: Queue,
    worker: Worker,
    document: Document,
    other_model: OpenModel,
    engine: FakeRenderer,
    switched: bool,
    shown: int,
) -> None:
    first, newer = seeds(document, 2).values()
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open other-64")
    view = queue.wishes()
    pictures: list[QImage] = []
    view.arrived.connect(lambda _, picture: pictures.append(picture))
    engine.gate.clear()
    view.want({"x": first})
    worker.start()
    qtbot.waitUntil(engine.busy.is_set)
    view.want({"x": document.recipe if switched else newer})
    engine.gate.set()
    qtbot.waitUntil(lambda: not view.waiting)
    assert len(pictures) == shown


def test_views_take_turns(qtbot: QtBot, queue: Queue, worker: Worker, document: Document, engine: FakeRenderer) -> None:
    many, few = queue.wishes(), queue.wishes()
    found = got(few)
    many.want(seeds(document, 40))
    few.want(seeds(document, 2, first=500))
    worker.start()
    qtbot.waitUntil(lambda: len(found) == 2)
    turns = [n for n, recipe in enumerate(engine.small) if recipe.a.latent.seed >= 500]  # type: ignore[attr-defined]
    assert turns[1] < 8, "the view that wants little waited for the one that wants much"


def test_the_canvas_is_left_alone_while_the_hand_moves(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document, engine: FakeRenderer
) -> None:
    engine.gate.clear()
    view = queue.wishes()
    found = got(view)
    view.want(seeds(document, 3))
    worker.start()
    qtbot.waitUntil(engine.busy.is_set)
    queue.hold()
    qtbot.waitUntil(lambda: engine.stopped == 1)
    engine.gate.set()
    with qtbot.waitSignal(worker.rendered):
        worker.show(document.recipe, document.model.path)
    assert engine.small == [document.recipe]  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: len(found) == 3, timeout=100 * HOLD)


def test_a_picture_that_cannot_be_made_is_told_and_the_others_come(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document, engine: FakeRenderer
) -> None:
    view = queue.wishes()
    found, refused = got(view), []
    view.refused.connect(refused.append)
    recipes = seeds(document, 4)
    engine.refuse = lambda r: RenderError("no", "no") if r == recipes[1] else None
    view.want(recipes)
    worker.start()
    qtbot.waitUntil(lambda: len(found) == 3)
    qtbot.waitUntil(lambda: refused == [1])


def test_a_picture_of_a_model_that_is_not_at_hand_is_refused(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document
) -> None:
    worker.start()
    view = queue.wishes()
    with qtbot.waitSignal(view.refused):
        view.want({"x": Recipe(ModelRef("gone", "0" * 32))})


def test_a_question_is_answered_and_a_newer_one_replaces_it(
    qtbot: QtBot, queue: Queue, worker: Worker, document: Document
) -> None:
    answers: list[str] = []
    for word in ("older", "newer"):
        queue.compute("key", document.recipe, lambda engine, recipe, stop, word=word: word, answers.append)
    troubles: list[BaseException] = []
    queue.compute("bad", document.recipe, lambda *a: 1 / 0, answers.append, troubles.append)  # type: ignore[arg-type]
    worker.start()
    qtbot.waitUntil(lambda: bool(answers) and bool(troubles))
    assert answers == ["newer"]
    assert isinstance(troubles[0], ZeroDivisionError)


def test_a_letter_that_is_unwanted_is_not_even_begun(
    qtbot: QtBot, worker: Worker, document: Document, engine: FakeRenderer
) -> None:
    letter: Decorate = worker.decorate("a", document.recipe, document.model.path)
    letter.unwanted.set()
    worker.start()
    with qtbot.waitSignal(worker.rendered):
        worker.show(document.recipe, document.model.path)
    assert len(engine.rendered) == 1


def test_a_small_picture_is_made_again_when_a_larger_one_is_wanted() -> None:
    pictures, recipe = Pictures(), Recipe()
    pictures.put(recipe, QImage(512, 512, QImage.Format.Format_RGB888), side=128)
    assert pictures.get(recipe, 128) is not None
    assert pictures.get(recipe, 129) is None
    pictures.put(recipe, QImage(512, 512, QImage.Format.Format_RGB888), side=2048)
    assert pictures.get(recipe, 2048) is not None  # larger it cannot be


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_kept_pictures_are_bounded_and_the_last_used_are_kept(uses: list[int], room: int) -> None:
    size = QImage(16, 16, QImage.Format.Format_RGB32).sizeInBytes()
    pictures = Pictures(limit=room * size)
    order: list[int] = []
    for number in uses:
        recipe = Recipe(a=Source(Seed(number)))
        if pictures.get(recipe, 16) is None:
            pictures.put(recipe, QImage(16, 16, QImage.Format.Format_RGB32))
        order = [n for n in order if n != number] + [number]
    assert pictures.bytes <= room * size
    there = [n for n in order if pictures.get(Recipe(a=Source(Seed(n))), 16) is not None]
    assert there == order[-room:]
