"""Every bad file through every way into the window: it ends as its index says, and a refusal changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from engine.picture import RECIPE_KEY
from explorer import app, session
from explorer.session import session_of
from explorer.settings import Settings
from explorer.window import Window
from explorer.worker import Engine
from tests.badfiles import make_badfiles
from tests.badfiles.test_badfiles import Entry

from .conftest import until_shown
from .test_commands import drop, sentence

pytestmark = [
    pytest.mark.stress,
    pytest.mark.skipif(sys.platform != "linux", reason="some of the files are pipes and links"),
]
GOOD = Path(__file__).resolve().parents[1] / "data" / "pickles" / "tf" / "stylegan_tiny.pkl"
NOT_AT_HAND = "which is not at hand"  # of a good recipe whose model is not
MAX_SENTENCE = 600


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """All models and pictures of the index, as files."""
    folder = tmp_path_factory.mktemp("bad")
    make_badfiles.OUT.clear()
    for make in (make_badfiles.make_hostile, make_badfiles.make_bombs, make_badfiles.make_safetensors):
        make()
    make_badfiles.make_models()
    make_badfiles.make_images(RECIPE_KEY)
    found = [Entry(folder, row) for row in make_badfiles.OUT]
    make_badfiles.OUT.clear()
    for entry in found:
        entry.write()
    assert len(found) > 300
    assert sum(entry.hostile for entry in found) > 60
    return found


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a hostile file would create."""
    monkeypatch.setenv("BADFILES_MARKER", str(tmp_path / "marker"))
    return tmp_path / "marker"


def state(window: Window) -> tuple[object, ...]:
    """All that a refusal must leave as it is."""
    document = window.document
    assert document is not None
    recent = [path.name for path in window.settings.recent]
    return session.dumps(session_of(document)), window.windowTitle(), window.chip.text(), recent


def faults(entry: Entry, said: str, before: tuple[object, ...], after: tuple[object, ...]) -> list[str]:
    """What is wrong with what came of a file."""
    if not said:
        return [f"{entry.name}: is opened"] if entry.must == "refused" else []
    found = [f"{entry.name}: changes the window"] if before != after else []
    if entry.must == "opens" and NOT_AT_HAND not in said:
        found.append(f"{entry.name}: is refused: {said}")
    if "Something went wrong" in said or " - " not in said or "\n" in said or len(said) > MAX_SENTENCE:
        found.append(f"{entry.name}: no plain sentence: {said!r}")
    return found


def by_menu(window: Window, path: Path) -> None:
    """Through the action; the dialog gives back what it is told to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
        window.actions_.open_model.trigger()


def by_drop(window: Window, path: Path) -> None:
    assert drop(window, path)


def by_recent_list(window: Window, path: Path) -> None:
    """As if it had been a good model when it was opened first."""
    window.settings.add_recent(path)
    menu = window.chip.menu()
    menu.aboutToShow.emit()
    action = next((action for action in menu.actions() if action.data() == path), None)
    assert action is not None
    if action.isEnabled():
        action.trigger()
    else:  # the link leads nowhere
        window.commands.open(path)
    window.settings.remove_recent(path)


@pytest.mark.parametrize("way", [by_menu, by_drop, by_recent_list])
def test_bad_files_are_refused_and_change_nothing(
    qtbot: QtBot, live_window: Window, entries: list[Entry], marker: Path, way: Callable[[Window, Path], None]
) -> None:
    window, wrong = live_window, []
    drop(window, GOOD)
    qtbot.waitUntil(lambda: window.document is not None and window.document.model.path == GOOD)
    until_shown(qtbot, window)
    document = window.document
    assert document is not None
    for entry in entries:
        before = state(window)
        way(window, entry.path)
        qtbot.waitUntil(lambda: window.commands._patience.task is None)
        wrong += faults(entry, sentence(window), before, state(window))
        if marker.exists():
            marker.unlink()
            wrong.append(f"{entry.name} DID ITS HARM")
        if document.model.path != GOOD or not sentence(window):
            document.jump(1)
            until_shown(qtbot, window)
            window.settings.remove_recent(entry.path)
        while sentence(window):
            window.stage.error_bar.dismiss()
    assert not wrong, f"{len(wrong)} of {len(entries)}:\n" + "\n".join(wrong)


def test_bad_files_on_the_command_line_leave_the_last_session(
    qtbot: QtBot, settings: Settings, live_window: Window, entries: list[Entry], marker: Path
) -> None:
    drop(live_window, GOOD)
    qtbot.waitUntil(lambda: live_window.document is not None and live_window.document.model.path == GOOD)
    until_shown(qtbot, live_window)
    engine = live_window.worker._engine
    assert engine is not None
    live_window.close()
    before, kept, wrong = state(live_window), settings.session_file.read_bytes(), []
    for entry in entries:
        said, after = started(qtbot, settings, engine, entry.path)
        wrong += faults(entry, said, before, after)
        if said and settings.session_file.read_bytes() != kept:
            wrong.append(f"{entry.name}: changes the kept session")
        if marker.exists():
            marker.unlink()
            wrong.append(f"{entry.name} DID ITS HARM")
        settings.session_file.write_bytes(kept)
        settings.remove_recent(entry.path)
    assert not wrong, f"{len(wrong)} of {len(entries)}:\n" + "\n".join(wrong)


def started(qtbot: QtBot, settings: Settings, engine: Engine, path: Path) -> tuple[str, tuple[object, ...]]:
    """Start the window with a file on its command line and close it: what it said, and its state."""
    window = app.opened_window(settings, str(path), lambda: engine)
    window.show()
    window.start()
    qtbot.waitUntil(lambda: window.commands._patience.task is None)
    until_shown_or_told(qtbot, window)
    found = sentence(window), state(window)
    window.close()
    assert window.ended
    window.deleteLater()
    QApplication.processEvents()
    return found


def until_shown_or_told(qtbot: QtBot, window: Window) -> None:
    """Wait for the picture, or for what is said instead."""
    qtbot.waitUntil(lambda: window.live is not None and (window.live.up_to_date or bool(sentence(window))))
