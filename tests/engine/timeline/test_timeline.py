"""Timelines: keyframes are met in their own pixels, what lies between is continuous, loops have no seam."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from engine import edits, noise
from engine.errors import RecipeError
from engine.recipe import Mix, ModelRef, Noise, NoiseSetting, Push, Recipe, Seed, Source, vector
from engine.renderer import Renderer
from engine.timeline import text
from engine.timeline.at import circled, place_of, recipe_at, routes_of
from engine.timeline.curves import Place, cubic_weights, number
from engine.timeline.value import KINDS, Keyframe, Timeline
from tests.engine.fakes import fake_info, write_model
from tests.strategies import recipes

INFO = fake_info(layers=3)
ANY = recipes(INFO)
STEP = 1e-5  # seconds


@pytest.fixture(scope="module")
def renderer(tmp_path_factory):
    path = tmp_path_factory.mktemp("timeline") / "tiny.safetensors"
    write_model(path)
    renderer = Renderer("cpu")
    renderer.load(path)
    return renderer


def timelines(recipe, most=4):
    """Keyframes at any times, any curves."""
    keys = st.lists(st.tuples(st.integers(0, 200), recipe), min_size=2, max_size=most, unique_by=lambda pair: pair[0])
    curves = st.fixed_dictionaries({parameter: st.sampled_from(kinds) for parameter, kinds in KINDS.items()})

    def made(keys, curves, loop, tail, mode):
        keyframes = tuple(Keyframe(time=frame / 10, recipe=r) for frame, r in keys)
        end = max(key.time for key in keyframes) + tail / 10
        return Timeline(keys=keyframes, curves=tuple(curves.items()), seconds=end, loop=loop, noise=mode)

    return st.builds(made, keys, curves, st.booleans(), st.integers(1, 50), st.sampled_from(["keyframes", "circle"]))


def simple(*values, loop=False, gap=1.0, **options):
    """Keyframes of psi, a second apart."""
    keys = tuple(Keyframe(time=gap * i, recipe=Recipe(psi=psi)) for i, psi in enumerate(values))
    seconds = gap * (len(values) - (0 if loop else 1))
    return Timeline(keys=keys, seconds=seconds, loop=loop, **options)


def psis(timeline, times):
    return [recipe_at(timeline, t, INFO, None).psi for t in times]


# keyframes


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_at_a_keyframe_the_picture_is_the_keyframes_own_and_just_beside_it_almost(renderer, data):
    timeline = data.draw(timelines(recipes(renderer.info), most=3))
    timeline = replace(timeline, noise="keyframes", curves=(), keys=tuple(map(in_w, timeline.keys)))
    routes = routes_of(timeline, renderer)
    for key in timeline.keys:
        assert recipe_at(timeline, key.time, renderer.info, routes) == key.recipe
        beside = recipe_at(timeline, key.time + STEP, renderer.info, routes)
        before = renderer.render(key.recipe).pixels.astype(int)
        assert np.abs(renderer.render(beside).pixels.astype(int) - before).mean() < 1


def in_w(key):
    """Blends in Z and in W meet only where neither is a blend."""
    return replace(key, recipe=edits.with_space(key.recipe, "w"))


@given(timelines(ANY), st.floats(0, 40))
def test_every_instant_has_a_recipe_of_the_model_and_between_two_steps_it_is_a_valid_one(timeline, t):
    recipe = recipe_at(timeline, t, INFO, None)
    assert recipe.model == timeline.keys[0].recipe.model
    assert edits.fitted(recipe, INFO) == recipe


@given(timelines(ANY), st.floats(0, 30))
def test_numbers_move_without_jumps_unless_they_hold(timeline, t):
    timeline = replace(timeline, curves=tuple((p, k) for p, k in timeline.curves if k != "hold" and p != "cutoff"))
    one, other = (recipe_at(timeline, max(0.0, t + step), INFO, None) for step in (0, STEP))
    assert abs(one.psi - other.psi) < 1e-3
    assert abs(one.mix.t - other.mix.t) < 1e-3
    assert all(abs(one.mix.share(i) - other.mix.share(i)) < 1e-3 for i in range(3))
    for side in INFO.noise_resolutions:
        assert abs(one.noise.at(side).strength - other.noise.at(side).strength) < 1e-3 * 8


@given(timelines(ANY))
def test_a_loop_comes_back_without_a_seam(timeline):
    timeline = replace(timeline, loop=True, curves=())
    before, after = (recipe_at(timeline, t, INFO, None) for t in (timeline.seconds - STEP, timeline.seconds))
    assert recipe_at(timeline, timeline.seconds, INFO, None) == recipe_at(timeline, 0.0, INFO, None)
    assert abs(before.psi - after.psi) < 1e-3
    assert abs(before.mix.t - after.mix.t) < 1e-3


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seeds=st.lists(st.integers(0, 999), min_size=2, max_size=4), space=st.sampled_from("wz"), gaps=st.data())
def test_sources_flow_through_all_keyframes_and_round_a_loop_with_no_jump_of_speed(renderer, seeds, space, gaps):
    info = renderer.info
    model = ModelRef(info.name, info.content_id)
    times, t = [], 0
    for _ in seeds:
        times.append(t)
        t += gaps.draw(st.integers(8, 16)) / 8
    keys = (Recipe(model, Source(Seed(seed)), mix=Mix(space=space, blend="linear")) for seed in seeds)
    keyframes = tuple(Keyframe(time=time, recipe=recipe) for time, recipe in zip(times, keys, strict=True))
    timeline = Timeline(keys=keyframes, seconds=t, loop=True)
    routes = routes_of(timeline, renderer)

    assume(routes[0] is not None)

    def point(t):
        latent = recipe_at(timeline, t, info, routes).a.latent
        if isinstance(latent, Seed):
            return routes[0].points[seeds.index(latent.seed)].ravel().astype(float)
        return np.array(latent.vector.floats())

    step = 1 / 64
    path = [point(i * step) for i in range(int(t / step) + 3)]
    speeds = [b - a for a, b in pairwise(path)]
    bends = [np.linalg.norm(b - a) for a, b in pairwise(speeds)]
    fastest = max(np.linalg.norm(speed) for speed in speeds)
    assert max(bends) < 0.2 * fastest
    assert np.allclose(path[0], point(t))


# curves


def test_hold_steps_at_the_next_keyframe():
    timeline = simple(0.0, 1.0, 0.5).with_curve("psi", "hold")
    assert psis(timeline, (0, 0.5, 0.99, 1.0, 1.5, 2.0)) == [0, 0, 0, 1, 1, 0.5]


def test_linear_is_straight_and_ease_rests_at_both_ends():
    assert psis(simple(0.0, 1.0).with_curve("psi", "linear"), (0.25, 0.5)) == [0.25, 0.5]
    slow, middle, end = psis(simple(0.0, 1.0).with_curve("psi", "ease"), (0.01, 0.5, 0.99))
    assert slow < 0.001
    assert middle == 0.5
    assert end > 0.999


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.floats(0.1, 9), st.floats(0.1, 9))
def test_a_cubic_number_never_leaves_the_range_of_its_two_keys(keys, before, after):
    for i in range(21):
        found = number("cubic", keys.__getitem__, Place((0, 1, 2, 3), i / 20, before, after))
        assert min(keys[1:3]) <= found <= max(keys[1:3])


def test_a_cubic_number_rests_where_it_turns_round():
    up_and_down = (0.0, 1.0, -2.0, 3.0)
    for f in (0.1, 0.25, 0.9):  # the slope is 0 at both ends
        found = number("cubic", up_and_down.__getitem__, Place((0, 1, 2, 3), f, 1.0, 1.0))
        assert found == pytest.approx(1 - 3 * f * f * (3 - 2 * f))


@given(st.floats(0, 1), st.floats(0.1, 9), st.floats(0.1, 9))
def test_the_weights_of_a_cubic_sum_to_one_and_follow_a_line(f, before, after):
    weights = cubic_weights(f, before, after)
    assert sum(weights) == pytest.approx(1)
    line = (-before, 0, 1, 1 + after)
    assert sum(w * x for w, x in zip(weights, line, strict=True)) == pytest.approx(f)


@pytest.mark.parametrize(("spaces", "route"), [("zz", "z"), ("zw", "w"), ("ww", "w")])
def test_sources_move_in_z_only_where_all_keyframes_mix_in_z(renderer, spaces, route):
    model, timeline = ModelRef(renderer.info.name, renderer.info.content_id), Timeline()
    for seed, space in enumerate(spaces):
        timeline = timeline.appended(Recipe(model, Source(Seed(seed)), mix=Mix(space=space)))
    moving, still = routes_of(timeline, renderer)
    assert moving.space == route
    assert still is None


def test_a_source_that_stays_for_two_keyframes_rests(renderer):
    model, timeline = ModelRef(renderer.info.name, renderer.info.content_id), Timeline()
    for seed in (1, 2, 2, 3):
        timeline = timeline.appended(Recipe(model, Source(Seed(seed)), mix=Mix(blend="linear")))
    routes = routes_of(timeline, renderer)
    assert {recipe_at(timeline, t, renderer.info, routes).a for t in (1.0, 1.2, 1.7, 2.0)} == {Source(Seed(2))}

    def row(t):
        return renderer.styles(recipe_at(timeline, t, renderer.info, routes))[0]

    for rest, near, other in ((1.0, 0.99, 0.0), (2.0, 2.01, 3.0)):  # and it neither stops nor starts at once
        assert np.linalg.norm(row(near) - row(rest)) < 1e-3 * np.linalg.norm(row(other) - row(rest))


def test_a_cutoff_steps_through_whole_layers_and_none_is_all():
    keys = [Recipe(cutoff=0), Recipe()]
    timeline = Timeline(keys=tuple(Keyframe(time=i, recipe=r) for i, r in enumerate(keys)), seconds=1)
    linear = timeline.with_curve("cutoff", "linear")
    assert [recipe_at(linear, t, INFO, None).cutoff for t in (0.1, 0.4, 0.9)] == [0, 1, None]
    assert recipe_at(timeline, 0.9, INFO, None).cutoff == 0


def test_a_push_that_only_one_keyframe_has_comes_up_from_nothing():
    push = Push("smile", vector([1.0] * 6), 2.0)
    timeline = Timeline().appended(Recipe()).appended(Recipe(pushes=(push,))).with_curve("pushes", "linear")
    assert recipe_at(timeline, 0.25, INFO, None).pushes == (replace(push, amount=0.5),)


def test_a_fader_that_follows_the_master_in_both_keyframes_goes_on_following():
    keys = (Recipe(mix=Mix(t=0, shares=(None, 0.0))), Recipe(mix=Mix(t=1, shares=(None, None))))
    timeline = Timeline().appended(keys[0]).appended(keys[1]).with_curve("mix", "linear")
    assert recipe_at(timeline, 0.5, INFO, None).mix == Mix(t=0.5, shares=(None, 0.5))


# noise


MAPS = st.one_of(st.none(), st.integers(0, 3))
SETTINGS = st.builds(NoiseSetting, MAPS, st.just(1.0), MAPS, st.floats(0, 1))


def drawn(setting):
    def one(seed):
        return np.random.RandomState(99 if seed is None else seed).randn(2000)

    first, second = noise.shares(setting.turn)
    other = 0 if setting.second is None else second * one(setting.second)
    return setting.strength * (first * one(setting.seed) + other)


@given(SETTINGS, SETTINGS, st.floats(0, 1))
@example(NoiseSetting(0), NoiseSetting(1, 1.0, 2, 0.1), 0.49995)  # three maps: where the second takes over
def test_noise_goes_from_map_to_map_without_a_jump(left, right, f):
    assert circled(left, right, 0) == left
    assert np.abs(drawn(circled(left, right, 1.0)) - drawn(right)).max() < 1e-6
    near = min(f + 1e-4, 1.0)
    assert np.abs(drawn(circled(left, right, f)) - drawn(circled(left, right, near))).mean() < 1e-2


@given(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1))
def test_between_two_maps_noise_is_as_strong_as_at_them(first, second, f):
    setting = circled(NoiseSetting(first), NoiseSetting(second), f)
    assert setting.strength == 1
    assert np.std(drawn(setting)) == pytest.approx(1, abs=0.1)


@given(st.floats(0, 1), st.floats(0, 1))
def test_on_one_circle_noise_goes_the_shorter_way(begin, end):
    ends = [NoiseSetting(1, 1.0, 2, turn) for turn in (begin, end)]
    halfway = drawn(circled(*ends, 0.5))
    for setting in ends:  # never more than a quarter of the circle away
        assert np.corrcoef(halfway, drawn(setting))[0, 1] > -0.1


def test_a_map_that_nobody_hears_does_not_move():
    silent = edits.with_noise(Recipe(), 8, NoiseSetting(1, 0.0))
    heard = edits.with_noise(Recipe(), 8, NoiseSetting(2, 1.0))
    for keys in ((silent, heard), (heard, silent)):
        timeline = Timeline().appended(keys[0]).appended(keys[1]).with_curve("strength", "linear")
        assert recipe_at(timeline, 0.25, INFO, None).noise.at(8).seed == 2
        assert recipe_at(timeline, 0.5, INFO, None).noise.at(8) == NoiseSetting(2, 0.5)


def test_noise_on_a_circle_starts_with_the_first_keyframes_and_comes_back_to_it():
    noisy = Noise(tuple((side, NoiseSetting(5, 0.5)) for side in INFO.noise_resolutions))
    timeline = replace(simple(0.2, 0.8, loop=True), noise="circle", noise_seed=7)
    timeline = replace(timeline, keys=tuple(replace(k, recipe=replace(k.recipe, noise=noisy)) for k in timeline.keys))
    found = [recipe_at(timeline, t, INFO, None).noise.at(8) for t in (0.0, 0.5, 1.0, 2.0)]
    assert found == [NoiseSetting(5, 0.5), NoiseSetting(7, 0.5), NoiseSetting(5, 0.5, 7, 0.5), NoiseSetting(5, 0.5)]


def test_noise_on_a_circle_moves_even_where_its_own_seed_is_the_keyframes():
    noisy = edits.with_noise(Recipe(), 8, NoiseSetting(5))
    timeline = replace(Timeline().appended(noisy).with_seconds(2), loop=True, noise="circle", noise_seed=5)
    start, quarter, half = (recipe_at(timeline, t, INFO, None).noise.at(8) for t in (0.0, 0.5, 1.0))
    assert start == NoiseSetting(5)
    assert quarter.seed != 5
    assert half.turn == 0.5


# the value and its edits


def test_frames_of_an_open_timeline_show_its_end_and_those_of_a_loop_do_not():
    timeline = simple(0.0, 1.0, 0.5)
    assert timeline.frames == 61
    assert timeline.time_of(60) == 2.0
    assert timeline.with_loop(True).seconds == 3.0
    assert timeline.with_loop(True).frames == 90
    assert timeline.with_loop(True).with_loop(False) == timeline


@given(timelines(ANY), st.data())
def test_edits_keep_keyframes_in_order_and_within_the_duration(timeline, data):
    for _ in range(6):
        count = len(timeline.keys)
        index = data.draw(st.integers(0, max(count - 1, 0)))
        time = data.draw(st.floats(0, 60))
        edit = data.draw(st.sampled_from(["add", "append", "move", "remove", "loop", "seconds", "fps"]))
        if edit == "add":
            timeline = timeline.with_key(time, data.draw(ANY))
        elif edit == "append":
            timeline = timeline.appended(data.draw(ANY))
        elif edit == "move" and count:
            timeline = timeline.moved(index, time)
        elif edit == "remove" and count:
            timeline = timeline.removed(index)
            assert len(timeline.keys) == count - 1
        elif edit == "loop":
            timeline = timeline.with_loop(not timeline.loop)
        elif edit == "seconds":
            timeline = timeline.with_seconds(time)
        elif edit == "fps":
            timeline = timeline.with_fps(Fraction(data.draw(st.integers(1, 120))))
        times = [key.time for key in timeline.keys]
        assert times == sorted(times)
        assert not times or times[-1] <= timeline.seconds


def test_a_keyframe_stays_between_its_neighbours_when_it_is_moved():
    timeline = simple(0.0, 1.0, 0.5)
    assert timeline.moved(1, 9.0).keys[1].time == pytest.approx(2 - 1 / 30)
    assert timeline.moved(1, 0.0).keys[1].time == pytest.approx(1 / 30)
    assert timeline.moved(2, 5.0).seconds == 5.0


def test_keyframes_stand_on_frames_so_that_the_film_shows_them():
    timeline = Timeline(fps=Fraction(24)).with_key(0.51, Recipe()).with_key(1.234, Recipe(psi=0))
    assert [timeline.frame_at(key.time) / 24 for key in timeline.keys] == [key.time for key in timeline.keys]


def test_at_the_highest_rate_every_frame_can_be_a_keyframe():
    timeline = replace(Timeline(), fps=Fraction(1000))
    for frame in (0, *range(990, 1010)):
        timeline = timeline.with_key(frame / 1000, Recipe())
    assert [timeline.frame_at(key.time) for key in timeline.keys] == [0, *range(990, 1010)]


@given(timelines(ANY))
def test_json_gives_back_an_equal_timeline(timeline):
    assert text.from_dict(text.to_dict(timeline)) == timeline
    assert hash(timeline) == hash(text.from_dict(text.to_dict(timeline)))


@pytest.mark.parametrize(
    "changes",
    [
        {"stylescope_timeline": 2},
        {"stylescope_timeline": True},
        {"seconds": -1},
        {"seconds": "1"},
        {"seconds": 0.5},
        {"seconds": float("nan")},
        {"fps": "1/0"},
        {"fps": "0"},
        {"fps": True},
        {"fps": "9" * 50},
        {"loop": 1},
        {"noise": "loud"},
        {"noise": ["circle"]},
        {"noise_seed": -1},
        {"noise_seed": 1.5},
        {"curves": {"psi": "bounce"}},
        {"curves": {"colour": "linear"}},
        {"curves": {"psi": ["linear"]}},
        {"curves": []},
        {"keys": {}},
        {"keys": [5]},
        {"keys": [{"time": 0}]},
        {"keys": [{"time": "0", "recipe": {"stylescope": 1}}]},
        {"keys": [{"time": 0, "recipe": {"stylescope": 1}}] * 2},
        {"extra": 1},
    ],
    ids=str,
)
def test_what_is_no_timeline_is_refused_in_one_sentence(changes):
    with pytest.raises(RecipeError) as refused:
        text.from_dict({**text.to_dict(simple(0.0, 1.0)), **changes})
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_keyframes_of_two_models_do_not_go_together_and_are_fitted_to_one():
    with pytest.raises(RecipeError, match="different models"):
        Timeline().appended(Recipe(ModelRef("a", "1"))).appended(Recipe(ModelRef("b", "2")))
    fitted = simple(0.1, 0.2).fitted(INFO)
    assert {key.recipe.model.content_id for key in fitted.keys} == {INFO.content_id}
    assert [key.recipe.psi for key in fitted.keys] == [0.1, 0.2]


def test_a_place_knows_how_long_the_segments_beside_it_are():
    keys = tuple(Keyframe(time=t, recipe=Recipe(psi=t)) for t in (1.0, 2.0, 4.0))
    timeline = Timeline(keys=keys, seconds=7.0, loop=True)
    assert place_of(timeline, 3.0) == Place((0, 1, 2, 0), 0.5, 0.5, 2.0)
    assert place_of(timeline, 0.0) == Place((1, 2, 0, 1), 0.75, 0.5, 0.25)
    assert place_of(replace(timeline, loop=False), 1.5) == Place((0, 0, 1, 2), 0.5, None, 2.0)
