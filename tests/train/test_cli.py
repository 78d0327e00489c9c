"""`python main.py train`, through the one door."""

import json

import pytest
from PIL import Image

import main
from tests.train.datasets.conftest import random_pixels

TRAIN = ["train", "--preset", "stylegan2-portraits-32", "--data", "portraits"]


def test_dry_run_prints_the_settings_and_touches_nothing(tmp_path, capsys):
    assert main.main([*TRAIN, "--out", str(tmp_path / "run"), "--kimg", "7", "--set", "lr=0.001", "--dry-run"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["kimg"], printed["lr"], printed["preset"]) == (7, 0.001, "stylegan2-portraits-32")
    assert not list(tmp_path.iterdir())


def test_wrong_words_get_one_line_and_status_two(tmp_path, capsys):
    out = ["--out", str(tmp_path / "run")]
    wrong = (
        ["train", "--preset", "nothing", "--data", "portraits", *out],
        [*TRAIN, *out, "--set", "lr"],
        [*TRAIN, *out, "--kimg", "none"],
        [*TRAIN, *out, "--kimg", "-3"],
        ["train", "--preset", "stylegan2-portraits-32", "--data", "/no/such/folder", *out],
        [*TRAIN],
    )
    for words in wrong:
        assert main.main(words) == 2, words
        error = capsys.readouterr().err
        assert error.startswith("error: "), words
        assert error.count("\n") == 1, words


def test_a_world_without_torchrun_is_refused(tmp_path, monkeypatch, capsys):
    """Whoever divides the batch and whoever joins the processes ask the same rule."""
    for size in ("2", "many"):
        monkeypatch.setenv("WORLD_SIZE", size)
        for dry in (["--dry-run"], []):
            assert main.main([*TRAIN, "--out", str(tmp_path / "run"), *dry]) == 2
            error = capsys.readouterr().err
            assert error.count("\n") == 1
            assert f"WORLD_SIZE is {size} in the environment, but torchrun did not start this process" in error
    assert not list(tmp_path.iterdir())


def test_a_rank_without_torchrun_is_that_of_somebody_else(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert main.main([*TRAIN, "--out", str(tmp_path / "run"), "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["preset"] == TRAIN[2]


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(16):
        Image.fromarray(random_pixels(i, 16)).save(folder / f"{i:02}.png")
    return folder


def test_the_same_command_again_continues(photos, tmp_path, capsys):
    small = ["G.channel_base=64", "G.channel_max=8", "D.channel_base=64", "D.channel_max=8", "G.z_dim=8", "G.w_dim=8"]
    sizes = ["batch=8", "tick_kimg=0.016", "augment=none"]
    words = [
        "train",
        "--preset",
        "stylegan2-auto",
        "--data",
        str(photos),
        "--out",
        str(tmp_path / "run"),
        "--device",
        "cpu",
    ]
    for setting in small + sizes:
        words += ["--set", setting]
    assert main.main([*words, "--kimg", "0.016"]) == 0
    assert main.main([*words, "--kimg", "0.032"]) == 0
    printed = capsys.readouterr().out
    assert "continuing at 0.016 kimg" in printed
    assert "images/s" in printed
    lines = (tmp_path / "run" / "stats.jsonl").read_text().splitlines()
    assert [json.loads(line)["kimg"] for line in lines] == [0.016, 0.032]
