"""Timeline <-> JSON data, version 1. Data from outside is hostile until it is a Timeline. Standard library only.

Missing entries take the timeline's defaults; unknown ones are refused, so that a misspelt one is not silently ignored.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from engine import recipe_json
from engine.errors import RecipeError, clipped
from engine.timeline.value import MAX_KEYS, Keyframe, Timeline

KEY = "stylescope_timeline"
VERSION = 1
AGAIN = "give a timeline that Stylescope wrote"
RATE = re.compile(r"\d{1,7}(/[1-9]\d{0,6}|\.\d{1,6})?", re.ASCII)


def to_dict(timeline: Timeline) -> dict[str, Any]:
    """Plain data that `from_dict` turns into an equal timeline."""
    return {
        KEY: VERSION,
        "seconds": timeline.seconds,
        "fps": str(timeline.fps),
        "loop": timeline.loop,
        "noise": timeline.noise,
        "noise_seed": timeline.noise_seed,
        "curves": dict(timeline.curves),
        "keys": [{"time": key.time, "recipe": recipe_json.to_dict(key.recipe)} for key in timeline.keys],
    }


def from_dict(data: object) -> Timeline:
    """The timeline of plain JSON data. Raises RecipeError with one clear sentence for anything else."""
    top = _object(data, "the timeline", KEY, "seconds", "fps", "loop", "noise", "noise_seed", "curves", "keys")
    version = top.pop(KEY, None)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise RecipeError("that is no timeline", AGAIN)
    if version > VERSION:
        raise RecipeError(f"the timeline is of version {clipped(version, 20)}, newer than this program", "update it")
    keys, curves = top.get("keys", []), _object(top.get("curves", {}), "the timeline's curves")
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise RecipeError(f"the timeline has no list of up to {MAX_KEYS} keyframes", AGAIN)
    if not isinstance(top.get("loop", False), bool) or not isinstance(top.get("noise_seed", 0), int):
        raise RecipeError("the timeline holds something of the wrong type", AGAIN)
    if not all(isinstance(text, str) for text in (top.get("noise", ""), *curves.values())):
        raise RecipeError("the timeline holds something of the wrong type", AGAIN)
    top |= {"keys": tuple(map(_key, keys)), "curves": tuple(curves.items())}
    if "fps" in top:
        top["fps"] = _rate(top["fps"])
    return Timeline(**top)  # it checks what it is given


def _key(data: object) -> Keyframe:
    entry = _object(data, "a keyframe", "time", "recipe")
    return Keyframe(time=entry.get("time", 0.0), recipe=recipe_json.from_dict(entry.get("recipe")))


def _rate(value: object) -> Fraction:
    text = str(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
    if len(text) > 20 or not RATE.fullmatch(text):
        raise RecipeError("the timeline's rate is no number of frames a second", "give one such as 30 or 30000/1001")
    return Fraction(text)


def _object(value: object, what: str, *keys: str) -> dict[str, Any]:
    """A JSON object, of these entries if any are named."""
    if not isinstance(value, dict):
        raise RecipeError(f"{what} is not a JSON object", AGAIN)
    unknown = [key for key in value if keys and key not in keys]
    if unknown:
        raise RecipeError(f"{what} has an unknown entry {clipped(repr(unknown[0]), 60)}", "remove or correct it")
    return dict(value)
