"""Latents: seeds are those of the public tools, blends are exact at their ends."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import latents
from engine.recipe import PlanePoint

SEEDS = st.integers(0, 10_000)
SHARES = st.floats(0, 1)


def w(seed, *shape):
    return np.random.RandomState(seed).randn(*(shape or (16,))).astype(np.float32)


def test_z_of_a_seed_is_that_of_the_public_tools():
    assert latents.z_of_seed(2, 3).tolist() == pytest.approx([-0.41675785, -0.05626683, -2.1361961])
    assert latents.z_of_seed(2**32 - 1, 4).dtype == np.float32


@given(SEEDS, SEEDS, st.sampled_from(["even", "linear"]))
def test_every_path_is_exact_at_its_ends(first, second, kind):
    a, b, centre = w(first), w(second), w(1, 16)
    for path in (lambda t: latents.blend(a, b, t, kind, centre), lambda t: latents.slerp(a, b, t)):
        assert path(0.0).tobytes() == a.tobytes()
        assert path(1.0).tobytes() == b.tobytes()


@given(SEEDS, SEEDS, SHARES)
def test_an_even_blend_is_as_far_from_the_mean_as_its_ends(first, second, t):
    assume(first != second)
    a, b, centre = w(first, 5, 16), w(second, 5, 16), w(1, 16)
    blended = latents.blend(a, b, t, "even", centre)
    assert blended.dtype == np.float32
    wanted = (1 - t) * np.linalg.norm(a - centre, axis=1) + t * np.linalg.norm(b - centre, axis=1)
    assert np.linalg.norm(blended - centre, axis=1) == pytest.approx(wanted, rel=1e-4)


@given(SEEDS, SEEDS, SHARES)
def test_a_linear_blend_is_the_straight_line(first, second, t):
    a, b = w(first), w(second)
    expected = a.astype(np.float64) + t * (b.astype(np.float64) - a)
    assert latents.blend(a, b, t, "linear", None) == pytest.approx(expected, abs=1e-5)


@given(SEEDS, SHARES)
def test_blends_of_degenerate_ends_stay_finite(seed, t):
    a, zero = w(seed), np.zeros(16, np.float32)
    for first, second in ((a, a), (a, -a), (zero, zero), (zero, a), (a, 2 * a)):
        assert np.isfinite(latents.blend(first, second, t, "even", None)).all()
        assert np.isfinite(latents.blend(first, second, t, "even", zero)).all()
        assert np.isfinite(latents.slerp(first, second, t)).all()
    assert latents.blend(a, a, t, "even", zero) == pytest.approx(a, abs=1e-5)


@given(SEEDS, SEEDS, SHARES)
def test_a_slerp_of_unit_vectors_stays_on_the_sphere(first, second, t):
    assume(first != second)
    a, b = (v / np.linalg.norm(v) for v in (w(first), w(second)))
    assert np.linalg.norm(latents.slerp(a, b, t)) == pytest.approx(1, abs=1e-4)


def test_truncation_draws_to_the_mean_below_the_cutoff():
    ws, mean = w(0, 6, 16), w(1, 16)
    assert latents.truncated(ws, mean, 1, 3) is ws
    assert (latents.truncated(ws, mean, 0, None) == mean).all()
    drawn = latents.truncated(ws, mean, 0.5, 2)
    assert drawn[:2] == pytest.approx((ws[:2] + mean) / 2, abs=1e-6)
    assert (drawn[2:] == ws[2:]).all()
    assert (latents.truncated(ws, mean, 0.5, 0) == ws).all()
    assert latents.truncated(ws, mean, -1, None) == pytest.approx(2 * mean - ws, abs=1e-6)


def test_a_push_moves_its_layers_only():
    ws, direction = w(0, 6, 16), w(1, 16)
    pushed = latents.pushed(ws, direction, 2, (1, 5, 40))
    assert pushed[1] == pytest.approx(ws[1] + 2 * direction, abs=1e-6)
    assert [i for i in range(6) if (pushed[i] != ws[i]).any()] == [1, 5]
    assert (latents.pushed(ws, direction, -1, None) != ws).all()
    assert (ws == w(0, 6, 16)).all()


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_whole_points_of_the_plane_are_seeds(x, y):
    seeds, right, down = latents.plane_seeds(PlanePoint(x, y))
    assert seeds[0] == (x + 100 * y) % 2**32
    assert (right, down) == (0, 0)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_points_of_the_plane_lie_between_their_neighbours(x, y):
    seeds, right, down = latents.plane_seeds(PlanePoint(x, y))
    assert 0 <= right <= 1  # 1: a hair before the neighbour
    assert 0 <= down <= 1
    assert [(seed - seeds[0]) % 2**32 for seed in seeds] == [0, 1, 100, 101]


@given(SEEDS)
def test_vectors_of_recipes_and_arrays_are_each_other(seed):
    ws = w(seed, 3, 16)
    assert (latents.array(latents.saved(ws)) == ws).all()
