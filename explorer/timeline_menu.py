"""What the menus do with the timeline. Its view is turned to first; only a keyframe is kept without looking at it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QMenu

from explorer import timeline_edits
from explorer.menus import BUTTON, Menus

if TYPE_CHECKING:
    from explorer.window import Window

VIEW = "timeline"  # name of its tab


def add_to(menu: QMenu, menus: Menus, window: Window) -> None:
    """All entries."""
    menus.add(menu, "&Add a keyframe", partial(_keep, window), "K", model=True)
    menus.add(menu, "&Next keyframe", partial(_go, window, 1), "]", model=True, words="scrub forward")
    menus.add(menu, "Pre&vious keyframe", partial(_go, window, -1), "[", model=True, words="scrub back")
    for text, button, keys, words in (
        ("&Duplicate the keyframe", "timeline_duplicate", "Ctrl+D", "copy"),
        ("&Update the keyframe", "timeline_update", "U", "replace"),
        ("D&elete the keyframe", "timeline_delete", "Shift+K", "remove"),
        ("&Play the timeline, or stop", "timeline_play", "T", "pause"),
        ("&Loop the timeline", "timeline_loop", "Shift+T", "cycle"),
    ):
        action = menus.add(menu, text, partial(_press, window, button), keys, model=True, words=words)
        action.setProperty(BUTTON, button)


def _keep(window: Window) -> None:
    """A keyframe at the playhead that is seen, else behind the last."""
    if window.document is None:
        return
    if window.stage.current == VIEW:
        _press(window, "timeline_add")
    else:
        time = timeline_edits.append(window.document)
        window.status_line.say(f"Keyframe {len(window.document.timeline.keys)} at {time:.2f} s")


def _go(window: Window, sign: int) -> None:
    from explorer.views.timeline_strip import TimelineStrip  # with its view, not before

    window.stage.turn_to(VIEW)
    strip = window.stage.findChild(TimelineStrip)
    if strip is not None:
        strip.go(sign)


def _press(window: Window, name: str) -> None:
    """What a button of the view does."""
    window.stage.turn_to(VIEW)
    button = window.stage.findChild(QAbstractButton, name)
    if button is not None:
        button.click()
