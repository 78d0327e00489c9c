"""One step computes the gradients of the papers, whatever it shares to be fast."""

import copy
import dataclasses

import pytest
import torch

from train import losses, step
from train.stats import Meter


@pytest.fixture
def networks(tiny):
    n = step.build(tiny, torch.device("cpu"))
    with torch.no_grad():
        for name, parameter in n.G.named_parameters():
            if name.endswith("noise_strength"):
                parameter.fill_(0.1)
    return n


def reals(tiny, seed=0):
    return torch.rand(tiny.batch, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_shared_forward_gives_the_gradients_of_two_separate_losses(tiny, networks):
    n, twin = networks, copy.deepcopy(networks)
    real = reals(tiny)
    torch.manual_seed(5)
    fakes = n.G.synthesize(step.mixed_ws(n.G, tiny.batch, tiny, torch.device("cpu")), "random")
    fakes.backward(step._discriminator_backward(n, fakes, real, tiny, tiny.r1_gamma, Meter()))

    torch.manual_seed(5)
    fakes = twin.G.synthesize(step.mixed_ws(twin.G, tiny.batch, tiny, torch.device("cpu")), "random")
    losses.generator_loss(twin.D(fakes)).mean().backward(inputs=list(twin.G.parameters()))
    shown = real.clone().requires_grad_()
    scores = twin.D(shown)
    penalty = losses.r1_penalty(scores, shown).mean() * (tiny.r1_gamma / 2 * tiny.r1_interval)
    separate = losses.discriminator_loss_fake(twin.D(fakes.detach())).mean()
    (separate + losses.discriminator_loss_real(scores).mean() + penalty).backward(inputs=list(twin.D.parameters()))

    for network, other in ((n.G, twin.G), (n.D, twin.D)):
        for (name, p), q in zip(network.named_parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(p.grad, q.grad, rtol=1e-3, atol=1e-6, msg=name)


def test_adam_is_corrected_for_lazy_regularisation(tiny, networks):
    group = networks.opt_D.param_groups[0]
    c = tiny.r1_interval / (tiny.r1_interval + 1)
    assert group["lr"] == pytest.approx(tiny.lr * c)
    assert group["betas"] == pytest.approx((0.0, tiny.beta2**c))
    assert networks.opt_G.param_groups[0]["lr"] == tiny.lr


def test_a_step_moves_both_networks_and_the_mean_of_w(tiny, networks):
    before = [copy.deepcopy(network.state_dict()) for network in (networks.G, networks.D)]
    step.train_step(networks, reals(tiny), tiny, step=0, seen=0, meter=Meter())
    for network, old in zip((networks.G, networks.D), before, strict=True):
        moved = {name for name, t in network.state_dict().items() if not torch.equal(t, old[name])}
        assert len(moved) > len(old) * 0.6
    assert "mapping.w_avg" in {n for n, t in networks.G.state_dict().items() if not torch.equal(t, before[0][n])}


def test_a_step_is_a_function_of_seed_and_number(tiny, networks):
    twin = copy.deepcopy(networks)
    twin.opt_G = step._adam(twin.G, tiny, 0)
    twin.opt_D = step._adam(twin.D, tiny, tiny.r1_interval)
    step.train_step(networks, reals(tiny), tiny, step=3, seen=24, meter=Meter())
    torch.manual_seed(999)
    step.train_step(twin, reals(tiny), tiny, step=3, seen=24, meter=Meter())
    for p, q in zip(networks.G.parameters(), twin.G.parameters(), strict=True):
        assert torch.equal(p, q)


def test_r1_is_computed_only_every_interval(tiny, networks):
    for number, expected in ((0, True), (1, False), (4, True)):
        meter = Meter()
        step.train_step(networks, reals(tiny), tiny, step=number, seen=0, meter=meter)
        assert ("r1" in meter.take()) is expected


def test_path_length_regularisation_gives_a_gradient_and_moves_its_mean(tiny, networks):
    config = dataclasses.replace(tiny, pl_weight=2.0, pl_interval=1)
    meter = Meter()
    step.train_step(networks, reals(tiny), config, step=0, seen=0, meter=meter)
    assert networks.pl_mean > 0
    assert meter.take()["pl_penalty"] > 0


def test_style_mixing_feeds_two_latents_at_one_cutoff(tiny, networks):
    config = dataclasses.replace(tiny, style_mixing=1.0)
    for seed in range(5):
        torch.manual_seed(seed)
        ws = step.mixed_ws(networks.G, 4, config, torch.device("cpu"))
        changes = (ws[:, 1:] != ws[:, :-1]).any(dim=2)
        assert (changes.sum(dim=1) == 1).all()


def test_average_reaches_half_way_in_its_half_life(tiny, networks):
    config = dataclasses.replace(tiny, ema_kimg=1.0, ema_rampup=1e9)
    with torch.no_grad():
        for p in networks.G.parameters():
            p.fill_(1)
        for p in networks.G_ema.parameters():
            p.fill_(0)
    for _ in range(1000 // config.batch):
        step.update_ema(networks, config, seen=10**6)
    assert next(iter(networks.G_ema.parameters())).mean().item() == pytest.approx(0.5, abs=0.01)


def test_blur_keeps_brightness_and_a_flat_picture_and_takes_away_detail():
    flat = torch.full((1, 3, 16, 16), 0.3)
    torch.testing.assert_close(step.blurred(flat, 3.0), flat)
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert step.blurred(noise, 2.0).std() < 0.2 * noise.std()
    assert step.blurred(noise, 0.05) is noise


def test_blur_of_a_dot_has_the_asked_deviation():
    dot = torch.zeros(1, 1, 33, 33)
    dot[0, 0, 16, 16] = 1
    spread = step.blurred(dot, 2.0)[0, 0]
    at = torch.arange(33.0) - 16
    assert (spread.sum(dim=0) * at.square()).sum().sqrt().item() == pytest.approx(2.0, rel=0.02)


def test_blur_fades_to_nothing_and_is_off_by_default(tiny):
    config = dataclasses.replace(tiny, blur_sigma=3.0, blur_kimg=10.0)
    assert [step.blur_at(config, seen) for seen in (0, 5_000, 10_000, 99_000)] == [3.0, 1.5, 0.0, 0.0]
    assert step.blur_at(dataclasses.replace(tiny, blur_sigma=0.0), 0) == 0


def test_gamma_changes_once_and_only_where_a_late_one_is_given(tiny):
    config = dataclasses.replace(tiny, r1_gamma=1.0, r1_gamma_late=0.3, r1_late_kimg=2.0)
    assert [step.gamma_at(config, seen) for seen in (0, 1_999, 2_000)] == [1.0, 1.0, 0.3]
    assert step.gamma_at(dataclasses.replace(config, r1_gamma_late=None), 10**6) == 1.0
