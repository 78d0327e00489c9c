"""The gallery in the window: like, show, rename, delete, undo, drag, import, export."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from engine import edits, recipe_json
from engine.recipe import Seed
from explorer.document import Document, OpenModel
from explorer.gallery import MIME
from explorer.panels.gallery import GalleryPanel
from explorer.window import Window

from .test_gallery import names, picture


@pytest.fixture
def panel(window: Window) -> GalleryPanel:
    found = window.docks["gallery"].widget()
    assert isinstance(found, GalleryPanel)
    return found


def test_like_keeps_the_present_state_with_its_picture(qtbot: QtBot, window: Window, panel: GalleryPanel) -> None:
    panel._like.click()
    qtbot.waitUntil(lambda: len(panel.gallery.items) == 1)
    item = panel.gallery.items[0]
    assert item.recipe == panel.document.recipe
    assert not item.picture.isNull()
    assert item.name == "1234"


def liked(qtbot: QtBot, panel: GalleryPanel, document: Document, seed: int) -> None:
    document.apply("seed", edits.with_seed(document.recipe, "a", seed))
    count = len(panel.gallery.items)
    panel.like()
    qtbot.waitUntil(lambda: len(panel.gallery.items) == count + 1)


def test_a_click_returns_to_the_state_in_one_undo_step(qtbot: QtBot, panel: GalleryPanel, document: Document) -> None:
    liked(qtbot, panel, document, 5)
    liked(qtbot, panel, document, 6)
    before = document.recipe
    panel.shelf.clicked.emit(panel.shelf.model().index(1, 0))
    assert document.recipe.a.latent == Seed(5)
    document.undo()
    assert document.recipe == before


def test_the_keyboard_shows_renames_and_deletes(
    qtbot: QtBot, window: Window, panel: GalleryPanel, document: Document
) -> None:
    liked(qtbot, panel, document, 5)
    document.apply("seed", edits.with_seed(document.recipe, "a", 6))
    shelf = panel.shelf
    shelf.setFocus()
    shelf.setCurrentIndex(shelf.model().index(0, 0))
    QTest.keyClick(shelf, Qt.Key.Key_Return)
    assert document.recipe.a.latent == Seed(5)
    shelf.model().setData(shelf.model().index(0, 0), "renamed")
    assert names(panel.gallery) == ["renamed"]
    shelf.setCurrentIndex(shelf.model().index(0, 0))
    QTest.keyClick(shelf, Qt.Key.Key_Delete)
    assert not panel.gallery.items
    restore = panel.findChild(QPushButton, "restore_liked")
    assert restore is not None
    assert restore.isVisibleTo(panel)
    restore.click()
    assert names(panel.gallery) == ["renamed"]
    assert panel._done.text() == "5 renamed"
    restore.click()
    assert names(panel.gallery) == ["5"]
    assert not restore.isVisibleTo(panel)


def test_ctrl_z_on_the_shelf_undoes_the_gallery_while_that_is_newer_than_the_picture(
    qtbot: QtBot, window: Window, panel: GalleryPanel, document: Document
) -> None:
    liked(qtbot, panel, document, 5)
    shelf, control = panel.shelf, Qt.KeyboardModifier.ControlModifier
    window.activateWindow()
    shelf.setFocus()
    shelf.setCurrentIndex(shelf.model().index(0, 0))
    QTest.keyClick(shelf, Qt.Key.Key_Delete)
    recipe = document.recipe
    QTest.keyClick(shelf, Qt.Key.Key_Z, control)
    assert names(panel.gallery) == ["5"]
    assert document.recipe == recipe
    QTest.keyClick(shelf, Qt.Key.Key_Y, control)
    assert not panel.gallery.items
    QTest.keyClick(shelf, Qt.Key.Key_Z, control)
    document.apply("seed", edits.with_seed(document.recipe, "a", 6))
    QTest.keyClick(shelf, Qt.Key.Key_Z, control)
    assert names(panel.gallery) == ["5"]
    assert document.recipe == recipe


def test_an_item_is_dragged_as_its_recipe(qtbot: QtBot, panel: GalleryPanel, document: Document) -> None:
    liked(qtbot, panel, document, 5)
    data = panel.shelf.model().mimeData([panel.shelf.model().index(0, 0)])
    assert recipe_json.loads(bytes(data.data(MIME).data()).decode()) == document.recipe


def test_a_state_of_a_model_that_is_not_open_is_opened(
    qtbot: QtBot, window: Window, panel: GalleryPanel, document: Document, other_model: OpenModel
) -> None:
    other = edits.with_model(document.recipe, other_model.info)
    panel.gallery.like("elsewhere", other, picture())
    with qtbot.waitSignal(panel.elsewhere) as asked:
        panel.shelf.clicked.emit(panel.shelf.model().index(0, 0))
    assert asked.args == [other]


def test_a_file_that_cannot_be_imported_is_told_in_the_window(
    window: Window, panel: GalleryPanel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "bad.json").write_text("no")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(home / "bad.json"), ""))
    panel.choose_import()
    assert "bad.json is no gallery" in window.stage.error_bar.trouble.sentence  # type: ignore[union-attr]


def test_export_and_import_go_through_files(
    qtbot: QtBot, panel: GalleryPanel, document: Document, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    liked(qtbot, panel, document, 5)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(home / "out.json"), ""))
    panel.choose_export()
    panel.gallery.delete(panel.gallery.items[0])
    panel.import_from(home / "out.json")
    assert names(panel.gallery) == ["5"]
