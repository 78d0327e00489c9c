"""What a run is shown: the same batches as ever for portraits, the same weights from files as from memory."""

import dataclasses
import hashlib

import numpy as np
import pytest
import torch

from engine.errors import TrainingError
from tests.train.datasets.conftest import encoded, random_pixels
from train import checkpoint, distance, loop, portraits
from train.data import ArraySet, Order, Reals, batch_of, fingerprint, open_data, some
from train.datasets.drawn import draw_set
from train.datasets.faults import Unusable
from train.datasets.labels import Labels
from train.datasets.pack import Settings, pack
from train.draws import Draws
from train.networks import build

CPU = torch.device("cpu")


def sha256(values):
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def test_the_order_of_runs_that_began_with_the_first_version_stays():
    order = Order(50_000, 0)
    assert order.indices(0, 4).tolist() == [25461, 5892, 10377, 28814]
    assert order.indices(49_998, 4).tolist() == [48632, 33375, 48816, 23726]
    assert Order(50_000, 7).indices(1_234_560, 4).tolist() == [26513, 7784, 21094, 23896]
    seen = np.concatenate([order.indices(s, 16) for s in range(0, 160_000, 16)])
    assert sha256(seen.astype("<i8")) == "1b2b2f01b37f7a1bbe1abe22db0487131ef84c1274ed219a0daf16df2f429d47"


def test_batches_of_the_first_version_stay_bit_for_bit(tiny):
    images = np.random.RandomState(0).randint(0, 256, (40, 16, 16, 3)).astype(np.uint8)
    expected = "ba29a2eeaa480e8a999e9c77443389eee5f1b55ef06a8037a7f189d33a159a79"
    config = dataclasses.replace(tiny, seed=3, batch=16)
    with Reals(ArraySet(images), config, CPU) as reals:
        pictures, labels = reals.at(32)
    assert labels is None
    for batch in (pictures, batch_of(images, Order(40, 3).indices(32, 16), CPU)):
        assert sha256(batch.numpy()) == expected
        assert batch.stride() == (768, 1, 48, 3)  # channels last


def weights(run, config):
    n = build(config, CPU)
    assert checkpoint.load_newest(run, n) is not None
    return [p.detach().clone() for p in (*n.G_ema.parameters(), *n.D.parameters())]


@pytest.fixture
def no_sheets(monkeypatch):
    """Sample sheets take longer than these runs."""
    monkeypatch.setattr("train.run.fake_grid", lambda *_, **__: np.zeros((8, 8, 3), np.uint8))


def test_a_zip_trains_to_the_bytes_that_memory_does_and_resumes_exactly(tiny, tmp_path, monkeypatch, no_sheets):
    images = np.stack([random_pixels(i) for i in range(20)])
    (tmp_path / "set").mkdir()
    for i, image in enumerate(images):
        (tmp_path / "set" / f"{i:02d}.png").write_bytes(encoded(image))
    pack(tmp_path / "set", tmp_path / "set.zip", Settings(resolution=16), workers=1)
    files = dataclasses.replace(tiny, data=str(tmp_path / "set.zip"), mirror=True, kimg=0.032)
    loop.train(files, tmp_path / "whole", CPU, quiet=True)
    loop.train(dataclasses.replace(files, kimg=0.016), tmp_path / "parts", CPU, quiet=True)
    loop.train(files, tmp_path / "parts", CPU, quiet=True)
    monkeypatch.setattr("train.loop.open_data", lambda *_, **__: ArraySet(images))
    loop.train(files, tmp_path / "memory", CPU, quiet=True)
    runs = [weights(tmp_path / name, files) for name in ("whole", "parts", "memory")]
    for a, b, c in zip(*runs, strict=True):
        assert torch.equal(a, b)
        assert torch.equal(a, c)


def test_a_folder_per_class_trains_a_conditional_network(tiny, tmp_path, no_sheets):
    for i in range(20):
        path = tmp_path / "set" / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(random_pixels(i)))
    config = dataclasses.replace(
        tiny,
        data=str(tmp_path / "set"),
        generator={**tiny.generator, "classes": 2},
        discriminator={**tiny.discriminator, "classes": 2},
        kimg=0.016,
    )
    assert loop.train(config, tmp_path / "run", CPU, quiet=True) == 0
    three = dataclasses.replace(config, generator={**config.generator, "classes": 3})
    with pytest.raises(TrainingError, match=r"3 classes, the data set 2 - --set G\.classes=2"):
        open_data(three)
    plain = dataclasses.replace(tiny, data=config.data)
    with Reals(open_data(plain), plain, CPU) as reals:
        assert reals.label_pool is None
        assert reals.at(0)[1] is None


