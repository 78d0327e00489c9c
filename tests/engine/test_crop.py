"""Letterboxed data: pictures of a model that learned bars are shown and exported without them."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import main
from engine import edits
from engine.files import native
from engine.recipe import Recipe, Seed, Source
from engine.renderer import Renderer
from tests.engine.fakes import TINY, fake_info, tensors_of

X, Y, WIDTH, HEIGHT = CROP = (2, 4, 12, 8)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("crop") / "boxed.safetensors"
    said = {"name": "boxed", "licence": "MIT", "origin": "made by a test", "training": {"crop_note": list(CROP)}}
    native.write(path, family="stylegan2", settings=TINY, tensors=tensors_of(TINY), **said)
    return path


def test_a_picture_is_what_is_inside_the_bars_of_the_whole_output(model):
    renderer = Renderer("cpu")
    renderer.load(model)
    recipe = edits.with_model(Recipe(a=Source(Seed(3))), renderer.info)
    whole = renderer.render_float(recipe)
    assert whole.shape == (3, 16, 16)
    expected = (whole * 127.5 + 128).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
    picture = renderer.render(recipe)
    assert renderer.info.size == (WIDTH, HEIGHT)
    assert (picture.pixels == expected[Y : Y + HEIGHT, X : X + WIDTH]).all()
    (again,) = renderer.render_many([recipe])
    assert (again.pixels == picture.pixels).all()


def test_the_commands_crop_pictures_grids_and_films_and_leave_raw_numbers_whole(model, tmp_path, capsys):
    def size(path):
        with Image.open(path) as image:
            return image.size

    out = {name: tmp_path / name for name in ("a.png", "a.npy", "grid.png", "film.gif", "films")}
    assert main.main(["image", str(model), "--seeds", "1", "--out", str(out["a.png"])]) == 0
    assert main.main(["image", str(model), "--seeds", "1", "--out", str(out["a.npy"])]) == 0
    seeds = ["--seeds", "1-6"]
    assert main.main(["grid", str(model), "--kind", "seeds", *seeds, "--out", str(out["grid.png"])]) == 0
    assert main.main(["video", str(model), *seeds, "--frames", "2", "--out", str(out["film.gif"])]) == 0
    several = ["--grid", "3x1", "--frames", "2", "--gap", "1"]
    assert main.main(["video", str(model), *seeds, *several, "--out", str(out["films"])]) == 0
    assert size(out["a.png"]) == size(out["film.gif"]) == (WIDTH, HEIGHT)
    assert np.load(out["a.npy"]).shape == (1, 3, 16, 16)
    assert size(out["films"] / "frame00000.png") == (3 * WIDTH + 2, HEIGHT)
    with Image.open(out["grid.png"]) as image:  # somewhere in it, the pixels of the first picture
        page = np.asarray(image)
    with Image.open(out["a.png"]) as image:
        one = np.asarray(image)
    windows = np.lib.stride_tricks.sliding_window_view(page, one.shape)[:, :, 0]
    assert (windows == one).all(axis=(2, 3, 4)).any()


def test_a_conversion_keeps_the_crop(model, tmp_path, capsys):
    assert main.main(["convert", str(model), str(tmp_path / "again.safetensors")]) == 0
    assert native.read_info(tmp_path / "again.safetensors").crop == CROP


numbers = st.integers(-2, 10) | st.floats() | st.booleans() | st.none() | st.text(max_size=2)


@given(st.lists(numbers, max_size=5) | numbers)
def test_a_note_of_any_kind_gives_a_box_inside_the_picture(note):
    info = dataclasses.replace(fake_info(), training={"crop_note": note})
    x, y, width, height = info.crop
    assert 0 <= x < x + width <= info.resolution
    assert 0 <= y < y + height <= info.resolution
    assert info.crop == (0, 0, info.resolution, info.resolution) or list(info.crop) == note
    json.dumps(info.crop)
