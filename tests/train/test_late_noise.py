"""Noise that comes late."""

import dataclasses

import pytest
import torch

from engine.errors import TrainingError
from train.late_noise import keep_quiet
from train.networks import build
from train.stats import Meter
from train.step import train_step
from train.transfer import begin_with

CPU = torch.device("cpu")


def strengths(network):
    return torch.cat(
        [p.detach().flatten() for name, p in network.named_parameters() if name.endswith("noise_strength")]
    )


@pytest.mark.parametrize("phases", ["shared", "published"])
def test_a_generator_has_no_noise_before_its_time_and_learns_it_then(tiny, phases):
    config = dataclasses.replace(tiny, phases=phases, noise_kimg=0.02)  # comes with step 2
    n = build(config, CPU)
    heard = []
    for step in range(4):
        train_step(n, torch.rand(8, 3, 16, 16) * 2 - 1, config, step, step * 8, Meter())
        heard.append(int(strengths(n.G).count_nonzero()))
    assert heard[:2] == [0, 0]
    assert all(heard[2:])


def test_without_the_setting_noise_is_learned_from_the_first_step_on(tiny):
    n = build(tiny, CPU)
    train_step(n, torch.rand(8, 3, 16, 16) * 2 - 1, tiny, 0, 0, Meter())
    assert strengths(n.G).all()


@pytest.mark.parametrize(("kimg", "expected"), [(0.0, 0.5), (1.0, 0.0)])
def test_noise_of_another_model_is_not_taken_over_before_its_time(tiny, monkeypatch, kimg, expected):
    source = build(tiny, CPU).G.state_dict()
    loud = {name: torch.full_like(t, 0.5) if name.endswith("noise_strength") else t for name, t in source.items()}
    monkeypatch.setattr("train.transfer.weights_of", lambda _: (tiny.family, {"G": loud, "G_ema": loud}))
    config = dataclasses.replace(tiny, transfer="loud", noise_kimg=kimg)
    n = build(config, CPU)
    begin_with(config, n)
    for network in (n.G, n.G_ema):
        assert strengths(network).unique().tolist() == [expected]


def test_a_network_without_noise_is_named():
    keep_quiet(torch.nn.Linear(2, 2), 0.0, seen=0)
    with pytest.raises(TrainingError, match="noise_kimg"):
        keep_quiet(torch.nn.Linear(2, 2), 1.0, seen=0)
