"""Sliced Wasserstein distance equals the public metric, and orders what it should order."""

import numpy as np
import pytest
import torch

from tests import reference
from train.metrics import swd


@pytest.fixture(scope="module")
def arrays():
    with np.load(reference.FOLDER / "swd.npz") as file:
        return dict(file)


def test_laplacian_pyramid_equals_the_reference(arrays):
    levels = swd.laplacian_pyramid(torch.from_numpy(arrays["in__img_a"][:1]).float(), 3)
    for i, level in enumerate(levels):
        assert reference.error(level, arrays[f"out__laplacian_pyramid__level{i}"]) < 1e-6


def test_descriptors_and_distance_equal_the_reference(arrays):
    random = np.random.RandomState(11)
    a, b = (
        swd.normalised(swd.patches_of(arrays[name].astype(np.float32), random)) for name in ("in__img_a", "in__img_b")
    )
    head = arrays["out__sliced_wasserstein__descriptors_a_head"]
    np.testing.assert_allclose(a[: len(head)], head, atol=1e-6)
    distance = swd.sliced_wasserstein(a, b, np.random.RandomState(12))
    assert distance == pytest.approx(float(arrays["out__sliced_wasserstein__distance"][0]), rel=1e-6)


def test_blurred_pictures_are_farther_than_a_second_draw():
    random = np.random.RandomState(0)
    real, other = ((random.rand(2, 200, 32, 32, 3) > 0.9) * 255).astype(np.uint8)  # sparse dots: their shape matters
    blurred = ((real.astype(int) + np.roll(real, 1, axis=1)) // 2).astype(np.uint8)
    assert swd.distances(real, blurred)[32] > 2 * swd.distances(real, other)[32]


def test_sets_of_different_size_are_refused():
    with pytest.raises(ValueError, match="differ"):
        swd.distances(np.zeros((2, 32, 32, 3), np.uint8), np.zeros((3, 32, 32, 3), np.uint8))


def test_a_constant_channel_and_small_pieces_change_no_distance(monkeypatch):
    """Opaque pictures with alpha; large pictures become pyramids a few at a time."""
    a, b = np.random.RandomState(0).randint(0, 256, (2, 20, 32, 32, 4)).astype(np.uint8)
    a[..., 3] = b[..., 3] = 255
    found = swd.distances(a, b)
    assert all(np.isfinite(value) and value > 0 for value in found.values())
    monkeypatch.setattr(swd, "PIECE", 3 * a[0].size)
    assert swd.distances(a, b) == pytest.approx(found, rel=1e-5)
    assert list(found) == [32, 16]
