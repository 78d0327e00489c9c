"""Checks of constructor settings. They come from files and may be anything. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeGuard, TypeVar

from engine.errors import ModelFileError, clipped

T = TypeVar("T")


def made(kind: type[T], data: Mapping[str, Any]) -> T:
    """Settings of plain data, such as a file's header. Raises ModelFileError for unknown names and bad values."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(name) for name in data if name not in known)
    if unknown:
        raise ModelFileError(f"unknown network setting {clipped(repr(unknown[0]), 60)}", "update Stylescope")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})


def check(good: bool, name: str, value: object) -> None:
    """Raises ModelFileError unless `good`."""
    if not good:
        raise ModelFileError(f"network setting {name} is {shown(value)}", "the file is damaged or made up")


def check_whole(settings: object, name: str, low: int, high: int, or_none: bool = False) -> None:
    """A whole number in low..high."""
    value = getattr(settings, name)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    check((or_none and value is None) or (is_whole and low <= value <= high), name, value)


def check_number(settings: object, name: str, low: float, high: float, or_none: bool = False) -> None:
    """A number in low..high."""
    value = getattr(settings, name)
    check((or_none and value is None) or (is_number(value) and low <= value <= high), name, value)


def check_bools(settings: object, *names: str) -> None:
    """Each is True or False, and not a number that counts as that."""
    for name in names:
        check(isinstance(getattr(settings, name), bool), name, getattr(settings, name))


def check_choice(settings: object, name: str, choices: tuple[str, ...]) -> None:
    """One of some words."""
    check(getattr(settings, name) in choices, name, getattr(settings, name))


def check_filter(settings: object, name: str, least: int) -> None:
    """The taps of a filter, at least so many and at most 64. It is scaled to a sum of 1, so the sum is not 0."""
    taps = getattr(settings, name)
    check(isinstance(taps, tuple) and least <= len(taps) <= 64, name, taps)
    check(all(is_number(tap) and abs(tap) <= 1e6 for tap in taps), name, taps)
    check(not taps or abs(sum(taps)) > 1e-6, name, taps)


def is_number(value: object) -> TypeGuard[float]:
    """A finite one, within reason."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30


def shown(value: object) -> str:
    """A few characters of a value that may be huge: a number of many digits, a list that holds itself many times."""
    if isinstance(value, str):
        return clipped(repr(value[:40]), 40)
    if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 10**30):
        return repr(value)
    return f"a huge or unfit {type(value).__name__}"
