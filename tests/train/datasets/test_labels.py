"""Labels from dataset.json and from folders; what is not one label for each picture is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from engine.families.sizes import MAX_CLASSES
from train.datasets import labels
from train.datasets.labels import label_file, read_labels
from train.datasets.sources import open_source

NAMES = ["a.png", "b.png", "c/d.png"]


class Given:
    """A source of names and one dataset.json."""

    def __init__(self, names, text=None, below=""):
        self.names, self._texts = names, {} if text is None else {below + "dataset.json": text}

    def text(self, name, limit):
        return self._texts.get(name)


def pairs(values):
    return json.dumps({"labels": [list(pair) for pair in zip(NAMES, values, strict=True)]}).encode()


@given(st.lists(st.integers(0, 40), min_size=3, max_size=3))
def test_class_numbers_go_round_and_are_one_hot(values):
    read = read_labels(Given(NAMES, pairs(values)))
    assert read.values.tolist() == values
    assert read.width == max(values) + 1
    rows = read.rows(np.array([2, 0]))
    assert rows.dtype == np.float32
    assert rows.argmax(1).tolist() == [values[2], values[0]]
    assert rows.sum() == 2
    assert read_labels(Given(NAMES, label_file(NAMES, read))).values.tolist() == values


def test_lists_of_numbers_are_labels_too():
    read = read_labels(Given(NAMES, pairs([[0.5, 1], [2, -3], [0, 0]])))
    assert read.width == 2
    assert read.rows(np.array([1])).tolist() == [[2, -3]]
    assert read.counts() == []


def test_the_order_in_the_file_does_not_matter_and_the_file_may_lie_one_folder_down():
    text = json.dumps({"labels": [["c/d.png", 2], ["b.png", 1], ["a.png", 0]]}).encode()
    assert read_labels(Given(NAMES, text)).values.tolist() == [0, 1, 2]
    assert read_labels(Given([f"set/{name}" for name in NAMES], text, "set/")).values.tolist() == [0, 1, 2]


def test_null_means_no_labels_even_where_there_are_folders():
    names = ["cat/1.png", "dog/1.png"]
    assert read_labels(Given(names)).names == ("cat", "dog")
    assert read_labels(Given(names, b'{"labels": null}')) is None


@pytest.mark.parametrize(
    "names",
    [["a.png", "b.png"], ["cat/1.png", "b.png"], ["all/1.png", "all/2.png"], ["00000/1.png", "00001/2.png"]],
)
def test_folders_that_are_no_classes_give_no_labels(names):
    assert read_labels(Given(sorted(names))) is None


def test_folders_within_a_class_belong_to_it():
    read = read_labels(Given(["set/cat/a/1.png", "set/cat/b/2.png", "set/dog/3.png"]))
    assert read.values.tolist() == [0, 0, 1]
    assert read.counts() == [2, 1]


@pytest.mark.parametrize(
    "text",
    [
        b'{"labels": [', b"[]", b"{}", b"\xff", b'{"labels": {}}', b'{"labels": []}', pairs([0, 1, 0.5]),
        pairs([0, 1, True]),
        pairs([0, 1, -1]), pairs([0, 1, 10**9]), pairs([0, 1, None]), pairs([0, 1, "cat"]), pairs([0, 1, [1]]),
        pairs([[1], [1], [1, 2]]), pairs([[], [], []]), pairs([[1], [1], [True]]), pairs([[1], [1], [10**400]]),
        pairs([[1], [1], [float("nan")]]), pairs([0, 1, 2])[:-2] + b', ["a.png", 1]]}', b'{"labels": [["a.png"]]}',
        pairs([0, 1, 2])[:-2] + b', ["gone.png", 1]]}', b'{"labels": [["a.png", 0]]}', b"[" * 200_000,
    ],
)  # fmt: skip
def test_labels_that_are_no_labels_are_refused_by_the_name_of_their_file(text):
    with pytest.raises(TrainingError, match=r"dataset\.json"):
        read_labels(Given(NAMES, text))


def test_a_dataset_json_that_is_no_match_for_its_pictures_is_not_read(zipped, monkeypatch):
    monkeypatch.setattr(labels, "BYTES_EACH", 0)
    with pytest.raises(TrainingError, match="too large"):
        read_labels(open_source(zipped({"a.png": None, "dataset.json": b" " * (1 << 21)})))


@pytest.mark.parametrize("label", [lambda k: k - 1, lambda k: [0.5] * k])
def test_there_may_be_as_many_classes_as_networks_take(label):
    taken, over = (pairs([label(MAX_CLASSES + more)] * 3) for more in (0, 1))
    assert read_labels(Given(NAMES, taken)).width == MAX_CLASSES
    with pytest.raises(TrainingError, match=rf"from 0 to {MAX_CLASSES - 1},"):
        read_labels(Given(NAMES, over))
