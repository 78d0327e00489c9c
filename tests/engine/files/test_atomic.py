"""A file is written whole or not at all, and no temporary file is left."""

import os
import stat
from pathlib import Path

import pytest

from engine.errors import StylescopeError
from engine.files.atomic import write_atomically, write_bytes


def test_content_replaces_content(tmp_path):
    path = tmp_path / "file"
    write_bytes(path, b"one")
    write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def write_half():
        with write_atomically(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises((error, StylescopeError)):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_file_lies_beside_and_says_whose_it_is(tmp_path):
    with write_atomically(tmp_path / "file") as file:
        file.write(b"x")
        assert [p.name for p in tmp_path.iterdir()] == [f".file.{os.getpid()}.tmp"]


def test_a_left_over_of_a_killed_process_is_no_hindrance(tmp_path):
    (tmp_path / f".file.{os.getpid()}.tmp").write_bytes(b"half")
    write_bytes(tmp_path / "file", b"whole")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_said_in_words(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StylescopeError, match="No space left on device") as refusal:
        write_bytes(tmp_path / "file", b"x")
    assert "free some space" in refusal.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StylescopeError, match=r"folder .*none does not exist"):
        write_bytes(tmp_path / "none" / "file", b"x")


def test_folders_and_devices_are_not_written_over(tmp_path):
    with pytest.raises(StylescopeError, match="folder"):
        write_bytes(tmp_path, b"x")
    if Path("/dev/null").exists():
        with pytest.raises(StylescopeError, match="ordinary"):
            write_bytes("/dev/null", b"x")
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_impossible_names_are_refused(tmp_path, name):
    with pytest.raises(StylescopeError):
        write_bytes(tmp_path / name, b"x")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
