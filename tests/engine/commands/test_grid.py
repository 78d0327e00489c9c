"""`grid`: the command-line contract, in this process."""

import json

import numpy as np
import pytest
from PIL import Image

from engine.export import description_file
from engine.picture import open_picture, read_recipe
from engine.recipe import NoiseSetting, Seed, Source

SEEDS = ("--seeds", "1-3")
KINDS = {
    "seeds": (),
    "truncation": ("--psis", "-1,0,1.5"),
    "mixing": ("--seeds-b", "10,11", "--layers", "coarse,5"),
    "noise": ("--noise-seeds", "7,8", "--realisations", "4", "--resolutions", "8,16"),
    "interpolation": ("--columns", "3", "--blend", "even"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_and_made_again_from_its_file(kind, call, workplace):
    status, out = call("grid", "--kind", kind, *SEEDS, *KINDS[kind], "--psi", "0.7", "--out", "g.png", "--json")
    assert status == 0, out
    line = json.loads(out)
    assert line["path"] == "g.png"
    with Image.open("g.png") as image:
        image.verify()
    assert call("grid", "--recipe", "g.png", "--out", "again.png") == (0, "again.png\n")
    assert (workplace / "again.png").read_bytes() == (workplace / "g.png").read_bytes()
    assert call("image", "--recipe", "g.png", "--out", "one.png")[0] == 0
    assert read_recipe("one.png") == read_recipe("g.png")


def test_options_become_the_grid(call):
    call("grid", "--kind", "mixing", *SEEDS, *KINDS["mixing"], "--psi", "0.7", "--cutoff", "4", "--gap", "5",
         "--background", "#000000", "--no-captions", "--out", "g.png")  # fmt: skip
    grid = description_file.read(open_path("g.png"))
    assert grid.sources == tuple(Source(Seed(i)) for i in (1, 2, 3))
    assert grid.sources_b == (Source(Seed(10)), Source(Seed(11)))
    assert grid.layers == (0, 1, 2, 3, 5)
    assert (grid.base.psi, grid.base.cutoff, grid.base.mix.blend) == (0.7, 4, "linear")
    assert (grid.page.gap, grid.page.background, grid.page.captions) == (5, "#000000", False)
    call("grid", "--kind", "noise", *SEEDS, *KINDS["noise"], "--out", "g.png")
    grid = description_file.read(open_path("g.png"))
    assert (grid.noise_seeds, grid.realisations, grid.resolutions) == ((7, 8), 4, (8, 16))
    call("grid", "--kind", "interpolation", *SEEDS, "--space", "z", "--out", "g.png")
    assert description_file.read(open_path("g.png")).spaces == ("z",)


def open_path(name):
    from pathlib import Path

    return Path(name)


def test_a_cell_is_the_picture_of_image(call):
    call("grid", "--seeds", "5,6", "--noise", "random", "--psi", "0.5", "--no-captions", "--gap", "0", "--out", "g.png")
    call("image", "--seeds", "5", "--noise", "random", "--psi", "0.5", "--out", "p.png")
    pixels = open_picture("g.png")[1]
    assert pixels.shape == (16, 32, 3)
    assert (pixels[:, :16] == open_picture("p.png")[1]).all()
    assert read_recipe("g.png").noise.at(8) == NoiseSetting(0)


def test_a_picture_is_what_a_grid_starts_from(call):
    call("image", "--seeds", "5", "--psi", "0.4", "--out", "p.png")
    assert call("grid", "--kind", "truncation", "--recipe", "p.png", "--out", "g.png")[0] == 0
    assert description_file.read(open_path("g.png")).sources == (Source(Seed(5)),)
    assert call("grid", "--kind", "noise", "--recipe", "p.png", "--realisations", "2", "--out", "g.png")[0] == 0
    assert description_file.read(open_path("g.png")).base.psi == 0.4
    assert call("grid", "--kind", "seeds", "--recipe", "p.png", "--seeds", "0-3", "--out", "g.png")[0] == 0


def test_classes_have_rows(call, models):
    model = models / "classes.safetensors"
    words = ("grid", model, "--kind", "classes", "--seeds", "1,2", "--gap", "0", "--no-captions", "--out", "g.png")
    assert call(*words)[0] == 0
    assert open_picture("g.png")[1].shape == (48, 32, 3)
    assert call(*words, "--classes", "2")[0] == 0
    call("image", model, "--seeds", "1", "--class", "2", "--out", "p.png")
    assert (open_picture("g.png")[1][:, :16] == open_picture("p.png")[1]).all()


REFUSED = [
    (["--kind", "mixing", "--seeds", "1", "--out", "g.png"], "lacks seeds"),
    (["--kind", "truncation", "--out", "g.png"], "--seeds"),
    (["--kind", "colour", "--out", "g.png"], "invalid choice"),
    (["--seeds", "1"], "--out"),
    (["--seeds", "1", "--out", "g.jpg"], "PNG"),
    (["--seeds", "1", "--out", "none/g.png"], "does not exist"),
    (["--seeds", "x", "--out", "g.png"], "'x'"),
    (["--seeds", "1", "--psis", "1,0", "--out", "g.png"], "--psis"),
    (["--seeds", "1", "--layers", "fine", "--out", "g.png"], "--layers"),
    (["--kind", "mixing", "--seeds", "1", "--seeds-b", "2", "--layers", "fine", "--out", "g.png"], "no fine layers"),
    (["--kind", "mixing", "--seeds", "1", "--seeds-b", "2", "--layers", "3-9", "--out", "g.png"], "no layer 9"),
    (["--kind", "mixing", "--seeds", "1", "--seeds-b", "2", "--layers", "all", "--out", "g.png"], "'all'"),
    (["--kind", "truncation", "--seeds", "1", "--psis", "a", "--out", "g.png"], "numbers"),
    (["--kind", "noise", "--seeds", "1", "--resolutions", "64", "--out", "g.png"], "64x64"),
    (["--kind", "noise", "--seeds", "1", "--realisations", "1", "--out", "g.png"], "deviation"),
    (["--kind", "classes", "--seeds", "1", "--out", "g.png"], "no classes"),
    (["--kind", "interpolation", "--seeds", "1", "--out", "g.png"], "two seeds"),
    (["--kind", "truncation", "--seeds", "0-9999", "--out", "g.png"], "too large"),
    (["--seeds", "1", "--background", "red", "--out", "g.png"], "colour"),
    (["--seeds", "1", "--columns", "0", "--out", "g.png"], "columns"),
    (["--seeds", "1", "--network", "D", "--out", "g.png"], "network D"),
    (["--seeds", "1", "--recipe", "{}", "--out", "g.png"], "no Stylescope recipe"),
    (["--recipe", '{"stylescope": 1}', "--psi", "0.5", "--out", "g.png"], "--psi"),
    (["--recipe", '{"stylescope_film": 1}', "--out", "g.png"], "not complete"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[" ".join(words)[:70] for words, _ in REFUSED])
def test_bad_input_is_one_line_and_writes_nothing(call, workplace, words, says):
    before = sorted(workplace.rglob("*"))
    status, error = call("grid", *words)
    assert status == 2, error
    assert error.startswith("error: ")
    assert " - " in error
    assert error.count("\n") == 1
    assert says in error
    assert sorted(workplace.rglob("*")) == before


def test_what_describes_all_does_not_go_with_other_options(call):
    call("grid", "--seeds", "1", "--out", "g.png")
    for words in (("--kind", "seeds"), ("--seeds", "2"), ("--no-captions",), ("--psi", "1")):
        status, error = call("grid", "--recipe", "g.png", *words, "--out", "again.png")
        assert (status, words[0] in error) == (2, True)
    film = '{"stylescope_film":1,"kind":"noise","paths":[[{"seed":1}]],"noise_seeds":[1],"frames":2}'
    assert "use `video`" in call("grid", "--recipe", film, "--out", "g.png")[1]


def test_a_grid_of_one_seed_is_one_picture(call):
    assert call("grid", "--seeds", "3", "--gap", "0", "--no-captions", "--out", "g.png")[0] == 0
    call("image", "--seeds", "3", "--out", "p.png")
    assert np.array_equal(open_picture("g.png")[1], open_picture("p.png")[1])
