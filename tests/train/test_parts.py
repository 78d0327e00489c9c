"""Layers that read only their part of w."""

import dataclasses
import json

import pytest
import torch

from engine.errors import TrainingError
from train.changes import with_settings
from train.config import from_dict, to_dict
from train.networks import build
from train.parts import keep_parts
from train.stats import Meter
from train.step import train_step

CPU = torch.device("cpu")
PARTS = ((0, 2, 0.0), (2, 5, 0.0))  # slots 0 and 1 read w[0:2], the others w[2:7], nobody w[7]


def outside(network):
    """All affine weights that belong to the parts of others."""
    own = {True: range(2), False: range(2, 7)}
    weights = network.style_weights()
    return torch.cat([w[:, [i for i in range(8) if i not in own[slot < 2]]].flatten() for slot, w in weights])


@pytest.fixture
def parted(tiny):
    return dataclasses.replace(tiny, w_parts=PARTS, pl_weight=2.0, pl_interval=1)


def test_layers_read_their_part_of_w_alone(parted):
    G = build(parted, CPU).G
    w = torch.randn(2, G.num_ws, 8)
    other = w.clone()
    other[:, :2, 2:], other[:, 2:, :2], other[:, 2:, 7] = 9, 9, 9
    torch.testing.assert_close(G.synthesize(other), G.synthesize(w), rtol=0, atol=0)
    other[:, 3, 4] += 1
    assert not torch.equal(G.synthesize(other), G.synthesize(w))


@pytest.mark.parametrize("phases", ["shared", "published"])
def test_training_never_moves_weights_out_of_their_part(parted, phases):
    config = dataclasses.replace(parted, phases=phases)
    n = build(config, CPU)
    inside = [w.clone() for _, w in n.G.style_weights()]
    for step in range(2):
        train_step(n, torch.rand(8, 3, 16, 16) * 2 - 1, config, step, step * 8, Meter())
    assert not outside(n.G).any()
    assert not outside(n.G_ema).any()
    assert all(not torch.equal(before, now) for before, (_, now) in zip(inside, n.G.style_weights(), strict=True))


@pytest.mark.parametrize("phases", ["shared", "published"])
def test_a_part_reads_nothing_until_it_opens_with_fresh_weights(parted, phases):
    config = dataclasses.replace(parted, phases=phases, w_parts=((0, 2, 0.02), (2, 5, 0.0)))  # opens with step 2
    n = build(config, CPU)

    def coarse():
        return torch.cat([w[:, :2].detach().flatten() for slot, w in n.G.style_weights() if slot < 2])

    deviations = [float(coarse().std())]
    for step in range(4):
        train_step(n, torch.rand(8, 3, 16, 16) * 2 - 1, config, step, step * 8, Meter())
        deviations.append(float(coarse().std()))
    assert deviations[:3] == [0, 0, 0]
    assert deviations[3] == pytest.approx(1, abs=0.3)
    assert deviations[4] != deviations[3]
    assert not outside(n.G).any()


def test_the_weights_with_which_a_part_opens_are_a_function_of_the_seed(parted):
    opened = []
    for seed in (1, 1, 2):
        G = build(parted, CPU).G
        keep_parts(G, ((0, 2, 0.01), (2, 5, 0.0)), seen=16, before=8, seed=seed)
        opened.append(torch.cat([w.flatten() for _, w in G.style_weights()]))
    assert torch.equal(opened[0], opened[1])
    assert not torch.equal(opened[0], opened[2])


def test_a_model_whose_layers_read_everything_is_cut_when_it_is_taken_over(tiny, parted, tmp_path, monkeypatch):
    whole, n = build(tiny, CPU), build(parted, CPU)
    assert outside(whole.G).any()
    from train import transfer as module

    monkeypatch.setattr(module, "weights_of", lambda _: ("stylegan2", {"G_ema": whole.G_ema.state_dict()}))
    module.begin_with(dataclasses.replace(parted, transfer="whole"), n)
    assert not outside(n.G).any()
    assert not outside(n.G_ema).any()


def test_parts_survive_their_file_and_come_from_the_command_line(tiny):
    config = with_settings(tiny, ["w_parts=0:2:0,2:5:0"])
    assert config.w_parts == PARTS
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config
    assert with_settings(config, ["w_parts=none"]).w_parts == ()


SENSELESS = ["2:4:0", "0:4:0,0:4:0", "4:2:0,0:2:0", "0:0:0", "0:1.5:0", "0:4:-1", "0:4:nan", "0:4:inf", "0:4", "x"]


@pytest.mark.parametrize("parts", SENSELESS)
def test_parts_that_make_no_sense_are_refused(tiny, parts):
    with pytest.raises(TrainingError, match="w_parts"):
        with_settings(tiny, [f"w_parts={parts}"])


def test_parts_that_w_has_no_room_for_are_refused(tiny):
    with pytest.raises(TrainingError, match="9 values and w has 8"):
        build(dataclasses.replace(tiny, w_parts=((0, 4, 0.0), (2, 5, 0.0))), CPU)
