"""Recipes: what cannot be one, JSON both ways, and text from outside that may be anything."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import recipe as r
from engine import recipe_json
from engine.errors import RecipeError
from tests.engine.fakes import fake_info
from tests.strategies import recipes

INFO = fake_info(classes=3)
ODD_NUMBERS = st.sampled_from([10**400, -(10**400), 2**32, -1, 0.5, 1e308, -0.0, math.inf, math.nan, True])
ODD_TEXTS = st.one_of(st.text(), st.sampled_from(["\ud800", "a" * 500, "\0", "w", "even", "AAAA"]))
ODD = st.recursive(
    st.one_of(st.none(), ODD_NUMBERS, st.integers(), st.floats(), ODD_TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def is_sound(recipe):
    """A recipe that was let in must be one that can be kept, too."""
    text = recipe_json.dumps(recipe)
    text.encode("utf-8")
    return recipe_json.loads(text) == recipe and hash(recipe) == hash(recipe_json.loads(text))


def is_refused_or_sound(read):
    try:
        return is_sound(read())
    except RecipeError as refusal:
        return len(str(refusal)) < 300


@given(recipes(INFO))
def test_json_gives_back_an_equal_recipe(recipe):
    assert is_sound(recipe)


@given(recipes(INFO), st.data())
def test_a_recipe_with_something_odd_in_it_is_refused_or_sound(recipe, data):
    tree = json.loads(recipe_json.dumps(recipe))
    place = tree
    while True:  # walk down to some entry
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    action = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if action == "replace":
        place[key] = data.draw(ODD)
    elif action == "remove":
        del place[key]
    elif isinstance(place, dict):
        place[data.draw(ODD_TEXTS)] = data.draw(ODD)
    else:
        place.append(data.draw(ODD))
    assert is_refused_or_sound(lambda: recipe_json.from_dict(tree))


@given(recipes(INFO), st.data())
def test_damaged_text_is_refused_or_sound(recipe, data):
    text = recipe_json.dumps(recipe)
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(begin + 5, len(text))))
    damaged = text[:begin] + data.draw(st.text(max_size=3)) + text[end:]
    assert is_refused_or_sound(lambda: recipe_json.loads(damaged))


@given(st.one_of(st.text(), ODD.map(json.dumps)))
def test_any_text_is_refused_or_sound(text):
    assert is_refused_or_sound(lambda: recipe_json.loads(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("null", "not a JSON object"),
        ("{}", "no Stylescope recipe"),
        ('{"stylescope": true}', "no Stylescope recipe"),
        ('{"stylescope": 2}', "newer than this program"),
        ('{"stylescope": 1, "psy": 1}', "'psy'"),
        ('{"stylescope": 1, "psi": NaN}', "NaN"),
        ('{"stylescope": 1, "psi": 1e999}', "1e999 is too large"),
        ('{"stylescope": 1, "psi": 1, "psi": 1}', "twice"),
        ('{"stylescope": 1, "psi": true}', "True"),
        ('{"stylescope": 1, "psi": ' + "9" * 5000 + "}", "no JSON"),
        ('{"stylescope": 1, "psi": ' + "9" * 400 + "}", "outside"),
        ('{"stylescope": 1, "a": {"seed": 4294967296}}', "outside"),
        ('{"stylescope": 1, "a": {"seed": -1}}', "outside"),
        ('{"stylescope": 1, "a": {"seed": 1.0}}', "1.0"),
        ('{"stylescope": 1, "a": {"seed": 1, "plane": [0, 0]}}', "2 latents"),
        ('{"stylescope": 1, "a": {"w": {"shape": [2], "float32": "AACAPw=="}}}', "do not fill"),
        ('{"stylescope": 1, "a": {"w": {"shape": [1], "float32": "AADAfw=="}}}', "NaN"),
        ('{"stylescope": 1, "model": {"name": "\\ud800"}}', "proper text"),
        ('{"stylescope": 1, "noise": [{"resolution": 8}, {"resolution": 8}]}', "twice"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text, says):
    with pytest.raises(RecipeError, match=says):
        recipe_json.loads(text)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e9, 10**400, True, "1", None])
def test_no_recipe_has_a_number_that_is_none(bad):
    """The parts check themselves: not every recipe comes from a text."""
    for make in (
        lambda: r.Recipe(psi=bad),
        lambda: r.Mix(t=bad),
        lambda: r.Mix(shares=("1" if bad is None else bad,)),  # None: follows the master
        lambda: r.PlanePoint(x=bad if bad != 1e9 else 2e9),
        lambda: r.NoiseSetting(strength=bad),
        lambda: r.NoiseSetting(turn=bad),
        lambda: r.Source(classes=(bad,)),
        lambda: r.Seed(bad if bad != 1e9 else 2**32),
        lambda: r.Push("push", r.vector([1.0]), bad),
    ):
        with pytest.raises(RecipeError):
            make()


def test_text_nested_to_any_depth_is_refused():
    for depth in (*range(900, 1010, 7), 100_000):
        for frame in ('{"stylescope":1,"psi":%s}', '{"stylescope":1,"a":{"classes":[%s]}}', "%s"):
            with pytest.raises(RecipeError):
                recipe_json.loads(frame % ("[" * depth + "]" * depth))


def test_missing_entries_take_the_defaults():
    assert recipe_json.loads('{"stylescope": 1, "a": {"seed": 7}}') == r.Recipe(a=r.Source(r.Seed(7)))


def test_equal_meanings_are_equal_values():
    assert r.Mix(shares=(0.5, None, None)) == r.Mix(shares=(0.5,))
    assert r.Noise(((8, r.NoiseSetting()),)) == r.Noise()
    assert r.Noise(((8, r.NoiseSetting(1)), (4, r.NoiseSetting(2)))).settings[0][0] == 4
    assert r.Recipe(psi=1) == r.Recipe(psi=1.0)


def test_vectors_keep_their_numbers_exactly():
    numbers = (0.1, -2.5, 1e-45, 3.4e38)
    first = r.vector(numbers).floats()
    assert r.vector(first).floats() == first
    assert r.vector([1, 2, 3, 4], (2, 2)).shape == (2, 2)
    for bad in ([math.nan], [1e39], ["a"]):
        with pytest.raises(RecipeError):
            r.vector(bad)


def test_noise_without_a_circle_is_written_as_it_always_was():
    plain = r.Recipe(noise=r.Noise(((8, r.NoiseSetting(5, 0.5)),)))
    assert recipe_json.to_dict(plain)["noise"] == [{"resolution": 8, "seed": 5, "strength": 0.5}]
    circling = r.Recipe(noise=r.Noise(((8, r.NoiseSetting(5, 0.5, 7, 0.1)),)))
    assert recipe_json.to_dict(circling)["noise"][0] == {
        "resolution": 8,
        "seed": 5,
        "strength": 0.5,
        "second": 7,
        "turn": 0.1,
    }
    assert is_sound(circling)
