"""Slider-to-pixel times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.latency import Latency, percentile


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_picture_counts_from_its_edit_to_its_paint() -> None:
    clock = Clock()
    latency = Latency(clock)
    latency.asked(1)
    clock.now = 0.012
    assert latency.painted(1) == pytest.approx(12)
    assert latency.p50 == pytest.approx(12)


def test_overtaken_edits_are_dropped_and_not_counted_later() -> None:
    clock = Clock()
    latency = Latency(clock)
    for stamp in (1, 2, 3):
        latency.asked(stamp)
    clock.now = 0.005
    assert latency.painted(2) == pytest.approx(5)
    assert latency.painted(1) is None
    clock.now = 0.007
    assert latency.painted(3) == pytest.approx(7)
    assert len(latency.samples) == 2


def test_a_second_paint_of_the_same_picture_counts_nothing() -> None:
    latency = Latency(Clock())
    latency.asked(1)
    latency.painted(1)
    assert latency.painted(1) is None
    assert len(latency.samples) == 1


def test_only_the_last_pictures_count() -> None:
    clock = Clock()
    latency = Latency(clock, window=10)
    for stamp in range(1, 30):
        latency.asked(stamp)
        clock.now += 0.001 * stamp
        latency.painted(stamp)
    assert [sample.ms for sample in latency.samples] == pytest.approx(list(range(20, 30)))


def test_before_the_first_picture_there_is_no_number() -> None:
    assert Latency().p50 is None
    assert Latency().p95 is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_samples_in_order(samples: list[float]) -> None:
    p50, p95, p100 = (percentile(samples, p) for p in (50, 95, 100))
    assert p50 in samples
    assert p95 in samples
    assert p50 <= p95 <= p100 == max(samples)  # type: ignore[operator]
    assert sum(s <= p95 for s in samples) >= 0.95 * len(samples)  # type: ignore[operator]
