"""Losses and penalties against their definitions and the public implementations, values and gradients."""

import numpy as np
import pytest
import torch

from engine.families import family
from tests import reference
from tests.conformance import tf
from tests.train.reference_step import GRADIENTS, StoredDraws, close, in_double, networks, reference_config, step_of
from train import losses
from train.config import CHOICES
from train.losses import LOSSES


def test_every_loss_that_a_config_may_name_exists():
    assert set(CHOICES["loss"]) == set(LOSSES)


def test_logistic_losses_are_the_logarithms_of_the_paper():
    scores = torch.tensor([[-3.0], [0.0], [2.0]])
    probability = torch.sigmoid(scores)
    for name in ("logistic", "logistic-saturating"):
        torch.testing.assert_close(LOSSES[name].real(scores), -probability.log())
        torch.testing.assert_close(LOSSES[name].fake(scores), -(1 - probability).log())
    torch.testing.assert_close(LOSSES["logistic"].generator(scores), -probability.log())
    torch.testing.assert_close(LOSSES["logistic-saturating"].generator(scores), (1 - probability).log())


def test_gradient_penalty_of_a_linear_score_is_the_squared_norm_of_its_weights():
    weights = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(0))
    reals = torch.zeros(5, 3, 4, 4, requires_grad=True)
    scores = (reals * weights).sum(dim=(1, 2, 3))
    norm = weights.norm()
    torch.testing.assert_close(losses.gradient_penalty(scores, reals), norm.square().expand(5))
    torch.testing.assert_close(losses.gradient_distance(scores, reals, 3.0), ((norm - 3) / 3).square().expand(5))


def test_path_length_of_a_linear_map_is_the_norm_of_its_pulled_back_noise():
    ws = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    noise = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    matrix = torch.randn(15, 16, generator=torch.Generator().manual_seed(3))
    pictures = (ws.flatten(1) @ matrix).view(2, 1, 4, 4)
    pulled = ((noise / 4).flatten(1) @ matrix.t()).view(2, 3, 5)
    expected = pulled.square().sum(2).mean(1).sqrt()
    torch.testing.assert_close(losses.path_lengths(pictures, ws, noise), expected)


def test_mean_path_length_moves_before_it_is_used_and_passes_its_share_of_the_gradient():
    lengths = torch.tensor([2.0, 4.0], requires_grad=True)
    penalty, mean = losses.path_penalty(lengths, torch.tensor(1.0), 0.5)
    assert mean.item() == 2.0
    torch.testing.assert_close(penalty, torch.tensor([0.0, 4.0]))
    penalty.sum().backward()
    torch.testing.assert_close(lengths.grad, torch.tensor([-1.0, 3.0]))  # 2 d - 0.25 * sum(2 d), d = 0 and 2


def test_penalties_can_be_differentiated_again():
    weight = torch.tensor(2.0, requires_grad=True)
    reals = torch.ones(1, 1, 2, 2, requires_grad=True)
    losses.gradient_penalty((reals * weight).sum(dim=(1, 2, 3)), reals).sum().backward()
    assert weight.grad == pytest.approx(4 * 2 * 2.0)


# --- StyleGAN2-ADA in PyTorch ----------------------------------------------------------------------------------------

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


# --- ProGAN, StyleGAN and StyleGAN2 in TensorFlow --------------------------------------------------------------------

TF_LOSSES = {
    "G_logistic": {"loss": "logistic-saturating"},
    "G_logistic_saturating": {"loss": "logistic-saturating"},
    "G_logistic_ns": {},
    "G_logistic_nonsaturating": {},
    "G_wgan": {"loss": "wgan"},
    "D_logistic": {},
    "D_logistic_r1": {"r1_gamma": 10.0},
    "D_logistic_r1_gamma100": {"r1_gamma": 100.0},
    "D_logistic_r2": {"r2_gamma": 10.0},
    "D_logistic_simplegp": {"r1_gamma": 10.0},
    "D_logistic_simplegp_r1_gamma10_r2_gamma5": {"r1_gamma": 10.0, "r2_gamma": 5.0},
    "D_logistic_simplegp_r1_gamma0_r2_gamma10": {"r2_gamma": 10.0},
    "D_hinge": {"loss": "hinge"},
    "D_hinge_gp": {"loss": "hinge", "gp_weight": 10.0},
    "D_wgan": {"loss": "wgan", "drift": 0.001},
    "D_wgan_gp": {"loss": "wgan", "drift": 0.001, "gp_weight": 10.0},
    "loss_wgangp": {"loss": "wgan", "drift": 0.001, "gp_weight": 10.0},
    "loss_wgangp_target750": {"loss": "wgan", "drift": 0.001, "gp_weight": 10.0, "gp_target": 750.0},
}
FILES = {"stylegan2_losses": "stylegan2", "stylegan_losses": "stylegan", "progan_small": "progan"}
# The reference's limit for norms is 1e-3. In its StyleGAN G_wgan and G_logistic_nonsaturating one activation of D is so
# close to 0 that a change of 2e-6 in the fakes turns its sign and moves norms by 1.7e-3, from our values to the stored.
TF_GRADIENTS = {"stylegan2": 1e-3, "stylegan": 2e-3, "progan": 1e-3}


