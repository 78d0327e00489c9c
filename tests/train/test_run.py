"""The folder of a run: one trainer, one data set, and snapshots of which a good one is always left."""

import dataclasses
import json
import os

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.errors import StylescopeError, TrainingError
from engine.files import native
from tests.train.datasets.conftest import encoded, random_pixels
from train import checkpoint, loop, run, samples
from train.checkpoint import Counters
from train.data import ArraySet
from train.datasets.labels import Labels
from train.lock import locked
from train.networks import build

CPU = torch.device("cpu")
RECORD = run.DataRecord(fingerprint="a", pictures=40, labels=0)


def train(config, out, **options):
    return loop.train(config, out, CPU, quiet=True, **options)


@pytest.fixture
def folder(tmp_path):
    for i in range(20):
        path = tmp_path / "set" / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(random_pixels(i)))
    return tmp_path / "set"


@pytest.fixture
def no_sheets(monkeypatch):
    monkeypatch.setattr("train.run.fake_grid", lambda *_, **__: np.zeros((8, 8, 3), np.uint8))


def test_a_refused_data_set_leaves_no_folder(tiny, tmp_path):
    for data in ("/no/such/folder", str(tmp_path)):
        with pytest.raises(TrainingError):
            train(dataclasses.replace(tiny, data=data), tmp_path / "run")
        assert not list(tmp_path.iterdir())


def test_a_run_goes_on_with_the_data_it_began_with_wherever_that_lies(tiny, folder, tmp_path, no_sheets):
    config = dataclasses.replace(tiny, data=str(folder), kimg=0.008)
    train(config, tmp_path / "run")
    moved = folder.rename(tmp_path / "elsewhere")
    config = dataclasses.replace(config, data=str(moved), kimg=0.016)
    assert train(config, tmp_path / "run") == 0
    (moved / "cat" / "more.png").write_bytes(encoded(random_pixels(99)))
    before = sorted(p.name for p in (tmp_path / "run").iterdir())
    with pytest.raises(TrainingError, match=r"what differs: pictures \(20 then, 21 now\), fingerprint"):
        train(config, tmp_path / "run")
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == before


def test_settings_that_differ_are_named_with_both_values(tiny, pictures, tmp_path, no_sheets):
    train(dataclasses.replace(tiny, kimg=0.008), tmp_path / "run")
    other = dataclasses.replace(tiny, lr=0.1, generator={**tiny.generator, "z_dim": 4})
    with pytest.raises(TrainingError, match=r"G\.z_dim \(8, not 4\), lr \(0\.002, not 0\.1\)"):
        train(other, tmp_path / "run")


def test_a_conditional_run_shows_a_class_a_row_and_names_them_in_its_models(tiny, folder, tmp_path):
    classes = {"classes": 2}
    config = dataclasses.replace(
        tiny, data=str(folder), generator={**tiny.generator, **classes},
        discriminator={**tiny.discriminator, **classes}, kimg=0.008,
    )  # fmt: skip
    train(config, tmp_path / "run")
    info = native.read_info(next((tmp_path / "run").glob("model-*")))
    assert info.class_names == ("cat", "dog")


def test_grids_have_a_row_for_each_class():
    labels = Labels(np.array([0, 2, 1, 2, 0, 1]), 3, "folders")
    rows = samples.sheet_labels(labels, side=4).reshape(4, 4, 3)
    assert rows.argmax(axis=2).tolist() == [[0] * 4, [1] * 4, [2] * 4, [0] * 4]
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    grid = samples.real_grid(ArraySet(images, labels), conditional=True, side=4)[..., 0]
    assert grid.tolist() == [[0, 4, 0, 4], [2, 5, 2, 5], [1, 3, 1, 3], [0, 4, 0, 4]]
    numbers = Labels(np.array([[0.0, 1.0], [2.0, 3.0]], np.float32), 2, "dataset.json")
    assert samples.sheet_labels(numbers, side=2).tolist() == [[0, 1], [0, 1], [2, 3], [2, 3]]


def test_letterbox_bars_are_noted_in_the_model(tiny, tmp_path):
    record = dataclasses.replace(RECORD, crop_note=(0, 2, 16, 12))
    n = build(tiny, CPU)
    run.write_model(tmp_path / "m.safetensors", n, tiny, run.summary(tiny, Counters(seen=5)), record)
    assert native.read_info(tmp_path / "m.safetensors").training["crop_note"] == [0, 2, 16, 12]


