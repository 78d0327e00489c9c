"""Weights of another model: what fits is copied, and nothing is passed over in silence."""

import dataclasses
from pathlib import Path

import pytest
import torch

from engine.errors import StylescopeError
from engine.files import opening
from train import loop
from train.networks import build
from train.transfer import copy_matching, transfer, weights_of

CPU = torch.device("cpu")
PICKLES = Path(__file__).parents[1] / "data" / "pickles"


def networks(tiny, seed, **widths):
    changed = {name: {**getattr(tiny, name), **widths} for name in ("generator", "discriminator")}
    return build(dataclasses.replace(tiny, seed=seed, **changed), CPU)


def weights(network):
    return {name: t.clone() for name, t in network.state_dict().items()}


def test_a_model_of_the_same_shape_is_taken_over_whole(tiny):
    source, n = networks(tiny, 1), networks(tiny, 2)
    report = transfer({"G": weights(source.G), "D": weights(source.D), "G_ema": weights(source.G_ema)}, n)
    for name in ("G", "D", "G_ema"):
        assert report[name].missing == report[name].unused == report[name].other_shape == ()
        for key, t in weights(getattr(source, name)).items():
            assert torch.equal(getattr(n, name).state_dict()[key], t)


def test_a_smaller_model_gives_the_layers_that_it_has(tiny):
    source, n = networks(tiny, 1), networks(tiny, 2, resolution=32)
    before = weights(n.D)
    report = transfer({"G_ema": weights(source.G), "D": weights(source.D)}, n)
    assert "synthesis.b8.conv0.weight" in report["G"].copied
    assert {name for name in report["G"].missing if not name.startswith("synthesis.b32.")} == set()
    assert report["D"].unused == ("b16.fromrgb.bias", "b16.fromrgb.weight")
    assert torch.equal(n.D.b4.fc.weight, source.D.b4.fc.weight)
    assert torch.equal(n.D.b32.conv0.weight, before["b32.conv0.weight"])


def test_tensors_of_another_shape_are_named_and_left(tiny):
    source, n = networks(tiny, 1), networks(tiny, 2, channels=1)
    before = weights(n.G)
    report = copy_matching(weights(source.G), n.G)
    assert "synthesis.b16.torgb.weight" in report.other_shape
    assert torch.equal(n.G.state_dict()["synthesis.b16.torgb.weight"], before["synthesis.b16.torgb.weight"])
    assert set(report.copied) | set(report.other_shape) | set(report.missing) == set(before)


def test_a_file_with_the_averaged_generator_alone_starts_both(tiny):
    source, n = networks(tiny, 1), networks(tiny, 2)
    before = weights(n.D)
    assert set(transfer({"G_ema": weights(source.G_ema)}, n)) == {"G", "G_ema"}
    assert torch.equal(n.G.synthesis.b4.const, source.G_ema.synthesis.b4.const)
    assert torch.equal(n.G_ema.synthesis.b4.const, source.G_ema.synthesis.b4.const)
    assert all(torch.equal(t, before[name]) for name, t in n.D.state_dict().items())


def test_nothing_is_shared_with_the_source(tiny):
    source, n = networks(tiny, 1), networks(tiny, 2)
    given = weights(source.G)
    copy_matching(given, n.G)
    with torch.no_grad():
        n.G.synthesis.b4.const.zero_()
    assert given["synthesis.b4.const"].abs().sum() > 0


def test_a_model_that_does_not_fit_is_refused_before_the_folder_is_made(tiny, pictures, tmp_path):
    for name, says in (("portraits-64", "no tensor of portraits-64 fits"), (str(tmp_path / "none.pkl"), "no model")):
        config = dataclasses.replace(tiny, transfer=name, generator={**tiny.generator, "channel_base": 96})
        with pytest.raises(StylescopeError, match=says):
            loop.train(config, tmp_path / "run", CPU, quiet=True)
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["torch/sg2ada_tiny.pkl", "tf/stylegan2_tiny_proto5.pkl"])
def test_snapshots_of_other_programs_give_all_three_networks(tiny, name):
    file = PICKLES / name
    family, found = weights_of(str(file))
    info = opening.read_info(file)
    discriminator = opening.read_discriminator(file)
    config = dataclasses.replace(
        tiny,
        family=family,
        generator=dict(info.settings),
        discriminator=dict(discriminator.settings),
        resolution=info.resolution,
    )
    n = build(config, CPU)
    for network, report in transfer(found, n).items():
        assert report.missing == report.other_shape == report.unused == (), network
    assert set(found) == {"G", "G_ema", "D"}
    assert not torch.equal(n.G.synthesis.b4.const, n.G_ema.synthesis.b4.const)