def tf_cases():
    """(file, case) with networks, but path lengths, and but label terms, which are not ours."""
    found = [(file, name) for file in FILES for name in tf.load(file)[0]["cases"]]
    return [(file, name) for file, name in found if name.partition("/")[0] in TF_LOSSES]


def tf_step(file, name, **changes):
    """A step on the networks of a case, and the names of TensorFlow's variables by ours."""
    description, arrays = tf.load(file)
    case = description["cases"][name]
    foreign = [tf.foreign(description, network, case.get("set")) for network in case["network"]]
    G, D = (tf.network(FILES[file], f) for f in foreign)
    config = reference_config(r1_interval=1, **changes)
    n = networks(*in_double(G, D), config)
    read = {role: arrays[key] for role, key in case["inputs"].items()}
    latents = {"Gmain": read["latents"], "Dmain": read["latents"], "Greg": read.get("pl_latents")}
    mixture = read.get("mixing_factors")
    draws = StoredDraws(latents, path_noise=read.get("pl_noise"), mixture=mixture, dtype=torch.float64)
    # The mixtures of the reference are reals and fakes at 1 - u and u, as ours.
    step = step_of(n, config, draws, read.get("reals", np.zeros((len(read["latents"]), 3, 32, 32), np.float32)))
    return case, arrays, step, foreign


def by_values(foreign, network):
    """TensorFlow's name of each of our parameters: the one with the same values, in whatever order."""
    variables = {np.sort(a.ravel()).tobytes(): key for key, a in foreign.arrays.items()}
    variables |= {np.sort((a + np.float32(1)).ravel()).tobytes(): key for key, a in foreign.arrays.items()}
    return {variables[np.sort(p.detach().float().numpy().ravel()).tobytes()]: p for p in network.parameters()}


def check_tf_gradients(foreign, network, names, norms, sums, limit=TF_GRADIENTS["stylegan2"]):
    parameters = by_values(foreign, network)
    assert set(names) == set(parameters)
    for key, norm, total in zip(names, norms, sums, strict=True):
        gradient = parameters[key].grad
        gradient = torch.zeros([1]) if gradient is None else gradient
        slack = float(limit * norm * parameters[key].numel() ** 0.5 + 1e-9)
        assert gradient.norm().item() == pytest.approx(norm, rel=limit, abs=1e-9), key
        assert gradient.sum().item() == pytest.approx(total, abs=slack), key


def output(case, arrays, *names):
    """The first of these outputs that the case has."""
    return next((arrays[case["outputs"][name]] for name in names if name in case["outputs"]), None)


@pytest.mark.parametrize(("file", "name"), tf_cases())
def test_a_loss_has_the_values_and_gradients_of_the_tensorflow_programs(file, name):
    settings = TF_LOSSES[name.partition("/")[0]]
    case, arrays, step, (G, D) = tf_step(file, name, **settings)
    if name.startswith("G_"):
        step.generator_main()
        close(step.meter.values["loss_G"][0], output(case, arrays, "loss"))
        grads = [output(case, arrays, f"loss_{what}", what) for what in ("grad_l2", "grad_sum")]
        check_tf_gradients(G, step.n.G, case["grad_vars"], *grads, TF_GRADIENTS[FILES[file]])
        return
    step.discriminator_main(*step._penalty_weights())
    ours = step.meter.values
    check_tf_terms(case, arrays, ours, step.config)
    if "reg" in case["outputs"]:  # StyleGAN2 keeps the regulariser apart
        return
    grads = [output(case, arrays, what, f"D_{what}", f"loss_{what}") for what in ("grad_l2", "grad_sum")]
    check_tf_gradients(D, step.n.D, case.get("grad_vars", case.get("D_grad_vars")), *grads, TF_GRADIENTS[FILES[file]])


