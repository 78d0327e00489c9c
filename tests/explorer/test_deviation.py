"""The deviation among realisations is that of numpy, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.deviation import Deviation, shades


@pytest.mark.parametrize("channels", [1, 3])
@given(seed=st.integers(0, 2**31), count=st.integers(2, 8))
def test_it_is_the_standard_deviation_of_each_pixel(channels: int, seed: int, count: int) -> None:
    pictures = np.random.RandomState(seed).randint(0, 256, (count, 4, 5, channels)).astype(np.uint8)
    one, other = Deviation(), Deviation()
    for picture, opposite in zip(pictures, pictures[::-1], strict=True):
        one.add(picture)
        other.add(opposite)
    assert np.allclose(one.grey_levels(), pictures.astype(float).std(axis=0).mean(axis=2))
    assert np.array_equal(one.grey_levels(), other.grey_levels())


def test_equal_pictures_have_no_deviation_and_are_black() -> None:
    deviation = Deviation()
    for _ in range(3):
        deviation.add(np.full((2, 2, 4), 255, np.uint8))
    assert not deviation.grey_levels().any()
    assert not shades(deviation.grey_levels()).any()


def test_the_largest_deviation_is_white() -> None:
    levels = np.array([[0.0, 2.5], [5.0, 1.0]])
    assert shades(levels)[:, :, 0].tolist() == [[0, 128], [255, 51]]
