"""A session's file: the history of recipes and timelines with its models, the locks, and what else a window adds.

    {"stylescope_session": 1, "position": 2, "models": [{"path": "...", "family": "...", "settings": {...}, ...}],
     "steps": [{"label": "psi 0.50", "recipe": {...}, "timeline": 0, "asides": [0]}, ...], "timelines": [{...}],
     "asides": [["mix_grid", {...}]], "locks": ["noise 32"]}

A timeline, or what a view keeps aside, is written once, however many steps have it. Other entries ("gallery") are kept
as they are: they are checked by what shows them. Programs up to November 2026 had locks and asides ("mix_grid") there
only, one for all steps. A session from somebody else is hostile until it is a Saved: recipes and timelines check
themselves, a model is described by its family. The window and `video --session` read by this one reader.
"""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from engine import asides, open_model, recipe_json
from engine.asides import Asides
from engine.errors import RecipeError, StylescopeError, clipped
from engine.files import strict_json
from engine.files.atomic import write_atomically
from engine.open_model import AGAIN, OpenModel
from engine.recipe import Recipe
from engine.timeline import text as timeline_text
from engine.timeline.value import EMPTY, Timeline

VERSION = 1
KEY = "stylescope_session"
SUFFIX = ".stylescope.json"
KEPT = 500  # steps before and behind the present one
MAX_BYTES = 320 * 2**20  # of a file: a full gallery has pictures
MAX_TEXT = 16 * 2**20  # characters of all steps that are written: saved latents of large models are long
MAX_LABEL = 200
MAX_LOCKS = 100
MAX_ASIDES = 20  # of a step
OWN = (KEY, "position", "steps", "timelines", "asides", "models", "locks")

Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class SavedStep:
    """What there was after an edit, and what the edit is called."""

    label: str
    recipe: Recipe
    timeline: Timeline = EMPTY
    asides: Asides = asides.NONE


@dataclass(frozen=True, slots=True)
class Saved:
    """All that a session's file holds."""

    steps: tuple[SavedStep, ...]
    position: int  # index of the present step
    models: Mapping[str, OpenModel]  # content id -> the model of every step
    locks: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)  # JSON of other parts, by their keys

    @property
    def present(self) -> SavedStep:
        """What was shown."""
        return self.steps[self.position]

    @property
    def model(self) -> OpenModel:
        """The model of what was shown."""
        return self.models[self.present.recipe.model.content_id]


def dumps(saved: Saved) -> str:
    """The text. Of a very long history the steps that are farthest from the present one are left out."""
    first, last = _span(saved.steps, saved.position)
    steps = saved.steps[first:last]
    timelines = _numbered(s.timeline for s in steps if s.timeline != EMPTY)
    kept = _numbered(aside for s in steps for aside in s.asides)
    wanted = dict.fromkeys(step.recipe.model.content_id for step in steps)
    whole = {
        KEY: VERSION,
        "position": saved.position - first,
        "locks": sorted(saved.locks),
        **{key: value for key, value in saved.extra.items() if key not in OWN},
        "models": [open_model.to_dict(saved.models[content_id]) for content_id in wanted],
    }
    text = json.dumps(whole, separators=(",", ":"))  # ASCII: a file may hold what UTF-8 cannot say
    told, aside = ",\n".join(map(_timeline_text, timelines)), ",\n".join(map(asides.to_text, kept))
    lines = ",\n".join(f"{_step_text(s.label, s.recipe)}{_numbers(s, timelines, kept)}}}" for s in steps)
    return f'{text[:-1]},"timelines":[{told}],"asides":[{aside}],"steps":[\n{lines}\n]}}\n'


def loads(text: str, name: str = "the session") -> Saved:
    """The session of a text. Raises StylescopeError with one clear sentence, which has the name, for anything else."""
    name = clipped(name, 60)
    with named(name):
        return _loaded(text, name)


@contextlib.contextmanager
def named(name: str) -> Iterator[None]:
    """Errors of a recipe, a model or a timeline in a session know nothing of its file: they get the name."""
    try:
        yield
    except StylescopeError as error:
        raise error if name in error.what else RecipeError(f"{name}: {error.what}", error.remedy) from None


def _loaded(text: str, name: str) -> Saved:
    try:
        data = strict_json.parse(text)
    except strict_json.NotStrict as error:
        raise RecipeError(f"{name} is no JSON ({clipped(error, 60)})", AGAIN) from None
    if not isinstance(data, dict) or not isinstance(data.get(KEY), int) or isinstance(data[KEY], bool):
        raise RecipeError(f"{name} is no session", AGAIN)
    if data[KEY] > VERSION:
        raise RecipeError(f"{name} is a session of a newer Stylescope", "update Stylescope")
    models = {m.info.content_id: m for m in map(open_model.from_dict, _list(data, "models", name))}
    timelines = [timeline_text.from_dict(entry) for entry in _list(data, "timelines", name)[: 2 * KEPT]]
    kept = _asides(data, name)
    steps = tuple(_step(entry, timelines, kept, name) for entry in _list(data, "steps", name)[: 2 * KEPT])
    position = data.get("position")
    if not steps or isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < len(steps):
        raise RecipeError(f"{name} has no present step", AGAIN)
    shown = {step.recipe for step in steps} | {key.recipe for timeline in timelines for key in timeline.keys}
    if any(recipe.model.content_id not in models for recipe in shown):
        raise RecipeError(f"{name} does not say which model a step of it is for", AGAIN)
    locks = frozenset(clipped(lock, 60) for lock in _list(data, "locks", name)[:MAX_LOCKS])
    extra = {str(key): value for key, value in data.items() if key not in OWN}
    return Saved(steps, position, models, locks, extra)


