"""What the menus do with the timeline. Its view is turned to first; only a keyframe is kept without looking at it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QMenu

from explorer import timeline_edits
from explorer.menus import Menus

if TYPE_CHECKING:
    from explorer.window import Window

VIEW = "timeline"  # name of its tab


def add_to(menu: QMenu, menus: Menus, window: Window) -> None:
    """All entries."""
    menus.add(menu, "&Add a keyframe", partial(_keep, window), "K", model=True)
    for text, button, keys in (
        ("&Duplicate the keyframe", "timeline_duplicate", "Ctrl+D"),
        ("&Update the keyframe", "timeline_update", "U"),
        ("D&elete the keyframe", "timeline_delete", "Shift+K"),
        ("&Play the timeline, or stop", "timeline_play", "T"),
        ("&Loop the timeline", "timeline_loop", "Shift+T"),
    ):
        menus.add(menu, text, partial(_press, window, button), keys, model=True)


def _keep(window: Window) -> None:
    """A keyframe at the playhead that is seen, else behind the last."""
    if window.document is None:
        return
    if window.stage.current == VIEW:
        _press(window, "timeline_add")
    else:
        time = timeline_edits.append(window.document)
        window.status_line.say(f"Keyframe {len(window.document.timeline.keys)} at {time:.2f} s")


def _press(window: Window, name: str) -> None:
    """What a button of the view does."""
    window.stage.turn_to(VIEW)
    button = window.stage.findChild(QAbstractButton, name)
    if button is not None:
        button.click()
