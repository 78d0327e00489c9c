"""Noise maps are a pure function of (seed, index, resolution)."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import noise
from engine.plan import NoiseInput
from engine.recipe import NoiseSetting
from engine.synthesizer import Synthesizer
from tests.engine.fakes import fake_model


@pytest.fixture(autouse=True)
def nothing_kept():
    noise.forget()
    yield
    noise.forget()


@given(st.integers(0, 2**32 - 1), st.integers(0, 17), st.sampled_from([4, 8, 16]))
def test_a_map_is_the_same_whenever_it_is_drawn(seed, index, resolution):
    first = noise.noise_map(seed, index, resolution).copy()
    noise.forget()
    np.random.seed(1)
    noise.noise_map(seed + 1 if seed < 5 else seed - 1, index, resolution)
    assert (noise.noise_map(seed, index, resolution) == first).all()
    assert first.shape == (1, 1, resolution, resolution)
    assert first.dtype == np.float32


def test_maps_are_these_numbers_for_good():
    """A saved picture depends on them: should this fail after an update of numpy, old recipes no longer hold."""
    assert noise.noise_map(1, 2, 4).ravel()[:3].tolist() == [
        -1.5452675819396973,
        0.5408459305763245,
        1.5286110639572144,
    ]


def test_layers_and_seeds_have_maps_of_their_own():
    maps = [noise.noise_map(seed, index, 8).tobytes() for seed in range(3) for index in range(3)]
    assert len(set(maps)) == 9


def test_maps_are_standard_normal():
    numbers = noise.noise_map(5, 0, 256)
    assert abs(numbers.mean()) < 0.02
    assert numbers.std() == pytest.approx(1, abs=0.02)


def test_maps_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        noise.noise_map(0, 0, 4)[0, 0, 0, 0] = 1


def test_what_is_kept_is_bounded():
    for seed in range(20):
        noise.noise_map(seed, 0, 1024)
    assert sum(kept.nbytes for kept in noise._kept.values()) <= noise.MAX_BYTES
    assert (19, 0, 1024) in noise._kept


@given(st.floats(-3, 3))
def test_the_shares_of_a_circle_keep_the_variance(turn):
    first, second = noise.shares(turn)
    assert first**2 + second**2 == pytest.approx(1)
    assert noise.shares(0) == (1, 0)


def test_a_circle_goes_through_both_maps_and_their_opposites_and_never_fades():
    model = fake_model()
    synthesizer = Synthesizer(model)

    def drawn(turn, seed=1, strength=1.0):
        return synthesizer.noise_of(2, NoiseInput(seed, strength, 2, turn))

    one, two = (synthesizer.noise_of(2, NoiseInput(seed, 1.0)) for seed in (1, 2))
    assert torch.equal(drawn(0.0), one)
    for turn, expected in ((0.25, two), (0.5, -one), (0.75, -two), (0.125, (one + two) / 2**0.5)):
        assert torch.allclose(drawn(turn), expected, atol=1e-6)
    assert torch.allclose(drawn(0.1, strength=0.5), drawn(0.1) / 2)
    assert torch.equal(drawn(0.0, seed=None), model.generator.maps[2][None, None])
    without = Synthesizer(fake_model(stored_noise=False))
    assert torch.allclose(without.noise_of(2, NoiseInput(None, 1.0, 2, 0.25)), two, atol=1e-6)


def test_a_setting_on_a_circle_has_one_spelling():
    assert NoiseSetting(1, 0.5, 2, 0.25) == NoiseSetting(2, 0.5)
    assert (
        NoiseSetting(1, 0.5, 2, 1.0)
        == NoiseSetting(1, 0.5, 2, 0)
        == NoiseSetting(1, 0.5, 1, 0.3)
        == NoiseSetting(1, 0.5)
    )
    assert NoiseSetting(1, 0.5, None, 0.3) == NoiseSetting(1, 0.5)
    assert NoiseSetting(1, 1.0, 2, 1.1).turn == pytest.approx(0.1)
    assert NoiseSetting(1, 1.0, 2, -1e-20) == NoiseSetting(1)
