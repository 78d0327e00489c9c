"""Steps that give no numbers and data that fails; what a run measures of itself."""

import dataclasses
import json
import os
import signal

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.errors import TrainingError
from tests.train.datasets.conftest import encoded, random_pixels
from train import checkpoint, loop, session, stats
from train.data import Reals
from train.networks import build

CPU = torch.device("cpu")


def train(config, out, **options):
    return loop.train(config, out, CPU, quiet=True, **options)


def spoilt(monkeypatch, when):
    """Reals that are no numbers, at these steps of this process."""
    at, count = Reals.at, iter(range(10**6))

    def bad(self, seen):
        found, labels = at(self, seen)
        return (found * float("nan") if when(next(count)) else found), labels

    monkeypatch.setattr(Reals, "at", bad)


def test_a_step_with_infinite_gradients_is_skipped_and_counted(tiny, pictures, tmp_path, monkeypatch, no_sheets):
    spoilt(monkeypatch, lambda number: number in (2, 5))
    train(tiny, tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "stats.jsonl").read_text().splitlines()]
    assert [line.get("skipped", 0) for line in lines] == [0, 1, 2, 2, 2]
    assert np.isfinite([value for line in lines for value in line.values() if isinstance(value, float)]).all()
    n = build(tiny, CPU)
    assert checkpoint.load_newest(tmp_path / "run", n).skipped == 2


def test_ten_in_a_row_go_back_to_the_last_snapshot_once(tiny, pictures, tmp_path, monkeypatch, no_sheets, capsys):
    config = dataclasses.replace(tiny, kimg=0.2)
    spoilt(monkeypatch, lambda number: 6 <= number < 16)
    assert train(config, tmp_path / "run") == 0
    assert "back to 0.04 kimg" in capsys.readouterr().err
    counters = checkpoint.load_newest(tmp_path / "run", build(config, CPU))
    assert (counters.seen, counters.detours, counters.skipped, counters.in_a_row) == (200, 1, 10, 0)


@pytest.mark.parametrize(("first", "told"), [(6, "again after going back"), (0, "before the first snapshot")])
def test_twenty_are_the_end(tiny, pictures, tmp_path, monkeypatch, no_sheets, first, told):
    spoilt(monkeypatch, lambda number: number >= first)
    with pytest.raises(TrainingError, match=told):
        train(dataclasses.replace(tiny, kimg=1.0), tmp_path / "run")
    if first:
        assert checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen == 40


def test_data_that_fails_in_the_middle_ends_with_a_snapshot(tiny, pictures, tmp_path, monkeypatch, no_sheets):
    at = Reals.at

    def failing(self, seen):
        if seen >= 24:
            raise TrainingError("more than 1% damaged", "mend it")
        return at(self, seen)

    monkeypatch.setattr(Reals, "at", failing)
    with pytest.raises(TrainingError, match="more than 1%"):
        train(tiny, tmp_path / "run")
    assert checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen == 24


def test_a_damaged_picture_does_not_keep_the_distance_from_being_measured(tiny, tmp_path, no_sheets):
    (tmp_path / "set").mkdir()
    for i in range(120):
        (tmp_path / "set" / f"{i:03}.png").write_bytes(encoded(random_pixels(i))[: 400 if i == 0 else None])
    train(dataclasses.replace(tiny, data=str(tmp_path / "set"), swd_kimg=0.04, swd_pictures=8), tmp_path / "run")
    assert stats.distances(tmp_path / "run" / "stats.jsonl").keys() == {40, 80}


def test_the_distance_to_the_reals_is_measured_and_marks_the_best(tiny, pictures, tmp_path, no_sheets):
    train(dataclasses.replace(tiny, swd_kimg=0.04, swd_pictures=8), tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "stats.jsonl").read_text().splitlines()]
    measured = [line for line in lines if "swd" in line]
    assert [line["kimg"] for line in measured] == [0.04, 0.08]
    assert stats.distances(tmp_path / "run" / "stats.jsonl") == {40: measured[0]["swd"], 80: measured[1]["swd"]}


def test_a_run_that_is_asked_to_end_saves_without_measuring(tiny, pictures, tmp_path, monkeypatch, no_sheets):
    """torchrun waits 30 seconds; to measure large pictures takes minutes."""

    def asked(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        return train_step(*_)

    train_step = session.train_step
    monkeypatch.setattr(session, "train_step", asked)
    monkeypatch.setattr(session.distance, "measured", lambda *_: pytest.fail("measured"))
    assert loop.train(dataclasses.replace(tiny, swd_kimg=0.004), tmp_path / "run", CPU) == signal.SIGTERM
    assert checkpoint.states(tmp_path / "run")


def test_a_distance_that_cannot_be_had_costs_no_state(tiny, pictures, tmp_path, monkeypatch, no_sheets):
    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(session.distance, "measured", fails)
    with pytest.raises(MemoryError):
        train(dataclasses.replace(tiny, swd_kimg=0.04, swd_pictures=8), tmp_path / "run")
    assert checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen == 40


def test_bfloat16_trains_and_keeps_float32_weights(tiny, pictures, tmp_path, no_sheets):
    train(dataclasses.replace(tiny, precision="bfloat16", kimg=0.016), tmp_path / "run")
    assert {t.dtype for t in load_file(checkpoint.states(tmp_path / "run")[0]).values()} == {torch.float32}


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), RuntimeError("can't allocate memory: 9 bytes")])
def test_a_step_that_does_not_fit_names_slices_that_may(tiny, pictures, tmp_path, monkeypatch, no_sheets, error):
    def step(*_):
        raise error

    monkeypatch.setattr(session, "train_step", step)
    with pytest.raises(TrainingError, match="for 16 samples at a time - give --batch-gpu 8 or 4; the run"):
        train(dataclasses.replace(tiny, batch=16), tmp_path / "run")
