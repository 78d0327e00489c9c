"""The gallery: plain JSON that is checked, nothing lost, deletion can be taken back."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from engine import edits, recipe_json
from engine.errors import StylescopeError
from engine.recipe import Recipe, Seed, Source
from explorer.document import Document, OpenModel
from explorer.gallery import MAX_SIDE, MIME, Gallery, Liked, read, to_json
from explorer.panels.gallery import GalleryPanel
from explorer.window import Window


def picture(shade: int = 200, side: int = 64) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB888)
    image.fill(shade * 0x010101)
    return image


@pytest.fixture
def gallery(home: Path) -> Gallery:
    return Gallery(home / "gallery.json")


@pytest.fixture
def panel(window: Window) -> GalleryPanel:
    found = window.docks["gallery"].widget()
    assert isinstance(found, GalleryPanel)
    return found


def names(gallery: Gallery) -> list[str]:
    return [item.name for item in gallery.items]


def test_what_was_liked_is_there_at_the_next_start(gallery: Gallery, home: Path) -> None:
    recipe = Recipe(a=Source(Seed(5)), psi=0.3)
    gallery.like("five", recipe, picture(90))
    again = Gallery(home / "gallery.json")
    assert names(again) == ["five"]
    assert again.items[0].recipe == recipe
    assert again.items[0].picture.pixelColor(3, 3).red() == 90


def test_a_state_that_is_liked_again_comes_to_the_front_with_its_name_and_is_there_once(gallery: Gallery) -> None:
    recipe = Recipe(a=Source(Seed(5)))
    gallery.like("five", recipe, picture())
    gallery.rename(gallery.items[0], "my favourite")
    gallery.like("six", Recipe(a=Source(Seed(6))), picture())
    gallery.like("five", recipe, picture())
    assert names(gallery) == ["my favourite", "six"]
    gallery.undo()
    assert names(gallery) == ["six", "my favourite"]


def test_a_deleted_item_comes_back_to_its_place(gallery: Gallery) -> None:
    for number in range(4):
        gallery.like(str(number), Recipe(a=Source(Seed(number))), picture())
    before = gallery.items
    gallery.delete(before[2])
    assert names(gallery) == ["3", "2", "0"]
    gallery.undo()
    assert gallery.items == before
    gallery.redo()
    assert names(gallery) == ["3", "2", "0"]


changes = st.lists(st.tuples(st.sampled_from(["like", "rename", "delete", "add"]), st.integers(0, 3)), max_size=8)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(changes, st.integers(0, 8))
def test_every_change_of_the_gallery_can_be_undone_and_done_again(
    home: Path, script: list[tuple[str, int]], back: int
) -> None:
    (home / "gallery.json").unlink(missing_ok=True)
    gallery = Gallery(home / "gallery.json")
    states = [gallery.items]
    for number, (kind, place) in enumerate(script):
        if kind == "like":
            gallery.like(f"{number}", Recipe(a=Source(Seed(place))), QImage())
        elif kind == "add":
            gallery.add([Liked(f"{number}", Recipe(), QImage())])
        elif place < len(gallery.items):
            item = gallery.items[place]
            gallery.rename(item, f"{number}") if kind == "rename" else gallery.delete(item)
        if gallery.items != states[-1]:
            states.append(gallery.items)
    back = min(back, len(states) - 1)
    for _ in range(back):
        gallery.undo()
    assert gallery.items == states[len(states) - 1 - back]
    assert [i.name for i in read(home / "gallery.json")] == names(gallery) if len(states) > 1 else True
    for _ in range(back):
        gallery.redo()
    assert gallery.items == states[-1]
    assert gallery.undone is None


def test_an_empty_name_changes_nothing_and_a_long_one_is_cut(gallery: Gallery) -> None:
    gallery.like("x", Recipe(), picture())
    gallery.rename(gallery.items[0], "   ")
    assert names(gallery) == ["x"]
    gallery.rename(gallery.items[0], "y" * 500)
    assert len(names(gallery)[0]) <= 80


def test_importing_adds_what_is_new_and_only_that(gallery: Gallery, home: Path) -> None:
    gallery.like("one", Recipe(), picture())
    gallery.write(home / "shared.json")
    gallery.like("two", Recipe(psi=0.1), picture())
    assert gallery.add_from(home / "shared.json") == 0
    gallery.delete(gallery.items[1])
    assert gallery.add_from(home / "shared.json") == 1
    assert sorted(names(gallery)) == ["one", "two"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"stylescope_gallery": 2, "items": []}',
        '{"stylescope_gallery": 1, "items": 3}',
        '{"stylescope_gallery": 1, "items": [{"name": 3}]}',
        '{"stylescope_gallery": 1, "items": [{"name": "x"}]}',
        '{"stylescope_gallery": 1, "items": [{"name": "x", "recipe": {"stylescope": 1, "psi": "__import__"}}]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_no_gallery_is_refused_with_a_sentence(home: Path, text: str) -> None:
    path = home / "bad.json"
    path.write_text(text)
    with pytest.raises(StylescopeError):
        read(path)


def test_a_pickle_is_refused(home: Path) -> None:
    import pickle

    (home / "evil.json").write_bytes(pickle.dumps({"stylescope_gallery": 1}))
    with pytest.raises(StylescopeError):
        read(home / "evil.json")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: base64.b64encode(b).decode()))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bad_picture_leaves_the_item_without_one(home: Path, text: str) -> None:
    entry = {"name": "x", "recipe": recipe_json.to_dict(Recipe()), "picture": text}
    (home / "odd.json").write_text(json.dumps({"stylescope_gallery": 1, "items": [entry]}))
    assert read(home / "odd.json")[0].picture.isNull()


def test_a_picture_that_is_too_large_is_not_decoded(home: Path) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture(side=MAX_SIDE + 1).save(buffer, "PNG")
    text = base64.b64encode(buffer.data().data()).decode()
    entry = {"name": "x", "recipe": recipe_json.to_dict(Recipe()), "picture": text}
    (home / "large.json").write_text(json.dumps({"stylescope_gallery": 1, "items": [entry]}))
    assert read(home / "large.json")[0].picture.isNull()


def test_a_damaged_gallery_is_kept_beside_the_new_one(home: Path) -> None:
    path = home / "gallery.json"
    path.write_text("damaged")
    gallery = Gallery(path)
    assert not gallery.items
    gallery.like("new", Recipe(), picture())
    assert names(Gallery(path)) == ["new"]
    assert (home / "gallery.damaged.json").read_text() == "damaged"


def test_a_gallery_that_cannot_be_written_says_so_and_goes_on(qtbot: QtBot, home: Path) -> None:
    gallery = Gallery(home / "missing" / "gallery.json")
    with qtbot.waitSignal(gallery.failed) as failed:
        gallery.like("x", Recipe(), picture())
    assert "not written" in failed.args[0]
    assert names(gallery) == ["x"]


def test_reading_what_was_written_gives_the_same(gallery: Gallery) -> None:
    gallery.like("äöü <b>", Recipe(psi=-0.5), picture())
    assert to_json(gallery.items) == to_json(Gallery(gallery._path).items)


# --- the panel


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
