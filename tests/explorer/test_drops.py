"""What falls on the window: galleries, several files, liked pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine import edits, recipe_json
from engine.recipe import Recipe, SavedLatent, Seed
from explorer import gallery_file
from explorer.document import Document, OpenModel
from explorer.gallery import MIME
from explorer.gallery_file import Liked
from explorer.panels.sources import Thumbnail
from explorer.shell import Shell
from explorer.window import Window

from .conftest import until_shown


def fallen(window: Shell, data: QMimeData, on: QWidget) -> bool:
    """Drag something to the middle of a widget and let go. False: it was not wanted there."""
    at = window.mapFromGlobal(on.mapToGlobal(on.rect().center()))
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(at, *how))
    move = QDragMoveEvent(at, *how)
    QApplication.sendEvent(window, move)
    drop = QDropEvent(QPointF(at), *how)
    drop.ignore()
    QApplication.sendEvent(window, drop)
    assert drop.isAccepted() == move.isAccepted()
    return drop.isAccepted()


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def liked(recipe: Recipe) -> QMimeData:
    data = QMimeData()
    data.setData(MIME, recipe_json.dumps(recipe).encode())
    return data


def sentence(window: Window) -> str:
    trouble = window.stage.error_bar.trouble
    return "" if trouble is None else trouble.sentence


@pytest.fixture
def shared(recipe: Recipe, tmp_path: Path) -> Path:
    """A gallery from somebody else, under a name that says nothing."""
    items = tuple(Liked(f"item {n}", edits.with_seed(recipe, "a", n)) for n in (1, 2))
    path = tmp_path / "data.bin"
    gallery_file.write(items, path)
    return path


def source(window: Window, name: str) -> QWidget:
    return next(one for one in window.findChildren(Thumbnail) if one._name == name)


def test_a_gallery_that_is_dropped_is_imported_and_undone(
    qtbot: QtBot, window: Window, document: Document, shared: Path
) -> None:
    assert window.gallery is not None
    gallery, before = window.gallery, document.history
    window.docks["gallery"].close()
    assert fallen(window, files(shared), window.stage.canvas)
    qtbot.waitUntil(lambda: len(gallery.items) == 2)
    assert [item.name for item in gallery.items] == ["item 1", "item 2"]
    assert document.history is before
    assert "2 new" in window.status_line.summary.text()
    undo = window.findChild(QPushButton, "restore_liked")
    assert undo.isVisible()
    undo.click()
    assert gallery.items == ()


def test_a_gallery_opens_its_model_where_none_is_open(
    qtbot: QtBot, empty_window: Window, model: OpenModel, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.library.find_content_id", lambda *_: model.path)
    assert fallen(empty_window, files(shared), empty_window.stage.canvas)
    until_shown(qtbot, empty_window)
    assert empty_window.document is not None
    assert empty_window.document.recipe.a.latent == Seed(1)
    assert empty_window.gallery is not None
    assert len(empty_window.gallery.items) == 2


def test_a_damaged_gallery_says_that_it_is_one(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = tmp_path / "shared.json"
    path.write_text('{"stylescope_gallery": 1, "items": 7}')
    assert fallen(window, files(path), window.stage.canvas)
    qtbot.waitUntil(lambda: bool(sentence(window)))
    assert "shared.json" in sentence(window)
    assert "model" not in sentence(window)


def test_of_several_files_it_is_said_which_are_not_opened(qtbot: QtBot, window: Window, shared: Path) -> None:
    others = [shared.with_name(f"other-{n}.png") for n in range(5)]
    assert fallen(window, files(shared, *others), window.stage.canvas)
    assert window.gallery is not None
    qtbot.waitUntil(lambda: window.gallery is not None and len(window.gallery.items) == 2)
    assert "Only data.bin is opened" in sentence(window)
    assert "other-0.png, other-1.png, other-2.png and 2 more" in sentence(window)
    window.stage.error_bar.dismiss()
    assert fallen(window, files(shared), window.stage.canvas)
    assert sentence(window) == ""


def test_a_liked_picture_on_the_canvas_is_shown_in_one_step(qtbot: QtBot, window: Window, document: Document) -> None:
    wanted, before = edits.with_psi(edits.with_seed(document.recipe, "a", 5), 0.1), document.recipe
    assert fallen(window, liked(wanted), window.stage.canvas)
    assert document.recipe == wanted
    until_shown(qtbot, window)
    document.undo()
    assert document.recipe == before


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_liked_picture_on_a_source_becomes_that_source(window: Window, document: Document, name: str) -> None:
    other = edits.with_psi(edits.with_seed(document.recipe, "a", 5), 0.1)
    shows_b = edits.with_master(edits.with_seed(document.recipe, "b", 6), 1.0)
    before = document.recipe
    for wanted, seed in ((other, 5), (shows_b, 6)):
        assert fallen(window, liked(wanted), source(window, name))
        assert document.recipe.source(name).latent == Seed(seed)  # type: ignore[arg-type]
        assert document.recipe.psi == before.psi
        document.undo()
        assert document.recipe == before


def test_a_mixed_picture_on_a_source_becomes_its_mix_by_value(qtbot: QtBot, live_window: Window) -> None:
    document = live_window.document
    assert document is not None
    assert fallen(live_window, liked(edits.with_master(document.recipe, 0.5)), source(live_window, "b"))
    qtbot.waitUntil(lambda: isinstance(document.recipe.b.latent, SavedLatent))


def test_elsewhere_a_liked_picture_is_not_taken(window: Window, document: Document) -> None:
    before, gallery = document.history, window.docks["gallery"].widget()
    for place in (gallery, window.docks["mix"].widget(), window.status_line):
        assert not fallen(window, liked(edits.with_seed(document.recipe, "a", 5)), place)
    assert document.history is before


def test_a_source_shows_that_something_may_be_let_go(window: Window, document: Document) -> None:
    on = source(window, "a")
    at = window.mapFromGlobal(on.mapToGlobal(on.rect().center()))
    quiet = on.grab().toImage()
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    data = liked(document.recipe)
    QApplication.sendEvent(window, QDragEnterEvent(at, copy, data, left, Qt.KeyboardModifier.NoModifier))
    assert on.grab().toImage() != quiet
    fallen(window, liked(document.recipe), on)
    assert on.grab().toImage() == quiet


def test_nothing_in_the_window_keeps_what_falls_on_it_from_the_window(window: Window) -> None:
    """A field takes any text, and files are text to it: it would say yes, and nothing would happen."""
    for name in window.stage.names:
        window.stage.turn_to(name)
    data = files(Path("/somewhere/model.safetensors"))
    data.setText("42")
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    greedy = []
    for widget in window.findChildren(QWidget):
        enter = QDragEnterEvent(widget.rect().center(), *how)
        enter.ignore()
        if widget.acceptDrops() and widget.event(enter) and enter.isAccepted():
            greedy.append(f"{type(widget).__name__} {widget.accessibleName()}")
    assert not greedy
