"""Multi-scale gradients: what the discriminator judges of the generator is a picture of each resolution."""

import dataclasses

import pytest
import torch

from engine.nn.box import box_down
from tests.train.test_division import stepped
from train import mipmap
from train.blur import blurred
from train.networks import build
from train.passes import Passes
from train.stats import Meter
from train.step import train_step

SIDES = [4, 8, 16]


@pytest.fixture
def msg(tiny):
    return dataclasses.replace(tiny, discriminator={**tiny.discriminator, "architecture": "msg"}, blur_sigma=0.0)


def judged(config, monkeypatch):
    """(what D was called with, what G gave) in a step, each [[N, C, R, R], ...] of one call."""
    n = build(config, torch.device("cpu"))
    seen, made = [], []
    forward, pyramid = n.D.forward, n.G.pyramid
    monkeypatch.setattr(n.D, "forward", lambda pictures, *c: (seen.append(pictures), forward(pictures, *c))[1])
    monkeypatch.setattr(n.G, "pyramid", lambda *args: (made.append(pyramid(*args)), made[-1])[1])
    assert train_step(n, torch.rand(config.batch, 3, 16, 16) * 2 - 1, config, 0, 0, Meter())
    return seen, made


@pytest.mark.parametrize("phases", ["shared", "published"])
def test_the_discriminator_judges_the_generators_own_pictures_of_all_resolutions(msg, phases, monkeypatch):
    config = dataclasses.replace(msg, phases=phases, r2_gamma=1.0, gp_weight=10.0, pl_weight=2.0)
    seen, made = judged(config, monkeypatch)
    assert all([scale.shape[-1] for scale in scales] == SIDES for scales in seen)
    for pictures in made:
        assert any(all(map(torch.equal, pictures, scales)) for scales in seen)
        assert not torch.allclose(pictures[1], box_down(pictures[2]), atol=1e-3)
    reals = seen[1 if phases == "shared" else 2]
    assert torch.allclose(reals[1], box_down(reals[2]), atol=1e-6)


def test_slices_of_mipmaps_learn_what_the_whole_batch_learns(msg):
    config = dataclasses.replace(msg, batch=16, gp_weight=10.0, pl_weight=2.0)
    whole, sliced = stepped(config, 1)[0], stepped(config, 4)[0]
    for name, tensor in whole.items():
        assert (tensor - sliced[name]).abs().max() <= 2e-3 * (tensor.abs().max() + 1e-12), name


def test_a_mipmap_is_its_pictures():
    scales = [torch.rand(2, 3, side, side) for side in SIDES]
    packed = mipmap.packed(scales)
    assert packed.shape == (2, 3, 1, 16 + 64 + 256)
    assert all(map(torch.equal, mipmap.unpacked(packed), scales))


def test_each_resolution_is_blurred_as_much_of_what_it_shows():
    scales = [torch.rand(2, 3, side, side) for side in SIDES]
    small, middle, large = Passes._scales(mipmap.packed(scales), 1.6)
    assert torch.equal(large, blurred(scales[2], 1.6))
    assert torch.equal(middle, blurred(scales[1], 0.8))
    assert torch.equal(small, blurred(scales[0], 0.4))
