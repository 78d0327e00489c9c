"""Thousands of damaged copies of small models: each opens or is refused with one sentence, and nothing else happens."""

import time

import numpy as np
import pytest

from engine.errors import StylescopeError
from engine.files import opening
from tests.badfiles import make_badfiles as mb
from tests.engine.fakes import write_model
from tests.engine.files.checkpoints import generator, module_state, saved

SMALL = {"res": 4, "d": 4, "layers": 1}
SECONDS = 5  # of processor time for one copy, which takes a few milliseconds


def tf_pickle(protocol):
    return mb.pkl((mb.tf_generator(**SMALL),) * 3, protocol)


def checkpoint(zipped):
    return saved({"g_ema": module_state(generator())}, zipped)


# What is damaged, and how many flips, splices and cuts there are of it.
MODELS = {
    "torch pickle": (lambda: mb.ada_file(3, **SMALL), (2000, 1000, 500)),
    "torch pickle of protocol 4": (lambda: mb.ada_file(4, **SMALL, c=2), (200, 100, 50)),
    "TensorFlow pickle": (lambda: tf_pickle(4), (200, 100, 50)),
    "TensorFlow pickle of protocol 2": (lambda: tf_pickle(2), (200, 100, 50)),
    "checkpoint": (lambda: checkpoint(True), (200, 100, 50)),
    "old checkpoint": (lambda: checkpoint(False), (200, 100, 50)),
}


def damaged(data, counts):
    """(what was done, the copy)."""
    flips, splices, cuts = counts
    yield from mb.bitflips(data, flips, seed=1)
    yield from mb.splices(data, splices, seed=2)
    every = list(mb.truncations(data, step=len(data) // cuts + 1, head=cuts // 5, tail=cuts // 5))
    yield from every[:: max(len(every) // cuts, 1)]


@pytest.mark.parametrize("kind", MODELS)
def test_a_damaged_copy_opens_or_is_refused(kind, tmp_path):
    build, counts = MODELS[kind]
    data, path = build(), tmp_path / "copy.pkl"
    path.write_bytes(data)
    opening.read(path)  # the whole one opens
    refused = opened = 0
    for what, copy in damaged(data, counts):
        path.write_bytes(copy)
        began = time.process_time()
        sentence, model = verdict(path)
        assert time.process_time() - began < SECONDS, what
        if model is None:
            refused += 1
            assert sentence.startswith("copy.pkl cannot be opened: "), what
            assert " - " in sentence, what
            assert "\n" not in sentence, what
            assert len(sentence) < 500, what
        else:
            opened += 1
            assert all(np.isfinite(array).all() for array in model.shown.values()), what
    assert refused + opened >= 0.98 * sum(counts)
    assert refused > 0
    assert opened > 0  # damage falls into weights, where a foreign file has no checksum


def verdict(path):
    """(what is said, the model if it opens)."""
    try:
        return "", opening.read(path)
    except StylescopeError as error:
        return str(error), None


def test_no_damaged_copy_of_our_own_format_opens(tmp_path):
    path = tmp_path / "copy.safetensors"
    write_model(path, resolution=8, z_dim=4, w_dim=4, channel_max=4)
    data = path.read_bytes()
    for what, copy in damaged(data, (600, 200, 100)):
        if copy == data:  # a run of zeros that was set to zero
            continue
        path.write_bytes(copy)
        assert verdict(path)[1] is None, f"{what} went unseen"
