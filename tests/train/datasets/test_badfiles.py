"""Every data set of the bad files ends as their index says: in `info`, `check`, `pack` and where a run opens it."""

import os
import sys
import time
from pathlib import Path

import pytest

import main
from engine.errors import StylescopeError
from tests.badfiles import make_badfiles
from train.datasets.faults import Unusable
from train.datasets.pictures import open_set


class Memory:
    """The most that this process held since it was asked, in MB; Linux only."""

    def __init__(self):
        self.known = sys.platform == "linux"
        if self.known:
            Path("/proc/self/clear_refs").write_text("5")
            self.before = self._of("VmRSS")

    def peak(self):
        return self._of("VmHWM") - self.before if self.known else 0

    def _of(self, what):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """(path, must, words, bounds) of every data set; a folder is one entry."""
    root = tmp_path_factory.mktemp("bad")
    make_badfiles.OUT.clear()
    make_badfiles.make_datasets()
    found = {}
    for name, _, must, words, data, extra in make_badfiles.OUT:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data == "DIR":
            path.mkdir()
        elif data == "FIFO":
            os.mkfifo(path)
        elif isinstance(data, str):
            path.symlink_to(data.removeprefix("LINK:"))
        else:
            path.write_bytes(data)
        whole = extra.get("part_of", name)
        if whole not in found or must == "opens":
            found[whole] = (root / whole, must, words, extra.get("max_mb", 1024), extra.get("max_seconds", 20))
    make_badfiles.OUT.clear()
    return list(found.values())


def sentence(capsys, *words):
    """The error line of a command, "" when it was well; anything else fails."""
    status = main.main([str(word) for word in words])
    error = capsys.readouterr().err
    assert status in (0, 2), (words, error)
    assert (status == 2) == bool(error), (words, error)
    return error


def trained(path):
    """The error line of a run that would use it, every picture read once."""
    try:
        data = open_set(path, resolution=16, channels=3)
    except StylescopeError as error:
        return f"error: {error}\n"
    for index in range(len(data)):
        try:
            assert data.read(index).shape == (16, 16, 3)
        except Unusable as error:
            return f"error: {data.name(index)}: {error} - stands in\n"
    return ""


def faults(door, must, words, error):
    if error and must == "opens":
        yield f"{door} refuses it: {error}"
    if not error and must == "refused":
        yield f"{door} opens it"
    if error and not (error.startswith("error: ") and error.count("\n") == 1 and " - " in error and len(error) < 700):
        yield f"{door} says no plain sentence: {error!r}"
    if error and words and not any(word in error for word in words):
        yield f"{door} says none of {words}: {error}"


def test_every_bad_data_set_ends_as_the_index_says(entries, tmp_path, capsys):
    wrong = []
    for path, must, words, max_mb, max_seconds in entries:
        out = tmp_path / "out.zip"
        doors = {
            "info": lambda path=path: sentence(capsys, "dataset", "info", path, "--quiet"),
            "check": lambda path=path: sentence(capsys, "dataset", "check", path, "--quiet", "--workers", "1"),
            "pack": lambda path=path, out=out: sentence(
                capsys, "dataset", "pack", path, out, "--resolution", "16", "--quiet", "--workers", "1"
            ),
            "run": lambda path=path: trained(path),
        }
        for door, opened in doors.items():
            memory, began = Memory(), time.process_time()
            error = opened()
            seconds, held = time.process_time() - began, memory.peak()
            wrong += [f"{path.name}: {fault}" for fault in faults(door, must, words, error)]
            if held > max_mb or seconds > max_seconds:
                wrong.append(f"{path.name}: {door} takes {held:.0f} MB and {seconds:.1f} s")
            if door == "pack" and out.exists() == bool(error):
                wrong.append(f"{path.name}: refused, and left a file" if error else f"{path.name}: no file")
        out.unlink(missing_ok=True)
        assert not list(tmp_path.iterdir()), path.name
    assert len(entries) > 70
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)


def test_most_of_what_may_open_does(entries, capsys):
    """Refusing everything would pass the test above."""
    refused = {}
    for path, must, *_ in entries:
        if must != "refused":
            error = sentence(capsys, "dataset", "check", path, "--quiet", "--workers", "1", "--any-size")
            if error:
                refused[path.name] = error
    assert set(refused) == {
        "duplicate_names.zip", "non_image_png.zip", "zero_byte_image.zip", "truncated_jpeg.zip", "jpeg_header_only.zip",
        "all_float_tiff.zip", "mixed_float_tiff.zip", "huge_dimensions.zip", "pixel_bomb_real.zip", "member_bomb.zip",
    }  # fmt: skip
