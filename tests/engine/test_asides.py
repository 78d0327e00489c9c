"""What views keep aside: a value that nobody can change behind a step's back, whatever is put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import asides

JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
VALUES = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


@given(VALUES, VALUES)
def test_what_was_put_in_last_comes_out_and_the_rest_stays(before: dict[str, object], then: dict[str, object]) -> None:
    kept = asides.changed(asides.changed(asides.NONE, before), then)
    assert {name: asides.value_of(kept, name) for name, _ in kept} == before | then


@given(VALUES)
def test_equal_values_are_equal_asides_in_whatever_order_they_came(values: dict[str, object]) -> None:
    kept = asides.changed(asides.NONE, values)
    one_by_one = asides.NONE
    for name in reversed(values):
        one_by_one = asides.changed(one_by_one, {name: values[name]})
    assert (kept, hash(kept)) == (one_by_one, hash(one_by_one))
    assert asides.changed(kept, dict.fromkeys(values)) == asides.NONE


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: {2}}, object()])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        asides.changed(asides.NONE, {"x": value})


@pytest.mark.parametrize("entry", [None, [], ["x"], ["x", None], [1, 2], ["x", 1, 2], {"x": 1}])
def test_an_entry_of_a_file_is_a_name_and_a_value(entry: object) -> None:
    with pytest.raises(ValueError, match="no name"):
        asides.from_plain(entry)