def check_tf_terms(case, arrays, ours, config):
    """Scores and penalties one by one, and the mean of all."""
    stored = {
        "score_real": output(case, arrays, "scores/real", "real_scores"),
        "score_fake": output(case, arrays, "scores/fake", "fake_scores"),
        "r1": output(case, arrays, "r1_penalty"),
        "r2": output(case, arrays, "r2_penalty"),
        "r1" if config.r1_gamma else "r2": output(case, arrays, "gradient_penalty", "r1_penalty", "r2_penalty"),
    }
    for what, array in stored.items():
        if array is not None:
            close(ours[what][0], array, name=what)
    norms = output(case, arrays, "mixed_norms")
    if norms is not None:
        close(ours["gp"][0], np.square(norms / config.gp_target - 1), name="gp")
    total = ours["loss_D"][0] + config.drift * ours["score_real"][0].square().mean()
    penalties = sum(ours[w][0].mean() * g for w, g in (("r1", config.r1_gamma / 2), ("r2", config.r2_gamma / 2)) if g)
    if config.gp_weight:
        penalties = penalties + ours["gp"][0].mean() * config.gp_weight
    if "reg" in case["outputs"]:
        close(penalties, output(case, arrays, "reg").mean(), name="reg")
    else:
        total = total + penalties
    close(total, output(case, arrays, "loss", "D_loss").mean(), name="loss")


@pytest.mark.parametrize("name", ["D_logistic_r1", "D_logistic_r2", "D_logistic_r1_gamma100", "D_wgan_gp"])
def test_a_regulariser_alone_has_the_gradients_of_the_tensorflow_program(name):
    case, arrays, step, (_, D) = tf_step("stylegan2_losses", name, **TF_LOSSES[name])
    if name == "D_wgan_gp":
        fakes, _ = step._shown_fakes(step._feed("Dmain"), False)
        step._mixtures(None, None, step._mixture(), fakes)
    else:
        step.draws.stored["Dreg"] = step.draws.stored["Dmain"]
        step.discriminator_penalties(*step._penalty_weights())
    grads = [output(case, arrays, what) for what in ("reg_grad_l2", "reg_grad_sum")]
    check_tf_gradients(D, step.n.D, case["grad_vars"], *grads)


@pytest.mark.parametrize("name", [name for name in tf.load("stylegan2_losses")[0]["cases"] if "pathreg" in name])
def test_path_lengths_have_the_values_and_gradients_of_the_tensorflow_program(name):
    given = tf.load("stylegan2_losses")[0]["cases"][name]["loss_kwargs"]
    settings = {"pl_weight": given["pl_weight"], "pl_decay": given["pl_decay"], "pl_interval": 1}
    case, arrays, step, (G, _) = tf_step("stylegan2_losses", name, pl_shrink=given["pl_minibatch_shrink"], **settings)
    step.n.pl_mean.fill_(output(case, arrays, "pl_mean_before").item())
    step.path_lengths()
    close(step.meter.values["pl_penalty"][0], output(case, arrays, "pl_penalty"))
    close(step.n.pl_mean[None], output(case, arrays, "pl_mean_after"))
    grads = [output(case, arrays, what) for what in ("reg_grad_l2", "reg_grad_sum")]
    check_tf_gradients(G, step.n.G, case["grad_vars"], *grads)


@pytest.mark.parametrize("name", [name for name in tf.load("stylegan_losses")[0]["cases"] if "logits/" in name])
def test_a_loss_of_given_scores_equals_that_of_the_tensorflow_program(name):
    description, arrays = tf.load("stylegan_losses")
    case = description["cases"][name]
    fake, real = (torch.from_numpy(arrays[case["inputs"][f"{kind}_logits"]]) for kind in ("fake", "real"))
    settings = {"loss": "logistic", "drift": 0.0, **TF_LOSSES[name.partition("/")[2]]}
    loss = LOSSES[settings["loss"]]
    if "/G_" in name:
        value = loss.generator(fake)
    else:
        value = loss.fake(fake) + loss.real(real) + settings["drift"] * real.square()
    close(value, arrays[case["outputs"]["loss"]], 1e-6)
