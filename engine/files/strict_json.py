"""JSON as other programs may send it: one reading of every text, or none. Standard library only."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from engine.errors import clipped


class NotStrict(Exception):
    """What is wrong with a text, in a few words."""


def parse(text: str) -> Any:
    """The value of a JSON text: no duplicate keys, no NaN, bounded depth and digits. Raises NotStrict."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise NotStrict("nested too deeply") from None
    except ValueError as error:  # JSONDecodeError is one, as is the error for integers of 5000 digits
        raise NotStrict(clipped(error, 80)) from None


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise NotStrict(f"the entry {clipped(repr(key), 60)} stands twice")
        result[key] = value
    return result


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrict(f"{clipped(text, 40)} is too large for a number")
    return number


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"it holds {name}, which is no number")
