"""The render thread: the last wish is always answered, failures are answers, and it ends when told to."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine import edits, picture
from engine.errors import RenderError
from engine.recipe import Recipe
from explorer.document import OpenModel
from explorer.worker import Failed, Open, Rendered, Worker, qimage

from .fake_renderer import FakeRenderer, pixels_of


def psis(recipe: Recipe, count: int) -> list[Recipe]:
    return [edits.with_psi(recipe, number / count) for number in range(count)]


def test_a_flick_of_200_values_ends_at_the_last(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    shown: list[Rendered] = []
    worker.rendered.connect(shown.append)
    worker.start()
    flick = psis(recipe, 200)
    for value in flick:
        worker.show(value, model.path)
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].recipe == flick[-1])
    assert len(engine.rendered) <= 200


def test_values_that_come_while_a_picture_is_made_are_overtaken_but_for_the_last(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    engine.gate.clear()
    worker.start()
    first, *others = psis(recipe, 50)
    worker.show(first, model.path)
    assert engine.busy.wait(10)
    for value in others:
        worker.show(value, model.path)
    with qtbot.waitSignals([worker.rendered, worker.rendered]):
        engine.gate.set()
    assert engine.rendered == [first, others[-1]]


def test_a_failure_is_an_answer_and_the_next_picture_comes(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    engine.refuse = lambda r: RenderError("psi is too small", "raise it") if r.psi < 0 else None
    worker.start()
    with qtbot.waitSignal(worker.failed) as failed:
        worker.show(edits.with_psi(recipe, -1), model.path)
    answer: Failed = failed.args[0]
    assert str(answer.error) == "psi is too small - raise it"
    assert "RenderError" in answer.details
    with qtbot.waitSignal(worker.rendered) as rendered:
        worker.show(recipe, model.path)
    assert rendered.args[0].recipe == recipe


@pytest.mark.parametrize("fault", [MemoryError("all gone"), SystemExit(3), KeyboardInterrupt(), ZeroDivisionError()])
def test_the_thread_lives_on_whatever_is_raised(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, fault: BaseException
) -> None:
    engine.refuse = lambda r: fault if r.psi < 0 else None
    worker.start()
    with qtbot.waitSignal(worker.failed):
        worker.show(edits.with_psi(recipe, -1), model.path)
    with qtbot.waitSignal(worker.rendered):
        worker.show(recipe, model.path)


def test_an_engine_that_cannot_start_is_tried_again_with_the_next_letter(
    qtbot: QtBot, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    tries: list[int] = []

    def make() -> FakeRenderer:
        tries.append(1)
        if len(tries) < 3:
            raise RenderError("no device", "plug one in")
        return engine

    worker = Worker(make)
    worker.start()
    with qtbot.waitSignal(worker.failed) as failed:
        worker.show(recipe, model.path)
    assert str(failed.args[0].error) == "no device - plug one in"
    with qtbot.waitSignal(worker.rendered):
        worker.show(recipe, model.path)
    assert worker.stop()


def test_stopping_while_a_picture_is_made_ends_the_thread(
    worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    engine.gate.clear()
    worker.start()
    worker.show(recipe, model.path)
    assert engine.busy.wait(10)
    assert worker.stop()


def test_a_picture_that_is_to_be_saved_is_written_before_the_thread_ends(
    worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe, tmp_path: Path
) -> None:
    engine.gate.clear()
    worker.start()
    worker.show(recipe, model.path)
    assert engine.busy.wait(10)
    worker.save(recipe, model.path, tmp_path / "picture.png")
    threading.Timer(0.05, engine.gate.set).start()
    assert worker.stop()
    assert picture.read_recipe(tmp_path / "picture.png") == recipe


def test_a_model_is_loaded_once_and_again_when_it_changes(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, other_model: OpenModel, recipe: Recipe
) -> None:
    worker.start()
    for value, path in (
        (recipe, model.path),
        (edits.with_psi(recipe, 0.1), model.path),
        (edits.with_model(recipe, other_model.info), other_model.path),
        (recipe, model.path),
    ):
        with qtbot.waitSignal(worker.rendered):
            worker.show(value, path)
    assert engine.loaded == [model.path, other_model.path, model.path]


def test_a_file_that_holds_another_model_by_now_is_refused(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, other_model: OpenModel, recipe: Recipe
) -> None:
    engine.models[model.path] = other_model.info
    worker.start()
    with qtbot.waitSignal(worker.failed) as failed:
        worker.show(recipe, model.path)
    assert "is not loaded" in str(failed.args[0].error)


def test_a_model_whose_file_was_replaced_is_shown_while_it_is_in_memory(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, other_model: OpenModel, recipe: Recipe
) -> None:
    worker.start()
    with qtbot.waitSignal(worker.rendered):
        worker.show(recipe, model.path)
    engine.models[model.path] = other_model.info  # a newer snapshot under the same name
    with qtbot.waitSignal(worker.rendered):
        worker.show(edits.with_model(recipe, other_model.info), model.path)
    with qtbot.waitSignal(worker.rendered):
        worker.show(recipe, model.path)


def test_a_failed_open_leaves_the_picture_renderable(
    qtbot: QtBot, worker: Worker, model: OpenModel, recipe: Recipe
) -> None:
    def find(engine: object, what: object) -> tuple[OpenModel, None]:
        raise RenderError("nothing there", "look again")

    worker.start()
    with qtbot.waitSignal(worker.failed):
        worker.open(Open(Path("x"), find))
    with qtbot.waitSignal(worker.rendered):
        worker.show(recipe, model.path)


def test_thumbnails_wait_for_the_picture_and_keep_out_of_its_way(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    order: list[str] = []
    worker.rendered.connect(lambda _: order.append("picture"))
    worker.decorated.connect(lambda _: order.append("thumbnail"))
    worker.decorate("a", recipe, model.path)
    worker.show(recipe, model.path)
    with qtbot.waitSignal(worker.decorated):
        worker.start()
    assert order == ["picture", "thumbnail"]
    assert len(engine.rendered) == 1  # the thumbnail was rendered without being remembered


def test_a_thumbnail_that_was_given_up_for_a_picture_still_comes(
    qtbot: QtBot, worker: Worker, engine: FakeRenderer, model: OpenModel, recipe: Recipe
) -> None:
    engine.gate.clear()
    worker.start()
    worker.decorate("a", recipe, model.path)
    assert engine.busy.wait(10)
    worker.show(edits.with_psi(recipe, 0.2), model.path)
    with qtbot.waitSignals([worker.rendered, worker.decorated]):
        qtbot.waitUntil(lambda: engine.stopped == 1)
        engine.gate.set()


def test_saving_writes_a_png_that_holds_the_recipe(
    qtbot: QtBot, worker: Worker, model: OpenModel, recipe: Recipe, tmp_path: Path
) -> None:
    worker.start()
    with qtbot.waitSignal(worker.saved):
        worker.save(recipe, model.path, tmp_path / "picture.png")
    found, pixels = picture.open_picture(tmp_path / "picture.png")
    assert found == recipe
    assert np.array_equal(pixels, pixels_of(recipe))  # type: ignore[arg-type]


def test_saving_where_nothing_can_be_written_is_a_failure_with_a_sentence(
    qtbot: QtBot, worker: Worker, model: OpenModel, recipe: Recipe, tmp_path: Path
) -> None:
    worker.start()
    with qtbot.waitSignal(worker.failed) as failed:
        worker.save(recipe, model.path, tmp_path / "missing" / "picture.png")
    assert str(failed.args[0].error)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("width", [1, 30, 31, 32])
def test_an_image_has_the_pixels_of_its_array_and_owns_them(width: int, channels: int) -> None:
    pixels = np.random.RandomState(0).randint(0, 256, (5, width, channels)).astype(np.uint8)
    before = pixels.copy()
    image = qimage(pixels)
    pixels[:] = 0
    for y in range(5):
        for x in range(width):
            colour = image.pixelColor(x, y)
            found = {1: colour.getRgb()[:1], 3: colour.getRgb()[:3], 4: colour.getRgb()}[channels]
            assert found == tuple(before[y, x])
