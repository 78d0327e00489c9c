"""Films as data: frame i is a pure function, keys are met exactly, loops close."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import edits, noise
from engine.errors import RecipeError, UsageError
from engine.export.film import Film, holds_only_frames
from engine.recipe import Mix, NoiseSetting, PlanePoint, Recipe, SavedLatent, Seed, Source, vector
from tests.engine.export.painted import PaintedRenderer, painted_info

INFO = painted_info()
BASE = Recipe(psi=0.7, mix=Mix(t=0.3, shares=(0.5, None, 0.25), blend="linear"))


def path(*seeds):
    return tuple(Source(Seed(seed)) for seed in seeds)


def film(kind="interpolation", seeds=(1, 5, 9), frames=24, **options):
    options = {"layers": (8, 9), "psis": (1.0, -1.0), "noise_seeds": (3, 4)} | options
    return Film(kind=kind, base=BASE, paths=(path(*seeds),), frames=frames, **options)


@given(st.integers(1, 300), st.integers(2, 9), st.booleans())
def test_frames_go_through_all_segments_in_equal_steps(frames, keys, loop):
    subject = film(seeds=range(keys), frames=frames, loop=loop)
    places = [sum(map(Fraction, subject.place(i))) for i in range(frames)]
    assert places[0] == 0
    assert all(0 <= f <= 1 for _, f in map(subject.place, range(frames)))
    if loop:
        assert places[-1] < subject.segments == keys
    elif frames > 1:
        assert places[-1] == subject.segments == keys - 1
    steps = [b - a for a, b in pairwise(places)]
    assert all(abs(step - steps[0]) < 1e-12 for step in steps)


@given(st.integers(2, 8), st.integers(1, 20), st.booleans(), st.booleans())
def test_every_seed_is_met_in_its_own_picture(keys, between, loop, cubic):
    frames = keys * between if loop else (keys - 1) * between + 1
    subject = film(seeds=range(10, 10 + keys), frames=frames, loop=loop, cubic=cubic)
    for n in range(keys):
        recipe = subject.frame(n * between, INFO, subject.curves(PaintedRenderer()))[0]
        shown = recipe.b if recipe.mix.t == 1 else recipe.a
        assert recipe.mix.t in (0, 1)
        assert shown == Source(Seed(10 + n))


def test_an_interpolation_moves_the_desk_and_nothing_else():
    recipe = film(seeds=(1, 5), frames=5).frame(1, INFO)[0]
    assert recipe == replace(BASE, a=Source(Seed(1)), b=Source(Seed(5)), mix=Mix(t=0.25, blend="linear"))


def test_a_mixing_film_moves_its_layers_from_a_to_b_and_leaves_the_others():
    frames = [film("mixing", (1, 5), 3).frame(i, INFO)[0] for i in range(3)]
    assert [frame.mix.shares[8:] for frame in frames] == [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]
    assert {frame.mix.shares[:8] for frame in frames} == {(0.5, None, 0.25, None, None, None, None, None)}
    there_and_back = film("mixing", (1, 5), 4, loop=True)
    assert [there_and_back.frame(i, INFO)[0].mix.share(9) for i in range(4)] == [0.0, 0.5, 1.0, 0.5]


def test_a_truncation_film_passes_its_values_in_order():
    psis = [film("truncation", (1,), 5, psis=(1, 0, -0.5)).frame(i, INFO)[0].psi for i in range(5)]
    assert psis == [1, 0.5, 0, -0.25, -0.5]
    psis = [film("truncation", (1,), 4, loop=True).frame(i, INFO)[0].psi for i in range(4)]
    assert psis == [1, 0, -1, 0]


@given(st.integers(1, 5), st.sampled_from([(), (8,), (4, 32)]))
def test_a_noise_walk_passes_every_map_closes_and_never_fades(maps, where):
    frames = 40 * maps
    base = edits.with_noise_strength(BASE, 8, 0.6)
    seeds = tuple(range(maps))
    subject = replace(film("noise", (2,), frames, noise_seeds=seeds, resolutions=where), base=base)
    recipes = [subject.frame(i % frames, INFO)[0] for i in range(frames + 1)]
    for resolution in INFO.noise_resolutions:
        settings = [recipe.noise.at(resolution) for recipe in recipes]
        if resolution in (where or INFO.noise_resolutions):
            maps_shown = [drawn(setting) for setting in settings]
            assert {setting.strength for setting in settings} == {base.noise.at(resolution).strength}
            assert all(np.std(map_) == pytest.approx(1, abs=0.1) for map_ in maps_shown)
            assert all(NoiseSetting(seed, settings[0].strength) in settings for seed in seeds)
            assert max(np.abs(b - a).mean() for a, b in pairwise(maps_shown)) < 0.2
        else:
            assert set(settings) == {base.noise.at(resolution)}


def drawn(setting):
    first, second = noise.shares(setting.turn)
    other = 0 if setting.second is None else second * noise.noise_map(setting.second, 0, 32)
    return first * noise.noise_map(setting.seed, 0, 32) + other


def test_a_cubic_film_turns_no_corners_and_a_straight_one_does():
    def bend(cubic):
        subject = film(seeds=(1, 5, 9), frames=80, loop=True, cubic=cubic)
        renderer = PaintedRenderer()
        recipes = [subject.frame(i % 80, INFO, subject.curves(renderer))[0] for i in range(83)]
        ws = np.stack([(1 - r.mix.t) * renderer.styles(r)[0] + r.mix.t * renderer.styles(replace(r, a=r.b))[0]
                       for r in (replace(r, psi=1) for r in recipes)])  # fmt: skip
        return np.abs(np.diff(ws, 2, axis=0)).max()

    assert bend(cubic=True) < bend(cubic=False) / 4


@pytest.mark.parametrize("space", ["w", "z"])
def test_a_cubic_curve_is_made_of_latents_of_its_space(space):
    subject = replace(film(cubic=True, frames=9), base=replace(BASE, mix=Mix(space=space)))
    latent = subject.frame(1, INFO, subject.curves(PaintedRenderer()))[0].a.latent
    assert isinstance(latent, SavedLatent)
    assert latent.space == space


def test_a_cubic_curve_goes_through_any_mixture_of_latents(renderer):
    info = renderer.info
    shape = (len(info.layers), info.w_dim)
    ws = np.random.RandomState(0).randn(*shape).astype(np.float32)
    sources = (
        Source(SavedLatent("ws", vector(ws.ravel().tolist(), shape))),
        Source(PlanePoint(1.5, 2)),
        Source(Seed(3), (0.0, 1.0, 0.0)),
    )
    for blend in ("even", "linear"):
        base = Recipe(mix=Mix(blend=blend))
        subject = Film(kind="interpolation", base=base, paths=(sources,), frames=12, loop=True, cubic=True)
        curves = subject.curves(renderer)
        pictures = [renderer.render(subject.frame(i % 12, info, curves)[0]).pixels for i in range(13)]
        assert (pictures[0] == renderer.render(replace(base, a=sources[0])).pixels).all()
        steps = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(pictures)]
        assert 0 < max(steps) < 4 * np.mean(steps)


def test_an_even_cubic_keeps_its_distance_to_the_mean():
    renderer = PaintedRenderer()
    subject = replace(film(seeds=(1, 5, 9, 30), frames=40, cubic=True, loop=True), base=Recipe(mix=Mix(blend="even")))
    sources = [subject.frame(i, INFO, subject.curves(renderer))[0].a for i in range(40)]
    distances = [np.linalg.norm(renderer.styles(Recipe(a=source))[0] - 128) for source in sources]
    ends = distances[::10]
    for i, distance in enumerate(distances):
        first, last = ends[i // 10], ends[(i // 10 + 1) % 4]
        assert distance == pytest.approx(first + (i % 10) / 10 * (last - first), rel=1e-3)


BAD = [
    ({"seeds": (1,)}, "1 source"),
    ({"kind": "mixing"}, "3 sources"),
    ({"kind": "mixing", "seeds": (1, 2), "layers": ()}, "layers"),
    ({"kind": "truncation", "seeds": (1,), "psis": (1.0,)}, "two values"),
    ({"kind": "truncation", "seeds": (1,), "psis": (1.0, float("nan"))}, "outside"),
    ({"kind": "noise", "seeds": (1,), "noise_seeds": ()}, "noise seeds"),
    ({"frames": 0}, "frames"),
    ({"frames": 10**9}, "frames"),
    ({"fps": Fraction(0)}, "frames a second"),
    ({"fps": Fraction(5000)}, "frames a second"),
    ({"scale": 0}, "scale"),
    ({"kind": "colour"}, "kind"),
]


@pytest.mark.parametrize(("options", "says"), BAD, ids=[str(options) for options, _ in BAD])
def test_a_senseless_film_does_not_exist(options, says):
    with pytest.raises(RecipeError, match=says):
        film(**options)


def test_films_side_by_side_have_as_many_seeds_each():
    with pytest.raises(RecipeError, match="different numbers"):
        Film(kind="interpolation", paths=(path(1, 2), path(1, 2, 3)), frames=3)


def test_what_a_model_or_a_format_cannot_is_refused():
    for subject, suffix, says in (
        (film("mixing", (1, 2), layers=(12,)), "", "no layer 12"),
        (film("noise", (1,), resolutions=(128,)), "", "no noise at 128"),
        (film(fps=Fraction(60)), ".gif", "at most 50"),
        (film(scale=64), "", None),
        (replace(film(scale=64), paths=(path(1, 2),) * 25), "", "too large"),
    ):
        if says is None:
            subject.check(INFO, suffix)
        else:
            with pytest.raises(UsageError, match=says):
                subject.check(INFO, suffix)


def test_small_films_in_4_2_0_are_enlarged_by_a_whole_number():
    for resolution, suffix, scale, expected in (
        (64, ".mp4", None, 4),
        (16, ".webm", None, 16),
        (256, ".mp4", None, 1),
        (1024, ".mp4", None, 1),
        (64, ".gif", None, 1),
        (64, "", None, 1),
        (64, ".mp4", 1, 1),
        (64, ".webp", 3, 3),
    ):
        size = film(scale=scale).size(painted_info(resolution), suffix)
        assert (size.width, size.height, size.scale) == (resolution, resolution, expected)


def test_only_a_folder_of_frames_counts_as_one(tmp_path):
    (tmp_path / "film.json").write_text("{}")
    (tmp_path / "frame00012.png").write_text("")
    assert holds_only_frames(tmp_path)
    (tmp_path / "holiday.png").write_text("")
    assert not holds_only_frames(tmp_path)
