"""Edits are pure, and what an edit sets can be read back."""

from hypothesis import given
from hypothesis import strategies as st

from engine import edits
from engine.recipe import NoiseSetting, Recipe, SavedLatent, Seed, Source, vector
from tests.engine.fakes import fake_info
from tests.strategies import recipes

INFO = fake_info(classes=3)
OTHER = fake_info(layers=2, noise=False)
ANY = recipes(INFO)


@given(ANY)
def test_fitting_a_recipe_to_its_own_model_changes_nothing(recipe):
    assert edits.fitted(recipe, INFO) == recipe
    assert edits.with_model(recipe, INFO) == recipe


@given(ANY)
def test_fitting_twice_is_fitting_once(recipe):
    once = edits.fitted(recipe, OTHER)
    assert edits.fitted(once, OTHER) == once


@given(ANY)
def test_a_recipe_fitted_to_another_model_has_nothing_that_it_lacks(recipe):
    fitted = edits.with_model(recipe, OTHER)
    assert fitted.model.content_id == OTHER.content_id
    assert len(fitted.mix.shares) <= 2
    assert fitted.noise.settings == ()
    assert fitted.a.classes == ()
    assert fitted.psi == recipe.psi


@given(ANY)
def test_swapping_twice_is_doing_nothing(recipe):
    assert edits.swapped(edits.swapped(recipe)) == recipe


@given(ANY, st.lists(st.integers(0, 2)), st.one_of(st.none(), st.floats(0, 1)))
def test_faders_show_what_they_were_set_to(recipe, layers, share):
    after = edits.with_share(recipe, layers, share)
    for layer in range(3):
        if layer not in layers:
            assert after.mix.share(layer) == recipe.mix.share(layer)
            assert after.mix.follows(layer) == recipe.mix.follows(layer)
        elif share is None:
            assert after.mix.follows(layer)
        else:
            assert after.mix.share(layer) == share
            assert not after.mix.follows(layer)


@given(ANY, st.floats(0, 1))
def test_the_master_moves_only_those_who_follow(recipe, t):
    after = edits.with_master(recipe, t)
    for layer in range(3):
        assert after.mix.share(layer) == (t if recipe.mix.follows(layer) else recipe.mix.share(layer))


@given(ANY, st.integers(0, 2**32 - 1))
def test_a_noise_seed_and_its_strength_are_set_apart(recipe, seed):
    strength = recipe.noise.at(8).strength
    after = edits.with_noise_seed(recipe, 8, seed)
    assert after.noise.at(8) == NoiseSetting(seed, strength)
    assert after.noise.at(4) == recipe.noise.at(4)
    assert edits.with_noise(after, 8, recipe.noise.at(8)) == recipe
    assert edits.with_noise_strength(after, 8, 0.25).noise.at(8) == NoiseSetting(seed, 0.25)


def test_a_latent_of_another_width_becomes_a_seed():
    recipe = Recipe(a=Source(SavedLatent("w", vector([1.0] * 9))))
    assert edits.fitted(recipe, INFO).a.latent == Seed(0)
