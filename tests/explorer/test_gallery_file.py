"""A gallery's file: plain JSON that is checked, whoever it is from."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from engine import recipe_json
from engine.errors import StylescopeError
from engine.recipe import Recipe
from explorer.gallery_file import MAX_BYTES, MAX_ITEMS, MAX_PNG, MAX_SIDE, SIDE, packed, read

from .test_gallery import picture


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"stylescope_gallery": 2, "items": []}',
        '{"stylescope_gallery": 1, "items": 3}',
        '{"stylescope_gallery": 1, "items": [{"name": 3}]}',
        '{"stylescope_gallery": 1, "items": [{"name": "x"}]}',
        '{"stylescope_gallery": 1, "items": [{"name": "x", "recipe": {"stylescope": 1, "psi": "__import__"}}]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_no_gallery_is_refused_with_a_sentence(home: Path, text: str) -> None:
    path = home / "bad.json"
    path.write_text(text)
    with pytest.raises(StylescopeError):
        read(path)


def test_a_pickle_is_refused(home: Path) -> None:
    import pickle

    (home / "evil.json").write_bytes(pickle.dumps({"stylescope_gallery": 1}))
    with pytest.raises(StylescopeError):
        read(home / "evil.json")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: base64.b64encode(b).decode()))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bad_picture_leaves_the_item_without_one(home: Path, text: str) -> None:
    entry = {"name": "x", "recipe": recipe_json.to_dict(Recipe()), "picture": text}
    (home / "odd.json").write_text(json.dumps({"stylescope_gallery": 1, "items": [entry]}))
    assert read(home / "odd.json")[0].picture.isNull()


def test_a_picture_that_is_too_large_is_not_decoded(home: Path) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture(side=MAX_SIDE + 1).save(buffer, "PNG")
    text = base64.b64encode(buffer.data().data()).decode()
    entry = {"name": "x", "recipe": recipe_json.to_dict(Recipe()), "picture": text}
    (home / "large.json").write_text(json.dumps({"stylescope_gallery": 1, "items": [entry]}))
    assert read(home / "large.json")[0].picture.isNull()


@pytest.mark.parametrize("bad", [False, True])
def test_a_picture_that_takes_much_room_is_made_smaller_so_that_a_full_gallery_can_be_read_again(
    home: Path, bad: bool
) -> None:
    noise = QImage(random.Random(0).randbytes(MAX_SIDE**2 * 4), MAX_SIDE, MAX_SIDE, QImage.Format.Format_RGB32)
    png = packed(noise)
    assert len(png) > MAX_PNG
    text = base64.b64encode(png[:MAX_PNG] + bytes(1000) if bad else png).decode()
    entry = {"name": "x", "recipe": recipe_json.to_dict(Recipe()), "picture": text}
    (home / "much.json").write_text(json.dumps({"stylescope_gallery": 1, "items": [entry]}))
    item = read(home / "much.json")[0]
    assert len(item.png) <= MAX_PNG
    assert 2 * MAX_ITEMS * len(item.png) < MAX_BYTES
    assert bad or max(item.picture.width(), item.picture.height()) == SIDE
