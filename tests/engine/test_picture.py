"""Pictures and the recipes in them: PNG both ways, and PNGs that lie."""

import io
import json
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine import png_text, recipe_json
from engine.errors import PictureError, StylescopeError
from engine.picture import Picture, Provenance, open_picture, read_pixels, read_recipe, save_png
from engine.recipe import ModelRef, Push, Recipe, Seed, Source, vector
from tests.engine.fakes import fake_info
from tests.strategies import recipes

RECIPE = Recipe(ModelRef("porträts", "12ab"), a=Source(Seed(7)), psi=0.7)
TEXT = recipe_json.dumps(RECIPE).encode()
PIXELS = np.random.RandomState(0).randint(0, 256, (5, 7, 3)).astype(np.uint8)


def chunk(kind, data, crc=None, length=None):
    check = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", check)


def itxt(text=TEXT, key=b"stylescope", packed=b"\0", method=b"\0"):
    return chunk(b"iTXt", key + b"\0" + packed + method + b"\0\0" + text)


IHDR = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
IDAT = chunk(b"IDAT", zlib.compress(b"\0\0"))
IEND = chunk(b"IEND", b"")


def png(*chunks):
    return png_text.SIGNATURE + b"".join(chunks)


@pytest.fixture
def written(tmp_path):
    def write(data):
        path = tmp_path / "picture.png"
        path.write_bytes(data)
        return path

    return write


@given(recipes(fake_info(classes=2)), st.sampled_from([1, 3, 4]))
@settings(max_examples=25)
def test_a_saved_picture_gives_back_recipe_and_pixels(tmp_path_factory, recipe, channels):
    path = tmp_path_factory.getbasetemp() / "round.png"
    pixels = np.random.RandomState(channels).randint(0, 256, (4, 6, channels)).astype(np.uint8)
    save_png(Picture(pixels, recipe), path)
    assert read_recipe(path) == recipe
    found, found_pixels = open_picture(path)
    assert found == recipe
    assert (found_pixels == pixels).all()
    assert open_picture(path, with_pixels=False) == (recipe, None)


def test_other_programs_find_recipe_and_provenance_as_text(tmp_path):
    provenance = Provenance(program="Stylescope 1", model="porträts", device="cpu", dtype="float32")
    save_png(Picture(PIXELS, RECIPE, provenance), tmp_path / "p.png")
    with Image.open(tmp_path / "p.png") as image:
        assert recipe_json.loads(image.text["stylescope"]) == RECIPE
        assert json.loads(image.text["stylescope-provenance"])["model"] == "porträts"


def test_the_pixels_of_a_picture_are_its_own():
    given_pixels = PIXELS.copy()
    picture = Picture(given_pixels)
    given_pixels[:] = 0
    assert (picture.pixels == PIXELS).all()
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0, 0] = 1


@pytest.mark.parametrize("pixels", [PIXELS[:, :, :2], PIXELS[0], PIXELS.astype(float), PIXELS[:0]])
def test_what_is_no_picture_is_refused(pixels):
    with pytest.raises(PictureError):
        Picture(pixels)


def test_the_recipe_is_found_wherever_and_however_it_stands(written):
    packed = zlib.compress(TEXT)
    latin = recipe_json.dumps(RECIPE).encode("latin-1")
    for data in (
        png(IHDR, itxt(), IDAT, IEND),
        png(IHDR, IDAT, itxt(), IEND),
        png(IHDR, itxt(packed, packed=b"\1"), IDAT, IEND),
        png(IHDR, chunk(b"tEXt", b"stylescope\0" + latin), IDAT, IEND),
        png(IHDR, chunk(b"zTXt", b"stylescope\0\0" + zlib.compress(latin)), IDAT, IEND),
        png(IHDR, itxt(b"x", b"stylescopes"), itxt(b"x", b"style"), itxt(), IEND, b"after the end"),
    ):
        assert read_recipe(written(data)) == RECIPE


