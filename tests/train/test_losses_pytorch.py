"""Losses and penalties against the public PyTorch program (StyleGAN2-ADA), values and gradients."""

import pytest
import torch

from engine.families import family
from tests import reference
from tests.train.reference_step import GRADIENTS, StoredDraws, close, in_double, networks, reference_config, step_of
from train import losses

SG2, SG2_ARRAYS = reference.case("sg2_loss")


def sg2_networks(case, config):
    """The two small networks of a case, filled by the weight rule."""
    names = case["loss_kwargs"]
    garch, darch = names.get("garch", "skip"), names.get("darch", "resnet")
    given = SG2["networks"][f"c{case['c_dim']}_{garch}_{darch}"]
    G, D = sg2_network("generator", given["G"]), sg2_network("discriminator", given["D"])
    return networks(*in_double(G, D), config)


def sg2_network(kind, kwargs):
    """A network of the reference's constructor arguments."""
    flat = {**kwargs, **kwargs.get("synthesis_kwargs", {})}
    settings = {
        "resolution": flat["img_resolution"],
        "channels": flat["img_channels"],
        "classes": flat["c_dim"],
        **{name: flat[name] for name in ("channel_base", "channel_max", "architecture")},
    }
    if kind == "generator":
        settings |= {name: flat[name] for name in ("z_dim", "w_dim")}
        settings["mapping_layers"] = flat["mapping_kwargs"]["num_layers"]
        return reference.fill(family("stylegan2").build_generator(settings))
    settings["mbstd_group"] = flat["epilogue_kwargs"]["mbstd_group_size"]
    return reference.fill(family("stylegan2").build_discriminator(settings))


@pytest.mark.parametrize("name", SG2["cases"])
def test_a_phase_has_the_values_and_gradients_of_the_public_implementation(name):
    case = SG2["cases"][name]
    given, gain = case["loss_kwargs"], case["gain"]
    config = reference_config(
        pl_weight=given.get("pl_weight", 2.0), pl_decay=given.get("pl_decay", 0.01), pl_interval=gain
    )
    n = sg2_networks(case, config)
    if case["pl_mean_before"] is not None:
        n.pl_mean.fill_(case["pl_mean_before"])
    labels = torch.from_numpy(SG2_ARRAYS["c"]).double() if case["c_dim"] else None
    draws = StoredDraws(SG2_ARRAYS["z"], labels, SG2_ARRAYS["pl_noise"], dtype=torch.float64)
    step = step_of(n, config, draws, SG2_ARRAYS["real"], labels)
    r1 = given.get("r1_gamma", 0) / 2 * gain
    {
        "Gmain": step.generator_main,
        "Greg": step.path_lengths,
        "Dmain": step.discriminator_main,
        "Dreg": lambda: step.discriminator_penalties(r1, 0.0),
        "Dboth": lambda: step.discriminator_main(r1),
    }[case["phase"]]()
    check_reports(name, case, step.meter.values, r1 / gain)
    check_gradients(name, case, n.G if case["phase"].startswith("G") else n.D)
    if case["pl_mean_after"] is not None:
        assert n.pl_mean.item() == pytest.approx(case["pl_mean_after"], rel=1e-5)
    assert n.G.w_avg.sum().item() == pytest.approx(case["w_avg_sum_after"], rel=1e-4)


def check_reports(name, case, ours, half_gamma):
    """What the public program reports, as far as it is no multiple of something else."""
    reported = {
        "Loss/scores/fake": ours["score_fake"],
        "Loss/scores/real": ours["score_real"],
        "Loss/signs/real": ours["sign_real"],
        "Loss/G/loss": ours["loss_G"],
        "Loss/r1_penalty": ours["r1"],
        "Loss/D/reg": [penalty * half_gamma for penalty in ours["r1"]],
        "Loss/pl_penalty": ours["pl_penalty"],
    }
    for what, entry in case["reported"].items():
        stored = SG2_ARRAYS[entry["array"]]
        what = what.removesuffix(" [0]")
        if what == "Loss/D/loss":
            close(ours["loss_D"][0], stored.mean(), name=what)
        elif what in reported:
            close(reported[what][0], stored, name=what)


def check_gradients(name, case, network):
    parameters = dict(network.named_parameters())
    assert {entry[0] for entry in case["gradients"]} == set(parameters)
    for key, norm, total, product in case["gradients"]:
        gradient = parameters[key].grad
        gradient = torch.zeros_like(parameters[key]) if gradient is None else gradient
        if norm is None:
            assert not gradient.any(), key
            continue
        slack = GRADIENTS * norm * gradient.numel() ** 0.5
        probe = reference.seeded(f"probe:{key}", tuple(gradient.shape))
        assert gradient.norm().item() == pytest.approx(norm, rel=GRADIENTS, abs=1e-12), key
        assert gradient.sum().item() == pytest.approx(total, abs=slack + 1e-12), key
        assert (gradient * probe).sum().item() == pytest.approx(product, abs=slack + 1e-12), key
        stored = SG2_ARRAYS.get(f"{name}__grad__{key}")
        if stored is not None:
            close(gradient, stored, GRADIENTS, key)


def test_path_lengths_and_their_gradient_equal_the_public_ones():
    case = SG2["cases"]["greg"]
    n = sg2_networks(case, reference_config())
    ws = n.G.broadcast(n.G.map(torch.from_numpy(SG2_ARRAYS["z"][:4]).double()))
    pictures = n.G.synthesize(ws, "const")
    lengths = losses.path_lengths(pictures, ws, torch.from_numpy(SG2_ARRAYS["pl_noise"]))
    close(lengths.detach(), SG2_ARRAYS["pl_lengths"])
    y = torch.from_numpy(SG2_ARRAYS["pl_noise"]) / 32
    (gradient,) = torch.autograd.grad((pictures * y).sum(), ws)
    close(gradient, SG2_ARRAYS["pl_grads"])
