"""What is kept of a weight is never that of a weight that was."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.families.stylegan2.generator import Generator
from engine.families.stylegan2.settings import GeneratorSettings
from engine.families.stylegan2.styled import StyledConvolution
from engine.nn.kept import Kept


def double(weight):
    return 2 * weight


def written(layer: nn.Linear, how: str) -> None:
    with torch.no_grad():
        if how == "in place":
            layer.weight.mul_(1.5)
        elif how == "loaded":
            layer.load_state_dict({"weight": torch.randn(2, 3)})
        elif how == "loaded and put in its place":
            layer.load_state_dict({"weight": torch.randn(2, 3)}, assign=True)
        elif how == "moved":
            layer.double() if layer.weight.dtype == torch.float32 else layer.float()
    if how == "trained":
        optimiser = torch.optim.Adam(layer.parameters(), lr=0.1)
        layer.weight.sum().backward()
        optimiser.step()


HOW = ["nothing", "in place", "loaded", "loaded and put in its place", "moved", "trained"]


@given(st.lists(st.tuples(st.sampled_from(HOW), st.booleans()), max_size=12), st.booleans())
@settings(max_examples=30)
def test_whatever_is_done_to_a_weight_what_is_kept_follows_from_it(changes, inference):
    layer, kept = nn.Linear(3, 2, bias=False), Kept(double)
    for how, asked in [*changes, ("nothing", True)]:
        written(layer, how)
        if asked:
            with torch.inference_mode(inference):
                value = kept.of(layer.weight)
            assert torch.equal(value, 2 * layer.weight)
            assert not value.is_inference()
            assert not value.requires_grad


def test_it_is_computed_once_for_a_weight_that_stays():
    calls = []
    kept, weight = Kept(lambda weight: calls.append(1) or 2 * weight), torch.randn(3)
    assert not kept
    assert kept.of(weight) is kept.of(weight)
    assert kept
    assert calls == [1]


def test_of_a_weight_whose_writes_are_not_counted_nothing_is_kept():
    kept = Kept(double)
    with torch.inference_mode():
        weight = torch.ones(3)
        first = kept.of(weight)
        weight.add_(1)
        assert torch.equal(kept.of(weight), 2 * weight)
    assert not torch.equal(first, kept.of(weight))
    assert not kept


def test_a_copy_of_a_layer_keeps_what_follows_from_its_own_weight():
    kept = Kept(double)
    kept.of(torch.ones(3))
    assert not copy.deepcopy(kept)


def generator(seed: int, **settings) -> Generator:
    torch.manual_seed(seed)
    made = Generator(GeneratorSettings(resolution=32, z_dim=8, w_dim=8, channel_max=64, mapping_layers=1, **settings))
    return made.eval().requires_grad_(False)


def layers(network: Generator) -> dict[int, StyledConvolution]:
    """The second convolutions by resolution: those that points may be taken of."""
    return {step.resolution: network._convolution(step.name) for step in network.steps if step.name.endswith("conv1")}


def test_a_frozen_network_that_is_loaded_again_draws_what_a_new_one_draws():
    network, other, z = generator(1), generator(2), torch.randn(1, 8)
    for one in (network, other):
        one.freeze()
    with torch.inference_mode():
        before, wanted = network(z), other(z)
    assert layers(network)[32].points
    network.load_state_dict(other.state_dict())
    with torch.inference_mode():
        after = network(z)
    assert not torch.equal(after, before)
    assert torch.equal(after, wanted)


@pytest.mark.parametrize("resolutions", [1, 2, 32])
def test_no_points_are_kept_of_layers_that_compute_in_another_precision(resolutions):
    network = generator(1)
    network.set_precision(torch.bfloat16, resolutions)
    network.freeze()
    with torch.inference_mode():
        network(torch.randn(1, 8))
    found = {resolution: bool(layer.points) for resolution, layer in layers(network).items()}
    assert found == {4: False, 8: False, 16: resolutions == 1, 32: False}