def read(path: Path) -> Saved:
    """The session in a file. Raises StylescopeError."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would block for ever
            raise RecipeError(f"{clipped(path.name, 60)} is no ordinary file", AGAIN)
        if found.st_size > MAX_BYTES:
            raise RecipeError(f"{clipped(path.name, 60)} is too large for a session", AGAIN)
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        what = f"{clipped(path.name, 60)} cannot be read ({clipped(error, 80)})"
        raise RecipeError(what, AGAIN) from None
    return loads(text, path.name)


def write(text: str, path: Path) -> None:
    """Write the text of a session, whole or not at all. Raises StylescopeError."""
    with write_atomically(path) as file:
        file.write(text.encode())


def _span(steps: Sequence[SavedStep], position: int) -> tuple[int, int]:
    """First step that is kept, and the one behind the last: around the present one, bounded in number and length."""
    first, last = position, position + 1
    seen: set[Hashable] = {EMPTY}
    room = MAX_TEXT - _length(steps[position], seen)
    while room > 0 and (first > 0 or last < len(steps)):
        if first > 0 and position - first < KEPT - 1:
            first -= 1
            room -= _length(steps[first], seen)
        elif last < len(steps) and last - position < KEPT:
            room -= _length(steps[last], seen)
            last += 1
        else:
            break
    return first, last


def _length(step: SavedStep, seen: set[Hashable]) -> int:
    """Characters that a step adds to those whose timelines and asides were seen."""
    length = len(_step_text(step.label, step.recipe))
    if step.timeline not in seen:
        length += len(_timeline_text(step.timeline))
    length += sum(len(asides.to_text(aside)) for aside in step.asides if aside not in seen)
    seen.update((step.timeline, *step.asides))
    return length


def _numbered(things: Iterable[Thing]) -> dict[Thing, int]:
    """The places that things have in the list in which each stands once."""
    return {thing: place for place, thing in enumerate(dict.fromkeys(things))}


@lru_cache(maxsize=4 * KEPT)  # a session is written every few seconds, and all but its last steps are as they were
def _step_text(label: str, recipe: Recipe) -> str:
    """Without its end, where the numbers of its timeline and asides may follow."""
    return f'{{"label":{json.dumps(label)},"recipe":{recipe_json.dumps(recipe)}'


@lru_cache(maxsize=4 * KEPT)
def _timeline_text(timeline: Timeline) -> str:
    return json.dumps(timeline_text.to_dict(timeline), separators=(",", ":"))


def _numbers(step: SavedStep, timelines: Mapping[Timeline, int], kept: Mapping[tuple[str, str], int]) -> str:
    timeline = "" if step.timeline == EMPTY else f',"timeline":{timelines[step.timeline]}'
    return f'{timeline},"asides":{[kept[aside] for aside in step.asides]}' if step.asides else timeline


def _asides(data: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    try:
        return [asides.from_plain(entry) for entry in _list(data, "asides", name)[: 2 * KEPT * MAX_ASIDES]]
    except ValueError:
        raise RecipeError(f"what views keep aside in {name} cannot be read", AGAIN) from None


def _step(entry: object, timelines: Sequence[Timeline], kept: Sequence[tuple[str, str]], name: str) -> SavedStep:
    if not isinstance(entry, dict) or not isinstance(entry.get("label"), str):
        raise RecipeError(f"a step of {name} has no label", AGAIN)
    number, numbers = entry.get("timeline"), _list(entry, "asides", f"a step of {name}")[:MAX_ASIDES]
    if number is not None and not _is_place(number, timelines):
        raise RecipeError(f"a step of {name} has a timeline that is not there", AGAIN)
    if not all(_is_place(number, kept) for number in numbers):
        raise RecipeError(f"a step of {name} keeps aside what is not there", AGAIN)
    timeline = EMPTY if number is None else timelines[number]
    own = tuple(sorted(dict(kept[number] for number in numbers).items()))
    return SavedStep(clipped(entry["label"], MAX_LABEL), recipe_json.from_dict(entry.get("recipe")), timeline, own)


def _is_place(number: object, among: Sequence[object]) -> bool:
    return type(number) is int and 0 <= number < len(among)


def _list(data: Mapping[str, Any], key: str, name: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise RecipeError(f"{key} of {name} is no JSON list", AGAIN)
    return value
