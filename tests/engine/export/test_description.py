"""Films and grids as text: equal after a round trip, short, and hostile until checked."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import recipe_json
from engine.errors import PictureError, RecipeError, StylescopeError
from engine.export import description, description_file
from engine.export.film import Film
from engine.export.grid import Grid
from engine.export.page import Page
from engine.recipe import Recipe, Seed, Source
from tests.engine.export.painted import painted_info
from tests.strategies import recipes, sources

INFO = painted_info(classes=2)
PAGES = st.builds(
    Page,
    columns=st.one_of(st.none(), st.integers(1, 50)),
    gap=st.one_of(st.none(), st.integers(0, 50)),
    captions=st.booleans(),
    background=st.sampled_from(["#ffffff", "#102030"]),
)
NUMBERS = st.lists(st.floats(-2, 2), min_size=2, max_size=4).map(tuple)
WHOLES = st.lists(st.integers(0, 60), min_size=1, max_size=4).map(tuple)
PATHS = st.lists(st.tuples(sources(INFO), sources(INFO)), min_size=1, max_size=3).map(tuple)
FILMS = st.builds(
    Film,
    kind=st.sampled_from(["interpolation", "mixing"]),
    base=recipes(INFO),
    paths=PATHS,
    frames=st.integers(1, 1000),
    fps=st.fractions(1, 60, max_denominator=1001),
    loop=st.booleans(),
    cubic=st.booleans(),
    layers=WHOLES,
    psis=NUMBERS,
    noise_seeds=WHOLES,
    scale=st.one_of(st.none(), st.integers(1, 9)),
    smooth=st.booleans(),
    page=PAGES,
)
GRIDS = st.builds(
    Grid,
    kind=st.sampled_from(["seeds", "mixing", "truncation", "interpolation"]),
    base=recipes(INFO),
    sources=st.lists(sources(INFO), min_size=2, max_size=4).map(tuple),
    sources_b=st.lists(sources(INFO), min_size=1, max_size=3).map(tuple),
    layers=WHOLES,
    psis=NUMBERS,
    classes=WHOLES,
    spaces=st.sampled_from([("w",), ("z",), ("w", "z")]),
    page=PAGES,
)


@given(st.one_of(FILMS, GRIDS, st.lists(recipes(INFO), min_size=1, max_size=4).map(tuple)))
def test_a_text_gives_back_an_equal_value(what):
    text = description.dumps(what)
    assert description.loads(text) == what
    assert "\n" not in text


@given(recipes(INFO))
def test_a_plain_recipe_is_a_list_of_one(recipe):
    for text in (recipe_json.dumps(recipe), description.short(recipe)):
        assert description.loads(text) == (recipe,)


def test_what_is_as_usual_is_left_out():
    film = Film(kind="interpolation", paths=((Source(Seed(1)), Source(Seed(2))),), frames=60)
    text = '{"stylescope_film":1,"kind":"interpolation","paths":[[{"seed":1},{"seed":2}]],"frames":60}'
    assert description.dumps(film) == text


def film(**changes):
    data = {"stylescope_film": 1, "kind": "interpolation", "paths": [[{"seed": 1}, {"seed": 2}]], "frames": 6}
    return json.dumps(data | changes)


BAD = {
    "no JSON": ("{", "JSON"),
    "a list": ("[]", "JSON object"),
    "deep": ("[" * 100_000, "JSON"),
    "newer": (film(stylescope_film=2), "version"),
    "no version": (film(stylescope_film=True), "version"),
    "unknown": (film(bogus=1), "unknown entry 'bogus'"),
    "no paths": ('{"stylescope_film":1,"kind":"noise","frames":1}', "not complete"),
    "frames as text": (film(frames="6"), "frames"),
    "frames as truth": (film(frames=True), "frames"),
    "many frames": (film(frames=10**30), "frames"),
    "fps 0": (film(fps="0"), "frames a second"),
    "fps none": (film(fps="a"), "rate"),
    "fps endless": (film(fps="1/0"), "rate"),
    "fps long": (film(fps="1" * 5000), "rate"),
    "fps fine": (film(fps="1/99999999"), "frames a second"),
    "scale": (film(scale=10**6), "scale"),
    "loop": (film(loop=1), "loop"),
    "psi": (film(psis=["1"]), "psis"),
    "path": (film(paths=[{"seed": 1}]), "list"),
    "source": (film(paths=[[{"seed": -1}, {"seed": 2}]]), "seed"),
    "base": (film(base=[]), "not a JSON object"),
    "page": (film(page={"columns": 0}), "columns"),
    "colour": (film(page={"background": "red"}), "colour"),
    "many paths": (film(paths=[[{"seed": 1}, {"seed": 2}]] * 101), "side by side"),
    "grid": ('{"stylescope_grid":1,"kind":"seeds","sources":[]}', "lacks seeds"),
    "grid space": ('{"stylescope_grid":1,"kind":"seeds","sources":[{"seed":1}],"spaces":[[]]}', "wrong type"),
    "pictures": ('{"stylescope_pictures":1,"base":{"stylescope":1},"recipes":[1]}', "no recipe"),
    "no pictures": ('{"stylescope_pictures":1,"base":{"stylescope":1},"recipes":[]}', "no recipes"),
    "pictures more": ('{"stylescope_pictures":1,"x":1,"recipes":[{}]}', "unknown entry 'x'"),
    "a bad picture": ('{"stylescope_pictures":1,"base":{"stylescope":1},"recipes":[{"psi":"a"}]}', "psi"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_text_is_refused_in_one_sentence(kind, tmp_path):
    text, says = BAD[kind]
    with pytest.raises(RecipeError, match=says) as refusal:
        description.loads(text)
    assert refusal.value.remedy
    assert len(str(refusal.value)) < 300
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(StylescopeError):
        description_file.read(tmp_path / "f.json")


def test_texts_that_could_not_be_read_again_are_not_written():
    many = tuple(Recipe(a=Source(Seed(i), tuple(np.linspace(0, 1, 50_000)))) for i in range(5))
    with pytest.raises(RecipeError, match="too long"):
        description.dumps(many)


def test_files_that_hold_nothing_are_refused(tmp_path):
    for name, data in {
        "none.json": None,
        "folder": "folder",
        "numbers.npy": b"\x93NUMPY\xff",
        "picture.jpg": b"\xff\xd8\xff\xe0 and so on",
        "empty.json": b"",
        "film.mp4": b"\0\0\0\x20ftypisom" + bytes(100),
        "film.webm": b"\x1aE\xdf\xa3" + bytes(100),
        "film.gif": b"GIF89a",
    }.items():
        path = tmp_path / name
        if data == "folder":
            path.mkdir()
        elif data is not None:
            path.write_bytes(data)
        with pytest.raises((PictureError, RecipeError)) as refusal:
            description_file.read(path)
        assert "\n" not in str(refusal.value)


def test_json_beside_a_file_is_found(tmp_path):
    (tmp_path / "film.gif").write_bytes(b"GIF89a\xff")
    (tmp_path / "film.json").write_text("\ufeff" + film(fps="24"), encoding="utf-8")
    found = description_file.read(tmp_path / "film.gif")
    assert found == description_file.read(tmp_path / "film.json")
    assert found.fps == Fraction(24)
