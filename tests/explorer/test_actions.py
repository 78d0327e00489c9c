"""Actions by their words and keys: paste, copy, reveal, and the palette that lists them all."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import desktop
from explorer.controls.finder import Finder
from explorer.controls.seed import SeedField
from explorer.document import Document
from explorer.window import Window

from .opening.slow import shown_sentence


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


def test_an_empty_window_says_what_to_do_in_the_model_panel(empty_window: Window) -> None:
    assert "Open model" in empty_window.actions_.open_model.text().replace("&", "")
    empty_window.actions_.show_palette()
    found = empty_window.findChildren(Finder)[-1]
    assert {e.text for e in found.lines.entries if e.enabled} >= {"Open model", "Find an action", "Reset layout"}
    found.close()
