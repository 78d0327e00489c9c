"""The augmentation pipe and its strength equal the published ones, with the same draws."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import TrainingError
from tests import reference
from train.augment.adaptive import AdaptiveP, moved
from train.augment.parameters import Torch, draw_parameters
from train.augment.pipe import augment
from train.augment.settings import BAND_REACH, GROUPS, PIPES, PipeSettings, pipe_settings
from train.augment.wavelets import band_filters, resampling_filter

DESCRIPTION, ARRAYS = reference.case("ada_augment")
FIXED = [c for c in DESCRIPTION["cases"] if c["debug_percentile"] is not None]
RANDOM = [c for c in DESCRIPTION["cases"] if c["debug_percentile"] is None]


def inverse_error(x):
    return float(torch.erfinv(torch.tensor(x)))


class Percentile:
    """The reference's fixed draws: every strength at a percentile, everything happens, no second rotation."""

    def __init__(self, percentile, unit_noise):
        self.percentile, self.unit_noise = percentile, unit_noise

    def uniform(self, name, *shape):
        return torch.full(shape, 0.5 if name == "rotate after" else self.percentile)

    def normal(self, name, *shape):
        return torch.full(shape, inverse_error(self.percentile if name == "noise" else 2 * self.percentile - 1))

    def noise_map(self, *shape):
        return torch.from_numpy(self.unit_noise)


class Replay:
    """Stored draws, in order; a draw of another kind or size than the reference's fails."""

    def __init__(self, draws, values):
        self.draws, self.values = list(draws), values

    def uniform(self, name, *shape):
        return self._next("rand", shape)

    def normal(self, name, *shape):
        return self._next("randn", shape)

    def noise_map(self, *shape):
        return self._next("randn", shape)

    def _next(self, kind, shape):
        expected_kind, expected_shape = self.draws.pop(0)
        assert (kind, math.prod(shape)) == (expected_kind, math.prod(expected_shape))
        values, self.values = np.split(self.values, [math.prod(shape)])
        return torch.from_numpy(values).view(shape)


def augmented(case, source, pictures=None):
    pictures = torch.from_numpy(ARRAYS[case["input"]]) if pictures is None else pictures
    pipe = pipe_settings("blit", {"xflip": 0, "rotate90": 0, "xint": 0, **case["kwargs"]})
    return augment(pictures, draw_parameters(pipe, case["p"], tuple(pictures.shape), source))


@pytest.mark.parametrize("case", FIXED, ids=lambda c: c["output"])
def test_each_augmentation_equals_the_published_one(case):
    source = Percentile(case["debug_percentile"], ARRAYS.get(case.get("unit_noise")))
    assert reference.error(augmented(case, source), ARRAYS[case["output"]]) < 2e-5


@pytest.mark.parametrize("case", RANDOM, ids=lambda c: c["output"])
def test_random_augmentations_equal_the_published_ones_for_the_same_draws(case):
    source = Replay(case["draws"], ARRAYS[case["draws_array"]])
    assert reference.error(augmented(case, source), ARRAYS[case["output"]]) < 2e-5
    assert not source.draws


def test_gradient_equals_the_published_one():
    (case,) = [c for c in FIXED if "dx" in c]
    pictures = torch.from_numpy(ARRAYS["images"]).requires_grad_()
    result = augmented(case, Percentile(case["debug_percentile"], None), pictures)
    dy = reference.seeded("aug:dy", tuple(result.shape))
    (dx,) = torch.autograd.grad((result * dy).sum(), pictures)
    assert reference.error(dx, ARRAYS[case["dx"]]) < 2e-5


def test_wavelet_filters_equal_the_published_ones():
    assert reference.error(resampling_filter(), ARRAYS["Hz_geom"]) < 1e-6
    assert reference.error(band_filters(), ARRAYS["Hz_fbank"]) < 1e-6


@pytest.mark.parametrize("sequence", DESCRIPTION["adaptive_p"], ids=lambda s: f"kimg{s['ada_kimg']}")
def test_p_follows_the_published_sequence_exactly(sequence):
    p = torch.tensor(sequence["p_initial"], dtype=torch.float32)
    pictures = sequence["batch_size"] * sequence["interval"]
    for mean, expected in zip(sequence["sign_means"], sequence["p"], strict=True):
        p = moved(p, mean, sequence["target"], pictures, sequence["ada_kimg"])
        assert p.item() == expected


def test_p_moves_at_the_end_of_an_interval_by_the_mean_of_all_signs_in_it():
    ada = AdaptiveP(p=0.1, target=0.6, interval=2, kimg=1)
    for step, scores in enumerate([[3.0, 1.0, 2.0, -0.5], [1.0, 9.0, 0.1, 4.0], [-1.0, -2.0, 5.0, -1.0]]):
        ada.observe(torch.tensor(scores)[:, None])
        ada.after_step(step, batch=4)
    assert ada.p.item() == pytest.approx(0.1 + 8 / 1000)  # 6/8 signs above 0.6; the third step ends no interval
    assert ada.signs.tolist() == [-2, 4]
    ada.after_step(3, batch=4)
    assert ada.p.item() == pytest.approx(0.1)
    assert ada.signs.tolist() == [0, 0]


