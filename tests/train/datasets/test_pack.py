"""Packing: what becomes of each picture, what is recorded, the same bytes each time, whole or not at all."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import StylescopeError, TrainingError
from tests.train.datasets.conftest import encoded, random_pixels
from train.datasets.drawn import draw_set
from train.datasets.faults import Offenders
from train.datasets.pack import Settings, fitted, pack
from train.datasets.pictures import crop_note, open_set
from train.datasets.record import Record, read_record
from train.datasets.sources import open_source
from train.portraits import draw


def packed(path, out, resolution=16, workers=1, **options):
    settings = {k: options.pop(k) for k in ("crop", "filter", "channels", "background") if k in options}
    return pack(path, out, Settings(resolution=resolution, **settings), workers=workers, **options)


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@given(st.integers(4, 90), st.integers(4, 90), st.sampled_from([8, 16, 32]), st.sampled_from(["center", "letterbox"]))
def test_any_picture_fits_and_the_note_tells_it_from_the_bars(width, height, resolution, crop):
    image = Image.new("RGB", (width, height), (9, 9, 9))
    shown, (x, y, w, h) = fitted(image, Settings(resolution=resolution, crop=crop, background=(200, 0, 0)))
    assert shown.size == (resolution, resolution)
    is_picture = (np.asarray(shown) == 9).all(-1)
    assert is_picture[y : y + h, x : x + w].all()
    assert is_picture.sum() == w * h
    assert max(w, h) == resolution
    if crop == "center":
        assert (w, h) == (resolution, resolution)
    else:
        assert abs(w * height - h * width) <= max(width, height)  # the sides keep their ratio, to half a pixel
        assert abs(2 * x + w - resolution) <= 1


def test_the_middle_is_what_a_center_crop_keeps():
    image = Image.fromarray(np.repeat(np.arange(48, dtype=np.uint8)[None], 16, 0))
    shown, _ = fitted(image, Settings(resolution=16))
    assert (np.asarray(shown) == np.arange(16, 32)).all()


def test_box_is_the_mean_and_lanczos_is_not():
    pixels = random_pixels(0, 32)
    image = Image.fromarray(pixels)
    mean = pixels.reshape(16, 2, 16, 2, 3).mean((1, 3))
    box = np.asarray(fitted(image, Settings(resolution=16, filter="box"))[0])
    lanczos = np.asarray(fitted(image, Settings(resolution=16))[0])
    assert np.abs(box - mean).max() <= 1  # rounded once in each direction
    assert np.abs(lanczos - mean).max() > 5


def test_pictures_that_fit_already_stay_as_they_are_and_are_told_in_the_public_layout(folder, tmp_path):
    root = folder({f"{i}.png": encoded(random_pixels(i)) for i in range(3)})
    record, left_out = packed(root, tmp_path / "out.zip")
    assert (record.pictures, record.source_pictures, record.enlarged, left_out) == (3, 3, 0, [])
    found = members(tmp_path / "out.zip")
    assert list(found) == [f"00000/img0000000{i}.png" for i in range(3)] + ["dataset.json", "stylescope.json"]
    for i in range(3):
        image = Image.open(io.BytesIO(found[f"00000/img0000000{i}.png"]))
        assert np.array_equal(np.asarray(image), random_pixels(i))
    assert json.loads(found["dataset.json"]) == {"labels": None}
    assert read_record(open_source(tmp_path / "out.zip")) == record
    assert record.source_fingerprint == open_source(root).fingerprint()


def test_the_same_bytes_come_out_each_time_whatever_the_number_of_processes(folder, tmp_path):
    root = folder({f"{i}.png": encoded(random_pixels(i, 40)) for i in range(12)})
    for name, workers in (("a.zip", 1), ("b.zip", 2)):
        packed(root, tmp_path / name, workers=workers)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_classes_of_folders_are_written_as_labels_with_their_names(folder, tmp_path):
    root = folder(["cat/a.png", "cat/b.png", "dog/c.png"])
    record, _ = packed(root, tmp_path / "out.zip")
    assert record.class_names == ("cat", "dog")
    again = open_set(tmp_path / "out.zip", resolution=16, channels=3)
    assert again.labels.values.tolist() == [0, 0, 1]
    assert again.labels.names == ("cat", "dog")
    record, _ = packed(root, tmp_path / "plain.zip", with_labels=False)
    assert record.labels == "none"
    assert open_set(tmp_path / "plain.zip", resolution=16, channels=3).labels is None


def test_every_offender_is_named_at_once_and_nothing_is_written(folder, tmp_path):
    wide = encoded(Image.new("RGB", (32, 16)))
    root = folder({"a.png": None, "bad.png": b"nothing", "wide.png": wide, "zero.jpg": b"", "z.png": None})
    with pytest.raises(Offenders, match=r"3 of 5 .* first bad\.png") as error:
        packed(root, tmp_path / "out.zip", crop="none")
    assert [fault.name for fault in error.value.faults] == ["bad.png", "wide.png", "zero.jpg"]
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_offenders_can_be_left_out_and_labels_stay_with_their_pictures(folder, tmp_path):
    labels = {"labels": [["a.png", 0], ["bad.png", 1], ["c.png", 2]]}
    root = folder({"a.png": None, "bad.png": b"x", "c.png": None, "dataset.json": json.dumps(labels).encode()})
    record, left_out = packed(root, tmp_path / "out.zip", leave_out=True)
    assert (record.pictures, record.left_out, [fault.name for fault in left_out]) == (2, 1, ["bad.png"])
    assert open_set(tmp_path / "out.zip", resolution=16, channels=3).labels.values.tolist() == [0, 2]


def test_grey_pictures_make_a_grey_set_unless_told_otherwise(folder, tmp_path):
    root = folder({"a.png": encoded(random_pixels(0, channels=1)), "b.png": encoded(random_pixels(1, channels=1))})
    record, _ = packed(root, tmp_path / "auto.zip", grey_if_all_are=True)
    assert record.channels == 1
    with Image.open(io.BytesIO(members(tmp_path / "auto.zip")["00000/img00000000.png"])) as image:
        assert image.mode == "L"
    assert packed(root, tmp_path / "rgb.zip")[0].channels == 3
    assert packed(folder(["c.png"]), tmp_path / "mixed.zip", grey_if_all_are=True)[0].channels == 3


def test_a_letterboxed_set_leaves_a_note_that_a_smaller_copy_keeps(folder, tmp_path):
    root = folder({f"{i}.png": encoded(Image.new("RGB", (64, 32), (i, i, i))) for i in range(3)})
    packed(root, tmp_path / "wide.zip", 32, crop="letterbox")
    assert crop_note(tmp_path / "wide.zip") == (0, 8, 32, 16)
    packed(tmp_path / "wide.zip", tmp_path / "small.zip", 16)
    assert crop_note(tmp_path / "small.zip") == (0, 4, 16, 8)
    (root / "tall.png").write_bytes(encoded(Image.new("RGB", (32, 64))))
    packed(root, tmp_path / "both.zip", 32, crop="letterbox")
    assert crop_note(tmp_path / "both.zip") is None
    assert crop_note(root) is crop_note("portraits") is None


def test_bars_are_transparent_where_there_is_transparency():
    shown, _ = fitted(
        Image.new("RGBA", (32, 16), (1, 2, 3, 255)), Settings(resolution=16, crop="letterbox", channels=4)
    )
    assert shown.getpixel((0, 0))[3] == 0
    assert shown.getpixel((8, 8)) == (1, 2, 3, 255)


def test_places_that_cannot_be_written_are_refused_before_the_work(folder, tmp_path, monkeypatch):
    root = folder(["a.png"])
    monkeypatch.setattr("train.datasets.pack.in_order", lambda *_: pytest.fail("began to work"))
    packed_zip = tmp_path / "set.zip"
    packed_zip.write_bytes(b"")
    for out in (tmp_path / "out.tar", tmp_path / "gone" / "out.zip", root):
        with pytest.raises(StylescopeError):
            packed(root, out)
    for resolution in (0, 3, 100, 8192):
        with pytest.raises(TrainingError, match="power of two"):
            packed(root, tmp_path / "out.zip", resolution)


def test_a_set_is_not_packed_onto_itself(zipped):
    path = zipped({"a.png": None})
    before = path.read_bytes()
    with pytest.raises(TrainingError, match="itself"):
        packed(path, path)
    assert path.read_bytes() == before


def test_a_record_that_was_changed_is_refused(folder, tmp_path):
    record, _ = packed(folder(["a.png"]), tmp_path / "out.zip")
    good = json.loads(record.to_json())
    for change in ({"format": 2}, {"resolution": "16"}, {"resolution": -1}, {"crop_note": [1, 2]}, {"odd": 1}):
        root = folder({"a.png": None, "stylescope.json": json.dumps(good | change).encode()}, "changed")
        with pytest.raises(TrainingError, match=r"stylescope\.json"):
            read_record(open_source(root))
    assert isinstance(read_record(open_source(tmp_path / "out.zip")), Record)


@pytest.mark.parametrize("name", ["out.zip", "out"])
def test_portraits_are_written_as_they_are_drawn(tmp_path, name):
    draw_set(tmp_path / name, count=3, resolution=32, seed=5, workers=1)
    data = open_set(tmp_path / name, resolution=32, channels=3)
    assert all(np.array_equal(data.read(i), draw(5, i, 32)) for i in range(3))
    draw_set(tmp_path / name, count=1, resolution=32, workers=1)  # over it
    assert len(open_set(tmp_path / name, resolution=32, channels=3)) == 1


def test_portraits_are_not_drawn_over_other_things(folder):
    root = folder(["mine.png"])
    with pytest.raises(StylescopeError, match="holds other things"):
        draw_set(root, count=1, resolution=32, workers=1)
    assert (root / "mine.png").exists()
