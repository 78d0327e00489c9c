"""Opening that takes long: how far it is, how it is given up, and what a photo, a run folder or a missing file says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QProgressBar, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine import edits
from engine.export import description
from engine.export.film import of_timeline
from engine.family import ModelInfo
from engine.files.source import Stopped
from engine.timeline.value import Timeline
from explorer import desktop, opening
from explorer.controls.finder import Finder
from explorer.controls.seed import SeedField
from explorer.document import Document, OpenModel
from explorer.error_bar import ErrorBar, Trouble
from explorer.settings import Settings
from explorer.task import Task
from explorer.window import Window

from .conftest import pixels, until_shown
from .fake_renderer import FakeRenderer, model_info

HALF = "25 %"  # of loading: the first picture is work too


class Slow(FakeRenderer):
    """Loads a model in steps that the test allows."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed = threading.Semaphore(1000)
        self.given_up = 0

    def load(  # type: ignore[override]
        self, path: Path, progress: Callable[[float], None] | None = None, stop: Callable[[], bool] | None = None
    ) -> ModelInfo:
        known = self.models.get(path)
        if "slow" in path.name and (known is None or known.content_id not in self.at_hand):
            for tenth in range(10):
                while not self.allowed.acquire(timeout=0.005):
                    if stop is not None and stop():
                        self.given_up += 1
                        raise Stopped
                if progress is not None:
                    progress((tenth + 1) / 10)
        return super().load(path)


@pytest.fixture
def engine() -> Slow:
    fake = Slow()
    path = Path("/models/fake-32.safetensors")
    fake.models[path] = model_info("fake-32", 32)
    return fake


@pytest.fixture
def slow(engine: Slow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: Window) -> Path:
    """A model that stops half-way until the test lets it go on; patience is over at once."""
    path = tmp_path / "slow-16.safetensors"
    path.write_bytes(b"stands for a model")
    engine.models[path] = model_info("slow-16", 16)
    engine.allowed = threading.Semaphore(5)
    window.commands._patience.setInterval(1)
    monkeypatch.setattr("explorer.task.TOLD", 0.0)
    return path


def shown_sentence(window: Window) -> str:
    return window.stage.error_bar._sentence.text() if window.stage.error_bar.isVisible() else ""


def button(window: Window, text: str) -> QPushButton:
    return next(b for b in window.stage.error_bar.findChildren(QPushButton) if b.text() == text)


def cancel(window: Window, how: str) -> None:
    """Give up what is under way, in one of the ways that there are."""
    if how == "bar":
        button(window, "Cancel").click()
    elif how == "status line":
        window.status_line.findChild(QToolButton).click()
    else:
        QTest.keyClick(window, Qt.Key.Key_Escape)


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


# photos


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


# the list of recent models