def test_p_rests_while_nothing_was_seen_or_the_target_is_met():
    ada = AdaptiveP(p=0.1, target=0.0, interval=1)
    ada.after_step(0, batch=4)
    ada.observe(torch.tensor([[1.0], [-1.0]]))
    ada.after_step(1, batch=4)
    assert ada.p.item() == pytest.approx(0.1)


def everything():
    return pipe_settings("bgcfnc", {})


@settings(max_examples=20)
@given(st.sampled_from(["bgc", "blit", "geom", "color"]), st.integers(0, 2**31), st.sampled_from([1, 2, 3, 4]))
def test_strength_zero_changes_nothing_but_rounding(pipe, seed, channels):
    torch.manual_seed(seed)
    pictures = torch.rand(2, channels, 16, 24) * 2 - 1
    result = augment(pictures, draw_parameters(pipe_settings(pipe, {}), 0.0, tuple(pictures.shape), Torch()))
    torch.testing.assert_close(result, pictures, rtol=0, atol=1e-5)


@settings(max_examples=15)
@given(st.integers(0, 2**31))
def test_a_picture_is_augmented_the_same_whatever_is_beside_it(seed):
    torch.manual_seed(seed)
    pictures = torch.rand(4, 3, 32, 32) * 2 - 1
    a = draw_parameters(everything(), 0.8, tuple(pictures.shape), Torch())
    whole = augment(pictures, a)
    fields = ("geometry", "colour", "bands", "sigma", "noise", "hole_centre", "hole_size")
    part = type(a)(**{name: getattr(a, name)[1:3] for name in fields})
    # The padding is the batch's, so coordinates round otherwise; strong colours (up to 40 times) enlarge that.
    rounding = 4e-5 * float(whole.abs().max())
    torch.testing.assert_close(augment(pictures[1:3], part), whole[1:3], rtol=0, atol=rounding)


def test_alpha_moves_with_the_colours_and_keeps_its_values():
    torch.manual_seed(3)
    pictures = torch.rand(4, 3, 32, 32) * 2 - 1
    source = pipe_settings("bgc", {"rotate90": 0, "xint": 0, "scale": 0, "rotate": 0, "aniso": 0, "xfrac": 0})
    a = draw_parameters(source, 1.0, tuple(pictures.shape), Torch())
    result = augment(torch.cat([pictures, pictures[:, :1]], dim=1), a)
    turned = augment(pictures[:, :1], type(a)(geometry=a.geometry, colour=None, bands=None, sigma=None, noise=None,
                                              hole_centre=None, hole_size=None))  # fmt: skip
    torch.testing.assert_close(result[:, 3:], turned)
    torch.testing.assert_close(result[:, :3], augment(pictures, a))


def test_augmentations_can_be_differentiated_twice_for_the_gradient_penalty():
    torch.manual_seed(0)
    pictures = torch.rand(2, 3, 32, 32, requires_grad=True)
    weight = torch.ones(3, 1, 1, requires_grad=True)
    scores = (augment(pictures, draw_parameters(everything(), 1.0, (2, 3, 32, 32), Torch())) * weight).square().sum()
    (gradient,) = torch.autograd.grad(scores, pictures, create_graph=True)
    gradient.square().sum().backward()
    assert weight.grad.abs().min() > 0
    assert pictures.grad.abs().max() > 0


@given(st.sampled_from(sorted(PIPES)))
def test_a_named_pipe_switches_on_its_groups_and_no_other(name):
    pipe = pipe_settings(name, {})
    on = {a for group in PIPES[name] for a in GROUPS[group]}
    assert {a for group in GROUPS.values() for a in group if getattr(pipe, a) == 1} == on
    assert all(pipe.any_of(group) == (group in PIPES[name]) for group in GROUPS)


def test_bgc_is_blitting_geometry_and_colour():
    assert PIPES["bgc"] == ("blit", "geom", "color")
    assert pipe_settings("bgc", {"hue": 0.5, "imgfilter_bands": [1, 0, 1, 0]}).hue == 0.5


@pytest.mark.parametrize(
    ("pipe", "changes"), [("abc", {}), ("bgc", {"nose": 1}), ("bgc", {"hue": -1}), ("bgc", {"imgfilter_bands": [1]})]
)
def test_wrong_pipes_get_one_sentence(pipe, changes):
    with pytest.raises(TrainingError) as caught:
        pipe_settings(pipe, changes)
    assert "\n" not in str(caught.value)


def test_pictures_that_are_too_small_for_bands_are_refused():
    assert band_filters().shape[1] // 2 == BAND_REACH
    a = draw_parameters(pipe_settings("filter", {}), 1.0, (1, 3, 16, 16), Torch())
    with pytest.raises(TrainingError, match="too small"):
        augment(torch.zeros(1, 3, 16, 16), a)


def test_probabilities_are_those_asked_for():
    torch.manual_seed(1)
    a = draw_parameters(PipeSettings(brightness=0.5, rotate=1.0), 0.6, (20_000, 3, 8, 8), Torch())
    assert (a.colour[:, 0, 3] != 0).float().mean().item() == pytest.approx(0.3, abs=0.015)
    assert (a.geometry[:, 0, 1] != 0).float().mean().item() == pytest.approx(0.6, abs=0.015)
