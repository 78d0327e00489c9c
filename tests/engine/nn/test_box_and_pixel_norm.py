"""Box resampling and pixel norm say what their names say."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.nn.box import box_down, nearest_up
from engine.nn.pixel_norm import pixel_norm

FACTORS = st.sampled_from([1, 2, 4, 8])
X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@given(FACTORS, FACTORS)
def test_factors_of_resampling_multiply(first, second):
    torch.testing.assert_close(nearest_up(nearest_up(X, first), second), nearest_up(X, first * second), rtol=0, atol=0)
    if first * second <= 8:
        torch.testing.assert_close(box_down(box_down(X, first), second), box_down(X, first * second))


@given(FACTORS)
def test_a_picture_made_larger_and_smaller_again_is_unchanged_and_pixels_repeat(factor):
    large = nearest_up(X, factor)
    torch.testing.assert_close(box_down(large, factor), X)
    assert (large[:, :, ::factor, ::factor] == X).all()
    assert (large[:, :, factor - 1 :: factor, factor - 1 :: factor] == X).all()


@pytest.mark.parametrize("dim", [1, 3])
def test_the_mean_square_is_one_after_pixel_norm_whatever_the_scale(dim):
    for scale in (1e-2, 1, 1e3):
        y = pixel_norm(X.double() * scale, dim)
        torch.testing.assert_close(y.square().mean(dim=dim), torch.ones_like(y.select(dim, 0)), rtol=1e-2, atol=0)
    assert (pixel_norm(torch.zeros(1, 3, 2, 2)) == 0).all()
