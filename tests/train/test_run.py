"""The folder of a run: one trainer, one data set, and snapshots of which a good one is always left."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from engine import edits
from engine.errors import TrainingError
from engine.files import native
from engine.recipe import Recipe
from engine.renderer import Renderer
from tests.train.datasets.conftest import encoded, random_pixels
from train import checkpoint, distance, loop, samples
from train import config as c
from train.data import ArraySet
from train.datasets.labels import Labels
from train.datasets.pack import Settings, pack
from train.datasets.pictures import open_set
from train.folder import DataRecord
from train.lock import locked
from train.networks import build

CPU = torch.device("cpu")
RECORD = DataRecord(fingerprint="a", pictures=40, labels=0)


def train(config, out, **options):
    return loop.train(config, out, CPU, quiet=True, **options)


@pytest.fixture
def folder(tmp_path):
    for i in range(20):
        path = tmp_path / "set" / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(random_pixels(i)))
    return tmp_path / "set"


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


def test_grids_have_rows_for_the_first_classes_where_there_are_more():
    labels = Labels(np.arange(20), 20, "folders")
    assert samples.sheet_labels(labels).reshape(8, 8, 20).argmax(axis=2).tolist() == [[row] * 8 for row in range(8)]


def test_reals_and_distances_of_a_set_that_cannot_be_read_are_refused_and_no_fault(tiny, tmp_path):
    for i in range(8):
        (tmp_path / f"{i}.png").write_bytes(encoded(random_pixels(i))[:400])
    data = open_set(tmp_path, resolution=16, channels=3)
    with pytest.raises(TrainingError, match="no picture"):
        samples.real_grid(data, conditional=False)
    with pytest.raises(TrainingError, match="no picture"):
        distance.measured(None, data, tiny)


def test_letterbox_bars_of_the_data_are_cropped_from_pictures_of_the_model(tiny, tmp_path, no_sheets):
    for i in range(8):
        (tmp_path / "photos").mkdir(exist_ok=True)
        (tmp_path / "photos" / f"{i}.png").write_bytes(encoded(random_pixels(i, 24)[:18]))
    record, _ = pack(tmp_path / "photos", tmp_path / "set.zip", Settings(resolution=16, crop="letterbox"), workers=1)
    train(dataclasses.replace(tiny, data=str(tmp_path / "set.zip"), kimg=0.008), tmp_path / "run")
    renderer = Renderer("cpu")
    info = renderer.load(tmp_path / "run")
    assert info.crop == record.crop_note == (0, 2, 16, 12)
    assert renderer.render(edits.with_model(Recipe(), info)).pixels.shape == (12, 16, 3)


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


def test_a_run_keeps_the_name_of_the_model_that_it_began_with(tiny, pictures, tmp_path, no_sheets):
    small = dataclasses.replace(tiny, kimg=0.008)
    train(small, tmp_path / "first")
    began = dataclasses.replace(small, transfer=str(tmp_path / "first"))
    train(began, tmp_path / "second")
    train(dataclasses.replace(small, kimg=0.016), tmp_path / "second")  # not named again
    assert json.loads((tmp_path / "second" / "config.json").read_text())["transfer"] == began.transfer
    for run in ("first", "second"):
        with pytest.raises(TrainingError, match=r"another transfer \(.*, not portraits-64\)"):
            train(dataclasses.replace(small, transfer="portraits-64"), tmp_path / run)


def test_a_run_that_was_killed_before_its_first_snapshot_begins_with_the_same_model(
    tiny, pictures, tmp_path, no_sheets, capsys
):
    small = dataclasses.replace(tiny, kimg=0.008)
    train(small, tmp_path / "first")
    began = dataclasses.replace(small, transfer=str(tmp_path / "first"))
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "config.json").write_text(json.dumps(c.to_dict(began)))
    loop.train(small, tmp_path / "second", CPU)  # not named again
    assert "transfer: G: " in capsys.readouterr().out
    assert json.loads((tmp_path / "second" / "config.json").read_text())["transfer"] == began.transfer


def test_a_folder_with_models_but_no_state_is_not_begun_anew(tiny, pictures, tmp_path, no_sheets):
    small = dataclasses.replace(tiny, kimg=0.008)
    train(small, tmp_path / "run")
    for state in checkpoint.states(tmp_path / "run"):
        state.unlink()
    with pytest.raises(TrainingError, match="no state file from which it could go on - give another --out; --transfer"):
        train(small, tmp_path / "run")


def test_a_folder_that_cannot_be_locked_is_told_in_one_sentence(tiny, pictures, tmp_path):
    (tmp_path / "run" / ".lock").mkdir(parents=True)  # root, as in a container, may write into any folder
    with pytest.raises(TrainingError, match="nothing can be written into the folder"):
        train(tiny, tmp_path / "run")


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_run_whose_settings_cannot_be_read_gives_its_weights_to_nobody(tiny, pictures, tmp_path, no_sheets, text):
    train(dataclasses.replace(tiny, kimg=0.008), tmp_path / "first")
    (tmp_path / "first" / "config.json").write_text(text)
    with pytest.raises(TrainingError, match=r"config\.json cannot be read"):
        train(dataclasses.replace(tiny, transfer=str(tmp_path / "first")), tmp_path / "second")


def test_nothing_that_fits_is_an_error(tiny, pictures, tmp_path, no_sheets):
    config = dataclasses.replace(tiny, transfer="portraits-64")
    with pytest.raises(TrainingError, match="no tensor of portraits-64 fits"):
        train(dataclasses.replace(config, generator={**tiny.generator, "channel_base": 96}), tmp_path / "run")
