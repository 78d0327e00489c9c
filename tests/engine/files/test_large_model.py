"""A full-size file: memory, and that watching it works where it takes a while. For figures see large_model.py."""

import itertools
import sys
import time

import pytest

from engine.files import opening
from tests.engine.files import large_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "config-f.pkl"
    path.write_bytes(large_model.snapshot(resolution=1024, networks="G_ema"))
    yield path
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_opening_takes_at_most_two_and_a_half_times_the_file(path):
    assert large_model.peak(path) <= 2.5 * path.stat().st_size


def test_opening_ends_soon_after_it_is_told_to(path):
    """At every moment between two looks at the asker: the longest takes a part of a second of the processor."""
    looks = []
    opening.read(path, stop=lambda: bool(looks.append(time.process_time())))
    longest = max(b - a for a, b in itertools.pairwise(looks))
    assert len(looks) > 8
    assert longest < 2