BAD = {
    "empty": (b"", "no PNG"),
    "text": (b"hello", "no PNG"),
    "signature only": (png(), "truncated"),
    "no recipe": (png(IHDR, IDAT, IEND), "holds no recipe - "),
    "no IHDR": (png(itxt(), IDAT, IEND), "IHDR"),
    "no IEND": (png(IHDR, itxt(), IDAT), "truncated"),
    "two recipes": (png(IHDR, itxt(), itxt(), IDAT, IEND), "more than one"),
    "two kinds": (png(IHDR, itxt(), chunk(b"tEXt", b"stylescope\0{}"), IDAT, IEND), "more than one"),
    "bad CRC": (png(IHDR, chunk(b"iTXt", b"stylescope\0\0\0\0\0" + TEXT, crc=1), IEND), "CRC"),
    "long length": (png(IHDR, chunk(b"iTXt", b"stylescope\0", length=2**31), IEND), "truncated"),
    "longest length": (png(IHDR, chunk(b"junk", b"", length=2**32 - 1), IEND), "truncated"),
    "no UTF-8": (png(IHDR, itxt(b"\xff{}"), IEND), "UTF-8"),
    "odd flag": (png(IHDR, itxt(packed=b"\2"), IEND), "iTXt"),
    "odd method": (png(IHDR, itxt(method=b"\1"), IEND), "iTXt"),
    "cut header": (png(IHDR, chunk(b"iTXt", b"stylescope\0\0"), IEND), "iTXt"),
    "not packed": (png(IHDR, itxt(packed=b"\1"), IEND), "inflate"),
    "cut stream": (png(IHDR, itxt(zlib.compress(TEXT)[:-3], packed=b"\1"), IEND), "inflate"),
    "bytes behind": (png(IHDR, itxt(zlib.compress(TEXT) + b"x", packed=b"\1"), IEND), "inflate"),
    "zTXt method": (png(IHDR, chunk(b"zTXt", b"stylescope\0\1"), IEND), "unknown way"),
    "bomb": (png(IHDR, itxt(zlib.compress(bytes(50_000_000)), packed=b"\1"), IEND), "too large"),
    "large text": (png(IHDR, itxt(b" " * 8_000_001), IEND), "too large"),
    "many chunks": (png(IHDR, chunk(b"junk", b"") * 100_001, itxt(), IEND), "too many"),
    "no JSON": (png(IHDR, itxt(b"{"), IEND), "bad recipe"),
    "deep JSON": (png(IHDR, itxt(b"[" * 500_000), IEND), "nested"),
    "no text": (png(IHDR, itxt(b""), IEND), "bad recipe"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_png_is_refused_in_one_sentence(kind, written):
    data, says = BAD[kind]
    with pytest.raises(PictureError, match=says) as refusal:
        read_recipe(written(data))
    assert refusal.value.remedy
    assert len(str(refusal.value)) < 300


def test_a_text_is_never_inflated_beyond_what_a_recipe_can_be(written):
    path = written(BAD["bomb"][0])
    tracemalloc.start()
    try:
        with pytest.raises(PictureError, match="too large"):
            read_recipe(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * png_text.MAX_TEXT_BYTES
    finally:
        tracemalloc.stop()


def test_damaged_copies_are_read_or_refused(tmp_path):
    """A flipped bit in the recipe never goes unseen; one in the pixels is for Pillow to see."""
    path = tmp_path / "p.png"
    save_png(Picture(PIXELS, RECIPE), path)
    good = path.read_bytes()
    random = np.random.RandomState(0)
    for _ in range(150):
        data = bytearray(good)
        bit = random.randint(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        try:
            recipe, pixels = open_picture(path)
        except PictureError:
            continue
        assert recipe == RECIPE
        assert pixels.ndim == 3
    for length in range(0, len(good), 4):
        path.write_bytes(good[:length])
        with pytest.raises(PictureError):
            read_recipe(path)


@pytest.mark.parametrize("side", [60_000, 14_000])  # what Pillow refuses, and what it merely warns of
def test_a_picture_of_absurd_size_is_not_decoded(side, written):
    huge = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    path = written(png(huge, itxt(), IDAT, IEND))
    assert read_recipe(path) == RECIPE
    with pytest.raises(PictureError, match="too large"):
        open_picture(path)


@pytest.mark.parametrize("recipe", [b"", itxt(b"{"), itxt(b'{"stylescope": 2}')])
def test_of_a_picture_that_is_refused_no_pixel_is_decoded(recipe, written, monkeypatch):
    opened = []
    monkeypatch.setattr(Image, "open", lambda *given, **options: opened.append(given))
    with pytest.raises(PictureError, match="recipe"):
        open_picture(written(png(IHDR, recipe, IDAT, IEND)))
    assert opened == []


def test_palettes_become_colours(tmp_path):
    Image.new("P", (3, 2)).save(tmp_path / "p.png")
    assert read_pixels(tmp_path / "p.png").shape == (2, 3, 3)


def test_names_that_are_no_files_are_refused(tmp_path):
    with pytest.raises(PictureError, match="no picture"):
        read_recipe(tmp_path / "none.png")
    with pytest.raises(PictureError, match="ordinary"):
        read_recipe(tmp_path)
    with pytest.raises(PictureError):
        read_recipe("a\0b")
    with pytest.raises(PictureError):
        read_recipe("x" * 5000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PictureError, match="ordinary"):
        read_recipe(tmp_path / "pipe")


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(StylescopeError, match="does not exist"):
        save_png(Picture(PIXELS, RECIPE), tmp_path / "none" / "p.png")
    assert list(tmp_path.iterdir()) == []


def test_a_jpeg_is_no_png(written):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "JPEG")
    with pytest.raises(PictureError, match="no PNG"):
        read_recipe(written(buffer.getvalue()))


def test_a_recipe_too_long_to_be_read_again_is_not_written(tmp_path):
    push = Push("p", vector([1.0] * 8192))
    with pytest.raises(PictureError, match="too long"):
        save_png(Picture(PIXELS, Recipe(pushes=(push,) * 100)), tmp_path / "p.png")
    assert list(tmp_path.iterdir()) == []
