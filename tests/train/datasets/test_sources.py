"""What is found in folders and zips, under which name, and what tells one data set from another."""

import os
import shutil
import zipfile

import pytest

from engine.errors import TrainingError
from train.datasets.faults import Unusable
from train.datasets.sources import open_source


def names(path):
    return open_source(path).names


def test_pictures_of_any_depth_are_found_and_sorted_by_name(folder):
    assert names(folder(["b.png", "a/z/deep.JPG", "a/b.webp", "c.TIFF"])) == [
        "a/b.webp",
        "a/z/deep.JPG",
        "b.png",
        "c.TIFF",
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_holds_what_the_folder_held(folder, zipped, method):
    root = folder(["b.png", "a/c.png"])
    files = {name: (root / name).read_bytes() for name in ("b.png", "a/c.png")}
    source, other = open_source(zipped(files, method=method)), open_source(root)
    assert source.names == other.names
    assert [source.read(i) for i in range(2)] == [other.read(i) for i in range(2)]


def test_what_is_no_picture_is_skipped_and_said_so(zipped):
    junk = [
        "__MACOSX/._a.png",
        ".DS_Store",
        "Thumbs.db",
        "read.me",
        "film.gif",
        "x/.hidden/b.png",
        "../up.png",
        "/abs.png",
    ]
    source = open_source(zipped(dict.fromkeys(["a.png", "dataset.json", *junk], b"x") | {"a.png": None}))
    assert source.names == ["a.png"]
    assert sorted(fault.name for fault in source.skipped) == sorted(junk)
    assert all(fault.reason for fault in source.skipped)


def test_links_to_folders_pipes_and_dangling_links_do_not_hold_it_up(folder):
    root = folder(["a.png", "sub/b.png"])
    (root / "loop").symlink_to(root)
    (root / "gone.png").symlink_to("nowhere.png")
    (root / "linked.png").symlink_to("a.png")
    os.mkfifo(root / "pipe.png")
    source = open_source(root)
    assert source.names == ["a.png", "linked.png", "sub/b.png"]
    assert {fault.name for fault in source.skipped} == {"loop", "gone.png", "pipe.png"}


def test_a_name_that_a_zip_has_twice_is_a_fault(zipped):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(zipped({"a.png": None}), "a") as archive:
        archive.writestr("a.png", b"other")
    source = open_source(archive.filename)
    assert source.names == ["a.png"]
    assert [(fault.name, "twice" in fault.reason) for fault in source.faults] == [("a.png", True)]


def test_a_member_whose_bytes_were_changed_cannot_be_read(zipped):
    path = zipped({"a.png": None})
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with pytest.raises(Unusable, match="cannot be read"):
        open_source(path).read(0)


@pytest.mark.parametrize("what", ["gone", "text", "empty"])
def test_a_path_that_holds_no_pictures_is_refused(tmp_path, what):
    path = tmp_path / what
    if what == "text":
        path.write_text("hello")
    if what == "empty":
        path.mkdir()
    with pytest.raises(TrainingError, match={"gone": "no data set", "text": "no zip", "empty": "no image"}[what]):
        open_source(path)


def test_a_fingerprint_knows_names_sizes_and_labels_but_neither_place_nor_time(folder, tmp_path):
    root = folder(["a.png", "b.png"])
    before = open_source(root).fingerprint()
    moved = shutil.copytree(root, tmp_path / "elsewhere")
    os.utime(moved / "a.png", (1, 1))
    assert open_source(moved).fingerprint() == before
    seen = {before}
    for change in (
        lambda: (moved / "dataset.json").write_text('{"labels": null}'),
        lambda: (moved / "a.png").write_bytes(b"longer" * 1000),
        lambda: (moved / "a.png").rename(moved / "c.png"),
        lambda: (moved / "b.png").unlink(),
    ):
        change()
        seen.add(open_source(moved).fingerprint())
    assert len(seen) == 5


def test_labels_that_lie_one_folder_down_are_in_the_fingerprint_and_those_of_the_root_stay_as_they_were(zipped):
    def fingerprint(files, where):
        return open_source(zipped({"set/a.png": b"1", "set/b.png": b"22", **files}, where)).fingerprint()

    plain = fingerprint({}, "0.zip")
    below = [fingerprint({"set/dataset.json": t}, f"{i}.zip") for i, t in enumerate((b"1", b"2"), 1)]
    assert plain == "1f52f2578d5aca8040cc5dcaeb502cd9"  # runs remember theirs
    assert len({plain, *below}) == 3
    root = fingerprint({"dataset.json": b"1"}, "3.zip")
    assert root == "b78fd91476a73fd3a786da6027122c83"
    assert fingerprint({"dataset.json": b"1", "set/dataset.json": b"2"}, "4.zip") == root  # it is read, not the other


def test_a_folder_of_the_same_names_and_sizes_but_other_pictures_has_another_fingerprint(folder, tmp_path):
    root = folder([f"{i:03}.png" for i in range(200)])
    before = open_source(root).fingerprint()
    for path in root.iterdir():  # as when the same pictures are made anew with other colours, not compressed
        path.write_bytes(path.read_bytes()[::-1])
    assert open_source(root).fingerprint() != before


def test_a_zip_with_one_other_bit_has_another_fingerprint(zipped):
    one, other = zipped({"a.png": b"12345"}), zipped({"a.png": b"12346"}, "other.zip")
    assert open_source(one).fingerprint() != open_source(other).fingerprint()