def test_a_second_trainer_is_refused_and_a_lock_never_outlives_its_holder(tiny, pictures, tmp_path, no_sheets):
    config = dataclasses.replace(tiny, kimg=0.008)
    train(config, tmp_path / "run")
    with locked(tmp_path / "run"), pytest.raises(TrainingError, match="another trainer is at work") as caught:
        train(config, tmp_path / "run")
    assert "\n" not in str(caught.value)
    assert train(config, tmp_path / "run") == 0


def test_what_a_killed_trainer_left_is_removed(tiny, pictures, tmp_path, no_sheets):
    config = dataclasses.replace(tiny, kimg=0.008)
    train(config, tmp_path / "run")
    dead = [tmp_path / "run" / ".state-000000.safetensors.123.tmp", tmp_path / "run" / "samples" / ".a.png.9.tmp"]
    for path in dead:
        path.write_bytes(b"half")
    train(config, tmp_path / "run")
    assert not any(path.exists() for path in dead)


def test_a_model_that_was_not_written_any_more_is_written_at_the_next_start(tiny, pictures, tmp_path, no_sheets):
    config = dataclasses.replace(tiny, kimg=0.008)
    train(config, tmp_path / "run")
    model = next((tmp_path / "run").glob("model-*"))
    before = native.read_info(model).content_id
    model.unlink()
    train(config, tmp_path / "run")
    assert native.read_info(model).content_id == before


# --- state files


def saved(out, n, number, **options):
    return checkpoint.save(out, n, Counters(seen=number * 1000, step=number, snapshots=number), **options)


def test_a_state_file_is_a_safetensors_file(tiny, tmp_path):
    n = build(tiny, CPU)
    path = saved(tmp_path, n, 1)
    assert torch.equal(load_file(path)["pl_mean"], n.pl_mean)


