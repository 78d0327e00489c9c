"""One step computes the gradients of the papers, whatever it shares to be fast, and repeats itself exactly."""

import copy
import dataclasses

import pytest
import torch

from tests.train.reference_step import Recorder
from train import losses
from train.blur import blur_at, blurred
from train.division import Division
from train.draws import Draws, follow, mapped
from train.networks import build
from train.stats import Meter
from train.step import Step, train_step, update

CPU = torch.device("cpu")


@pytest.fixture
def networks(tiny):
    return with_noise(build(tiny, CPU))


def with_noise(n):
    with torch.no_grad():
        for name, parameter in n.G.named_parameters():
            if name.endswith("noise_strength"):
                parameter.fill_(0.1)
    return n


def reals(tiny, seed=0):
    return torch.rand(tiny.batch, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def steps(n, config, count, first=0):
    """Some whole steps; what they reported."""
    meter = Meter()
    for number in range(first, first + count):
        train_step(n, reals(config, number), config, number, number * config.batch, meter)
    return meter.take()


def state(n):
    networks = {"G": n.G, "D": n.D, "G_ema": n.G_ema}
    tensors = {f"{name}.{k}": v for name, network in networks.items() for k, v in network.state_dict().items()}
    return {**tensors, **n.extra_state()}


def assert_same(a, b):
    for (name, x), y in zip(state(a).items(), state(b).values(), strict=True):
        assert torch.equal(x, y), name


def test_shared_forward_gives_the_gradients_of_two_separate_losses(tiny, networks):
    n, twin = networks, copy.deepcopy(networks)
    real = reals(tiny)
    seen = {}
    step = Step(
        n=n, config=tiny, draws=Draws(tiny, 0, CPU), meter=Meter(), reals=real, labels=None, number=0, seen=0,
        division=Division(batch=len(real)),
    )  # fmt: skip
    for network, optimiser in ((n.G, n.opt_G), (n.D, n.opt_D)):
        names = {id(p): name for name, p in network.named_parameters()}
        optimiser.register_step_pre_hook(
            lambda o, *_, names=names: seen.update({names[id(p)]: p.grad for p in o.param_groups[0]["params"]})
        )
    step.shared()

    feed = Draws(tiny, 0, CPU).feed("shared", twin.G, tiny.batch)
    fakes = twin.G.synthesize(mapped(twin.G, feed)[1], feed.noise)
    sigma = blur_at(tiny, 0)
    logistic = losses.LOSSES["logistic"]
    logistic.generator(twin.D(blurred(fakes, sigma))).mean().backward(inputs=list(twin.G.parameters()))
    shown = real.clone().requires_grad_()
    scores = twin.D(blurred(shown, sigma))
    penalty = losses.gradient_penalty(scores, shown).mean() * (tiny.r1_gamma / 2 * tiny.r1_interval)
    separate = logistic.fake(twin.D(blurred(fakes.detach(), sigma))).mean()
    (separate + logistic.real(scores).mean() + penalty).backward(inputs=list(twin.D.parameters()))
    for network in (twin.G, twin.D):
        for name, p in network.named_parameters():
            torch.testing.assert_close(seen[name], p.grad, rtol=1e-3, atol=1e-6, msg=name)


def test_adam_is_corrected_for_lazy_regularisation_and_only_for_it(tiny, networks):
    group = networks.opt_D.param_groups[0]
    c = tiny.r1_interval / (tiny.r1_interval + 1)
    assert group["lr"] == pytest.approx(tiny.lr * c)
    assert group["betas"] == pytest.approx((0.0, tiny.beta2**c))
    assert networks.opt_G.param_groups[0]["lr"] == tiny.lr
    every_step = build(dataclasses.replace(tiny, r1_interval=1), CPU)
    assert every_step.opt_D.param_groups[0]["lr"] == tiny.lr
    paths = build(dataclasses.replace(tiny, pl_weight=2.0, pl_interval=4), CPU)
    assert paths.opt_G.param_groups[0]["lr"] == pytest.approx(tiny.lr * 4 / 5)


@pytest.mark.parametrize("phases", ["shared", "published"])
def test_a_step_moves_both_networks_and_the_mean_of_w(tiny, networks, phases):
    before = [copy.deepcopy(network.state_dict()) for network in (networks.G, networks.D)]
    steps(networks, dataclasses.replace(tiny, phases=phases), 1)
    for network, old in zip((networks.G, networks.D), before, strict=True):
        moved = {name for name, t in network.state_dict().items() if not torch.equal(t, old[name])}
        assert len(moved) > len(old) * 0.6
    assert "mapping.w_avg" in {n for n, t in networks.G.state_dict().items() if not torch.equal(t, before[0][n])}


EVERYTHING = {
    "phases": "published", "pl_weight": 2.0, "pl_interval": 2, "augment": "ada", "augment_p": 0.5, "mirror": True,
    "augment_interval": 2, "r2_gamma": 1.0, "gp_weight": 1.0, "loss": "hinge", "drift": 0.001,
}  # fmt: skip


@pytest.mark.parametrize("changes", [{}, EVERYTHING, {**EVERYTHING, "phases": "shared"}], ids=["", "all", "shared"])
def test_a_step_is_a_function_of_seed_and_number(tiny, changes):
    config = dataclasses.replace(tiny, **changes)
    n, twin = (with_noise(build(config, CPU)) for _ in range(2))
    steps(n, config, 2, first=3)
    for number in (3, 4):
        torch.manual_seed(999)
        steps(twin, config, 1, first=number)
    assert_same(n, twin)


def test_published_phases_draw_fresh_latents_each(tiny, networks):
    config = dataclasses.replace(tiny, phases="published", pl_weight=2.0, r2_gamma=1.0)
    asked = []

    class Watched(Draws):
        def feed(self, phase, G, count):
            feed = super().feed(phase, G, count)
            asked.append((phase, count, feed.z))
            return feed

    train_step(networks, reals(tiny), config, 0, 0, Meter(), draws=Watched(config, 0, CPU))
    assert [(phase, count) for phase, count, _ in asked] == [("Gmain", 8), ("Greg", 4), ("Dmain", 8), ("Dreg", 8)]
    latents = torch.cat([z for *_, z in asked])
    assert len(latents.unique(dim=0)) == 28


@pytest.mark.parametrize(("interval", "updates"), [(2, ["G", "G", "D", "D", "G", "D"]), (1, ["G", "D", "G", "D"])])
def test_lazy_regularisers_are_steps_of_their_own_and_others_join_the_main_ones(tiny, networks, interval, updates):
    config = dataclasses.replace(tiny, phases="published", pl_weight=2.0, pl_interval=interval, r1_interval=interval)
    seen = []
    networks.opt_G.register_step_post_hook(lambda *_: seen.append("G"))
    networks.opt_D.register_step_post_hook(lambda *_: seen.append("D"))
    steps(networks, config, 2)
    assert seen == updates


def test_a_weight_that_no_loss_reached_keeps_its_value_but_its_moments_decay(tiny, networks):
    bias = networks.D.b4.out.bias
    steps(networks, tiny, 1)
    before, moment = bias.clone(), networks.opt_D.state[bias]["exp_avg_sq"].clone()
    update(networks.opt_D)
    assert torch.equal(bias, before)
    torch.testing.assert_close(networks.opt_D.state[bias]["exp_avg_sq"], moment * networks.opt_D.defaults["betas"][1])


@pytest.mark.parametrize("phases", ["shared", "published"])
def test_r1_is_computed_only_every_interval(tiny, networks, phases):
    config = dataclasses.replace(tiny, phases=phases)
    for number, expected in ((0, True), (1, False), (4, True)):
        assert ("r1" in steps(networks, config, 1, first=number)) is expected


def test_path_length_regularisation_gives_a_gradient_and_moves_its_mean(tiny, networks):
    config = dataclasses.replace(tiny, pl_weight=2.0, pl_interval=1)
    assert steps(networks, config, 1)["pl_penalty"] > 0
    assert networks.pl_mean > 0


def test_style_mixing_feeds_two_latents_at_one_cutoff(tiny, networks):
    config = dataclasses.replace(tiny, style_mixing=1.0)
    for number in range(5):
        _, ws = mapped(networks.G, Draws(config, number, CPU).feed("", networks.G, 4))
        changes = (ws[:, 1:] != ws[:, :-1]).any(dim=2)
        assert (changes.sum(dim=1) == 1).all()


def test_style_mixing_has_its_probability_and_every_cutoff(tiny, networks):
    config = dataclasses.replace(tiny, style_mixing=0.9)
    cutoffs = [Draws(config, number, CPU).feed("", networks.G, 1).cutoff for number in range(600)]
    assert set(cutoffs) == {1, 2, 3, 4, 5, 6}
    assert sum(c < 6 for c in cutoffs) / 600 == pytest.approx(0.9, abs=0.05)


def test_mean_of_w_follows_batches_at_its_rate_and_only_their_first_latents(tiny, networks):
    feed = Draws(dataclasses.replace(tiny, style_mixing=1.0), 0, CPU).feed("", networks.G, 4)
    expected = networks.G.w_avg * 0.995 + networks.G.map(feed.z).mean(dim=0) * 0.005
    follow(networks.G, mapped(networks.G, feed)[0].mean(dim=0), 0.995)
    torch.testing.assert_close(networks.G.w_avg, expected)


def test_mirror_flips_half_of_the_reals_left_to_right(tiny):
    pictures = torch.arange(400.0).view(100, 1, 1, 4)
    flipped = Draws(tiny, 0, CPU).mirrored(pictures)
    turned = (flipped != pictures).any(dim=3).flatten()
    assert 30 < turned.sum() < 70
    assert torch.equal(flipped[turned], pictures[turned].flip(3))


def test_augmentation_reaches_what_d_sees_and_its_gradient_the_generator(tiny, networks):
    config = dataclasses.replace(tiny, augment="fixed", augment_p=0.8)
    n = with_noise(build(config, CPU))
    seen = []
    n.D.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    values = steps(n, config, 1)
    assert values["loss_G"] > 0
    assert not torch.allclose(seen[1], reals(tiny), atol=0.1)
    assert not torch.equal(next(iter(n.G.parameters())), next(iter(networks.G.parameters())))
    assert n.ada.p.item() == pytest.approx(0.8)


def test_strength_of_augmentation_rises_when_d_tells_every_real(tiny):
    config = dataclasses.replace(tiny, augment="ada", augment_interval=1, augment_kimg=1.0)
    n = build(config, CPU)
    with torch.no_grad():
        n.D.b4.out.bias.fill_(50)
    steps(n, config, 3)
    assert n.ada.p.item() == pytest.approx(3 * 8 / 1000)
    with torch.no_grad():
        n.D.b4.out.bias.fill_(-50)
    steps(n, config, 1, first=3)
    assert n.ada.p.item() == pytest.approx(2 * 8 / 1000)


def test_a_snapshot_within_an_interval_holds_the_signs_seen_so_far(tiny, tmp_path):
    from train import checkpoint

    config = dataclasses.replace(tiny, augment="ada", augment_interval=3, augment_kimg=1.0)
    straight, first, second = (build(config, CPU) for _ in range(3))
    steps(straight, config, 4)
    steps(first, config, 2)
    checkpoint.save(tmp_path, first, checkpoint.Counters(seen=16, step=2))
    checkpoint.load_newest(tmp_path, second)
    steps(second, config, 2, first=2)
    assert_same(straight, second)
    assert straight.ada.signs[1] == 8


def test_frozen_layers_of_d_keep_their_weights_and_have_no_moments(tiny):
    config = dataclasses.replace(tiny, freeze_d=3)
    n = build(config, CPU)
    before = copy.deepcopy(n.D.state_dict())
    steps(n, config, 2)
    frozen = {name for name, t in n.D.state_dict().items() if torch.equal(t, before[name])}
    layers = ("b16.fromrgb", "b16.conv0", "b16.conv1")
    assert frozen == {f"{layer}.{name}" for layer in layers for name in ("weight", "bias")}
    assert len(n.opt_D.state) == len(before) - len(frozen)


def test_labels_of_fakes_are_drawn_from_those_of_reals(tiny):
    classes = {"classes": 3}
    config = dataclasses.replace(
        tiny, phases="published", pl_weight=1.0, generator={**tiny.generator, **classes},
        discriminator={**tiny.discriminator, **classes},
    )  # fmt: skip
    n = build(config, CPU)
    pool = torch.eye(3)[torch.tensor([0, 0, 2])]
    draws = Draws(config, 0, CPU, label_pool=pool)
    labels = torch.cat([draws.feed("", n.G, 50).labels for _ in range(4)]).mean(dim=0)
    assert labels[1] == 0
    assert labels[0].item() == pytest.approx(2 / 3, abs=0.15)
    train_step(n, reals(tiny), config, 0, 0, Meter(), labels=torch.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]], draws=draws)


@pytest.mark.parametrize("loss", ["logistic-saturating", "hinge", "wgan"])
def test_every_loss_trains_both_networks(tiny, networks, loss):
    recorder = Recorder()
    config = dataclasses.replace(tiny, loss=loss, gp_weight=10.0, drift=0.001)
    train_step(networks, reals(tiny), config, 0, 0, recorder)
    assert {"loss_G", "loss_D", "gp", "r1"} <= set(recorder.values)
