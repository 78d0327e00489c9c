"""Multi-scale gradients: the discriminator's gradient reaches every toRGB of the generator directly."""

import pytest
import torch
import torch.nn.functional as F

from engine.errors import ModelFileError
from engine.families import family
from engine.families.stylegan2 import generator as generator_module

STYLEGAN2 = family("stylegan2")
SIZES = {"resolution": 32, "channel_base": 256, "channel_max": 16}
RESOLUTIONS = (4, 8, 16, 32)


def pair(architecture="msg"):
    torch.manual_seed(0)
    G = STYLEGAN2.build_generator(SIZES | {"z_dim": 16, "w_dim": 16, "mapping_layers": 2})
    return G, STYLEGAN2.build_discriminator(SIZES | {"architecture": architecture})


def some_ws(G, n=4):
    return G.broadcast(G.map(torch.randn(n, 16, generator=torch.Generator().manual_seed(n))))


def reached(G):
    """Resolutions whose toRGB got a gradient."""
    weights = {r: G.synthesis.block(r).torgb.weight.grad for r in RESOLUTIONS}
    return {r for r, gradient in weights.items() if gradient is not None and gradient.abs().max() > 0}


@pytest.fixture
def no_way_up(monkeypatch):
    """Nothing flows back from a picture into the smaller one that it was upsampled from."""
    upsample2d = generator_module.upsample2d
    monkeypatch.setattr(generator_module, "upsample2d", lambda image, f: upsample2d(image, f).detach())


def test_the_gradient_reaches_the_colours_of_every_resolution_directly(no_way_up):
    G, D = pair()
    F.softplus(-D(G.pyramid(some_ws(G)))).mean().backward()
    assert reached(G) == set(RESOLUTIONS)


def test_without_multi_scale_gradients_only_the_highest_resolution_is_reached_directly(no_way_up):
    G, D = pair("skip")
    F.softplus(-D(G.synthesize(some_ws(G)))).mean().backward()
    assert reached(G) == {32}


def test_the_pyramid_of_a_generator_ends_with_its_picture():
    G, _ = pair()
    ws = some_ws(G)
    scales = G.pyramid(ws)
    assert [tuple(p.shape) for p in scales] == [(4, 3, r, r) for r in RESOLUTIONS]
    assert torch.equal(scales[-1], G.synthesize(ws))


def test_a_real_picture_stands_for_its_box_pyramid():
    _, D = pair()
    image = torch.rand(4, 3, 32, 32)
    scales = D.pyramid(image)
    assert [p.shape[-1] for p in scales] == list(RESOLUTIONS)
    torch.testing.assert_close(scales[0], image.unflatten(3, (4, 8)).unflatten(2, (4, 8)).mean(dim=(3, 5)))
    assert torch.equal(D(image), D(scales))


@pytest.mark.parametrize("changed", range(4))
def test_every_scale_counts(changed):
    _, D = pair()
    scales = D.pyramid(torch.rand(4, 3, 32, 32))
    before = D(scales)
    scales[changed] = scales[changed].flip(3)
    assert (D(scales) - before).abs().max() > 1e-6


def test_the_pair_trains():
    G, D = pair()
    optimisers = [torch.optim.Adam(n.parameters(), lr=0.002, betas=(0.0, 0.99)) for n in (G, D)]
    before = [[p.clone() for p in n.parameters()] for n in (G, D)]
    for _ in range(2):
        F.softplus(-D(G.pyramid(some_ws(G), "random"))).mean().backward(inputs=list(G.parameters()))
        reals = (torch.rand(4, 3, 32, 32) * 2 - 1).requires_grad_()
        scores = D(reals)
        (slope,) = torch.autograd.grad(scores.sum(), reals, create_graph=True)
        loss = F.softplus(-scores).mean() + F.softplus(D(G.pyramid(some_ws(G)))).mean() + slope.square().sum()
        loss.backward(inputs=list(D.parameters()))
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()
    for network, old in zip((G, D), before, strict=True):
        moved = [not torch.equal(p, q) for p, q in zip(network.parameters(), old, strict=True)]
        assert all(moved)
        assert all(torch.isfinite(p).all() for p in network.parameters())


def test_only_output_skips_have_a_pyramid_and_only_discriminators_are_multi_scale():
    G = STYLEGAN2.build_generator(SIZES | {"architecture": "resnet"})
    with pytest.raises(AssertionError, match="skips"):
        G.pyramid(torch.zeros(1, 8, 512))
    with pytest.raises(ModelFileError):
        STYLEGAN2.build_generator(SIZES | {"architecture": "msg"})
