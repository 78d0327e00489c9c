"""What was liked: recipes with a name and a small picture, in a plain JSON file. A gallery from somebody else is text
that is checked like any other; nothing in it can run.

    {"stylescope_gallery": 1, "items": [{"name": "...", "recipe": {...}, "picture": "base64 of a small PNG"}, ...]}
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal
from PySide6.QtGui import QImage, QImageReader

from engine import recipe_json
from engine.errors import RecipeError, StylescopeError, clipped
from engine.files.atomic import write_atomically
from engine.recipe import Recipe
from explorer.queue import scaled

VERSION = 1
KEY = "stylescope_gallery"  # the first of its file
SIDE = 128  # pixels, the longer side of a kept picture
MAX_SIDE = 512  # of a picture in a file from outside
MAX_ITEMS = 2000
MAX_NAME = 80  # characters
SHORT = 20  # characters of a name in what is said of a change
MAX_CHANGES = 100  # that can be undone
MAX_BYTES = 256 * 2**20  # of a file
MIME = "application/x-stylescope-recipe"  # JSON of one recipe, while it is dragged


@dataclass(frozen=True, slots=True, eq=False)
class Liked:
    """One item. Items are told apart by who they are: the same state may be liked twice."""

    name: str
    recipe: Recipe
    picture: QImage  # null: there was none


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, and what there was before."""

    words: str
    before: tuple[Liked, ...]
    told: bool = True  # whether it is worth a line: a like is seen, and deleted as easily as undone


class Gallery(QObject):
    """The items, newest first. Every change is written at once; it says why when that fails.

    Its changes are undone here, not in the document's history: going back there to a state before a like, to begin
    anew from it, must not lose what was liked since.
    """

    changed = Signal()
    failed = Signal(str)  # a sentence: the change is shown but not written

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._items: tuple[Liked, ...] = ()
        self._past: tuple[Change, ...] = ()
        self._future: tuple[Change, ...] = ()
        self._damaged = False
        if path.exists():
            try:
                self._items = read(path)
            except StylescopeError:
                self._damaged = True  # it is kept beside before it is written over

    @property
    def items(self) -> tuple[Liked, ...]:
        return self._items

    @property
    def done(self) -> Change | None:
        """What was done last and can be undone."""
        return self._past[-1] if self._past else None

    @property
    def undone(self) -> Change | None:
        """What was undone last and can be done again."""
        return self._future[-1] if self._future else None

    def like(self, name: str, recipe: Recipe, picture: QImage) -> None:
        """Keep a state; one that is there already comes to the front, with the name that it has."""
        known = [item for item in self._items if item.recipe == recipe]
        item = known[0] if known else Liked(_named(name), recipe, scaled(picture, SIDE))
        items = (item, *(other for other in self._items if other is not item))[:MAX_ITEMS]
        if items != self._items:
            self._change(f"{item.name} liked", items, told=False)

    def rename(self, item: Liked, name: str) -> None:
        """An empty name changes nothing."""
        if name.strip() and name != item.name:
            new = replace(item, name=_named(name))
            items = tuple(new if other is item else other for other in self._items)
            self._change(f"{clipped(item.name, SHORT)} renamed", items)

    def delete(self, item: Liked) -> None:
        """Take an item away."""
        if item in self._items:
            items = tuple(other for other in self._items if other is not item)
            self._change(f"{clipped(item.name, SHORT)} deleted", items)

    def undo(self) -> None:
        """Take back what was done last."""
        if self._past:
            last, self._past = self._past[-1], self._past[:-1]
            self._future = (*self._future, replace(last, before=self._items))
            self._set(last.before)

    def redo(self) -> None:
        """Do again what was undone last."""
        if self._future:
            last, self._future = self._future[-1], self._future[:-1]
            self._past = (*self._past, replace(last, before=self._items))
            self._set(last.before)

    def add_from(self, path: Path) -> int:
        """Add the items of a file behind those that are there; how many were new. Raises StylescopeError."""
        return self.add(read(path))

    def add(self, items: Iterable[Liked]) -> int:
        """Add items behind those that are there; how many were new."""
        have = {(item.name, item.recipe) for item in self._items}
        new = [item for item in items if (item.name, item.recipe) not in have]
        if new:
            self._change(f"{len(new)} added", (*self._items, *new)[:MAX_ITEMS])
        return len(new)

    def write(self, path: Path) -> None:
        """Write all items into a file. Raises StylescopeError."""
        with write_atomically(path) as file:
            file.write(to_json(self._items).encode())

    def _change(self, words: str, items: tuple[Liked, ...], told: bool = True) -> None:
        self._past, self._future = (*self._past, Change(words, self._items, told))[-MAX_CHANGES:], ()
        self._set(items)

    def _set(self, items: tuple[Liked, ...]) -> None:
        self._items = items
        self.changed.emit()
        try:
            if self._damaged:
                self._path.replace(self._path.with_suffix(".damaged.json"))
                self._damaged = False
            self.write(self._path)
        except (StylescopeError, OSError) as error:
            self.failed.emit(f"The gallery is not written: {error}")


def to_json(items: tuple[Liked, ...]) -> str:
    """The text of a gallery's file."""
    return json.dumps({KEY: VERSION, "items": to_plain(items)}, indent=1, ensure_ascii=False)


def to_plain(items: Iterable[Liked]) -> list[dict[str, Any]]:
    """Items as JSON knows them."""
    return [
        {"name": item.name, "recipe": recipe_json.to_dict(item.recipe), "picture": _encoded(item.picture)}
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
    return Liked(_named(entry["name"]), recipe_json.from_dict(entry.get("recipe")), _decoded(entry.get("picture")))


def _named(text: str) -> str:
    return clipped(" ".join(text.split()), MAX_NAME) or "unnamed"


def _encoded(picture: QImage) -> str:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]  # its stub wants bytes, the binding itself text
    return base64.b64encode(data.data()).decode()


def _decoded(text: Any) -> QImage:
    """A small PNG, or a null picture for anything else: it only decorates."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    reader = QImageReader(buffer, QByteArray(b"png"))
    size = reader.size()  # from the header: nothing is decoded of what is too large
    if not size.isValid() or max(size.width(), size.height()) > MAX_SIDE:
        return QImage()
    return reader.read()
