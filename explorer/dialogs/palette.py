"""Ctrl+K: every action of the menus, every model and every control by its name, those that were used last first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from engine import library
from engine.errors import clipped
from explorer.controls.finder import Entry, Finder
from explorer.menus import BUTTON, WORDS
from explorer.reach import Control, controls

if TYPE_CHECKING:
    from explorer.window import Window

WIDTH = 480  # px
Line = tuple[Entry, Callable[[], object]]  # what is read, and what taking it does


def words_of(action: QAction) -> str:
    """What an action is called, without what it would undo just now."""
    return str(action.data() or action.text()).replace("&", "").replace(" ...", "")


def keys_of(action: QAction) -> str:
    """Its shortcuts as the system writes them."""
    return ", ".join(k.toString(QKeySequence.SequenceFormat.NativeText) for k in action.shortcuts())


def open_palette(actions: Sequence[tuple[str, QAction]], window: Window) -> Finder:
    """Show it over a window; what is taken is run, and remembered."""
    recent = {name: place for place, name in enumerate(window.settings.recent_actions)}
    lines = sorted(_lines(actions, window), key=lambda line: recent.get(line[0].text, len(recent)))
    finder = Finder([entry for entry, _ in lines], "What do you want to do, or to change?", window)
    finder.setObjectName("finder")
    finder.setAccessibleName("Command palette")

    def run(number: int) -> None:
        entry, act = lines[number]
        window.settings.add_recent_action(entry.text)
        act()

    finder.taken.connect(run)
    finder.open_over(window, WIDTH)
    return finder


def _lines(actions: Sequence[tuple[str, QAction]], window: Window) -> list[Line]:
    """The actions, and the controls that no action presses."""
    pressed = {action.property(BUTTON) for _, action in actions}
    found: list[Line] = [(_of_action(menu, action), action.trigger) for menu, action in actions]
    return [*found, *_models(window)] + [
        (_of_control(control), partial(control.reach, window))
        for control in controls(window)
        if control.widget.objectName() not in pressed
    ]


def _models(window: Window) -> Iterator[Line]:
    """Those that come with the program, and those that were opened and are there."""
    known = {path: name for name, path in library.bundled().items()}
    known |= {path: path.name for path in window.settings.recent if path.exists() and path not in known}
    for path, name in known.items():
        yield Entry(f"Open {clipped(name, 60)}", "Model"), partial(window.commands.open, path)


def _of_action(menu: str, action: QAction) -> Entry:
    first = keys_of(action).split(", ")[0]
    return Entry(words_of(action), menu, action.isEnabled(), action.property(WORDS) or "", first)


def _of_control(control: Control) -> Entry:
    return Entry(control.name, control.place, control.widget.isEnabled(), control.words)
