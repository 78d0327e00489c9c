"""Opening that takes long: how far it is, how it is given up; and what a photo or a film says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from engine import edits
from engine.export import description
from engine.export.film import of_timeline
from engine.timeline.value import Timeline
from explorer.document import Document
from explorer.error_bar import ErrorBar, Trouble
from explorer.task import Task
from explorer.window import Window
from tests.explorer.conftest import until_shown
from tests.explorer.fake_renderer import model_info

from .slow import HALF, Slow, cancel, shown_sentence


def test_long_opening_shows_how_far_it_is_where_one_looks_and_in_the_status_line(
    qtbot: QtBot, window: Window, engine: Slow, slow: Path
) -> None:
    window.commands.open(slow)
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    assert shown_sentence(window).startswith(f"Opening slow-16.safetensors ... {HALF}")
    assert HALF in window.status_line.summary.text()
    for place in (window.stage.error_bar, window.status_line):
        bar = place.findChild(QProgressBar)
        assert (bar.isVisible(), bar.value()) == (True, 25)
    engine.allowed.release(5)
    document = window.document
    assert document is not None
    qtbot.waitUntil(lambda: document.info.name == "slow-16")
    assert shown_sentence(window) == ""
    assert not window.status_line.findChild(QProgressBar).isVisible()


@pytest.mark.parametrize("how", ["bar", "status line", "Esc"])
def test_opening_can_be_given_up_and_leaves_everything_as_it_was(
    qtbot: QtBot, window: Window, engine: Slow, slow: Path, how: str
) -> None:
    document = window.document
    assert document is not None
    before = document.history
    window.commands.open(slow)
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    cancel(window, how)
    assert shown_sentence(window) == ""
    assert window.status_line.summary.text() == "Opening slow-16.safetensors was cancelled"
    qtbot.waitUntil(lambda: engine.given_up == 1)
    document.apply("psi", edits.with_psi(document.recipe, 0.3))
    until_shown(qtbot, window)
    assert shown_sentence(window) == ""
    window.undo()
    assert document.history.steps[:1] == before.steps


def test_short_opening_shows_no_progress(qtbot: QtBot, window: Window, engine: Slow, slow: Path) -> None:
    window.commands._patience.setInterval(10**6)
    engine.allowed.release(10)
    seen: list[str] = []
    window.stage.error_bar.tell = lambda subject, trouble: seen.append(subject)  # type: ignore[method-assign]
    window.commands.open(slow)
    qtbot.waitUntil(lambda: window.document is not None and window.document.info.name == "slow-16")
    assert seen == []


def test_a_second_wish_gives_up_the_first(
    qtbot: QtBot, window: Window, engine: Slow, slow: Path, tmp_path: Path
) -> None:
    path = tmp_path / "quick-8.safetensors"
    path.write_bytes(b"stands for a model")
    engine.models[path] = model_info("quick-8", 8)
    window.commands.open(slow)
    qtbot.waitUntil(lambda: HALF in shown_sentence(window))
    window.commands.open(path)
    qtbot.waitUntil(lambda: window.document is not None and window.document.info.name == "quick-8")
    assert engine.given_up == 1
    assert shown_sentence(window) == ""


def test_a_task_says_how_long_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    task = Task("Opening x")
    assert task.sentence() == "Opening x ..."
    now[0] += 3
    task.tell(0.25)
    assert task.sentence() == "Opening x ... 25 %, 9 s left"


def test_what_goes_on_is_shown_in_another_colour_than_what_went_wrong(qtbot: QtBot) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    bar.tell("opening", Trouble("Opening", task=Task("Opening x")))
    assert bar.property("task")
    bar.tell("open", Trouble("wrong"))
    assert not bar.property("task")
    assert bar.findChild(QProgressBar).isHidden()


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp"])
def test_a_dropped_photo_says_that_it_is_no_model(qtbot: QtBot, window: Window, tmp_path: Path, kind: str) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.darkGreen)
    path = tmp_path / f"holiday.{kind}"
    assert image.save(str(path))
    window.commands.open(path)
    qtbot.waitUntil(lambda: "holiday" in shown_sentence(window))
    assert "not a model" in shown_sentence(window)


@pytest.mark.parametrize("start", [b"\0\0\0\x20ftypheic", b"RIFF\x10\0\0\0WEBPVP8 ", b"\0\0\0\x1cftypavif"])
def test_photos_of_telephones_are_known(qtbot: QtBot, window: Window, tmp_path: Path, start: bytes) -> None:
    (tmp_path / "photo").write_bytes(start + bytes(100))
    window.commands.open(tmp_path / "photo")
    qtbot.waitUntil(lambda: "not a model" in shown_sentence(window))


def test_a_film_of_a_timeline_brings_its_keyframes_back_as_one_step(
    qtbot: QtBot, window: Window, document: Document, tmp_path: Path
) -> None:
    start = document.recipe
    timeline = Timeline().appended(edits.with_psi(start, 0.3)).appended(edits.with_master(start, 1.0))
    timeline = timeline.with_curve("psi", "cubic").with_loop(True)
    path = tmp_path / "film.json"
    path.write_text(description.dumps(of_timeline(timeline)))
    window.commands.open(path)
    qtbot.waitUntil(lambda: document.timeline == timeline)
    assert document.recipe == timeline.keys[0].recipe
    assert document.history.undo_label == "open film.json"
    document.undo()
    assert (document.recipe, document.timeline) == (start, Timeline())
