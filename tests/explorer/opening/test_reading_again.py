"""A model that had to make room and is read again: how far it is, and how it is given up."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import opening
from explorer.document import Document, OpenModel
from explorer.settings import Settings
from explorer.window import Window
from tests.explorer.conftest import pixels, until_shown
from tests.explorer.fake_renderer import model_info

from .slow import HALF, Slow, button, cancel, shown_sentence


@pytest.fixture
def evicted(qtbot: QtBot, window: Window, document: Document, engine: Slow, slow: Path) -> str:
    """Redo comes to the slow model, which had to make room for another one; of it half can be read. Its content id."""
    engine.allowed.release(10)
    window.commands.open(slow)
    qtbot.waitUntil(lambda: document.info.name == "slow-16")
    until_shown(qtbot, window)
    document.undo()
    until_shown(qtbot, window)
    content_id = document.history.steps[-1].recipe.model.content_id
    engine.at_hand.discard(content_id)
    while engine.allowed.acquire(blocking=False):
        pass
    engine.allowed.release(5)
    assert window.loading is not None
    for timer in (window.loading.patience, window.loading.text):
        timer.setInterval(1)
    return content_id


def test_a_model_that_must_be_read_again_shows_how_far_it_is(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, evicted: str
) -> None:
    document.redo()
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    assert shown_sentence(window).startswith(f"Loading slow-16 ... {HALF}")
    assert HALF in window.status_line.summary.text()
    document.apply("psi", edits.with_psi(document.recipe, 0.9))  # the window can be worked with all the while
    assert window.live is not None
    assert not window.live.up_to_date
    engine.allowed.release(5)
    until_shown(qtbot, window)
    assert shown_sentence(window) == ""
    assert not window.status_line.findChild(QProgressBar).isVisible()
    assert window.status_line.summary.text().endswith("psi 0.90")
    assert engine.given_up == 0


@pytest.mark.parametrize("how", ["bar", "status line", "Esc"])
def test_reading_again_can_be_given_up_and_goes_back_to_what_is_shown(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, evicted: str, how: str
) -> None:
    shown, before = pixels(window), document.history
    document.redo()
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    cancel(window, how)
    assert document.history == before
    assert window.status_line.summary.text() == "Loading slow-16 was cancelled"
    until_shown(qtbot, window)
    qtbot.waitUntil(lambda: engine.given_up == 1)
    assert (shown_sentence(window), pixels(window)) == ("", shown)
    engine.allowed.release(10)
    document.redo()  # and can be wished for once more
    until_shown(qtbot, window)
    assert document.info.name == "slow-16"


def test_undo_while_a_model_is_read_again_gives_it_up(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, evicted: str
) -> None:
    document.redo()
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    position = document.history.position
    document.undo()
    qtbot.waitUntil(lambda: engine.given_up == 1)
    until_shown(qtbot, window)
    assert document.history.position == position - 1
    assert shown_sentence(window) == ""
    assert not window.status_line.findChild(QProgressBar).isVisible()


def test_opening_another_model_overtakes_one_that_is_read_again_and_failing_lets_it_go_on(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, evicted: str, tmp_path: Path
) -> None:
    document.redo()
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    bad = tmp_path / "bad.pkl"
    bad.write_bytes(b"nothing")
    engine.allowed.release(20)
    window.commands.open(bad)
    qtbot.waitUntil(lambda: "bad.pkl" in shown_sentence(window))
    until_shown(qtbot, window)
    assert document.info.name == "slow-16"
    assert "Loading" not in shown_sentence(window)


def test_the_model_of_the_last_session_can_be_given_up_and_tried_again(
    qtbot: QtBot, settings: Settings, engine: Slow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.task.TOLD", 0.0)
    monkeypatch.setattr("explorer.patience.LONG", 1)
    path = tmp_path / "slow-16.safetensors"
    path.write_bytes(b"stands for a model")
    engine.models[path] = info = model_info("slow-16", 16)
    engine.allowed = threading.Semaphore(5)
    window = Window(settings, lambda: engine)
    qtbot.addWidget(window)
    window.adopt(Document(OpenModel(info, path), opening.opening(info)))
    assert window.status_line.summary.text() == "Loading slow-16 ..."
    window.show()
    window.start()
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    cancel(window, "bar")
    assert shown_sentence(window) == "The model slow-16 is not loaded."
    qtbot.waitUntil(lambda: engine.given_up == 1)
    engine.allowed.release(10)
    button(window, "Retry").click()
    until_shown(qtbot, window)
    assert shown_sentence(window) == ""


def test_a_window_that_closes_does_not_wait_for_a_model_that_is_read_again(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, evicted: str
) -> None:
    document.redo()
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    window.close()
    assert window.ended
    assert engine.given_up == 1


def test_a_picture_that_waits_for_its_model_is_waited_for_at_the_end(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, slow: Path, tmp_path: Path
) -> None:
    engine.allowed.release(100)
    window.commands.open(slow)
    qtbot.waitUntil(lambda: document.info.name == "slow-16")
    until_shown(qtbot, window)
    engine.at_hand.discard(document.recipe.model.content_id)
    window.worker._answers._current = "another model"
    engine.allowed = threading.Semaphore(5)
    window.commands.save(tmp_path / "kept.png")
    qtbot.waitUntil(lambda: window.worker._answers.saving)
    assert not (tmp_path / "kept.png").exists()
    engine.allowed.release(10)
    window.close()
    assert window.ended
    assert (tmp_path / "kept.png").exists()
