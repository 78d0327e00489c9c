"""What was liked, newest first: every change is kept and can be undone. Its file is in gallery_file.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from engine.errors import StylescopeError, clipped
from engine.recipe import Recipe
from explorer.gallery_file import MAX_ITEMS, SIDE, Liked, named, packed, read, write
from explorer.queue import scaled
from explorer.writer import Writer

SHORT = 20  # characters of a name in what is said of a change
MAX_CHANGES = 100  # that can be undone
MIME = "application/x-stylescope-recipe"  # JSON of one recipe, while it is dragged


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, and what there was before."""

    words: str
    before: tuple[Liked, ...]
    told: bool = True  # whether it is worth a line: a like is seen, and deleted as easily as undone


class Gallery(QObject):
    """The items, newest first. Every change is on its way to the disk at once, on another thread; it says why when that
    fails.

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
        self._writer = Writer("gallery", self)
        self._writer.failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
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
        item = known[0] if known else Liked(named(name), recipe, packed(scaled(picture, SIDE)))
        items = (item, *(other for other in self._items if other is not item))
        if len(items) > MAX_ITEMS:
            words = f"{clipped(items[-1].name, SHORT)} made room: {MAX_ITEMS} at most"
            self._change(words, items[:MAX_ITEMS])
        elif items != self._items:
            self._change(f"{item.name} liked", items, told=False)

    def rename(self, item: Liked, name: str) -> None:
        """An empty name changes nothing."""
        if name.strip() and name != item.name:
            new = replace(item, name=named(name))
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

    def add_from(self, path: Path) -> str:
        """As `add`, of a file's items. Raises StylescopeError."""
        return self.add(read(path))

    def add(self, items: Iterable[Liked]) -> str:
        """Add the states that are new, behind those that are there; what became of them, in words."""
        have = {item.recipe for item in self._items}
        new = {item.recipe: item for item in items if item.recipe not in have}
        fitting = list(new.values())[: MAX_ITEMS - len(self._items)]
        if fitting:
            self._change(f"{len(fitting)} added", (*self._items, *fitting))
        left = len(new) - len(fitting)
        full = f", {left} left out: it holds {MAX_ITEMS} at most" if left else ""
        return f"{len(fitting)} new in the gallery{full}"

    def write(self, path: Path) -> None:
        """Write all items into a file. Raises StylescopeError."""
        write(self._items, path)

    def flush(self) -> None:
        """Wait until all that was done is on the disk: the window closes."""
        self._writer.flush()

    def _change(self, words: str, items: tuple[Liked, ...], told: bool = True) -> None:
        self._past, self._future = (*self._past, Change(words, self._items, told))[-MAX_CHANGES:], ()
        self._set(items)

    def _set(self, items: tuple[Liked, ...]) -> None:
        self._items = items
        self._writer.write(partial(self._keep, items))
        self.changed.emit()

    def _keep(self, items: tuple[Liked, ...]) -> None:
        """On the writer's thread, and nowhere else."""
        if self._damaged:
            self._path.replace(self._path.with_suffix(".damaged.json"))
            self._damaged = False
        write(items, self._path)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self.failed.emit(f"The gallery is not written: {reason}")
