"""Routes through sources: on them straight lines and arcs, classes that blend, ends that run out straight."""

import numpy as np
import pytest

from engine import latents
from engine.export.curve import through
from engine.recipe import Mix, ModelRef, Recipe, Seed, Source

SOURCES = [Source(Seed(1)), Source(Seed(2), (0.0, 0.0, 1.0)), Source(Seed(3), (0.0, 1.0, 0.0))]


def route(renderer, space="w", closed=False, blend="linear"):
    model = ModelRef(renderer.info.name, renderer.info.content_id)
    return through(SOURCES, Recipe(model, mix=Mix(space=space, blend=blend)), closed, renderer)


def row(source):
    return latents.array(source.latent.vector)


def test_in_z_the_straight_way_is_the_arc(renderer):
    there, width = route(renderer, "z"), renderer.info.z_dim
    a, b = (latents.z_of_seed(seed, width) for seed in (1, 2))
    assert there.straight(0, 0.25).latent.space == "z"
    assert row(there.straight(0, 0.25)) == pytest.approx(latents.slerp(a, b, 0.25))


def test_in_w_the_straight_way_is_the_blend_of_its_ends(renderer):
    for blend in ("linear", "even"):
        there = route(renderer, blend=blend)
        a, b = (point[0] for point in there.points[:2])
        centre = None if there.centre is None else np.asarray(there.centre)
        assert row(there.straight(0, 0.25)) == pytest.approx(latents.blend(a, b, 0.25, blend, centre), abs=1e-5)


def test_class_weights_blend_on_the_way_in_z_and_are_in_w_already(renderer):
    there = route(renderer, "z", closed=True)
    assert there(0, 0.25).classes == pytest.approx((0.75, 0.0, 0.25))
    assert there.straight(1, 0.5).classes == pytest.approx((0.0, 0.5, 0.5))
    assert there(2, 0.5).classes == pytest.approx((0.5, 0.5, 0.0))  # the loop's end
    assert route(renderer)(0, 0.25).classes == ()


def test_at_its_sources_a_route_gives_them_back(renderer):
    there = route(renderer, closed=True)
    assert [there(i, 0.0) for i in range(3)] == SOURCES
    assert there(2, 1.0) == SOURCES[0]


def test_beyond_an_open_end_a_route_runs_on_straight_and_a_closed_one_comes_back(renderer):
    first, second, last = (point[0] for point in route(renderer).points)
    step = 1e-3
    leaving = (row(route(renderer)(0, step)) - first) / step  # the slope at an end is that of the way to its neighbour
    assert leaving == pytest.approx(second - first, abs=0.02 * float(np.abs(second - first).max()))
    closed = (row(route(renderer, closed=True)(0, step)) - first) / step
    assert closed == pytest.approx((second - last) / 2, abs=0.02 * float(np.abs(second - last).max()))