class Halves:
    """Pictures that cannot be read where their index is even."""

    labels = Labels(np.arange(6), 6, "folders")

    def __len__(self):
        return 6

    def name(self, index):
        return str(index)

    def read(self, index):
        if index % 2 == 0:
            raise Unusable("damaged")
        return np.full((32, 32, 3), index, np.uint8)


def test_distances_are_measured_with_the_labels_of_the_pictures_that_stand_in(tiny, monkeypatch):
    config = dataclasses.replace(tiny, generator={**tiny.generator, "classes": 6}, swd_pictures=6)
    asked = []

    def fakes(G, seeds, labels):
        asked.append(labels.argmax(1).tolist())
        return np.zeros((len(labels), 32, 32, 3), np.uint8)

    monkeypatch.setattr(distance, "fakes", fakes)
    distance.measured(None, Halves(), config)
    assert asked == [[1, 1, 3, 3, 5, 5]]


@pytest.mark.parametrize(
    "labels",
    [
        Labels(np.arange(40) % 3, 3, "folders"),
        Labels(np.random.RandomState(1).randn(40, 3).astype(np.float32), 3, "dataset.json"),
    ],
)
def test_labels_of_fakes_are_those_of_a_dense_pool_but_only_the_rows_that_are_asked_for_are_made(
    tiny, monkeypatch, labels
):
    config = dataclasses.replace(tiny, generator={**tiny.generator, "classes": 3})
    dense = torch.from_numpy(labels.rows(np.arange(40)))
    made, rows = [], Labels.rows
    monkeypatch.setattr(Labels, "rows", lambda self, indices: made.append(len(indices)) or rows(self, indices))
    with Reals(ArraySet(np.zeros((40, 16, 16, 3), np.uint8), labels), config, CPU) as reals:
        drawn = Draws(config, 7, CPU, reals.label_pool).labels(9)
    assert torch.equal(drawn, Draws(config, 7, CPU, dense).labels(9))
    assert drawn.dtype == torch.float32
    assert made == [9]


def test_a_conditional_network_needs_labels(tiny, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(random_pixels(0)))
    config = dataclasses.replace(tiny, data=str(tmp_path), generator={**tiny.generator, "classes": 2})
    with pytest.raises(TrainingError, match="no labels"):
        open_data(config)


def test_the_network_decides_the_number_of_channels(tiny, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(random_pixels(0)))
    for channels in (1, 3, 4):
        config = dataclasses.replace(tiny, data=str(tmp_path), generator={**tiny.generator, "channels": channels})
        assert some(open_data(config), 64)[1].shape == (1, 16, 16, channels)


def test_pictures_of_another_size_are_refused_with_the_command_that_helps(tiny, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(random_pixels(0)))
    (tmp_path / "wide.png").write_bytes(encoded(random_pixels(0, 32)))
    config = dataclasses.replace(tiny, data=str(tmp_path))
    with pytest.raises(TrainingError, match=r"1 of 2 .* wide\.png: .*32x32.*dataset pack .* --resolution 16"):
        open_data(config)
    pack(tmp_path, tmp_path / "set.zip", Settings(resolution=32), workers=1)
    with pytest.raises(TrainingError, match=r"32x32, not 16"):
        open_data(dataclasses.replace(tiny, data=str(tmp_path / "set.zip")))


def test_portraits_in_a_zip_are_the_portraits_in_memory(tmp_path):
    draw_set(tmp_path / "p.zip", count=6, resolution=32, seed=2, workers=1)
    memory = portraits.load(6, 32, seed=2, cache=tmp_path, workers=1, progress=False).images
    from train.datasets.pictures import open_set

    assert np.array_equal(some(open_set(tmp_path / "p.zip", resolution=32, channels=3), 64)[1], memory)
    indices, pictures = some(ArraySet(memory), 2)
    assert indices.tolist() == [0, 3]
    assert np.array_equal(pictures, memory[indices])


def test_portraits_have_a_fingerprint_too(tmp_path):
    assert fingerprint("portraits") == f"portraits-v{portraits.VERSION}"
    (tmp_path / "a.png").write_bytes(encoded(random_pixels(0)))
    assert len(fingerprint(tmp_path)) == 32
