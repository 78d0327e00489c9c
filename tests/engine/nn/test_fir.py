"""FIR resampling beside the public operator's numbers (tests/conformance/operators.py)."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.nn import fir


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_channels_last_gives_the_same_numbers():
    x = random(2, 8, 16, 16)
    f = fir.setup_filter([1, 3, 3, 1])
    for operator in (fir.upsample2d, fir.downsample2d, fir.filter2d):
        last = operator(x.to(memory_format=torch.channels_last), f)
        torch.testing.assert_close(last, operator(x, f), rtol=0, atol=1e-6)


@given(taps=st.lists(st.floats(0.1, 3), min_size=2, max_size=7), up=st.integers(1, 3))
def test_brightness_is_kept_away_from_the_borders(taps, up):
    f = fir.setup_filter(taps)
    flat = torch.ones(1, 2, 24, 24)
    inner = slice(8 * up, 16 * up)
    if len(taps) % up == 0:  # else the phases of the filter differ in their sums
        even = fir.setup_filter([1.0] * len(taps))
        torch.testing.assert_close(fir.upsample2d(flat, even, up)[:, :, inner, inner], torch.ones(1, 2, 8 * up, 8 * up))
    torch.testing.assert_close(fir.downsample2d(flat, f)[:, :, 4:8, 4:8], torch.ones(1, 2, 4, 4))


@pytest.mark.parametrize("taps", [[1, 3, 3, 1], [1, 2, 1], [1, 1], [1, 2, 3, 4, 5, 6]])
def test_separable_filters_give_the_numbers_of_their_outer_product(taps):
    x = random(2, 3, 16, 16)
    one, two = fir.setup_filter(taps, separable=True), fir.setup_filter(taps, separable=False)
    for operator in (fir.upsample2d, fir.downsample2d, fir.filter2d):
        torch.testing.assert_close(operator(x, one), operator(x, two), rtol=1e-4, atol=1e-6)
