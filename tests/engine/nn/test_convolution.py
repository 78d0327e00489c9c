"""Modulated convolution beside the public operator's numbers (tests/conformance/operators.py)."""

import pytest
import torch

from engine.families.stylegan2.styled import StyledConvolution
from engine.nn.convolution import (
    conv2d_resample,
    conv_as_product,
    conv_up_as_product,
    demodulation,
    energy,
    modulated_conv2d,
    scattering,
)
from engine.nn.fir import downsample2d, setup_filter, upsample2d


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_demodulation_gives_outputs_unit_deviation():
    weight, styles = random(8, 64, 3, 3), random(4, 64).abs() + 0.1
    y = modulated_conv2d(random(4, 64, 64, 64), weight, styles, padding=1)[:, :, 1:-1, 1:-1]
    torch.testing.assert_close(y.std(dim=(2, 3)), torch.ones(4, 8), rtol=0.05, atol=0)
    assert demodulation(energy(weight), styles).shape == (4, 8)


def test_a_style_per_sample_equals_a_weight_per_sample():
    x, weight, styles = random(3, 6, 9, 9), random(5, 6, 3, 3, seed=1), random(3, 6, seed=2)
    together = modulated_conv2d(x, weight, styles, padding=1)
    for n in range(3):
        own = weight * styles[n][None, :, None, None]
        own = own / (own.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
        expected = torch.nn.functional.conv2d(x[n : n + 1], own, padding=1)
        torch.testing.assert_close(together[n : n + 1], expected, rtol=1e-4, atol=1e-5)


def test_resampling_convolutions_with_a_kernel_of_one_pixel_are_resampling_and_convolution():
    x, weight, f = random(2, 4, 8, 8), random(3, 4, 1, 1, seed=1), setup_filter([1, 3, 3, 1])
    plain = torch.nn.functional.conv2d
    torch.testing.assert_close(
        conv2d_resample(x, weight, f, up=2), plain(upsample2d(x, f), weight), rtol=1e-4, atol=1e-5
    )
    down = conv2d_resample(x, weight, f, down=2)
    torch.testing.assert_close(down, downsample2d(plain(x, weight), f), rtol=1e-4, atol=1e-5)


def test_float16_modulation_does_not_overflow():
    x = torch.full((1, 64, 8, 8), 200.0, dtype=torch.float16)
    styles = torch.full((1, 64), 300.0)
    y = modulated_conv2d(x, torch.ones(8, 64, 3, 3), styles, padding=1)
    assert torch.isfinite(y).all()
    exact = modulated_conv2d(x.float(), torch.ones(8, 64, 3, 3), styles, padding=1)
    torch.testing.assert_close(y.float(), exact, rtol=5e-3, atol=1.0)


def test_a_bias_is_added_behind_all_filters():
    x, f, bias = random(2, 4, 8, 8), setup_filter([1, 3, 3, 1]), random(3, seed=2)
    for kernel in (1, 3):
        for resampling in ({}, {"down": 2}, {"padding": [1, 0, 0, 1]}):
            weight = random(3, 4, kernel, kernel, seed=1)
            with_bias = conv2d_resample(x, weight, f, **resampling, bias=bias)
            torch.testing.assert_close(with_bias, conv2d_resample(x, weight, f, **resampling) + bias[:, None, None])
    with pytest.raises(AssertionError, match="bias"):
        conv2d_resample(x, random(3, 4, 3, 3), f, up=2, bias=bias)


@pytest.mark.parametrize("taps", [[1, 3, 3, 1], [1, 2, 1], [1, 1], [1, 4, 6, 4, 1]])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_products_of_matrices_are_the_convolutions_that_they_stand_for(taps, kernel):
    f, weight, x = setup_filter(taps), random(5, 7, kernel, kernel), random(1, 7, 4, 6, seed=1)
    plain = torch.nn.functional.conv2d(x, weight, padding=kernel // 2)
    torch.testing.assert_close(conv_as_product(x, weight), plain, rtol=1e-4, atol=1e-5)
    up = conv2d_resample(x, weight, f, up=2, padding=kernel // 2, flip_weight=False)
    torch.testing.assert_close(conv_up_as_product(x, scattering(weight), kernel, f), up, rtol=1e-4, atol=1e-5)


def test_a_frozen_wide_layer_gives_the_same_numbers():
    """So wide that matrix products take the place of convolutions."""
    for up in (1, 2):
        torch.manual_seed(up)
        layer = StyledConvolution(64, 64, 8, 4, up, use_noise=True).eval().requires_grad_(False)
        x, w, f = random(1, 64, 4 // up, 4 // up), random(1, 8, seed=1), setup_filter([1, 3, 3, 1])
        with torch.inference_mode():
            plain = layer(x, w, None, f)
            layer.freeze()
            torch.testing.assert_close(layer(x, w, None, f), plain, rtol=1e-4, atol=1e-5)
            assert bool(layer.scattering) == (up == 2)
