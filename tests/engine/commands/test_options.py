"""Lists of seeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import options
from engine.errors import UsageError


def test_ranges_and_numbers_keep_their_order():
    assert options.seed_list("0-3,42, 7-7") == [0, 1, 2, 3, 42, 7]
    assert options.seed_list("4294967295") == [2**32 - 1]


@pytest.mark.parametrize(
    "text", ["", ",", "1,", "a", "-1", "1.5", "3-1", "4294967296", "0-2000000", "1--2", "٣", "1e3"]
)
def test_other_lists_are_refused(text):
    with pytest.raises(UsageError):
        options.seed_list(text)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_a_list_of_numbers_is_itself(seeds):
    assert options.seed_list(",".join(map(str, seeds))) == seeds
