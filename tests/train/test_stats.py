"""What a run reports: the line, stats.jsonl, TensorBoard where it is installed."""

import json
import sys
import types

import pytest
import torch

from engine.errors import TrainingError
from train import stats

ENTRY = {"kimg": 0.016, "time": "now", "loss_G": 0.5, "images_per_second": 8.0, "data_wait": 0.02}


def test_means_leave_out_what_is_no_number():
    meter = stats.Meter()
    for value in (1.0, float("nan"), 3.0):
        meter.add("loss_G", torch.tensor([value, value]))
    meter.add("r1", torch.tensor(float("inf")))
    assert meter.take() == {"loss_G": 2.0}
    assert meter.take() == {}


def test_tensorboard_gets_every_number_where_it_is_installed(tmp_path, monkeypatch):
    given = []

    class SummaryWriter:
        def __init__(self, folder):
            given.append(folder)

        def add_scalar(self, name, value, global_step):
            given.append((name, value, global_step))

        def close(self):
            given.append("closed")

    monkeypatch.setattr(stats, "find_spec", lambda name: name)
    fake = types.SimpleNamespace(SummaryWriter=SummaryWriter)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", fake)
    board = stats.Board(tmp_path)
    board.add(ENTRY)
    board.close()
    numbers = [("loss_G", 0.5, 16), ("images_per_second", 8.0, 16), ("data_wait", 0.02, 16)]
    assert given == [str(tmp_path), *numbers, "closed"]


def test_without_tensorboard_nothing_happens(tmp_path, monkeypatch):
    monkeypatch.setattr(stats, "find_spec", lambda name: None)
    board = stats.Board(tmp_path)
    board.add(ENTRY)
    board.close()
    assert not list(tmp_path.iterdir())


def test_a_line_is_an_object_and_one_that_cannot_be_written_is_an_error_in_words(tmp_path):
    stats.append_line(tmp_path / "stats.jsonl", ENTRY)
    with (tmp_path / "stats.jsonl").open("a") as file:
        file.write('{"kimg": 0.')  # the power went
    stats.append_line(tmp_path / "stats.jsonl", ENTRY)
    first, half, second = (tmp_path / "stats.jsonl").read_text().splitlines()
    assert (json.loads(first), half, json.loads(second)) == (ENTRY, '{"kimg": 0.', ENTRY)
    with pytest.raises(TrainingError, match="free some space"):
        stats.append_line(tmp_path, ENTRY)


def test_distances_are_read_from_whole_lines_that_hold_numbers(tmp_path):
    path = tmp_path / "stats.jsonl"
    assert stats.distances(path) == {}
    lines = (ENTRY, {"kimg": 0.04, "swd": 5.0}, {"kimg": 0.08, "swd": float("nan")}, {"kimg": 1, "swd": 4, "swd_16": 4})
    path.write_text("\n".join(json.dumps(line) for line in lines) + '\n{"kimg": 2, "swd": 1')
    assert stats.distances(path) == {40: 5.0, 1000: 4.0}


@pytest.mark.parametrize(("seconds", "text"), [(-1, "0s"), (8, "8s"), (750, "12m 30s"), (7500, "2h 05m")])
def test_the_progress_line_tells_time_left_for_people(seconds, text):
    line = stats.progress_line({**ENTRY, "augment_p": 0.25, "skipped": 3}, seconds)
    assert line.endswith(f"left {text}")
    assert "8.0 images/s" in line
    assert "p 0.250" in line
    assert "skipped 3" in line
