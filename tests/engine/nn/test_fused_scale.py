"""One strided convolution equals a convolution and a box resampling, forward and backward."""

import pytest
import torch
import torch.nn.functional as F

from engine.nn.box import box_down, nearest_up
from engine.nn.fused_scale import conv_down_fused, conv_up, conv_up_fused

FORMS = {
    "up": (conv_up_fused, lambda x, w: F.conv2d(nearest_up(x), w, padding=w.shape[-1] // 2)),
    "down": (conv_down_fused, lambda x, w: box_down(F.conv2d(x, w, padding=w.shape[-1] // 2))),
}


@pytest.mark.parametrize("direction", FORMS)
@pytest.mark.parametrize(
    ("size", "inputs", "outputs", "kernel"), [(4, 3, 5, 3), (8, 4, 2, 3), (4, 2, 3, 1), (8, 2, 3, 5)]
)
def test_the_fused_form_equals_the_separate_one_to_the_second_derivative(direction, size, inputs, outputs, kernel):
    random = torch.Generator().manual_seed(size + kernel)
    shapes = (2, inputs, size, size), (outputs, inputs, kernel, kernel)
    x, w = (torch.randn(shape, generator=random, dtype=torch.float64, requires_grad=True) for shape in shapes)
    seen = []
    for form in FORMS[direction]:
        y = form(x, w)
        dx, dw = torch.autograd.grad(y.square().sum(), (x, w), create_graph=True)
        ddw = torch.autograd.grad(dx.square().sum(), w)[0]
        seen.append((y, dx, dw, ddw))
    for fused, separate in zip(*seen, strict=True):
        torch.testing.assert_close(fused, separate)


def test_a_mirrored_kernel_is_another_function():
    x, w = torch.randn(1, 2, 4, 4), torch.randn(3, 2, 3, 3)
    assert (conv_up_fused(x, w) - conv_up_fused(x, w.flip([2, 3]))).abs().max() > 0.1


@pytest.mark.parametrize("size", [4, 32])
def test_the_form_is_a_choice_of_speed_alone(size):
    """At 4 pixels the weight has more numbers than 8 times the input, at 32 it has not."""
    x, w, bias = torch.randn(1, 16, size, size).double(), torch.randn(16, 16, 3, 3).double(), torch.randn(16).double()
    assert (w.numel() < 8 * x.numel()) == (size == 32)
    torch.testing.assert_close(conv_up(x, w, bias), F.conv2d(nearest_up(x), w, bias, padding=1))
