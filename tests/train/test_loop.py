"""A run survives: it continues exactly where it was, skips damaged state, refuses other settings."""

import dataclasses
import itertools
import json
import time
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from engine.errors import TrainingError
from engine.files import native
from train import checkpoint, loop
from train.checkpoint import Counters
from train.data import Order
from train.networks import build

CPU = torch.device("cpu")


def train(config, out, **options):
    return loop.train(config, out, CPU, quiet=True, **options)


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def states(run):
    return sorted(p.name for p in run.glob("state-*.safetensors"))


def test_a_run_leaves_models_samples_statistics_and_settings(tiny, pictures, tmp_path):
    assert train(tiny, tmp_path / "run") == 0
    run = tmp_path / "run"
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    assert [line["kimg"] for line in lines] == [0.016, 0.032, 0.048, 0.064, 0.08]
    assert {"loss_G", "loss_D", "images_per_second", "data_wait"} <= set(lines[0])
    assert json.loads((run / "config.json").read_text())["preset"] == tiny.preset
    info = native.read(run / "model-000000.080.safetensors").info
    assert info.resolution == 16
    assert info.training["kimg"] == 0.08
    assert size_of(run / "samples" / "reals.png") == (128, 80)
    assert size_of(run / "samples" / "000000.080.png") == (128, 128)


def test_an_interrupted_run_ends_with_the_bytes_of_an_uninterrupted_one(tiny, pictures, tmp_path):
    train(tiny, tmp_path / "whole")
    train(dataclasses.replace(tiny, kimg=0.032), tmp_path / "parts")
    train(tiny, tmp_path / "parts")
    whole = states(tmp_path / "whole")
    assert whole == ["state-000000.040.safetensors", "state-000000.080.safetensors"]
    ours = checkpoint.load_newest
    a, b = (build(tiny, CPU) for _ in range(2))
    assert ours(tmp_path / "whole", a).step == ours(tmp_path / "parts", b).step == 10
    for p, q in zip(checkpoint.tensors(a).items(), checkpoint.tensors(b).items(), strict=True):
        assert p[0] == q[0]
        assert torch.equal(p[1], q[1]), p[0]
    assert states(tmp_path / "parts") == [f"state-000000.0{kimg}.safetensors" for kimg in (32, 72, 80)]


def test_a_run_whose_minutes_are_over_ends_with_a_snapshot_and_goes_on(tiny, pictures, tmp_path, monkeypatch):
    minutes = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 60 * next(minutes), perf_counter=time.perf_counter)
    monkeypatch.setattr("train.session.time", clock)  # a minute passes whenever somebody looks
    assert train(tiny, tmp_path / "run", max_minutes=5) == 0
    assert 0 < checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen < 80
    assert train(tiny, tmp_path / "run") == 0
    assert checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen == 80


def test_the_time_left_is_that_of_the_pictures_left(tiny, pictures, tmp_path, monkeypatch):
    left = []
    told = "train.stats.progress_line"
    monkeypatch.setattr(told, lambda entry, seconds: left.append(seconds * entry["images_per_second"]) or "")
    loop.train(tiny, tmp_path / "run", CPU)
    assert left == pytest.approx([64, 48, 32, 16, 0])


def test_a_damaged_state_is_skipped_for_the_one_before(tiny, pictures, tmp_path):
    train(tiny, tmp_path / "run")
    old, new = sorted((tmp_path / "run").glob("state-*"))
    data = bytearray(new.read_bytes())
    data[len(data) // 2] ^= 1
    new.write_bytes(data)
    assert checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen == 40
    old.write_bytes(b"short")
    with pytest.raises(TrainingError, match="damaged"):
        checkpoint.load_newest(tmp_path / "run", build(tiny, CPU))


def test_other_settings_in_the_same_folder_are_refused_by_name(tiny, pictures, tmp_path):
    train(tiny, tmp_path / "run")
    with pytest.raises(TrainingError, match="lr"):
        train(dataclasses.replace(tiny, lr=0.1), tmp_path / "run")


def test_steps_that_are_ahead_may_be_changed_and_those_behind_not(tiny, pictures, tmp_path):
    config = dataclasses.replace(tiny, lr_from=((0.02, 0.001), (5.0, 0.0005)))
    train(config, tmp_path / "run")
    longer = dataclasses.replace(config, kimg=0.096)
    assert train(dataclasses.replace(longer, lr_from=((0.02, 0.001), (0.5, 0.0001))), tmp_path / "run") == 0
    with pytest.raises(TrainingError, match="lr_from"):
        train(dataclasses.replace(longer, lr_from=((0.03, 0.001),)), tmp_path / "run")


def test_a_folder_with_other_things_is_left_alone(tiny, pictures, tmp_path):
    (tmp_path / "photo.jpg").write_text("mine")
    with pytest.raises(TrainingError, match="holds no run"):
        train(tiny, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["photo.jpg"]


def test_weights_that_are_no_numbers_are_never_written(tiny, pictures, tmp_path):
    n = build(tiny, CPU)
    with torch.no_grad():
        next(iter(n.G.parameters())).fill_(float("nan"))
    with pytest.raises(TrainingError, match="finite"):
        checkpoint.save(tmp_path, n, Counters(seen=1, step=1))
    assert not list(tmp_path.iterdir())


def test_order_shows_every_picture_once_an_epoch_and_depends_on_nothing_before():
    order = Order(10, seed=3)
    first = order.indices(0, 10)
    assert sorted(first) == list(range(10))
    assert list(Order(10, seed=3).indices(5, 10)) == [*first[5:], *order.indices(10, 5)]
    assert list(Order(10, seed=4).indices(0, 10)) != list(first)
