"""FIR resampling equals the public operator, forward and backward."""

import pytest
import torch

from engine.nn import fir
from tests import reference

CASES, ARRAYS = reference.case("ops_upfirdn2d")


@pytest.mark.parametrize("c", CASES["cases"], ids=lambda c: c["y"])
def test_resampling_and_its_gradient_equal_the_reference(c):
    x = torch.from_numpy(ARRAYS[c["x"]]).requires_grad_()
    f = None if c["filter"] == "none" else torch.from_numpy(ARRAYS["filter_" + c["filter"]])
    y = getattr(fir, c["op"])(x, f, **c["args"])
    (dx,) = torch.autograd.grad(y, x, reference.seeded(c["dy_rule"].split()[-1], tuple(y.shape)))
    assert reference.error(y, ARRAYS[c["y"]]) < reference.OPERATORS
    assert reference.error(dx, ARRAYS[c["dx"]]) < reference.OPERATORS


@pytest.mark.parametrize("c", CASES["setup_filter"], ids=lambda c: c["out"])
def test_filters_are_set_up_as_in_the_reference(c):
    assert reference.error(fir.setup_filter(c["f"], **c["args"]), ARRAYS[c["out"]]) < 1e-6


def test_channels_last_gives_the_same_numbers():
    x = torch.randn(2, 8, 16, 16, generator=torch.Generator().manual_seed(0))
    f = fir.setup_filter([1, 3, 3, 1])
    for operator in (fir.upsample2d, fir.downsample2d, fir.filter2d):
        last = operator(x.to(memory_format=torch.channels_last), f)
        torch.testing.assert_close(last, operator(x, f), rtol=0, atol=1e-6)
