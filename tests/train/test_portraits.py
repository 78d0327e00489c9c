"""The procedural data set: pure, diverse, the same at every resolution, safe in its cache."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import StylescopeError, TrainingError
from train import portraits
from train.portraits import dataset, factors

FIRST = portraits.sample_factors(0, 0)


def test_picture_i_does_not_depend_on_the_pictures_before_it():
    alone = portraits.draw(0, 5, 32)
    portraits.draw(0, 4, 32)
    portraits.draw(3, 5, 64)
    assert np.array_equal(portraits.draw(0, 5, 32), alone)
    assert alone.dtype == np.uint8
    assert alone.shape == (32, 32, 3)


def test_seeds_and_indices_give_different_people():
    shown = {portraits.draw(seed, index, 32).tobytes() for seed in range(3) for index in range(3)}
    assert len(shown) == 9


def test_at_least_fourteen_factors_at_three_scales_stay_in_their_ranges():
    rows = [portraits.sample_factors(1, i) for i in range(300)]
    scales = {f.metadata["scale"] for f in dataclasses.fields(portraits.Factors)}
    assert {"coarse", "middle", "fine"} <= scales
    assert len(portraits.FACTORS) >= 14
    for name, (low, high) in factors.RANGES.items():
        values = [getattr(row, name) for row in rows]
        assert low <= min(values), name
        assert max(values) <= high, name
        assert len(set(values)) > 1, name


def test_every_kind_has_a_share_that_a_small_network_can_learn():
    rows = [portraits.sample_factors(2, i) for i in range(3000)]
    for name, kind in factors.KINDS.items():
        counts = np.bincount([getattr(row, name) for row in rows], minlength=len(kind))
        assert counts.min() > 0.07 * len(rows), name


def person_that_shows(name):
    """Two people who differ in one factor only, where that factor can be seen."""
    visible = {
        "beard_length": {"beard": factors.Beard.FULL},
        "frame_colour": {"glasses": factors.Glasses.ROUND},
        "hair_length": {"hair_style": factors.HairStyle.LONG},
        "hair_part": {"hair_style": factors.HairStyle.SIDE_PART},
        "hair": {"hair_style": factors.HairStyle.LONG},
    }
    base = dataclasses.replace(FIRST, **{"beard": 0, "glasses": 0, "skin": 0.3, **visible.get(name, {})})
    low, high = factors.RANGES[name]
    high = 0.5 if name == "palette" else high  # palettes go round a circle: 0 is 1
    return dataclasses.replace(base, **{name: type(getattr(base, name))(low)}), dataclasses.replace(
        base, **{name: high}
    )


@pytest.mark.parametrize("name", portraits.FACTORS)
def test_every_factor_can_be_seen(name):
    a, b = (portraits.draw_factors(f, 64, grain_seed=1).astype(int) for f in person_that_shows(name))
    changed = np.abs(a - b).max(axis=2)
    assert (changed > 2).sum() >= 10 if name == "grain" else changed.max() > 6


@pytest.mark.parametrize("resolution", [32, 64, 256])
def test_the_same_person_appears_at_every_resolution(resolution):
    for index in range(3):
        calm = dataclasses.replace(portraits.sample_factors(0, index), grain=0.0, stubble=0.0, freckles=0.0)
        fine = portraits.draw_factors(calm, 2 * min(resolution, 128)).astype(float)
        coarse = portraits.draw_factors(calm, min(resolution, 128)).astype(float)
        n = len(coarse)
        averaged = fine.reshape(n, 2, n, 2, 3).mean(axis=(1, 3))
        assert np.abs(averaged - coarse).mean() < 1.5


def test_other_resolutions_are_refused(tmp_path):
    with pytest.raises(ValueError, match="48"):
        portraits.draw(0, 0, 48)
    with pytest.raises(TrainingError, match="48"):
        portraits.load(4, 48, cache=tmp_path)


def load(cache, **options):
    return portraits.load(6, 32, cache=cache, workers=1, **{"progress": False, **options})


def test_what_was_drawn_is_read_from_the_cache(tmp_path, monkeypatch):
    drawn = load(tmp_path)
    monkeypatch.setattr(dataset, "draw", lambda *_: pytest.fail("drawn again"))
    again = load(tmp_path)
    assert np.array_equal(drawn.images, again.images)
    assert np.array_equal(again.factors[3], portraits.sample_factors(0, 3).row())
    assert not list(tmp_path.glob(".*"))


def test_a_damaged_cache_is_drawn_again_with_one_line(tmp_path, capsys):
    good = load(tmp_path).images.copy()
    (array,) = tmp_path.glob("*.npy")
    data = bytearray(array.read_bytes())
    data[-5] ^= 1
    for damage in (bytes(data), data[: len(data) // 2], b""):
        array.write_bytes(damage)
        assert np.array_equal(load(tmp_path).images, good)
        assert capsys.readouterr().err.count("\n") == 1


def test_another_version_is_another_cache(tmp_path, monkeypatch):
    load(tmp_path)
    monkeypatch.setattr(dataset, "VERSION", 999)
    load(tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 2
    assert {json.loads(p.read_text())["version"] for p in tmp_path.glob("*.json")} == {999, portraits.VERSION}


def test_an_interrupted_drawing_leaves_nothing_behind(tmp_path):
    def stop(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(tmp_path, progress=stop)
    assert not list(tmp_path.iterdir())


def test_progress_counts_up_to_all_pictures(tmp_path):
    told = []
    load(tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (6, 6)


@pytest.mark.slow
def test_processes_draw_the_same_pictures_as_one(tmp_path):
    several = portraits.load(220, 32, cache=tmp_path / "a", workers=2, progress=False)
    one = portraits.load(220, 32, cache=tmp_path / "b", workers=1, progress=False)
    assert np.array_equal(several.images, one.images)


@pytest.mark.parametrize("cache", [Path("/dev/null"), Path("/dev/null/stylescope")])
def test_pictures_are_drawn_and_one_line_says_so_where_there_can_be_no_cache(tmp_path, capsys, cache):
    drawn = load(cache).images
    assert np.array_equal(drawn, load(tmp_path).images)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("the pictures are not kept")


def test_pictures_are_drawn_where_the_cache_cannot_be_written(tmp_path, capsys, monkeypatch):
    def full(path):
        raise StylescopeError(f"cannot write {path} (no space left)", "free some space")

    monkeypatch.setattr(dataset, "write_atomically", full)
    assert len(load(tmp_path).images) == 6
    assert "(no space left)" in capsys.readouterr().err


def test_more_pictures_than_memory_can_hold_are_refused_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "_draw_chunk", lambda _: pytest.fail("drawn"))

    def empty(shape, dtype):
        raise MemoryError  # whatever the system promises

    monkeypatch.setattr(dataset.np, "empty", empty)
    with pytest.raises(TrainingError, match=r"1,000,000,000 portraits of 32x32 need 3,072\.0 GB .* - .*data_count"):
        portraits.load(10**9, 32, cache=tmp_path, progress=False)
