"""Batches are functions of (seed, pictures seen); damage is named and stood in for, up to 1%; nothing outlives it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from tests.train.datasets.conftest import encoded, random_pixels
from train.datasets.faults import Unusable
from train.datasets.labels import Labels
from train.datasets.loader import AHEAD, Loader
from train.datasets.order import Order
from train.datasets.pictures import ArraySet, open_set, whole
from train.datasets.processes import in_order

ROOT = Path(__file__).resolve().parents[3]


class Numbers:
    """A data set whose picture i is the number i; some cannot be read."""

    labels = None

    def __init__(self, count, bad=()):
        self.count, self.bad, self.reads = count, set(bad), []

    def __len__(self):
        return self.count

    def name(self, index):
        return f"img{index}.png"

    def read(self, index):
        self.reads.append(index)
        if index in self.bad:
            raise Unusable("damaged")
        return np.full((1, 1, 1), index % 256, np.uint8)


def shown(loader, seen):
    return loader.at(seen).pictures.ravel().tolist()


@given(st.integers(1, 60), st.integers(0, 2**32), st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 40))
def test_order_depends_on_seed_and_place_alone(count, seed, seen, batch, more):
    whole = Order(count, seed).indices(seen, batch + more).tolist()
    parts = Order(count, seed)
    assert parts.indices(seen + batch, more).tolist() == whole[batch:]
    assert parts.indices(seen, batch).tolist() == whole[:batch]
    epoch = seen - seen % count
    assert sorted(Order(count, seed).indices(epoch, count)) == list(range(count))


def test_files_give_the_batches_that_an_array_gives(folder):
    images = np.stack([random_pixels(i) for i in range(10)])
    labels = Labels(np.arange(10) % 3, 3, "folders")
    root = folder({f"{i}.png": encoded(images[i]) for i in range(10)})
    files = open_set(root, resolution=16, channels=3)
    with Loader(ArraySet(images, labels), Order(10, 4), 4) as a, Loader(files, Order(10, 4), 4) as b:
        for seen in range(0, 48, 4):
            assert np.array_equal(a.at(seen).pictures, b.at(seen).pictures)
            assert b.at(seen + 4).labels is None
            assert a.at(seen).labels.shape == (4, 3)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_batch_is_the_same_wherever_the_loader_begins(threads):
    with Loader(Numbers(50), Order(50, 1), 8, threads=threads) as loader:
        whole = [shown(loader, seen) for seen in range(0, 96, 8)]
    with Loader(Numbers(50), Order(50, 1), 8, threads=threads) as loader:
        assert shown(loader, 40) == whole[5]
        assert shown(loader, 16) == whole[2]  # a run that went back to a snapshot
        assert [shown(loader, seen) for seen in range(24, 96, 8)] == whole[3:]


def test_ranks_share_a_batch_without_gap_or_overlap():
    with Loader(Numbers(50), Order(50, 1), 8) as whole:
        parts = []
        for rank in range(2):
            with Loader(Numbers(50), Order(50, 1), 8, part=slice(4 * rank, 4 * rank + 4)) as loader:
                parts += shown(loader, 16)
        assert parts == shown(whole, 16)


def test_batches_are_decoded_ahead_and_each_picture_once():
    data = Numbers(100)
    with Loader(data, Order(100, 0), 10, threads=1) as loader:
        loader.at(0)
        loader.at(10)
    assert len(data.reads) <= 10 * (AHEAD + 2)
    assert len(set(data.reads)) == len(data.reads)


def test_a_damaged_picture_is_named_once_and_the_next_whole_one_stands_in(capsys):
    order = Order(300, 0)
    bad = int(order.batch(0, 8)[2])
    good = Loader(Numbers(300), order, 8)
    with Loader(Numbers(300, [bad, (bad + 1) % 300]), Order(300, 0), 8) as loader, good:
        expected = [value if value != bad % 256 else (bad + 2) % 300 % 256 for value in shown(good, 0)]
        assert shown(loader, 0) == expected
        for seen in range(8, 600, 8):
            loader.at(seen)
        assert set(loader.damaged) == {f"img{bad}.png", f"img{(bad + 1) % 300}.png"}
    assert capsys.readouterr().err.count(f"img{bad}.png cannot be used: damaged; another") == 1


def test_a_picture_that_stands_in_has_its_own_label():
    order = Order(300, 0)
    indices = order.batch(0, 8)
    data = Numbers(300, [int(indices[2])])
    data.labels = Labels(np.arange(300) % 256, 256, "folders")
    with Loader(data, order, 8) as loader:
        batch = loader.at(0)
    assert batch.pictures.ravel().tolist() != (indices % 256).tolist()
    assert batch.labels.argmax(1).tolist() == batch.pictures.ravel().tolist()


def test_a_set_of_which_nothing_can_be_read_is_refused():
    with pytest.raises(TrainingError, match=r"no picture .* can be read - "):
        whole(Numbers(3, range(3)), 1)


def test_more_damage_than_one_percent_ends_it_with_a_sentence():
    message = r"4 of 300 .*1%.*img\d\.png"
    with Loader(Numbers(300, range(4)), Order(300, 0), 8) as loader, pytest.raises(TrainingError, match=message):
        list(map(loader.at, range(0, 300, 8)))


def test_no_thread_is_left_when_it_is_closed():
    with Loader(Numbers(50), Order(50, 1), 8) as loader:
        loader.at(0)
        assert any("decode" in thread.name for thread in threading.enumerate())
    assert not any("decode" in thread.name for thread in threading.enumerate())


def dies(item):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_process_that_dies_is_an_error_and_no_hang():
    with pytest.raises(TrainingError, match="worker process"):
        list(in_order(dies, range(4), 2))


WORKING = """
import os, sys, time
from train.datasets.processes import in_order
if __name__ == "__main__":
    for pid in in_order(eval, ["(__import__('os').getpid(), __import__('time').sleep(0.2))[0]"] * 1000, 2):
        print(pid, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_no_worker_process_outlives_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "working.py"
    script.write_text(WORKING)
    parent = subprocess.Popen(
        [sys.executable, str(script)], env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    assert int(parent.stdout.readline()) > 0
    parent.kill()
    parent.communicate()  # ends when the last process that could write to its stdout has ended
    assert parent.returncode == -signal.SIGKILL
