"""Convolution by way of points: the numbers of the plain one, whatever the size, memory format and number of bands."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.families.stylegan2.styled import StyledConvolution
from engine.nn import winograd
from engine.nn.fir import setup_filter


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(
    inputs=st.integers(1, 9),
    outputs=st.integers(1, 9),
    high=st.integers(1, 9),
    wide=st.integers(1, 9),
    at_once=st.sampled_from([1, 6, 128]),
    memory=st.sampled_from([torch.contiguous_format, torch.channels_last]),
)
@settings(max_examples=40)
def test_it_is_the_plain_convolution(inputs, outputs, high, wide, at_once, memory):
    x = random(1, inputs, 4 * high, 4 * wide).contiguous(memory_format=memory)
    weight, styles = random(outputs, inputs, 3, 3, seed=1), random(inputs, seed=2)
    plain = F.conv2d(x.double() * styles[:, None, None], weight.double(), padding=1)
    seen = torch.zeros(4 * high, dtype=torch.int)

    def finish(pixels, rows):
        seen[rows] += 1
        assert pixels.shape == (rows.stop - rows.start, 4 * wide, outputs)
        pixels.mul_(2)

    with pytest.MonkeyPatch.context() as patch, torch.inference_mode():
        patch.setattr(winograd, "AT_ONCE", at_once)
        y = winograd.convolved(x, winograd.at_points(weight), styles, finish)
    assert (seen == 1).all()
    assert y.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y.double(), 2 * plain, rtol=1e-4, atol=1e-4)


def test_it_loses_few_digits():
    """Of many features, as wide layers have them; the points 0, 1, -1, 2, -2 would lose four times as many."""
    x, weight = F.leaky_relu(random(1, 512, 16, 16), 0.2), random(64, 512, 3, 3, seed=1)
    exact = F.conv2d(x.double(), weight.double(), padding=1)
    with torch.inference_mode():
        y = winograd.convolved(x, winograd.at_points(weight), torch.ones(512), lambda pixels, rows: None)
    error = (y - exact) / exact.std()
    assert error.abs().max() < 2.5e-5
    assert error.square().mean().sqrt() < 2e-6


def test_it_is_for_processors_and_layers_that_gain():
    assert winograd.pays(torch.empty(64, 64, 3, 3), 16)
    assert not winograd.pays(torch.empty(64, 63, 3, 3), 16)
    assert not winograd.pays(torch.empty(64, 64, 3, 3), 8)
    assert not winograd.pays(torch.empty(64, 64, 1, 1), 16)
    assert not winograd.pays(torch.empty(64, 64, 3, 3, dtype=torch.float64), 16)
    assert not winograd.pays(torch.empty(64, 64, 3, 3, device="meta"), 16)


@pytest.mark.parametrize("clamp", [None, 0.5])
def test_a_frozen_layer_gives_the_same_numbers_by_way_of_points(clamp):
    layer = StyledConvolution(64, 72, 8, 16, 1, use_noise=True).eval().requires_grad_(False)
    layer.noise_strength.fill_(0.3)
    layer.bias.copy_(random(72, seed=3))
    x, w, noise, f = (
        random(1, 64, 16, 16),
        random(1, 8, seed=1),
        random(1, 1, 16, 16, seed=2),
        setup_filter([1, 3, 3, 1]),
    )
    with torch.inference_mode():
        plain = layer(x, w, noise, f, clamp=clamp)
        layer.freeze()
        torch.testing.assert_close(layer(x, w, noise, f, clamp=clamp), plain, rtol=1e-4, atol=1e-4)
        assert layer.points
