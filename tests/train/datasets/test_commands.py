"""`dataset pack|info|check|portraits`, as a user calls them."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

import main
from engine.errors import TrainingError
from tests.train.datasets.conftest import encoded, random_pixels
from train.presets import preset

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def dataset(capsys):
    """Runs the command; status, stdout, stderr."""

    def run(*words):
        status = main.main(["dataset", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_folder_is_packed_described_and_checked(dataset, folder, tmp_path):
    root = folder({"cat/a.png": None, "cat/b.png": None, "dog/c.png": None, "notes.txt": b"x"})
    out = tmp_path / "out.zip"
    status, said, err = dataset("pack", root, out, "--resolution", 8, "--filter", "box")
    assert (status, err) == (0, "")
    assert "3 pictures of 8x8, RGB, from set; crop center, filter box" in said
    status, said, _ = dataset("info", root)
    assert status == 0
    assert "2 from folders: cat (2), dog (1)" in said
    assert "notes.txt" in said
    status, said, _ = dataset("info", out, "--json")
    told = json.loads(said)
    assert (told["kind"], told["pictures"], told["sizes"], told["class_counts"]) == ("zip", 3, [[8, 8, 3]], [2, 1])
    assert told["record"]["crop"] == "center"
    assert dataset("check", out)[:2] == (0, "3 pictures, all good\n")


def test_check_lists_every_offender_with_its_reason_in_one_pass(dataset, folder):
    files = {f"{i}.png": None for i in range(3)}
    files |= {"big.png": encoded(Image.new("L", (32, 32))), "cut.png": encoded(random_pixels(9))[:400]}
    files |= {"no.jpg": b"hello", "dataset.json": b'{"labels": ['}
    status, said, err = dataset("check", folder(files))
    assert status == 2
    lines = dict(line.split(": ", 1) for line in said.splitlines())
    assert set(lines) == {"big.png", "cut.png", "no.jpg", "dataset.json"}
    assert "32x32, most are 16x16" in lines["big.png"]
    assert "damaged" in lines["cut.png"]
    assert err.startswith("error: 4 faults in the 6 images of set, first ")
    assert err.count("\n") == 1
    status, said, _ = dataset("check", folder(files), "--resolution", 32, "--json")
    assert len(json.loads(said)["faults"]) == 6


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            [["b.png", 1], ["b.png", 2], ["gone.png", 0]],
            {"a": "no label", "b": "two labels", "c": "no label", "gone": "no p"},
        ),
        ([["a.png", "cat"], ["b.png", 1], ["c.png", -1]], {"a": '"cat"', "c": "-1"}),
    ],
)
def test_check_lists_every_wrong_label_by_its_picture(dataset, folder, labels, expected):
    files = dict.fromkeys(("a.png", "b.png", "c.png")) | {"dataset.json": json.dumps({"labels": labels}).encode()}
    status, said, err = dataset("check", folder(files))
    lines = dict(line.split(": ", 1) for line in said.splitlines())
    assert status == 2
    assert set(lines) == {f"{name}.png" for name in expected}
    assert all(reason in lines[f"{name}.png"] for name, reason in expected.items())
    assert err.count("\n") == 1


def test_sizes_do_not_matter_before_packing(dataset, folder):
    root = folder({"a.png": encoded(Image.new("RGB", (30, 20))), "b.png": None})
    assert dataset("check", root)[0] == 2
    assert dataset("check", root, "--any-size")[:2] == (0, "2 pictures, all good\n")


@pytest.mark.parametrize(
    ("size", "reason"), [((32, 16), "not square"), ((17, 17), "no power of two"), ((2, 2), "too small")]
)
def test_sets_that_no_network_fits_are_told_so(dataset, folder, size, reason):
    status, said, _ = dataset("check", folder({"a.png": encoded(Image.new("RGB", size))}))
    assert status == 2
    assert reason in said


@pytest.mark.parametrize("side", [4, 8, 1024, 2048, 4096])
def test_check_takes_the_sizes_that_training_takes(dataset, folder, side):
    root = folder({"a.png": encoded(Image.new("L", (side, side)))})
    status, said, _ = dataset("check", root)
    try:
        preset("stylegan2-auto", side)
    except TrainingError:
        assert (status, "no power of two from 8 to 1024" in said) == (2, True)
    else:
        assert status == 0


@pytest.mark.parametrize("side", [0, -16, 4, 24, 2048])
def test_check_refuses_a_resolution_that_training_refuses(dataset, folder, side):
    status, said, err = dataset("check", folder(["a.png"]), "--resolution", side)
    assert (status, said) == (2, "")
    assert err == f"error: a resolution of {side} fits no network - give a power of two from 8 to 1024\n"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
@pytest.mark.parametrize("out", ["out.zip", "out"])
def test_sigterm_leaves_nothing_behind(tmp_path, out):
    command = ["dataset", "portraits", "--count", "100000", "--resolution", "32", "--workers", "1", "--out"]
    process = subprocess.Popen([sys.executable, str(ROOT / "main.py"), *command, str(tmp_path / out)])
    while not list(tmp_path.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=60) == 143
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("info",), ("check",), ("pack", "OUT.zip", "--resolution", 32)])
def test_portraits_are_not_read_but_the_command_that_writes_them_is_told(dataset, words):
    status, _, err = dataset(words[0], "portraits", *words[1:])
    assert status == 2
    assert "`dataset portraits --count N" in err


def test_portraits_are_written(dataset, tmp_path):
    status, said, _ = dataset("portraits", "--count", 2, "--resolution", 32, "--out", tmp_path / "p.zip", "--seed", 3)
    assert status == 0
    assert "2 pictures of 32x32, RGB, from portraits" in said
    assert dataset("check", tmp_path / "p.zip")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("pack", "SET", "OUT.zip"), ("pack", "SET", "OUT.zip", "--resolution", 100),
        ("pack", "SET", "OUT", "--resolution", 8),
        ("pack", "SET", "OUT.zip", "--resolution", 8, "--background", "red"),
        ("pack", "SET", "OUT.zip", "--resolution", 8, "--crop", "left"),
        ("pack", "SET", "OUT.zip", "--resolution", 8, "--workers", 0), ("pack", "gone", "OUT.zip", "--resolution", 8),
        ("info", "portraits"), ("info", "gone"), ("check", "portraits"),
        ("check", "SET", "--any-size", "--resolution", 8),
        ("portraits", "--count", 0, "--resolution", 32, "--out", "OUT"), ("mend",), (),
        ("portraits", "--count", 1, "--resolution", 48, "--out", "OUT"),
        ("portraits", "--count", 1, "--resolution", 32, "--seed", -1, "--out", "OUT"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_line_and_leaves_nothing(dataset, folder, tmp_path, monkeypatch, words):
    folder(["a.png"], "SET")
    monkeypatch.chdir(tmp_path)
    status, _, err = dataset(*words)
    assert status == 2
    assert err.startswith("error: ")
    assert " - " in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["SET"]


def test_the_command_needs_no_torch():
    code = "import train.dataset_cli, train.datasets.pack, train.datasets.drawn, train.datasets.loader, sys"
    code += "; sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
