"""What changes while a run goes on: the average, the blur, gamma; and the constants of Adam."""

import dataclasses

import pytest
import torch

from train.blur import blur_at, blurred
from train.ema import ema_beta, move_average
from train.networks import adam, build
from train.schedule import gamma_at, lr_at
from train.stats import Meter
from train.step import train_step

CPU = torch.device("cpu")


@pytest.fixture
def networks(tiny):
    return build(tiny, CPU)


def test_average_reaches_half_way_in_its_half_life(tiny, networks):
    config = dataclasses.replace(tiny, ema_kimg=1.0, ema_rampup=0.0)
    with torch.no_grad():
        for p in networks.G.parameters():
            p.fill_(1)
        for p in networks.G_ema.parameters():
            p.fill_(0)
    for _ in range(1000 // config.batch):
        move_average(networks.G_ema, networks.G, ema_beta(config, 0))
    assert next(iter(networks.G_ema.parameters())).mean().item() == pytest.approx(0.5, abs=0.01)


def test_average_forgets_sooner_in_the_beginning(tiny):
    config = dataclasses.replace(tiny, ema_kimg=10.0, ema_rampup=0.05, batch=32)
    assert ema_beta(config, 0) == 0
    assert ema_beta(config, 20_000) == pytest.approx(0.5 ** (32 / 1000))
    assert ema_beta(config, 10**7) == pytest.approx(0.5 ** (32 / 10_000))


def test_average_copies_what_is_not_trained(tiny, networks):
    networks.G.w_avg.fill_(3)
    move_average(networks.G_ema, networks.G, 0.9)
    assert (networks.G_ema.w_avg == 3).all()


def test_blur_keeps_brightness_and_a_flat_picture_and_takes_away_detail():
    flat = torch.full((1, 3, 16, 16), 0.3)
    torch.testing.assert_close(blurred(flat, 3.0), flat)
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert blurred(noise, 2.0).std() < 0.2 * noise.std()
    assert blurred(noise, 0.05) is noise


def test_blur_of_a_dot_has_the_asked_deviation():
    dot = torch.zeros(1, 1, 33, 33)
    dot[0, 0, 16, 16] = 1
    spread = blurred(dot, 2.0)[0, 0]
    at = torch.arange(33.0) - 16
    assert (spread.sum(dim=0) * at.square()).sum().sqrt().item() == pytest.approx(2.0, rel=0.02)


def test_blur_fades_to_nothing_and_is_off_by_default(tiny):
    config = dataclasses.replace(tiny, blur_sigma=3.0, blur_kimg=10.0)
    assert [blur_at(config, seen) for seen in (0, 5_000, 10_000, 99_000)] == [3.0, 1.5, 0.0, 0.0]
    assert blur_at(dataclasses.replace(tiny, blur_sigma=0.0), 0) == 0


def test_gamma_changes_where_its_steps_say(tiny):
    config = dataclasses.replace(tiny, r1_gamma=1.0, r1_gamma_from=((2.0, 0.3), (5.0, 0.1)))
    assert [gamma_at(config, seen) for seen in (0, 1_999, 2_000, 4_999, 5_000, 10**6)] == [1.0, 1.0, 0.3, 0.3, 0.1, 0.1]
    assert gamma_at(dataclasses.replace(config, r1_gamma_from=()), 10**6) == 1.0


def test_the_learning_rate_changes_where_its_steps_say(tiny):
    config = dataclasses.replace(tiny, lr_from=((0.008, 0.0005),))
    assert [lr_at(config, seen) for seen in (0, 7, 8, 10**6)] == [0.002, 0.002, 0.0005, 0.0005]
    n = build(config, CPU)
    bias, sizes = n.G.synthesis.b16.conv1.bias, []
    for step in range(2):
        before = bias.detach().clone()
        train_step(n, torch.rand(8, 3, 16, 16) * 2 - 1, config, step, step * 8, Meter())
        sizes.append((bias - before).abs().max().item())
    assert sizes[0] == pytest.approx(0.002, rel=1e-3)  # Adam's first step has the size of the rate
    assert 0 < sizes[1] < 0.0008
    rates = n.opt_G.param_groups[0]["lr"], n.opt_D.param_groups[0]["lr"]
    assert rates == (0.0005, pytest.approx(0.0005 * 4 / 5))  # r1_interval 4


def test_a_penalty_that_comes_later_is_corrected_for_from_the_start(tiny):
    config = dataclasses.replace(tiny, r1_gamma=0.0, r1_gamma_from=())
    later = dataclasses.replace(config, r1_gamma_from=((10.0, 1.0),))
    assert build(config, CPU).opt_D.param_groups[0]["correction"] == 1
    assert build(later, CPU).opt_D.param_groups[0]["correction"] == pytest.approx(4 / 5)  # r1_interval 4


def test_the_correction_of_adam_is_that_of_the_paper(tiny):
    config = dataclasses.replace(tiny, lr=0.002, beta2=0.99)
    G, D = (adam(torch.nn.Linear(1, 1), config, k).param_groups[0] for k in (4, 16))
    assert (G["lr"], D["lr"]) == (pytest.approx(0.0016), pytest.approx(0.00188235, rel=1e-5))
    assert (G["betas"], D["betas"]) == (pytest.approx((0, 0.99**0.8)), pytest.approx((0, 0.99 ** (16 / 17))))