def test_every_flipped_bit_is_seen(tiny, tmp_path):
    n = build(tiny, CPU)
    path = saved(tmp_path, n, 1)
    whole = path.read_bytes()
    places = {0, 9, 70, whole.index(b'"sha256"') + 12, len(whole) // 2, len(whole) - 1}
    for place in places:
        data = bytearray(whole)
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises(TrainingError, match="every state file"):
            checkpoint.load_newest(tmp_path, n)
    for length in (0, 5, 40, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(TrainingError, match="every state file"):
            checkpoint.load_newest(tmp_path, n)


def test_state_files_of_the_first_version_are_read(tiny, tmp_path):
    import hashlib

    from safetensors.torch import save

    n, other = build(tiny, CPU), build(dataclasses.replace(tiny, seed=5), CPU)
    payload = save(
        {name: t.detach().contiguous() for name, t in checkpoint.tensors(n).items()},
        metadata={"counters": json.dumps({"seen": 242_000, "step": 15_125, "seconds": 4_573})},
    )
    (tmp_path / "state-000242.safetensors").write_bytes(payload + hashlib.sha256(payload).digest())
    assert checkpoint.load_newest(tmp_path, other) == Counters(seen=242_000, step=15_125, seconds=4_573)
    assert torch.equal(other.G.synthesis.b4.const, n.G.synthesis.b4.const)


def test_the_newest_three_the_best_and_every_so_many_th_are_kept(tiny, tmp_path):
    n = build(tiny, CPU)
    for number in range(1, 12):
        swd = {3: 7.0, 5: 9.0, 8: 8.0}.get(number)
        saved(tmp_path, n, number, swd=swd, keep_every=4)
    assert [p.name for p in checkpoint.states(tmp_path)] == [
        f"state-{number:06d}.safetensors" for number in (11, 10, 9, 8, 4, 3)
    ]


def test_a_full_disk_is_told_before_anything_is_written(tiny, tmp_path, monkeypatch):
    n = build(tiny, CPU)
    saved(tmp_path, n, 1)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    monkeypatch.setattr("train.checkpoint.shutil.disk_usage", lambda _: _Usage(1000))
    with pytest.raises(TrainingError, match="0 MB left"):
        saved(tmp_path, n, 2)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@dataclasses.dataclass
class _Usage:
    free: int


@pytest.mark.skipif(os.name == "nt", reason="has no such limit")
def test_a_disk_that_fills_while_writing_leaves_the_last_snapshot_intact(tiny, tmp_path):
    import resource

    n = build(tiny, CPU)
    saved(tmp_path, n, 1)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(StylescopeError, match=r"cannot write .*state-000002.* - .*free some space"):
            saved(tmp_path, n, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    assert checkpoint.load_newest(tmp_path, n).step == 1


def test_a_state_of_other_networks_is_refused_in_one_sentence(tiny, tmp_path):
    saved(tmp_path, build(tiny, CPU), 1)
    other = dataclasses.replace(tiny, generator={**tiny.generator, "z_dim": 4})
    with pytest.raises(TrainingError, match="does not fit the networks"):
        checkpoint.load_newest(tmp_path, build(other, CPU))


# --- transfer


def test_a_run_begins_with_the_weights_of_another_and_says_what_it_took(tiny, pictures, tmp_path, no_sheets, capsys):
    small = dataclasses.replace(tiny, kimg=0.008)
    train(small, tmp_path / "first")
    config = dataclasses.replace(small, seed=9, transfer=str(tmp_path / "first"), lr=1e-12)
    loop.train(config, tmp_path / "second", CPU)
    assert "transfer: D: " in capsys.readouterr().out
    a, b = (build(tiny, CPU) for _ in range(2))
    checkpoint.load_newest(tmp_path / "first", a)
    checkpoint.load_newest(tmp_path / "second", b)
    for name in ("G", "D"):
        for p, q in zip(getattr(a, name).parameters(), getattr(b, name).parameters(), strict=True):
            torch.testing.assert_close(p, q)
    assert (tmp_path / "second" / "samples" / "start.png").exists()
    assert json.loads((tmp_path / "second" / "transfer.json").read_text())["D"]["missing"] == []
    model = next((tmp_path / "first").glob("model-*"))
    loop.train(dataclasses.replace(config, transfer=str(model)), tmp_path / "third", CPU)
    assert "D begins anew" in capsys.readouterr().out


def test_nothing_that_fits_is_an_error(tiny, pictures, tmp_path, no_sheets):
    config = dataclasses.replace(tiny, transfer="portraits-64")
    with pytest.raises(TrainingError, match="no tensor of portraits-64 fits"):
        train(dataclasses.replace(config, generator={**tiny.generator, "channel_base": 96}), tmp_path / "run")


# --- steps that fail


def spoilt(monkeypatch, when):
    """Reals that are no numbers, at these steps of this process."""
    at, count = loop.Reals.at, iter(range(10**6))

    def bad(self, seen):
        found, labels = at(self, seen)
        return (found * float("nan") if when(next(count)) else found), labels

    monkeypatch.setattr(loop.Reals, "at", bad)


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
    at = loop.Reals.at

    def failing(self, seen):
        if seen >= 24:
            raise TrainingError("more than 1% damaged", "mend it")
        return at(self, seen)

    monkeypatch.setattr(loop.Reals, "at", failing)
    with pytest.raises(TrainingError, match="more than 1%"):
        train(tiny, tmp_path / "run")
    assert checkpoint.load_newest(tmp_path / "run", build(tiny, CPU)).seen == 24


def test_the_distance_to_the_reals_is_measured_and_marks_the_best(tiny, pictures, tmp_path, no_sheets):
    train(dataclasses.replace(tiny, swd_kimg=0.04, swd_pictures=8), tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "stats.jsonl").read_text().splitlines()]
    measured = [line for line in lines if "swd" in line]
    assert [line["kimg"] for line in measured] == [0.04, 0.08]
    assert checkpoint.metadata(checkpoint.states(tmp_path / "run")[0])["swd"] == measured[-1]["swd"]


def test_bfloat16_trains_and_keeps_float32_weights(tiny, pictures, tmp_path, no_sheets):
    train(dataclasses.replace(tiny, precision="bfloat16", kimg=0.016), tmp_path / "run")
    assert {t.dtype for t in load_file(checkpoint.states(tmp_path / "run")[0]).values()} == {torch.float32}
