"""The window's exports: a queue on a thread of its own, the strip that shows it, and what closing does to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QDialogButtonBox
from pytestqt.qtbot import QtBot

from engine.errors import StylescopeError
from engine.export.control import Cancelled, Control, Watch
from engine.export.job import Job, Pictures, Written
from engine.recipe import Recipe
from explorer import courtesy
from explorer import exports as module
from explorer.courtesy import Courteous
from explorer.document import OpenModel
from explorer.export_words import duration, words
from explorer.exports import Export, Exports
from explorer.panels.export_progress import ExportProgress
from explorer.panels.exports import ExportStrip
from explorer.window import Window

from .fake_renderer import FakeRenderer

PICTURES = 8


class Bench:
    """A job's work that tests hold and let go, a picture at a time."""

    def __init__(self) -> None:
        self.turns = threading.Semaphore(0)
        self.error: Exception | None = None
        self.made: list[Path] = []

    def let(self, pictures: int) -> None:
        self.turns.release(pictures)

    def __call__(self, job: Job, _: object, progress: Any, control: Control) -> list[Written]:
        watch = Watch(PICTURES, progress, control)
        for _picture in range(PICTURES):
            while not self.turns.acquire(timeout=0.005):
                watch.check()
            watch.check()
            if self.error is not None:
                raise self.error
            watch.advance()
        self.made.append(job.out)
        return [Written(path=job.out, sha256="", seconds=watch.seconds)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def exports(qtbot: QtBot, engine: FakeRenderer, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exports]:
    monkeypatch.setattr(module, "lower_priority", lambda: None)  # or tests beside this one let its thread starve
    made = Exports(lambda: engine, run=bench)
    yield made
    assert made.stop()


def job(name: str, pictures: int = PICTURES) -> Job:
    return Job(what=Pictures(recipes=(Recipe(),) * pictures), out=Path(name))


def states(exports: Exports) -> list[str]:
    return [export.state for export in exports.all]


# --- the queue


def test_two_jobs_are_made_one_after_the_other_in_their_order(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    ended: list[Export] = []
    exports.ended.connect(ended.append)
    first, second = exports.add(job("one"), model), exports.add(job("two"), model)
    qtbot.waitUntil(lambda: first.state == "running")
    assert second.state == "waiting"
    bench.let(2 * PICTURES)
    qtbot.waitUntil(lambda: not exports.busy)
    assert bench.made == [Path("one"), Path("two")]
    assert ended == [first, second]
    assert states(exports) == ["done", "done"]


def test_progress_tells_how_many_are_done_and_what_is_left(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLD", 0)
    export = exports.add(job("one"), model)
    assert export.total == PICTURES
    assert export.left is None
    bench.let(3)
    qtbot.waitUntil(lambda: export.done == 3)
    assert export.left == pytest.approx(export.seconds * 5 / 3)
    assert words(export).startswith("3 of 8, ")
    bench.let(5)
    qtbot.waitUntil(lambda: export.state == "done")
    assert export.done == PICTURES


def test_a_picture_that_takes_long_is_reported_twice_a_second(qtbot: QtBot, exports: Exports, model: OpenModel) -> None:
    export = exports.add(job("one"), model)
    qtbot.waitUntil(lambda: export.state == "running")
    with qtbot.waitSignal(export.changed, timeout=500):
        pass
    with qtbot.waitSignal(export.changed, timeout=500):
        assert export.done == 0


def test_a_paused_job_makes_nothing_until_it_goes_on(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLD", 0)
    export = exports.add(job("one"), model)
    bench.let(2)
    qtbot.waitUntil(lambda: export.done == 2)
    exports.pause(export, True)
    bench.let(PICTURES)
    qtbot.wait(60)
    assert export.done == 2
    assert words(export) == "2 of 8, on hold"
    exports.pause(export, False)
    qtbot.waitUntil(lambda: export.state == "done")


@pytest.mark.parametrize("paused", [False, True])
def test_a_cancelled_job_ends_and_leaves_the_list(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel, paused: bool
) -> None:
    export = exports.add(job("one"), model)
    qtbot.waitUntil(lambda: export.state == "running")
    exports.pause(export, paused)
    exports.cancel(export)
    qtbot.waitUntil(lambda: not exports.busy)
    assert export.state == "cancelled"
    assert exports.all == []
    assert bench.made == []


def test_a_job_that_waits_is_cancelled_at_once_and_never_begun(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    first, second = exports.add(job("one"), model), exports.add(job("two"), model)
    exports.cancel(second)
    assert second.state == "cancelled"
    assert exports.all == [first]
    bench.let(2 * PICTURES)
    qtbot.waitUntil(lambda: not exports.busy)
    assert bench.made == [Path("one")]


def test_a_job_that_fails_can_be_made_again_and_holds_no_other_up(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    bench.error = StylescopeError("cannot write x (No space left on device)", "free some space")
    first = exports.add(job("one"), model)
    bench.let(1)
    qtbot.waitUntil(lambda: first.state == "failed")
    assert words(first) == "Not exported: cannot write x (No space left on device) - free some space"
    bench.error = None
    second = exports.add(job("two"), model)
    bench.let(2 * PICTURES)
    qtbot.waitUntil(lambda: second.state == "done")
    assert exports.all == [first, second]
    exports.retry(first)
    qtbot.waitUntil(lambda: first.state == "done")
    assert first.error is None
    assert bench.made == [Path("two"), Path("one")]


def test_a_model_file_that_changed_meanwhile_is_not_exported(
    qtbot: QtBot, exports: Exports, bench: Bench, engine: FakeRenderer, model: OpenModel, other_model: OpenModel
) -> None:
    engine.models[model.path] = other_model.info
    export = exports.add(job("one"), model)
    bench.let(PICTURES)
    qtbot.waitUntil(lambda: export.state == "failed")
    assert "another model" in words(export)
    assert bench.made == []


def test_the_thread_and_its_model_go_when_nothing_is_left_to_do(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    exports.add(job("one"), model)
    bench.let(PICTURES)
    qtbot.waitUntil(lambda: not exports.busy)
    qtbot.waitUntil(lambda: not any(thread.name == "export" for thread in threading.enumerate()))


def test_stopping_cancels_everything(qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel) -> None:
    first = exports.add(job("one"), model)
    exports.add(job("two"), model)
    qtbot.waitUntil(lambda: first.state == "running")
    assert exports.stop()
    assert bench.made == []


def test_an_export_gives_way_while_the_hand_waits_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = [True]
    control = Courteous(lambda: waits[0])
    assert control.paused
    monkeypatch.setattr(courtesy, "PATIENCE", 0.02)
    control.hold()  # comes back although the hand still waits
    waits[0] = False
    assert not control.paused
    waits[0] = True
    control.cancel()
    assert not control.paused


def test_a_courteous_control_still_pauses_and_cancels() -> None:
    control = Courteous(lambda: False)
    control.pause()
    assert control.paused
    threading.Timer(0.02, control.cancel).start()
    control.hold()
    with pytest.raises(Cancelled):
        Watch(1, None, control).check()


# --- the strip


@pytest.fixture
def strip(qtbot: QtBot, exports: Exports) -> ExportStrip:
    made = ExportStrip(exports)
    qtbot.addWidget(made)
    return made


def test_the_strip_is_there_only_while_it_has_something_to_show(
    qtbot: QtBot, strip: ExportStrip, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    assert strip.isHidden()
    export = exports.add(job("one.png"), model)
    assert not strip.isHidden()
    bench.let(PICTURES)
    qtbot.waitUntil(lambda: export.state == "done")
    strip.lines[export].dismiss.click()
    assert strip.isHidden()
    assert not strip.lines


def test_the_strip_pauses_cancels_copies_and_reveals(
    qtbot: QtBot, strip: ExportStrip, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    first, second = exports.add(job("/tmp/one.png", 1), model), exports.add(job("two.png", 1), model)
    qtbot.waitUntil(lambda: first.state == "running")
    line = strip.lines[first]
    line.pause.click()
    assert first.paused
    assert "Go on" in line.pause.accessibleName()
    line.pause.click()
    assert not first.paused
    strip.lines[second].cancel.click()
    assert list(strip.lines) == [first]
    bench.let(PICTURES)
    qtbot.waitUntil(lambda: first.state == "done")
    line.copy.click()
    assert QGuiApplication.clipboard().text().startswith("python main.py image ")
    with qtbot.waitSignal(strip.reveal) as told:
        line.show_file.click()
    assert told.args == [Path("/tmp/one.png")]


def test_every_button_of_a_line_has_a_name_and_a_tool_tip(
    qtbot: QtBot, strip: ExportStrip, exports: Exports, model: OpenModel
) -> None:
    export = exports.add(job("one.png"), model)
    for button in strip.lines[export].findChildren(QAbstractButton):
        assert button.accessibleName()
        assert button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize(("seconds", "said"), [(0.04, "0.0 s"), (12.3, "12 s"), (240, "4 min"), (7300, "2 h 2 min")])
def test_times_are_told_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


# --- the status line


def test_the_status_line_tells_how_far_the_exports_are_and_cancels_them(
    qtbot: QtBot, exports: Exports, bench: Bench, model: OpenModel
) -> None:
    progress = ExportProgress(exports)
    qtbot.addWidget(progress)
    assert progress.isHidden()
    first, second = exports.add(job("one.png"), model), exports.add(job("two.png"), model)
    assert not progress.isHidden()
    bench.let(2)
    qtbot.waitUntil(lambda: first.done == 2)
    assert progress.bar.value() == 250
    assert progress.figures.text().startswith("25 %, ")
    assert progress.figures.toolTip().startswith("one.png: 2 of 8, ")
    assert progress.figures.toolTip().endswith("; 1 more behind it")
    exports.pause(first, True)
    assert progress.figures.text() == "25 %, on hold"
    progress.cancel.click()
    qtbot.waitUntil(lambda: second.state == "running")
    assert progress.export is second
    progress.cancel.click()
    qtbot.waitUntil(progress.isHidden)
    assert not exports.all


def test_the_status_line_of_a_window_has_room_for_them(qtbot: QtBot, busy: Window, bench: Bench) -> None:
    (progress,) = busy.status_line.findChildren(ExportProgress)
    assert progress.isVisible()
    busy.resize(busy.minimumSize())
    assert busy.width() == 720
    assert progress.figures.sizeHint().width() <= progress.figures.width()
    bench.let(PICTURES)
    qtbot.waitUntil(progress.isHidden)


# --- closing the window


@pytest.fixture
def busy(qtbot: QtBot, window: Window, bench: Bench) -> Window:
    """A window with an export under way."""
    assert window.document is not None
    window.exports._run = bench
    export = window.exports.add(job("one.png", 1), window.document.model)
    qtbot.waitUntil(lambda: export.state == "running")
    return window


def choose(window: Window, role: QDialogButtonBox.ButtonRole) -> None:
    assert window.export_desk.question is not None
    box = window.export_desk.question.findChild(QDialogButtonBox)
    assert box is not None
    next(button for button in box.buttons() if box.buttonRole(button) == role).click()


def test_closing_asks_and_may_stay(qtbot: QtBot, busy: Window, bench: Bench) -> None:
    assert not busy.close()
    assert busy.isVisible()
    choose(busy, QDialogButtonBox.ButtonRole.RejectRole)
    bench.let(PICTURES)
    qtbot.waitUntil(lambda: not busy.exports.busy)
    assert busy.isVisible()
    assert busy.exports.all[0].state == "done"


def test_closing_may_wait_for_the_exports(qtbot: QtBot, busy: Window, bench: Bench) -> None:
    busy.close()
    choose(busy, QDialogButtonBox.ButtonRole.AcceptRole)
    assert busy.isVisible()
    bench.let(PICTURES)
    qtbot.waitUntil(lambda: not busy.isVisible())
    assert bench.made == [Path("one.png")]
    assert busy.ended


def test_closing_may_cancel_the_exports(qtbot: QtBot, busy: Window, bench: Bench) -> None:
    busy.close()
    choose(busy, QDialogButtonBox.ButtonRole.DestructiveRole)
    assert not busy.isVisible()
    assert busy.ended
    assert bench.made == []


def test_closing_twice_does_not_ask_twice(busy: Window, bench: Bench) -> None:
    busy.close()
    assert busy.close()
    assert busy.ended
    assert bench.made == []


def test_a_window_that_waited_stays_when_an_export_fails(qtbot: QtBot, busy: Window, bench: Bench) -> None:
    bench.error = StylescopeError("the disk is full", "free some space")
    busy.close()
    choose(busy, QDialogButtonBox.ButtonRole.AcceptRole)
    bench.let(1)
    qtbot.waitUntil(lambda: not busy.exports.busy)
    assert busy.isVisible()
    assert "the disk is full" in words(busy.exports.all[0])
