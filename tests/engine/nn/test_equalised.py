"""Layers with equalised learning rate compute what plain ones of the scaled weight do."""

import pytest
import torch
import torch.nn.functional as F

from engine.nn.equalised import ActivatedConvolution, EqualisedConvolution, EqualisedLinear, EqualisedMaps


@pytest.mark.parametrize("size", [2, 16])
@pytest.mark.parametrize("kernel", [1, 3])
def test_the_gain_acts_the_same_on_whichever_of_input_and_weight_it_falls(size, kernel):
    layer, x = EqualisedConvolution(8, 6, kernel, gain=2.0).double(), torch.randn(2, 8, size, size).double()
    weight = layer.weight * 2 / (8 * kernel**2) ** 0.5
    torch.testing.assert_close(layer(x), F.conv2d(x, weight, layer.bias, padding=kernel // 2))
    scaled, kept = layer.scaled(x)
    assert (kept is layer.weight) == (x.numel() < weight.numel())
    assert (scaled is x) != (kept is layer.weight)


@pytest.mark.parametrize(("activation", "slope"), [("lrelu", 0.2), ("relu", 0.0)])
def test_activations_have_no_gain(activation, slope):
    layer, x = ActivatedConvolution(3, 4, 3, activation=activation), torch.randn(2, 3, 8, 8)
    plain = EqualisedConvolution.forward(layer, x)
    torch.testing.assert_close(layer(x), torch.where(plain > 0, plain, plain * slope))


def test_maps_have_a_bias_for_each_feature_and_the_deviation_of_a_4x4_convolution():
    torch.manual_seed(0)
    layer, w = EqualisedMaps(64, 32), torch.randn(50, 64)
    assert layer(w).shape == (50, 32, 4, 4)
    assert layer(w).std().item() == pytest.approx(2**0.5 / 4, rel=0.05)
    layer.bias.data.normal_()
    torch.testing.assert_close(layer(w * 0), layer.bias[:, None, None].expand(50, 32, 4, 4))


def test_weights_that_are_not_equalised_start_with_the_deviation_that_equalised_ones_are_used_with():
    torch.manual_seed(0)
    for make, size in ((EqualisedLinear, (300, 400)), (EqualisedConvolution, (50, 60, 3))):
        plain, equalised = make(*size, gain=2.0, equalised=False), make(*size, gain=2.0)
        assert plain.weight_gain == 1
        assert equalised.weight.std().item() == pytest.approx(1, rel=0.02)
        assert plain.weight.std().item() == pytest.approx(equalised.weight_gain, rel=0.02)
