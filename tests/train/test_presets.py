"""Presets have the numbers of the papers, and make networks of the published sizes."""

import argparse
import dataclasses
import json
from pathlib import Path

import pytest

from engine.errors import TrainingError
from engine.families import family
from tests import reference
from train import changes, cli, folder
from train import config as c
from train.presets import PRESETS, preset

ARCHITECTURES = ("orig", "skip", "resnet")
GRID = [f"stylegan2-e-G{G}-D{D}" for G in ARCHITECTURES for D in ARCHITECTURES]
PUBLISHED = ["stylegan2-e", "stylegan2-f", *GRID, "stylegan2-auto"]

# training_facts.md, section 4: "Configurations", "Lazy regularisation", "Path length regularisation"; the row of
# schedules_1024.json for config-ef: minibatch 32, learning rate 0.002 throughout, 25000 kimg.
BOTH = {
    "kimg": 25_000, "batch": 32, "lr": 0.002, "beta2": 0.99, "phases": "published", "loss": "logistic",
    "r1_interval": 16, "pl_weight": 2, "pl_interval": 4, "pl_decay": 0.01, "pl_shrink": 2, "ema_kimg": 10,
    "ema_rampup": 0, "style_mixing": 0.9, "w_avg_beta": 0.995, "mirror": False, "augment": "none", "r2_gamma": 0,
    "gp_weight": 0, "drift": 0, "blur_sigma": 0, "r1_gamma_from": (), "w_parts": (), "noise_kimg": 0, "lr_from": (),
}  # fmt: skip
GAMMA = {"stylegan2-e": 100, "stylegan2-f": 10}
# Thousands of pictures from tick to tick, by resolution (end of training_facts.md); a snapshot every 10 ticks.
TICKS = {8: 28, 16: 24, 32: 20, 64: 16, 128: 12, 256: 8, 512: 6, 1024: 4}
# training_facts.md, section 4, and sg2_parameter_counts.json: at 1024.
SIZES = {"stylegan2-e": (24_900_764, 24_038_161), "stylegan2-f": (30_370_060, 29_012_513)}
G_SIZES = {"orig": 23_596_292, "skip": 24_900_764, "resnet": 24_557_316}
D_SIZES = {"orig": 23_077_137, "skip": 23_087_249, "resnet": 24_038_161}
# The rule of thumb of the ADA paper's authors, evaluated by hand from its published formulae:
# (resolution, GPUs): batch, group, features / 32768, learning rate, gamma, half-life of the average in kimg.
AUTO = {
    (32, 1): (32, 4, 0.5, 0.0025, 0.0064, 10.0),
    (64, 8): (64, 4, 0.5, 0.0025, 0.0128, 20.0),
    (128, 1): (32, 4, 0.5, 0.0025, 0.1024, 10.0),
    (256, 1): (16, 4, 0.5, 0.0025, 0.8192, 5.0),
    (256, 2): (32, 4, 0.5, 0.0025, 0.4096, 10.0),
    (256, 8): (64, 4, 0.5, 0.0025, 0.2048, 20.0),
    (512, 1): (8, 4, 1, 0.0025, 6.5536, 2.5),
    (1024, 1): (4, 4, 1, 0.002, 52.4288, 1.25),
    (1024, 8): (32, 4, 1, 0.002, 6.5536, 10.0),
}


# Settings that runs of before have without saying so.
SINCE_THEN = {
    "transfer": "", "precision": "float32", "batch_gpu": 0, "keep_every": 0, "swd_kimg": 0.0, "swd_pictures": 1024,
    "mirror": False, "phases": "shared", "loss": "logistic", "drift": 0, "gp_weight": 0, "gp_target": 1, "r2_gamma": 0,
    "pl_decay": 0.01, "pl_shrink": 2, "augment": "none", "augment_pipe": "bgc", "augment_settings": {}, "augment_p": 0,
    "augment_target": 0.6, "augment_interval": 4, "augment_kimg": 500, "freeze_d": 0, "w_parts": (), "noise_kimg": 0,
    "lr_from": (),
}  # fmt: skip


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def sizes(config):
    """(G's, D's) trainable parameters, without drawing their values."""
    import torch

    its = family(config.family)
    with torch.device("meta"):
        return parameters(its.build_generator(config.generator)), parameters(
            its.build_discriminator(config.discriminator)
        )


def test_all_presets_of_the_papers_are_there():
    assert [p for p in PRESETS if "portraits" not in p] == PUBLISHED


@pytest.mark.parametrize("name", ["stylegan2-e", "stylegan2-f", *GRID])
def test_configurations_e_and_f_have_the_numbers_of_the_paper(name):
    made = preset(name)
    assert {key: getattr(made, key) for key in BOTH} == BOTH
    assert made.r1_gamma == GAMMA[name[:11]]
    assert made.discriminator["mbstd_group"] == 4
    assert (made.generator["z_dim"], made.generator["w_dim"], made.generator["mapping_layers"]) == (512, 512, 8)


@pytest.mark.parametrize("name", SIZES)
def test_configurations_e_and_f_have_the_published_sizes(name):
    assert sizes(preset(name)) == SIZES[name]


