"""The gallery: every change is kept and can be undone, nothing is lost, nobody waits for the disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine.recipe import Recipe, Seed, Source
from explorer import gallery as galleries
from explorer import gallery_file
from explorer.gallery import Gallery
from explorer.gallery_file import MAX_ITEMS, Liked, packed, read
from explorer.window import Window


def picture(shade: int = 200, side: int = 64) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB888)
    image.fill(shade * 0x010101)
    return image


@pytest.fixture
def gallery(home: Path) -> Iterator[Gallery]:
    made = Gallery(home / "gallery.json")
    yield made
    made.flush()


def names(gallery: Gallery) -> list[str]:
    return [item.name for item in gallery.items]


def test_what_was_liked_is_there_at_the_next_start(gallery: Gallery, home: Path) -> None:
    recipe = Recipe(a=Source(Seed(5)), psi=0.3)
    gallery.like("five", recipe, picture(90))
    gallery.flush()
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
            gallery.add([Liked(f"{number}", Recipe(psi=number))])
        elif place < len(gallery.items):
            item = gallery.items[place]
            gallery.rename(item, f"{number}") if kind == "rename" else gallery.delete(item)
        if gallery.items != states[-1]:
            states.append(gallery.items)
    back = min(back, len(states) - 1)
    for _ in range(back):
        gallery.undo()
    assert gallery.items == states[len(states) - 1 - back]
    gallery.flush()
    assert [i.name for i in read(home / "gallery.json")] == names(gallery) if len(states) > 1 else True
    for _ in range(back):
        gallery.redo()
    assert gallery.items == states[-1]
    assert gallery.undone is None
    gallery.flush()


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
    assert gallery.add_from(home / "shared.json") == "0 new in the gallery"
    gallery.delete(gallery.items[1])
    gallery.rename(gallery.items[0], "mine")  # it is the state that is new or not, and not what it is called
    assert gallery.add_from(home / "shared.json") == "1 new in the gallery"
    assert names(gallery) == ["mine", "one"]


def full(gallery: Gallery, free: int = 0) -> None:
    gallery.add(Liked(f"{n}", Recipe(psi=n / MAX_ITEMS), packed(picture(side=1))) for n in range(MAX_ITEMS - free))


def test_what_does_not_fit_is_not_said_to_be_added(gallery: Gallery) -> None:
    full(gallery, free=1)
    more = [Liked(f"more {n}", Recipe(psi=2 + n)) for n in range(3)]
    assert gallery.add(more) == "1 new in the gallery, 2 left out: it holds 2000 at most"
    assert gallery.done is not None
    assert gallery.done.words == "1 added"
    assert names(gallery)[-1] == "more 0"
    before = gallery.items
    assert gallery.add(more) == "0 new in the gallery, 2 left out: it holds 2000 at most"
    assert gallery.items is before
    assert gallery.done.words == "1 added"


def test_a_state_that_is_twice_in_a_file_is_added_once(gallery: Gallery) -> None:
    assert gallery.add([Liked("one", Recipe()), Liked("the same", Recipe())]) == "1 new in the gallery"
    assert len(gallery.items) == 1


def test_the_last_of_a_full_gallery_makes_room_for_a_new_one_and_that_is_said(gallery: Gallery) -> None:
    full(gallery)
    gallery.like("new", Recipe(psi=2), picture())
    assert len(gallery.items) == MAX_ITEMS
    assert (names(gallery)[0], names(gallery)[-1]) == ("new", "1998")
    assert gallery.done is not None
    assert gallery.done.told
    assert gallery.done.words == "1999 made room: 2000 at most"
    gallery.undo()
    assert (names(gallery)[0], names(gallery)[-1]) == ("0", "1999")


def test_only_the_picture_that_is_new_is_packed(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    full(gallery, free=1)
    sizes: list[int] = []
    monkeypatch.setattr(galleries, "packed", lambda image: sizes.append(image.width()) or packed(image))
    gallery.like("new", Recipe(psi=2), picture())
    gallery.rename(gallery.items[0], "newer")
    gallery.delete(gallery.items[5])
    gallery.undo()
    gallery.flush()
    assert sizes == [64]
    assert names(Gallery(gallery._path)) == names(gallery)


def test_a_change_does_not_wait_for_the_disk_and_the_end_does(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, written = threading.Event(), []

    def write(items: tuple[Liked, ...], path: Path) -> None:
        assert slow.wait(60)
        written.append(len(items))
        gallery_file.write(items, path)

    monkeypatch.setattr(galleries, "write", write)
    for number in range(5):
        gallery.like(f"{number}", Recipe(psi=number), picture())
    assert not written
    slow.set()
    gallery.flush()
    assert written[-1] == 5
    assert names(Gallery(gallery._path)) == ["4", "3", "2", "1", "0"]


def test_whoever_closes_the_window_finds_all_that_was_liked(
    window: Window, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()
    monkeypatch.setattr(galleries, "write", lambda items, path: slow.wait(60) and gallery_file.write(items, path))
    assert window.gallery is not None
    for number in range(3):
        window.gallery.like(f"{number}", Recipe(psi=number), picture())
    flush = window.gallery.flush
    monkeypatch.setattr(window.gallery, "flush", lambda: (slow.set(), flush()))
    window.close()
    assert [item.name for item in read(home / "gallery.json")] == ["2", "1", "0"]


def test_a_damaged_gallery_is_kept_beside_the_new_one(home: Path) -> None:
    path = home / "gallery.json"
    path.write_text("damaged")
    gallery = Gallery(path)
    assert not gallery.items
    gallery.like("new", Recipe(), picture())
    gallery.flush()
    assert names(Gallery(path)) == ["new"]
    assert (home / "gallery.damaged.json").read_text() == "damaged"


def test_a_gallery_that_cannot_be_written_says_so_and_goes_on(qtbot: QtBot, home: Path) -> None:
    gallery = Gallery(home / "missing" / "gallery.json")
    with qtbot.waitSignal(gallery.failed) as failed:
        gallery.like("x", Recipe(), picture())
    assert "not written" in failed.args[0]
    assert names(gallery) == ["x"]


def test_reading_what_was_written_gives_the_same(gallery: Gallery, home: Path) -> None:
    gallery.like("äöü <b>", Recipe(psi=-0.5), picture())
    gallery.write(home / "copy.json")
    gallery.flush()
    again = Gallery(gallery._path)
    again.write(home / "again.json")
    assert (home / "copy.json").read_bytes() == (home / "again.json").read_bytes() == gallery._path.read_bytes()
    assert gallery_file.to_plain(again.items) == json.loads(gallery._path.read_text(encoding="utf-8"))["items"]
