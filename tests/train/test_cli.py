"""`python main.py train`, through the one door."""

import json

import main

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


def test_the_same_command_again_continues(tiny, pictures, tmp_path, capsys):
    small = ["G.channel_base=64", "G.channel_max=8", "D.channel_base=64", "D.channel_max=8", "G.z_dim=8", "G.w_dim=8"]
    sizes = ["resolution=16", "G.resolution=16", "D.resolution=16", "batch=8", "tick_kimg=0.016"]
    words = [*TRAIN, "--out", str(tmp_path / "run"), "--device", "cpu"]
    for setting in small + sizes:
        words += ["--set", setting]
    assert main.main([*words, "--kimg", "0.016"]) == 0
    assert main.main([*words, "--kimg", "0.032"]) == 0
    printed = capsys.readouterr().out
    assert "continuing at 0.016 kimg" in printed
    assert "images/s" in printed
    lines = (tmp_path / "run" / "stats.jsonl").read_text().splitlines()
    assert [json.loads(line)["kimg"] for line in lines] == [0.016, 0.032]
