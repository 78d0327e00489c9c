"""Resampling and modulated convolution equal the public operators, forward and backward."""

import pytest
import torch

from engine.nn.convolution import conv2d_resample, modulated_conv2d
from tests import reference

CASES, ARRAYS = reference.case("ops_conv")


def tensor(name):
    return None if name is None else torch.from_numpy(ARRAYS[name]).clone()


@pytest.mark.parametrize("c", CASES["conv2d_resample"], ids=lambda c: c["y"])
def test_resampling_convolution_equals_the_reference(c):
    y = conv2d_resample(tensor("x"), tensor(c["w"]), tensor(c["f"]), **c["args"])
    assert reference.error(y, ARRAYS[c["y"]]) < reference.OPERATORS


@pytest.mark.parametrize("c", CASES["modulated_conv2d"], ids=lambda c: c["y"])
def test_modulated_convolution_and_its_gradients_equal_the_reference(c):
    x, weight, styles = (tensor(n).requires_grad_() for n in ("x", c["w"], "styles"))
    y = modulated_conv2d(x, weight, styles, tensor(c["noise"]), tensor(c["resample_filter"]), **c["args"])
    assert reference.error(y, ARRAYS[c["y"]]) < reference.OPERATORS
    if "dx" in c:
        dy = reference.seeded(c["dy_rule"].split()[-1], tuple(y.shape))
        for gradient, name in zip(torch.autograd.grad(y, (x, weight, styles), dy), ("dx", "dw", "ds"), strict=True):
            assert reference.error(gradient, ARRAYS[c[name]]) < reference.OPERATORS


def test_float16_modulation_does_not_overflow():
    x = torch.full((1, 64, 8, 8), 200.0, dtype=torch.float16)
    styles = torch.full((1, 64), 300.0)
    y = modulated_conv2d(x, torch.ones(8, 64, 3, 3), styles, padding=1)
    assert torch.isfinite(y).all()
    exact = modulated_conv2d(x.float(), torch.ones(8, 64, 3, 3), styles, padding=1)
    torch.testing.assert_close(y.float(), exact, rtol=5e-3, atol=1.0)
