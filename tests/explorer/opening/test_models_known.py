"""What the window tells of models: the panel of the one that is open, the list of recent ones."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from explorer.document import Document, OpenModel
from explorer.window import Window

from .slow import Slow


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


def test_the_checksum_of_the_file_follows_when_it_was_read(qtbot: QtBot, live_window: Window) -> None:
    document = live_window.document
    assert document is not None
    qtbot.waitUntil(lambda: len(document.info.sha256) == 64)
    assert isinstance(document.model, OpenModel)
