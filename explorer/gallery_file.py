"""A gallery's items and its file: recipes with a name and a small picture, in plain JSON. A gallery from somebody
else is text that is checked like any other; nothing in it can run.

    {"stylescope_gallery": 1, "items": [{"name": "...", "recipe": {...}, "picture": "base64 of a small PNG"}, ...]}

A picture is packed once, when it is liked, and unpacked when it is first looked at.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageReader

from engine import recipe_json
from engine.errors import RecipeError, clipped
from engine.files.atomic import write_atomically
from engine.recipe import Recipe
from explorer.queue import scaled

VERSION = 1
KEY = "stylescope_gallery"  # the first of its file
SIDE = 128  # pixels, the longer side of a kept picture
MAX_SIDE = 512  # of a picture in a file from outside
MAX_PNG = 100_000  # bytes of one; more than a picture of 128x128 can have
MAX_ITEMS = 2000
MAX_NAME = 80  # characters
MAX_BYTES = 512 * 2**20  # of a file: more than is written of a full gallery with saved latents of large models


@dataclass(frozen=True, eq=False)
class Liked:
    """One item: itself and no other, whatever another holds, for a file of somebody else may hold a state twice."""

    name: str
    recipe: Recipe
    png: bytes = b""  # its picture as it is kept; empty: there was none

    @cached_property
    def picture(self) -> QImage:
        """What is shown; null where there is none, or none that can be read."""
        return _unpacked(self.png)


def write(items: tuple[Liked, ...], path: Path) -> None:
    """Write a gallery's file. Raises StylescopeError."""
    with write_atomically(path) as file:
        file.writelines(_lines(items))


def _lines(items: tuple[Liked, ...]) -> Iterator[bytes]:
    """The text of a gallery's file, a line for each item: never as a whole, for it may be large."""
    yield f'{{"{KEY}": {VERSION}, "items": ['.encode()
    for number, item in enumerate(items):
        plain = {"name": item.name, "recipe": recipe_json.to_dict(item.recipe)}
        text = json.dumps(plain, ensure_ascii=False).removesuffix("}")
        yield f'{"," if number else ""}\n{text}, "picture": "'.encode()
        yield base64.b64encode(item.png)  # as it is: it needs no quoting, which would take longer than all the rest
        yield b'"}'
    yield b"\n]}\n"


def to_plain(items: Iterable[Liked]) -> list[dict[str, Any]]:
    """Items as JSON knows them."""
    return [
        {
            "name": item.name,
            "recipe": recipe_json.to_dict(item.recipe),
            "picture": base64.b64encode(item.png).decode(),
        }
        for item in items
    ]


def read(path: Path) -> tuple[Liked, ...]:
    """The items of a file. Raises StylescopeError with one sentence for anything else than a gallery."""
    name = clipped(path.name, 60)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecipeError(f"{name} is too large for a gallery", "choose another file")
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"{name} is no gallery ({clipped(error, 60)})", "choose a file that was exported") from None
    if not isinstance(data, dict) or data.get(KEY) != VERSION:
        raise RecipeError(f"{name} is no gallery of this version", "choose a file that was exported")
    return from_plain(data.get("items"), name)


def from_plain(entries: object, name: str) -> tuple[Liked, ...]:
    """The items of plain JSON data from a file of that name. Raises StylescopeError."""
    name = clipped(name, 60)
    if not isinstance(entries, list) or len(entries) > MAX_ITEMS:
        raise RecipeError(f"{name} has no list of up to {MAX_ITEMS} items", "choose a file that was exported")
    return tuple(_item(entry, name) for entry in entries)


def _item(entry: Any, file: str) -> Liked:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise RecipeError(f"an item of {file} has no name", "choose a file that was exported")
    return Liked(named(entry["name"]), recipe_json.from_dict(entry.get("recipe")), _png(entry.get("picture")))


def named(text: str) -> str:
    """A name of one short line, whatever was given."""
    return clipped(" ".join(text.split()), MAX_NAME) or "unnamed"


def packed(picture: QImage) -> bytes:
    """A picture as a PNG; empty for a null one."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]  # its stub wants bytes, the binding itself text
    return bytes(buffer.data().data())


def _png(text: Any) -> bytes:
    """A small PNG of a file; empty for anything else: it only decorates. Its header tells, and nothing is unpacked yet
    but what is so large that a gallery of it could not be read again."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    size = QImageReader(buffer, QByteArray(b"png")).size()
    if not size.isValid() or max(size.width(), size.height()) > MAX_SIDE:
        return b""
    return data if len(data) <= MAX_PNG else packed(scaled(_unpacked(data), SIDE))


def _unpacked(png: bytes) -> QImage:
    return QImage.fromData(png, "PNG")  # type: ignore[arg-type]  # as in `packed`