@pytest.mark.parametrize("name", GRID)
def test_the_nine_architectures_have_the_published_sizes(name):
    _, _, G, D = name.split("-")
    assert sizes(preset(name)) == (G_SIZES[G[1:]], D_SIZES[D[1:]])


@pytest.mark.parametrize("resolution", [256, 512, 1024])
@pytest.mark.parametrize("name", SIZES)
def test_a_configuration_follows_the_resolution_of_the_data(name, resolution):
    counts = json.loads((reference.FOLDER / "sg2_parameter_counts.json").read_text())
    expected = counts[f"config-{name[-1]}-{resolution}"]
    assert sizes(preset(name, resolution)) == (expected["G"]["parameters"], expected["D"]["parameters"])


def test_the_automatic_configuration_has_the_published_size():
    counts = json.loads((reference.FOLDER / "sg2_parameter_counts.json").read_text())
    for name, expected in counts.items():
        if name.startswith("auto-"):
            resolution = int(name.split()[0].removeprefix("auto-"))
            made = preset("stylegan2-auto", resolution)
            assert made.generator["channel_base"] == expected["channel_base"]
            assert sizes(made) == (expected["G"]["parameters"], expected["D"]["parameters"])


@pytest.mark.parametrize("resolution", TICKS)
def test_ticks_and_snapshots_come_as_published(resolution):
    made = preset("stylegan2-f", resolution)
    assert (made.tick_kimg, made.snapshot_kimg) == (TICKS[resolution], 10 * TICKS[resolution])


@pytest.mark.parametrize("at", AUTO)
def test_the_automatic_configuration_follows_its_rule_of_thumb(at):
    made = preset("stylegan2-auto", *at)
    batch, group, features, lr, gamma, ema = AUTO[at]
    assert (made.batch, made.lr, made.ema_kimg) == (batch, lr, pytest.approx(ema))
    assert made.r1_gamma == pytest.approx(gamma)
    assert made.discriminator["mbstd_group"] == group
    assert made.generator["channel_base"] == made.discriminator["channel_base"] == features * 32768
    assert made.generator["mapping_layers"] == 2
    assert made.generator["conv_clamp"] == made.discriminator["conv_clamp"] == 256
    assert (made.augment, made.augment_pipe, made.augment_target, made.augment_interval) == ("ada", "bgc", 0.6, 4)
    assert (made.augment_kimg, made.augment_p, made.ema_rampup, made.pl_weight) == (500, 0, 0.05, 2)
    assert (made.r1_interval, made.pl_interval, made.kimg, made.phases) == (16, 4, 25_000, "published")


def test_portraits_are_made_for_one_resolution():
    assert preset("stylegan2-portraits-64", 64) == preset("stylegan2-portraits-64")
    with pytest.raises(TrainingError, match="64 pixels, not 128"):
        preset("stylegan2-portraits-64", 128)


@pytest.mark.parametrize("resolution", [4, 100, 2048])
def test_a_resolution_that_no_network_has_is_refused(resolution):
    with pytest.raises(TrainingError, match="power of two"):
        preset("stylegan2-f", resolution)


@pytest.mark.parametrize("name", ["stylegan2-f", "stylegan2-auto", *GRID[:2]])
def test_a_published_preset_trains_two_steps(name, tmp_path):
    import torch

    from train.networks import build
    from train.stats import Meter
    from train.step import train_step

    small = {"channel_base": 128, "channel_max": 8}
    made = preset(name, 16)
    made = dataclasses.replace(
        made, batch=4, generator={**made.generator, **small, "z_dim": 8, "w_dim": 8},
        discriminator={**made.discriminator, **small},
    )  # fmt: skip
    n = build(made, torch.device("cpu"))
    for step in range(2):
        train_step(n, torch.rand(4, 3, 16, 16) * 2 - 1, made, step, 4 * step, Meter())
    assert all(bool(torch.isfinite(p).all()) for p in (*n.G.parameters(), *n.D.parameters()))


def test_a_run_of_the_first_release_goes_on_under_the_preset_of_today():
    """The config.json as it was written before the newer settings existed."""
    stored = json.loads((Path(__file__).parents[1] / "data" / "runs" / "portraits-64-config.json").read_text())
    old = c.from_dict(stored)
    assert {name: value for name, value in c.to_dict(old).items() if name not in stored} == SINCE_THEN
    today = changes.with_settings(preset("stylegan2-portraits-64"), ["w_parts=none"])  # all that the preset has new
    assert changes.differences(old, today, kimg=646) == []  # where that run was; its learning rate falls later
    assert changes.differences(old, dataclasses.replace(old, phases="published")) == ["phases (shared, not published)"]


@pytest.mark.parametrize("name", ["portraits-64", "portraits-128"])
def test_a_run_in_the_repository_goes_on_under_its_preset(name):
    """By the command of docs/bundled-models.md, which names no setting."""
    run = Path(__file__).parents[2] / "runs" / name
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    given = ["--preset", f"stylegan2-{name}", "--data", "portraits", "--out", str(run)]
    folder.check(run, cli.settings(parser.parse_args(given)))
