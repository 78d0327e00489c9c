"""A batch may be computed in slices, or by several processes: what is learned stays the same."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from engine.nn.minibatch_stddev import with_minibatch_stddev
from train import fitting
from train.checkpoint import tensors
from train.division import Division, divided, group_of, slice_sizes
from train.draws import taken
from train.networks import build
from train.parallel import World
from train.stats import Meter
from train.step import train_step

CPU = torch.device("cpu")
EVERYTHING = {
    "phases": "published", "pl_weight": 2.0, "pl_interval": 2, "augment": "ada", "augment_p": 0.5, "mirror": True,
    "augment_interval": 2, "r2_gamma": 1.0, "gp_weight": 1.0, "drift": 0.001, "r1_interval": 2,
    "augment_pipe": "blit", "lr": 1e-5,
}  # fmt: skip


@st.composite
def divisions(draw):
    group, slices, ranks = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    batch = group * slices * ranks * draw(st.integers(1, 3))
    return [Division(batch=batch, group=group, rank=r, ranks=ranks, slices=slices) for r in range(ranks)]


@given(divisions())
def test_every_sample_is_in_one_slice_and_every_slice_has_whole_groups(parts):
    batch, group = parts[0].batch, parts[0].group
    seen = []
    for part in parts:
        everything = torch.arange(batch)
        mine = taken(everything, part.of_rank())
        for rows, here in zip(part.rows(), part.rows_of_rank(), strict=True):
            samples = taken(everything, rows)
            assert torch.equal(samples, taken(mine, here))
            assert len(samples) == round(batch * part.share)
            assert torch.equal(
                samples.view(group, -1) % (batch // group), samples.view(group, -1)[:1].expand(group, -1)
            )
            seen += samples.tolist()
    assert sorted(seen) == list(range(batch))


@given(divisions(), st.integers(0, 2**20))
def test_the_deviation_of_a_slice_is_that_of_the_whole_batch(parts, seed):
    x = torch.randn(parts[0].batch, 3, 2, 2, generator=torch.Generator().manual_seed(seed))
    whole = with_minibatch_stddev(x, parts[0].group)
    for part in parts:
        for rows in part.rows():
            if rows is not None:
                torch.testing.assert_close(with_minibatch_stddev(x[rows], part.group), whole[rows])


@given(divisions(), st.integers(1, 40))
def test_a_part_of_a_batch_without_groups_is_divided_as_evenly_as_possible(parts, count):
    chunks = [rows for part in parts for rows in part.some(count)]
    if chunks != [None]:
        assert torch.equal(torch.from_numpy(np.concatenate(chunks)), torch.arange(count))
        assert max(map(len, chunks)) - min(map(len, chunks)) <= 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"batch": 30, "group": 4}, "--set batch=32"),
        ({"batch": 16, "group": 4, "ranks": 3}, r"batch=24, or 1, 2 or 4 processes"),
        ({"batch": 32, "group": 4, "batch_gpu": 6}, r"give 32, 16, 8 or 4"),
        ({"batch": 32, "group": 4, "batch_gpu": 64}, r"give 32, 16, 8 or 4"),
        ({"batch": 32, "group": None, "batch_gpu": 8}, r"give 32$"),
    ],
)
def test_what_cannot_be_divided_is_refused_with_numbers_that_would_work(given, told):
    with pytest.raises(TrainingError, match=told):
        divided(**given)


def stepped(config, slices, steps=3):
    n = build(config, CPU)
    with torch.no_grad():
        for name, parameter in n.G.named_parameters():
            if name.endswith("noise_strength"):
                parameter.fill_(0.1)
    division = divided(config.batch, group_of(n.D.settings), batch_gpu=config.batch // slices)
    meter = Meter()
    for number in range(steps):
        generator = torch.Generator().manual_seed(number)
        reals = torch.rand(config.batch, 3, 16, 16, generator=generator) * 2 - 1
        assert train_step(n, reals, config, number, number * config.batch, meter, division=division)
    return tensors(n), meter.take()


@pytest.mark.parametrize("changes", [{}, EVERYTHING, {**EVERYTHING, "phases": "shared"}], ids=["", "all", "shared"])
def test_slices_learn_what_the_whole_batch_learns(tiny, changes):
    config = dataclasses.replace(tiny, batch=16, pl_shrink=3, **changes)
    whole, told = stepped(config, 1)
    sliced, told_too = stepped(config, 4)
    for name, tensor in whole.items():
        scale = tensor.abs().max().item() + 1e-12
        assert (tensor - sliced[name]).abs().max().item() <= 2e-3 * scale, name  # Adam enlarges rounding
    assert told_too == pytest.approx(told, rel=1e-3, abs=1e-5)


def test_the_largest_slice_that_fits_is_found_without_a_trace(tiny, monkeypatch):
    tried = []

    def step(n, reals, *_):
        division = _[-1]
        tried.append(len(reals) // division.slices)
        if tried[-1] > 4:
            raise torch.OutOfMemoryError

    monkeypatch.setattr(fitting, "train_step", step)
    config = dataclasses.replace(tiny, batch=16)
    assert fitting.fitting_slice(config, CPU, divided(16, 4), World()) == 4
    assert tried == [16, 8, 4]
    with pytest.raises(TrainingError, match="not even 8 samples"):
        fitting.fitting_slice(config, CPU, divided(16, 8), World())


def test_a_rehearsal_goes_through_every_phase(tiny):
    config = dataclasses.replace(tiny, **EVERYTHING)
    assert fitting.fitting_slice(config, CPU, divided(8, 4), World()) == 8


def test_slice_sizes_are_whole_groups_that_divide_the_part():
    assert slice_sizes(24, 4) == [24, 12, 8, 4]
    assert all(24 % n == 0 for n in slice_sizes(24, 4))
    assert np.all(np.diff(slice_sizes(64, 1)) < 0)
