"""How deep and how large a value out of a file is, and plain copies of small ones.

A few bytes of a pickle can name the same thing again and again, so that walking through it never ends, or let it hold
itself. Nothing is walked, copied or shown before it went through here.
"""

from __future__ import annotations

from typing import Any

from engine.errors import clipped
from engine.files.source import Damage
from engine.files.values import Record, kind_of

MAX_DEPTH = 64
MAX_THINGS = 300_000  # each counted as often as it is reached
MAX_LENGTH = 1024  # of a list or dict in a setting
MAX_SETTING = 10_000  # things in a setting
MAX_TEXT = 1000  # characters in a setting


def check(value: object, what: str) -> None:
    """Raise Damage unless everything inside of a value can be walked through, as often as it is reached."""
    left = MAX_THINGS
    path: set[int] = set()  # of what we are inside

    def visit(value: object, depth: int) -> None:
        nonlocal left
        inside = _inside(value)
        if not inside:
            return
        left -= len(inside)
        if depth > MAX_DEPTH or left < 0 or id(value) in path:
            raise Damage(f"{what} is too deep, too large, or contains itself, as in no model")
        path.add(id(value))
        for item in inside:
            visit(item, depth + 1)
        path.remove(id(value))

    visit(value, 0)


def plain(value: object, what: str) -> Any:
    """A copy of a setting, made of None, finite numbers, texts, lists and dicts. Raises Damage for all others."""
    left = MAX_SETTING

    def copy(value: object, what: str) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Damage(f"the setting {clipped(what, 80)} is too large")
        if isinstance(value, (bool, type(None))):
            return value
        if isinstance(value, (int, float)):
            if not abs(value) < 1 << 63:  # also where it is no number; whole ones may be too large to be made a float
                raise Damage(f"the setting {clipped(what, 80)} is infinite, not a number or too large")
            return value
        if isinstance(value, str):
            return value[:MAX_TEXT]
        if isinstance(value, (list, tuple, dict, set)) and len(value) > MAX_LENGTH:
            raise Damage(f"the setting {clipped(what, 80)} is too long")
        if isinstance(value, (list, tuple)):
            return [copy(item, what) for item in value]
        if isinstance(value, dict):
            return {str(key): copy(item, f"{what}.{key}"[-200:].lstrip(".")) for key, item in value.items()}
        raise Damage(f"the setting {clipped(what, 80)} is {kind_of(value)}")

    return copy(value, what)


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, (list, tuple, set)):
        return list(value)
    if isinstance(value, Record) and value.state is not None:
        return [value.state]
    return []
