"""PNGs written strip by strip are ordinary PNGs."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine import png_text
from engine.export.png_stream import PngStream


def written(pixels, cuts=(), **texts):
    file = io.BytesIO()
    stream = PngStream(file, pixels.shape[1], pixels.shape[0], pixels.shape[2], texts)
    for strip in np.split(pixels, sorted(cuts)):
        stream.add(strip)
    stream.close()
    return file.getvalue()


@given(
    st.integers(1, 150),
    st.integers(1, 9),
    st.sampled_from([1, 3, 4]),
    st.integers(0, 999),
    st.sets(st.integers(0, 150)),
)
def test_pillow_reads_the_same_pixels(height, width, channels, seed, cuts):
    pixels = np.random.RandomState(seed).randint(0, 256, (height, width, channels)).astype(np.uint8)
    data = written(pixels, [cut for cut in cuts if cut <= height])
    with Image.open(io.BytesIO(data)) as image:
        assert (np.asarray(image).reshape(pixels.shape) == pixels).all()


def test_it_packs_photographs_about_as_well_as_pillow():
    noise = np.random.RandomState(0).randint(0, 256, (16, 16, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((512, 512), Image.Resampling.BICUBIC)
    theirs = io.BytesIO()
    image.save(theirs, "PNG")
    assert len(written(np.asarray(image))) < 1.5 * len(theirs.getvalue())


def test_texts_are_found_by_our_reader_and_by_pillow(tmp_path):
    text = "é ψ " * 100_000
    path = tmp_path / "p.png"
    path.write_bytes(written(np.zeros((2, 2, 3), np.uint8), one="1", stylescope=text))
    assert png_text.read_text(path, "stylescope") == text
    with Image.open(path) as image:
        assert image.text["one"] == "1"


def test_a_picture_of_another_size_than_announced_is_a_fault():
    with pytest.raises(ValueError, match="strip"):
        PngStream(io.BytesIO(), 3, 3, 3, {}).add(np.zeros((1, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="0 lines"):
        PngStream(io.BytesIO(), 3, 3, 3, {}).close()
