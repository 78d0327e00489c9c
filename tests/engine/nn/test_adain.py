"""Adaptive instance normalisation equals its formula, in every memory layout."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nn.adain import adain


def formula(x, scale, shift):
    x = x.double()
    x = (x - x.mean(dim=(2, 3), keepdim=True)) / (x.var(dim=(2, 3), correction=0, keepdim=True) + 1e-8).sqrt()
    return x * scale.double()[:, :, None, None] + shift.double()[:, :, None, None]


def relative_error(ours, exact):
    return float((ours.double() - exact).abs().max() / exact.abs().max())


@given(
    n=st.integers(1, 3),
    c=st.integers(1, 5),
    size=st.tuples(st.integers(1, 9), st.sampled_from([2, 4, 8, 16, 24])),
    last=st.booleans(),
    offset=st.floats(-10, 10),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60)
def test_equals_the_formula_for_any_shape_and_layout(n, c, size, last, offset, seed):
    torch.manual_seed(seed)
    x = torch.randn(n, c, *size) + offset
    x = x.contiguous(memory_format=torch.channels_last) if last else x
    scale, shift = torch.randn(n, c), torch.randn(n, c)
    assert relative_error(adain(x, scale, shift), formula(x, scale, shift)) < 1e-4
    ones, zeros = torch.ones(n, c), torch.zeros(n, c)
    assert torch.equal(adain(x), adain(x, ones, None))
    assert relative_error(adain(x), formula(x, ones, zeros)) < 1e-4


@pytest.mark.parametrize("last", [False, True])
def test_large_maps_lose_no_digits(last):
    torch.manual_seed(0)
    x = torch.nn.functional.leaky_relu(torch.randn(1, 4, 1024, 1024) + torch.randn(1, 4, 1, 1), 0.2)
    x = x.contiguous(memory_format=torch.channels_last) if last else x
    scale, shift = torch.rand(1, 4) + 0.5, torch.randn(1, 4)
    with torch.inference_mode():
        assert relative_error(adain(x, scale, shift), formula(x, scale, shift)) < 2e-6


def test_gradients_are_those_of_the_formula():
    torch.manual_seed(1)
    x = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    scale, shift = (torch.randn(2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    weights = torch.randn(2, 3, 4, 4, dtype=torch.float64)
    ours = torch.autograd.grad((adain(x, scale, shift) * weights).sum(), (x, scale, shift))
    theirs = torch.autograd.grad((formula(x, scale, shift) * weights).sum(), (x, scale, shift))
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-10)
