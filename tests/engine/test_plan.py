"""resolve(recipe, model): each control reaches the inputs that it should, and only those."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import edits, latents
from engine.errors import RenderError
from engine.model import KEPT_WS
from engine.plan import NoiseInput, first_difference, resolve, space_in_effect
from engine.recipe import (
    Mix,
    Noise,
    NoiseSetting,
    PlanePoint,
    Push,
    Recipe,
    SavedLatent,
    Seed,
    Source,
    vector,
)
from tests.engine.fakes import fake_model
from tests.strategies import recipes

MODEL = fake_model()
CONDITIONAL = fake_model(classes=2)
ANY = recipes(MODEL.info)


def ws_of(recipe, model=MODEL):
    return resolve(recipe, model).ws


def two(a, b, **mix):
    return Recipe(a=Source(a), b=Source(b), mix=Mix(**mix))


@given(ANY, st.integers(0, 1000))
def test_psi_0_is_the_same_for_all_sources(recipe, seed):
    mean = edits.with_cutoff(edits.with_psi(recipe, 0), None)
    other = edits.with_seed(edits.with_master(mean, 0.25), "a", seed)
    assert resolve(mean, MODEL).steps == resolve(other, MODEL).steps


@given(ANY)
def test_mix_1_everywhere_is_source_b(recipe):
    all_b = edits.with_share(recipe, range(3), 1.0)
    only_b = edits.with_master(edits.with_share(edits.swapped(recipe), range(3), None), 0)
    assert resolve(all_b, MODEL).steps == resolve(only_b, MODEL).steps


@given(ANY, st.floats(0, 1))
def test_a_fine_fader_keeps_the_coarse_inputs(recipe, share):
    before, after = (resolve(r, MODEL).steps for r in (recipe, edits.with_share(recipe, [2], share)))
    assert before[:2] == after[:2]


@given(ANY, st.integers(0, 1000))
def test_noise_of_a_resolution_reaches_only_its_layers(recipe, seed):
    before, after = (resolve(r, MODEL).steps for r in (recipe, edits.with_noise_seed(recipe, 8, seed)))
    assert [old.styles for old in before] == [new.styles for new in after]
    assert before[0] == after[0]
    assert before[2] == after[2]
    assert after[1].noise in (NoiseInput(seed, recipe.noise.at(8).strength), None)


@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0, 1))
def test_every_layer_takes_the_point_of_its_share(a, b, t):
    rows = ws_of(two(Seed(a), Seed(b), t=t, shares=(0.5, 0.0), blend="linear"))
    first, second = (MODEL.w(latents.z_of_seed(seed, 6), ()) for seed in (a, b))
    assert (rows[0] == latents.lerp(first, second, 0.5)).all()
    assert (rows[1] == first).all()
    assert (rows[2] == latents.lerp(first, second, t)).all()


def test_each_distinct_share_is_computed_once_and_kept():
    model = fake_model()
    recipe = two(Seed(1), Seed(2), t=0.5, shares=(0.25, 0.25), space="z")
    resolve(recipe, model)
    assert model.generator.mapped == 2
    resolve(edits.with_psi(recipe, 0.3), model)
    assert model.generator.mapped == 2


def test_the_other_source_is_not_computed_when_nothing_hears_it():
    model = fake_model()
    resolve(two(Seed(1), Seed(2), t=0), model)
    assert model.generator.mapped == 1


def test_the_ws_that_are_kept_are_bounded():
    model = fake_model()
    for seed in range(KEPT_WS + 9):
        resolve(two(Seed(seed), Seed(seed)), model)
    assert len(model._ws) == KEPT_WS
    resolve(two(Seed(KEPT_WS + 8), Seed(0)), model)  # the newest are
    assert model.generator.mapped == KEPT_WS + 9


def test_space_z_maps_the_arc_between_the_zs():
    rows = ws_of(two(Seed(1), Seed(2), t=0.5, space="z"))
    z = latents.slerp(latents.z_of_seed(1, 6), latents.z_of_seed(2, 6), 0.5)
    assert (rows[0] == MODEL.w(z, ())).all()


def test_a_latent_without_a_z_is_mixed_in_w():
    between = two(Seed(1), PlanePoint(0.5, 0), t=0.5, space="z")
    assert space_in_effect(between, MODEL.info) == "w"
    assert space_in_effect(two(Seed(1), PlanePoint(3, 4), space="z"), MODEL.info) == "z"
    assert (ws_of(between) == ws_of(edits.with_space(between, "w"))).all()


@given(st.integers(0, 99), st.integers(0, 99))
def test_whole_points_of_the_plane_equal_their_seeds(x, y):
    assert (ws_of(two(PlanePoint(x, y), Seed(0))) == ws_of(two(Seed(x + 100 * y), Seed(0)))).all()


@pytest.mark.parametrize("kind", ["even", "linear"])
def test_points_between_blend_four_neighbours(kind):
    corners = [MODEL.w(latents.z_of_seed(seed, 6), ()) for seed in (205, 206, 305, 306)]
    above = latents.blend(corners[0], corners[1], 0.25, kind, MODEL.w_avg)
    below = latents.blend(corners[2], corners[3], 0.25, kind, MODEL.w_avg)
    expected = latents.blend(above, below, 0.5, kind, MODEL.w_avg)
    assert (ws_of(two(PlanePoint(5.25, 2.5), Seed(0), blend=kind))[0] == expected).all()


def test_saved_latents_are_used_as_they_are():
    w, ws = np.arange(6, dtype=np.float32), np.arange(18, dtype=np.float32).reshape(3, 6)
    assert (ws_of(two(SavedLatent("w", latents.saved(w)), Seed(0))) == w).all()
    assert (ws_of(two(SavedLatent("ws", latents.saved(ws)), Seed(0))) == ws).all()
    mixed = ws_of(two(SavedLatent("ws", latents.saved(ws)), SavedLatent("w", latents.saved(w)), t=0.5, blend="linear"))
    assert (mixed == (ws + w) / 2).all()
    z = latents.saved(latents.z_of_seed(9, 6))
    assert (ws_of(two(SavedLatent("z", z), Seed(0))) == ws_of(two(Seed(9), Seed(0)))).all()


def test_psi_and_cutoff_and_pushes_act_in_this_order():
    w = MODEL.w(latents.z_of_seed(3, 6), ())
    push = Push("smile", vector([1.0] * 6), 2.0, (1,))
    rows = ws_of(Recipe(a=Source(Seed(3)), psi=0.5, cutoff=2, pushes=(push,)))
    drawn = MODEL.w_avg + np.float32(0.5) * (w - MODEL.w_avg)
    assert (rows[0] == drawn).all()
    assert (rows[1] == drawn + 2).all()
    assert (rows[2] == w).all()


def test_class_weights_reach_the_mapping_and_the_default_is_class_0():
    def row(classes):
        return ws_of(Recipe(a=Source(Seed(1), classes)), CONDITIONAL)[0]

    assert (row(()) == row((1.0, 0.0))).all()
    assert (row(()) != row((0.0, 1.0))).any()
    halfway = Recipe(a=Source(Seed(1)), b=Source(Seed(1), (0.0, 1.0)), mix=Mix(t=0.5, space="z"))
    assert ws_of(halfway, CONDITIONAL)[0] == pytest.approx(row((0.5, 0.5)))


def test_what_a_model_lacks_has_no_effect():
    recipe = Recipe(psi=0.3, cutoff=1, mix=Mix(t=0.25, shares=(1.0, 0.0)), noise=Noise(((8, NoiseSetting(1, 0.0)),)))
    untruncated = fake_model(truncation=False)
    assert (ws_of(recipe, untruncated) == ws_of(edits.with_psi(recipe, 1), untruncated)).all()
    one_style = fake_model(layer_styles=False)
    assert len(np.unique(ws_of(recipe, one_style), axis=0)) == 1
    silent = fake_model(stored_noise=False)
    assert [step.noise for step in resolve(recipe, silent).steps] == [None, None, None]
    noiseless = fake_model(noise=False)
    assert [step.noise for step in resolve(recipe, noiseless).steps] == [None, None, None]


def test_without_a_mapping_network_z_itself_is_the_style():
    model = fake_model(mapping=False, truncation=False)
    assert (ws_of(two(Seed(4), Seed(5)), model)[2] == latents.z_of_seed(4, 6)).all()
    arc = latents.slerp(latents.z_of_seed(4, 6), latents.z_of_seed(5, 6), 0.5)
    assert (ws_of(two(Seed(4), Seed(5), t=0.5, space="w"), model)[0] == arc).all()


def test_noise_of_strength_0_is_no_noise():
    recipe = Recipe(noise=Noise(((8, NoiseSetting(5, 0.0)), (16, NoiseSetting(5, 0.5)))))
    assert [s.noise for s in resolve(recipe, MODEL).steps] == [NoiseInput(None, 1.0), None, NoiseInput(5, 0.5)]


def test_what_has_no_place_in_a_model_is_passed_over():
    recipe = Recipe(mix=Mix(shares=(None,) * 9 + (1.0,)), cutoff=60, noise=Noise(((512, NoiseSetting(1)),)))
    assert resolve(recipe, MODEL).steps == resolve(Recipe(), MODEL).steps


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        (Recipe(a=Source(SavedLatent("w", vector([1.0])))), "source A is a latent of shape"),
        (Recipe(b=Source(SavedLatent("ws", vector([1.0] * 4, (2, 2))))), "source B"),
        (Recipe(a=Source(Seed(0), (1.0, 0.0))), "2 class weights"),
        (Recipe(pushes=(Push("p", vector([1.0])),)), "direction"),
    ],
)
def test_latents_of_another_width_are_refused(recipe, says):
    with pytest.raises(RenderError, match=says):
        resolve(recipe, MODEL)


@given(ANY, ANY)
def test_the_first_difference_is_the_first(one, other):
    before, after = resolve(one, MODEL).steps, resolve(other, MODEL).steps
    first = first_difference(before, after)
    assert before[:first] == after[:first]
    assert first == 3 or before[first] != after[first]
    assert first_difference(before, before) == 3
    assert first_difference(before[:1], before) == 1
