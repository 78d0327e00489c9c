"""Ctrl+K: every action of the menus by its name, those that were used last first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from explorer.controls.finder import Entry, Finder
from explorer.settings import Settings

WIDTH = 480  # px


def words_of(action: QAction) -> str:
    """What an action is called, without what it would undo just now."""
    return str(action.data() or action.text()).replace("&", "").replace(" ...", "")


def keys_of(action: QAction) -> str:
    """Its shortcuts as the system writes them."""
    return ", ".join(k.toString(QKeySequence.SequenceFormat.NativeText) for k in action.shortcuts())


def open_palette(actions: Sequence[tuple[str, QAction]], settings: Settings, window: QWidget) -> Finder:
    """Show it over a window; what is taken is run, and remembered."""
    recent = {name: place for place, name in enumerate(settings.recent_actions)}
    ordered = sorted(actions, key=lambda pair: recent.get(words_of(pair[1]), len(recent)))
    entries = [Entry(words_of(action), _hint(menu, action), action.isEnabled()) for menu, action in ordered]
    finder = Finder(entries, "What do you want to do?", window)
    finder.setObjectName("finder")
    finder.setAccessibleName("Command palette")

    def run(number: int) -> None:
        action = ordered[number][1]
        settings.add_recent_action(words_of(action))
        action.trigger()

    finder.taken.connect(run)
    finder.open_over(window, WIDTH)
    return finder


def _hint(menu: str, action: QAction) -> str:
    keys = keys_of(action)
    return f"{menu}    {keys}" if keys else menu