def fill(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def test_missing_files_are_greyed_say_why_and_can_be_removed(window: Window, tmp_path: Path) -> None:
    there, gone = tmp_path / "there.safetensors", tmp_path / "a & <b>.safetensors"
    there.write_bytes(b"x")
    for path in (there, gone):
        window.settings.add_recent(path)
    menu = window.chip.menu()
    assert "a && <b>.safetensors (missing)" in fill(menu)
    actions = {action.text(): action for action in menu.actions()}
    missing = actions["a && <b>.safetensors (missing)"]
    assert not missing.isEnabled()
    assert "not there any more" in missing.toolTip()
    assert "<b>" not in missing.toolTip()
    assert actions["there.safetensors"].isEnabled()
    menu.setActiveAction(actions["there.safetensors"])
    QTest.keyClick(menu, Qt.Key.Key_Delete)
    assert window.settings.recent == [gone]
    {action.text(): action for action in menu.actions()}["Remove &missing files from the list"].trigger()
    assert window.settings.recent == []


# text and command


def test_a_state_is_pasted_into_everything_also_while_a_field_has_the_keyboard(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    QGuiApplication.clipboard().setText('{"stylescope": 1, "a": {"seed": 5}, "psi": 0.25}')
    box = window.findChild(SeedField, "seed_a").box
    window.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    QTest.keyClick(box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: document.recipe.psi == 0.25)
    assert box.text() == "5"
    QGuiApplication.clipboard().setText("seed 77")
    QTest.keyClick(box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert (document.recipe.a.latent.seed, document.recipe.psi) == (77, 0.25)  # type: ignore[union-attr]


def test_the_copied_command_names_the_model_and_the_picture(window: Window, document: Document) -> None:
    window.actions_.copy_command.trigger()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("python main.py image ")
    assert document.model.path.name in text
    assert "--out fake-32-1234-psi0.70.png" in text


def test_reveal_says_when_there_is_no_file_manager(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "show_in_folder", lambda path: False)
    window.commands.reveal()
    assert "cannot be shown" in shown_sentence(window)


# the palette


def palette(window: Window) -> Finder:
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    found = window.findChildren(Finder)[-1]
    assert found.isVisible()
    return found


def test_the_palette_lists_every_action_with_its_keys_and_runs_what_is_taken(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    from explorer.dialogs.palette import words_of

    found = palette(window)
    entries = {entry.text: entry for entry in found.lines.entries}
    assert entries.keys() >= {words_of(action) for _, action in window.actions_.all}
    assert entries["Save picture"].keys == "Ctrl+S"
    assert not entries["Undo"].enabled
    before = document.recipe
    QTest.keyClicks(found.field, "swap")
    QTest.keyClick(found.field, Qt.Key.Key_Return)
    assert document.recipe == edits.swapped(before)
    assert not found.isVisible()
    again = palette(window)
    assert again.lines.entries[0].text == "Swap A and B"  # recent first
    again.close()


def test_every_action_has_words_and_keys(window: Window) -> None:
    from explorer.dialogs.palette import keys_of, words_of

    words = [words_of(action) for _, action in window.actions_.all]
    assert len(words) == len(set(words))
    without = {words_of(action) for _, action in window.actions_.all if not keys_of(action)}
    assert without <= {f"Appearance: {look}" for look in ("as the system", "light", "dark")}


def test_escape_never_ends_the_program(window: Window) -> None:
    for _ in range(3):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.isVisible()


@pytest.mark.parametrize(
    ("name", "changed"), [("Roll source B", "b"), ("Re-roll all noise", "noise"), ("Roll both sources", "a")]
)
def test_what_panels_do_has_keys_too(window: Window, document: Document, name: str, changed: str) -> None:
    from explorer.dialogs.palette import words_of

    before = document.recipe
    window.docks["sources"].close()
    next(action for _, action in window.actions_.all if words_of(action) == name).trigger()
    assert getattr(document.recipe, changed) != getattr(before, changed)


# a model that is read again


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


# films of a timeline


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


# the model panel


def test_the_model_panel_tells_what_is_known_and_follows_the_model(
    qtbot: QtBot, window: Window, document: Document, engine: Slow, slow: Path
) -> None:
    window.docks["model"].raise_()
    panel = window.docks["model"].widget()

    def value(name: str) -> str:
        return panel.findChildren(object, f"value_{name}")[-1].text()  # type: ignore[call-overload]

    assert value("picture") == "32 x 32, RGB"
    assert value("licence") == "CC0"
    assert value("content_id") == document.info.content_id
    panel.findChild(QToolButton, "copy_content_id").click()
    assert QGuiApplication.clipboard().text() == document.info.content_id
    assert not panel.findChild(QToolButton, "reveal").isEnabled()  # the fake model has no file
    engine.allowed.release(10)
    window.commands.open(slow)
    qtbot.waitUntil(lambda: document.info.name == "slow-16")
    qtbot.waitUntil(lambda: value("picture") == "16 x 16, RGB")
    assert panel.findChildren(QToolButton, "reveal")[-1].isEnabled()


def test_an_empty_window_says_what_to_do_in_the_model_panel(empty_window: Window, engine: Slow) -> None:
    assert "Open model" in empty_window.actions_.open_model.text().replace("&", "")
    empty_window.actions_.show_palette()
    found = empty_window.findChildren(Finder)[-1]
    assert {e.text for e in found.lines.entries if e.enabled} >= {"Open model", "Find an action", "Reset layout"}
    found.close()


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


def test_the_checksum_of_the_file_follows_when_it_was_read(qtbot: QtBot, live_window: Window) -> None:
    document = live_window.document
    assert document is not None
    qtbot.waitUntil(lambda: len(document.info.sha256) == 64)
    assert isinstance(document.model, OpenModel)
