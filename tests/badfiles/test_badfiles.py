"""Every bad file ends as its index says, within its memory and time, and none of the hostile ones does its harm."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from engine.picture import RECIPE_KEY
from tests.badfiles import make_badfiles

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES, SECONDS = 512, 10  # for files that set no bounds of their own
PATIENCE = 6  # a busy machine gives a process a part of its time: this many times longer is a hang
EDITED: dict[str, list[str]] = {}  # name -> words of ours where the index's proposal does not fit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits its memory by /proc and RLIMIT_AS")


class Entry:
    """One file of the index, and its place on this disk."""

    def __init__(self, folder, row):
        name, self.kind, self.must, self.words, self.data, extra = row
        self.name, self.path = name, folder / name
        self.hostile = extra.get("hostile", False)
        self.runs_with = extra.get("runs_with", "no")
        self.max_mb, self.max_seconds = extra.get("max_mb", MEGABYTES), extra.get("max_seconds", SECONDS)

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.data == "DIR":
            self.path.mkdir()
        elif self.data == "FIFO":
            os.mkfifo(self.path)
        elif isinstance(self.data, str):
            self.path.symlink_to(self.data.removeprefix("LINK:"))
        else:
            self.path.write_bytes(self.data)
            self.data = b""


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    make_badfiles.OUT.clear()
    for make in ("hostile", "bombs", "safetensors", "models"):
        getattr(make_badfiles, f"make_{make}")()
    make_badfiles.make_images(RECIPE_KEY)
    found = [Entry(folder, row) for row in make_badfiles.OUT]
    make_badfiles.OUT.clear()
    for entry in found:
        entry.write()
    return found


class Doors:
    """The child that opens files, started again should one have ended it."""

    def __init__(self, marker):
        self.marker, self.child = marker, None

    def open(self, entry, out):
        if self.child is None:
            environment = os.environ | {"BADFILES_MARKER": str(self.marker), "OPENBLAS_NUM_THREADS": "1"}
            command = [sys.executable, "-m", "tests.badfiles.doors"]
            self.child = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        thorough = entry.hostile or entry.must == "opens"
        job = {"path": str(entry.path), "kind": entry.kind, "max_mb": entry.max_mb, "thorough": thorough}
        self.child.stdin.write(json.dumps(job | {"out": str(out)}) + "\n")
        self.child.stdin.flush()
        if not select.select([self.child.stdout], [], [], PATIENCE * entry.max_seconds)[0]:
            self.close()
            return {"said": {"time": "FAULT: it hangs"}, "seconds": 0, "torch": False}
        line = self.child.stdout.readline()
        if not line:
            self.close()
            return {"said": {"crash": "FAULT: it ended the process"}, "seconds": 0, "torch": False}
        return json.loads(line)

    def close(self):
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
            self.child = None


def faults(entry, answer):
    """What is wrong with what came of an entry, in words."""
    for door, said in answer["said"].items():
        if said.startswith("FAULT"):
            yield f"{door}: {said}"
        elif said:
            if entry.must == "opens":
                yield f"{door} refuses it: {said}"
            if door in ("info", "convert", "read_info", "recipe"):
                yield from faults_of_sentence(entry, door, said)
        elif entry.must == "refused" and door != "by content id":
            yield f"{door} opens it"
    if answer["seconds"] > entry.max_seconds:
        yield f"takes {answer['seconds']:.1f} s"
    if answer["torch"]:
        yield "imports torch"


def faults_of_sentence(entry, door, said):
    words = EDITED.get(entry.name, entry.words)
    if not said.startswith("error: ") or said.count("\n") != 1 or " - " not in said or len(said) > 600:
        yield f"{door} says no plain sentence: {said!r}"
    if words and not any(word in said for word in words):
        yield f"{door} says none of {words}: {said}"
    if "Traceback" in said:
        yield f"{door} shows a traceback"


def test_every_bad_file_ends_as_the_index_says(entries, tmp_path):
    doors, wrong = Doors(tmp_path / "marker"), []
    try:
        for entry in entries:
            out = tmp_path / "out.safetensors"
            wrong += [f"{entry.name}: {fault}" for fault in faults(entry, doors.open(entry, out))]
            if (tmp_path / "marker").exists():
                (tmp_path / "marker").unlink()
                wrong.append(f"{entry.name} DID ITS HARM")
            if out.exists() != (entry.must == "opens" and entry.kind == "model"):
                wrong.append(f"{entry.name}: convert left {sorted(p.name for p in tmp_path.iterdir())}")
            out.unlink(missing_ok=True)
    finally:
        doors.close()
    assert len(entries) > 300
    assert sum(entry.hostile for entry in entries) > 60
    assert not list(tmp_path.iterdir())
    assert not wrong, f"{len(wrong)} of {len(entries)}:\n" + "\n".join(wrong)


def harmful(loader, paths):
    command = [sys.executable, "-m", "tests.badfiles.control", loader, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
    return set(json.loads(done.stdout))


def test_the_hostile_files_do_their_harm_under_plain_pickle(entries):
    """The control: without it the test above would pass with harmless files."""
    found = {str(entry.path) for entry in entries if entry.runs_with == "pickle.load"}
    assert len(found) > 40
    assert harmful("pickle", sorted(found)) == found


@pytest.mark.slow
def test_the_hostile_torch_files_do_their_harm_under_torch(entries):
    for loader, with_ in (("torch", "torch.load(weights_only=False)"), ("pickle", "pickle.load with torch")):
        found = {str(entry.path) for entry in entries if entry.runs_with == with_}
        assert len(found) > 3
        assert harmful(loader, sorted(found)) == found
