"""Where the picture lies: laws of zooming, panning and fitting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.viewport import HIGHEST, LOWEST, Viewport, centred, fitted

PLACES = st.tuples(st.floats(-4000, 4000), st.floats(-4000, 4000))
VIEWS = st.builds(Viewport, st.floats(LOWEST, HIGHEST), PLACES)
SIZES = st.tuples(st.integers(1, 1024), st.integers(1, 1024))
ROOMS = st.tuples(st.integers(100, 4000), st.integers(100, 4000))


@given(VIEWS, st.floats(0.001, 1000), PLACES)
def test_zooming_keeps_what_lies_under_the_pointer(view: Viewport, zoom: float, pointer: tuple[float, float]) -> None:
    before = view.to_picture(pointer)
    after = view.zoomed(zoom, pointer).to_picture(pointer)
    assert after == pytest.approx(before, abs=1e-6 * (1 + max(map(abs, before))))


@given(VIEWS, st.floats(-20, 20), PLACES)
def test_the_wheel_keeps_what_lies_under_the_pointer(
    view: Viewport, notches: float, pointer: tuple[float, float]
) -> None:
    before = view.to_picture(pointer)
    after = view.stepped(notches, pointer).to_picture(pointer)
    assert after == pytest.approx(before, abs=1e-6 * (1 + max(map(abs, before))))


@given(VIEWS, PLACES)
def test_canvas_and_picture_places_are_inverse(view: Viewport, place: tuple[float, float]) -> None:
    assert view.to_canvas(view.to_picture(place)) == pytest.approx(place, abs=1e-6)


@given(SIZES, ROOMS)
def test_a_fitted_picture_is_whole_and_centred(picture: tuple[int, int], room: tuple[int, int]) -> None:
    view = fitted(picture, room)
    left, top = view.to_canvas((0, 0))
    right, bottom = view.to_canvas(picture)
    if view.zoom > LOWEST:
        assert left >= 0 and top >= 0 and right <= room[0] and bottom <= room[1]  # noqa: PT018
    assert left + right == pytest.approx(room[0])
    assert top + bottom == pytest.approx(room[1])


@given(SIZES, ROOMS)
def test_squares_of_a_fitted_picture_are_all_equal(picture: tuple[int, int], room: tuple[int, int]) -> None:
    view = fitted(picture, room, squares=True)
    assert view.zoom < 1 or view.zoom == int(view.zoom)


@given(VIEWS, SIZES, ROOMS, PLACES)
def test_panning_never_loses_the_picture(
    view: Viewport, picture: tuple[int, int], room: tuple[int, int], by: tuple[float, float]
) -> None:
    kept = view.panned(*by).within(picture, room)
    for axis in (0, 1):
        first, last = kept.to_canvas((0, 0))[axis], kept.to_canvas(picture)[axis]
        assert last > 0
        assert first < room[axis]


def test_the_wheel_stops_at_one_to_one_on_its_way() -> None:
    view = Viewport(0.97)
    assert view.stepped(1, (0, 0)).zoom == 1
    assert Viewport(1.03).stepped(-1, (0, 0)).zoom == 1
    assert Viewport(1.0).stepped(1, (0, 0)).zoom > 1


def test_resizing_keeps_the_centre() -> None:
    view = centred((64, 64), (400, 300), 2.0)
    assert view.resized((400, 300), (500, 200)) == centred((64, 64), (500, 200), 2.0)
