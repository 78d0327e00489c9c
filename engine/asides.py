"""What views keep beside the picture (the mix grid's sources, what is locked), as a part of every step of a history.

Each is the JSON text of a value under a name: texts can be compared, hashed and written as they are, and nobody can
change one that a step of the past holds. What is as a view has it by itself is no aside at all. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.errors import clipped

Asides = tuple[tuple[str, str], ...]  # names and texts, ascending by name

NONE: Asides = ()
MAX_NAME = 60  # characters
MAX_TEXT = 2 * 2**20  # of one: a grid of saved latents of a large model


def changed(asides: Asides, values: Mapping[str, Any]) -> Asides:
    """With other values; None takes one away. Raises ValueError for what is no JSON, or nested too deeply."""
    texts = dict(asides)
    for name, value in values.items():
        texts.pop(name, None)
        if value is not None:
            texts[name] = _text(value)
    return tuple(sorted(texts.items()))


def value_of(asides: Asides, name: str) -> Any:
    """A value by its name, None where there is none: checked by nobody, as it may be from a file."""
    text = dict(asides).get(name)
    try:
        return None if text is None else json.loads(text)
    except RecursionError:  # read where there was more room for what is nested
        return None


def to_text(aside: tuple[str, str]) -> str:
    """One of them as a file has it: `["name", value]`."""
    name, text = aside
    return f"[{json.dumps(name)},{text}]"


def from_plain(entry: object) -> tuple[str, str]:
    """One of a file that was parsed. Raises ValueError."""
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str) or entry[1] is None:
        raise ValueError("no name and value")
    text = _text(entry[1])
    if len(text) > MAX_TEXT:
        raise ValueError("too long")
    return clipped(entry[0], MAX_NAME), text


def _text(value: Any) -> str:
    """Of equal values the same; ASCII, as a file may hold what UTF-8 cannot say."""
    try:
        return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except TypeError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
