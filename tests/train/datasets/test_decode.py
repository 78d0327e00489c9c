"""Every kind of picture becomes grey, RGB or RGBA of eight bits, or is refused by name."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.train.datasets.conftest import encoded, random_pixels
from train.datasets import decode
from train.datasets.faults import Unusable


@given(st.sampled_from([1, 3, 4]), st.integers(2, 4).map(lambda k: 2**k), st.integers(0, 9))
def test_a_png_of_as_many_channels_comes_back_bit_for_bit(channels, size, seed):
    pixels = random_pixels(seed, size, channels)
    got = decode.pixels(encoded(pixels), size, channels)
    assert np.array_equal(got, pixels.reshape(size, size, channels))


def test_grey_is_repeated_and_colour_becomes_grey():
    grey = random_pixels(0, channels=1)
    assert np.array_equal(decode.pixels(encoded(grey), 16, 3), np.stack([grey] * 3, -1))
    one = decode.pixels(encoded(random_pixels(0)), 16, 1)
    assert one.shape == (16, 16, 1)


def test_transparency_is_laid_over_the_colour_that_was_asked_for():
    pixels = random_pixels(0, channels=4)
    pixels[:8, :, 3], pixels[8:, :, 3] = 0, 255
    got = decode.pixels(encoded(pixels), 16, 3, (10, 20, 30))
    assert (got[:8] == (10, 20, 30)).all()
    assert np.array_equal(got[8:], pixels[8:, :, :3])
    assert (decode.pixels(encoded(random_pixels(0)), 16, 4)[..., 3] == 255).all()


def test_sixteen_bits_are_rounded_to_eight():
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    for offset, expected in ((0, 0), (100, 0), (128, 0), (129, 1)):
        data = encoded(Image.fromarray(np.minimum(levels, 65535 - offset) + np.uint16(offset)))
        got = decode.pixels(data, 16, 1)[..., 0].ravel()
        assert (got[:-1] == np.arange(255) + expected).all()
    big = Image.fromarray(levels).tobytes("raw", "I;16B")
    tiff = encoded(Image.frombytes("I;16B", (16, 16), big), "TIFF")
    assert (decode.pixels(tiff, 16, 1).ravel() == np.arange(256)).all()


def test_palettes_are_looked_up_and_their_transparency_counts():
    image = Image.new("P", (16, 16), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(0, (0, 0, 8, 16))
    assert (decode.pixels(encoded(image), 16, 3)[0, [0, 15]] == [[255, 0, 0], [0, 0, 255]]).all()
    clear = decode.pixels(encoded(image, transparency=0), 16, 3, (1, 2, 3))
    assert (clear[0, [0, 15]] == [[1, 2, 3], [0, 0, 255]]).all()


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"), ("1", "PNG"), ("LA", "PNG")]
)
def test_other_modes_are_converted(mode, kind):
    data = encoded(Image.new("RGB", (16, 16), (200, 200, 200)).convert(mode), kind)
    assert decode.header(io.BytesIO(data)).kind == f"{kind} {mode}"
    got = decode.pixels(data, 16, 3)
    assert got.shape == (16, 16, 3)
    assert np.ptp(got.reshape(-1, 3), axis=1).max() <= 3  # grey, to the rounding of JPEG


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_modes_without_a_meaning_here_are_refused_by_name(mode):
    data = encoded(Image.new(mode, (16, 16)), "TIFF")
    with pytest.raises(Unusable, match=f"mode {mode} "):
        decode.pixels(data, 16, 3)


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (15, 31)), (6, (0, 15)), (8, (31, 0))])
def test_pictures_are_turned_as_exif_says(orientation, corner):
    image = Image.new("L", (32, 16))
    image.putpixel((0, 0), 255)
    exif = Image.Exif()
    exif[0x112] = orientation
    for kind in ("PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encoded(image, kind, exif=exif, **options)
        turned = np.asarray(decode.decoded(data, 1))
        assert np.unravel_index(turned.argmax(), turned.shape) == corner, kind
        assert decode.header(io.BytesIO(data)).size == turned.shape[::-1]


def test_of_several_frames_the_first_is_taken_and_their_number_known():
    frames = [Image.new("RGB", (16, 16), (50 * i, 0, 0)) for i in range(4)]
    for kind in ("PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encoded(frames[1], kind, save_all=True, append_images=frames[2:], **options)
        assert decode.header(io.BytesIO(data)).frames == 3, kind
        assert decode.pixels(data, 16, 3)[0, 0].tolist() == [50, 0, 0]


@pytest.mark.parametrize("kind", ["GIF", "EPS", "PPM", "ICO", "TGA", "PDF"])
def test_other_formats_are_not_even_tried(kind, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("Pillow was asked"))
    with pytest.raises(Unusable, match="no PNG, JPEG"):
        decode.pixels(encoded(Image.new("RGB", (16, 16)), kind), 16, 3)


@given(st.integers(0, 10**6), st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP"]), st.integers(1, 255))
def test_damaged_bytes_are_refused_or_decoded_and_nothing_else(place, kind, change):
    data = bytearray(encoded(random_pixels(0), kind))
    data[place % len(data)] ^= change
    for damaged in (bytes(data), bytes(data[: place % len(data)])):
        with contextlib.suppress(Unusable):
            assert decode.pixels(damaged, 16, 3).shape == (16, 16, 3)


def test_a_picture_of_another_size_is_refused_before_it_is_decoded(monkeypatch):
    data = encoded(Image.new("L", (4000, 16)))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(Unusable, match="4000x16"):
        decode.pixels(data, 16, 3)
