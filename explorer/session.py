"""A session as a text: the history of recipes with its models, the locks, and what other parts of the window add.

    {"stylescope_session": 1, "position": 2, "steps": [{"label": "psi 0.50", "recipe": {...}}, ...],
     "models": [{"path": "...", "family": "...", "settings": {...}, "content_id": "...", ...}], "locks": ["noise 32"]}

Other keys ("gallery", "timeline") are kept as they are. The same format is the file that a user saves and the one that
the window keeps by itself. A session from somebody else is hostile until it is a Session: recipes check themselves, a
model's description comes from its settings by way of its family, which checks those, and its content id is compared
when the file is opened. Knows no widget.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import families, recipe_json
from engine.errors import ModelFileError, RecipeError, StylescopeError, clipped
from engine.family import Description, ModelInfo
from engine.files.atomic import write_atomically
from engine.recipe import Recipe
from explorer.document import Document, OpenModel
from explorer.history import History, Step

VERSION = 1
KEY = "stylescope_session"
SUFFIX = ".stylescope.json"
KEPT = 500  # steps before and behind the present one
MAX_BYTES = 64 * 2**20  # of a file
MAX_TEXT = 16 * 2**20  # characters of all steps that are written: saved latents of large models are long
MAX_LABEL = 200
MAX_NAMES = 65536  # classes
OWN = (KEY, "position", "steps", "models", "locks")
AGAIN = "open a session that Stylescope saved"


@dataclass(frozen=True, slots=True)
class Session:
    """All that a window shows, but for its look."""

    history: History
    models: Mapping[str, OpenModel]  # content id -> the model of every step
    locks: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)  # JSON of other parts, by their keys

    @property
    def recipe(self) -> Recipe:
        """What is shown."""
        return self.history.present

    @property
    def model(self) -> OpenModel:
        """The model of what is shown."""
        return self.models[self.recipe.model.content_id]


def session_of(document: Document) -> Session:
    """Everything of a document that a session keeps."""
    return Session(document.history, document.models, document.locks)


def dumps(session: Session) -> str:
    """The text. Of a very long history the steps that are farthest from the present one are left out."""
    first, last = _span(session.history)
    steps = session.history.steps[first:last]
    wanted = dict.fromkeys(step.recipe.model.content_id for step in steps)
    whole = {
        KEY: VERSION,
        "position": session.history.position - first,
        "locks": sorted(session.locks),
        **{key: value for key, value in session.extra.items() if key not in OWN},
        "models": [_model_dict(session.models[content_id]) for content_id in wanted],
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return text[:-1] + ',"steps":[\n' + ",\n".join(map(_step_text, steps)) + "\n]}\n"


def loads(text: str, name: str = "the session") -> Session:
    """The session of a text. Raises StylescopeError with one clear sentence for anything else."""
    name = clipped(name, 60)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{name} is no JSON ({clipped(error, 60)})", AGAIN) from None
    if not isinstance(data, dict) or not isinstance(data.get(KEY), int) or isinstance(data[KEY], bool):
        raise RecipeError(f"{name} is no session", AGAIN)
    if data[KEY] > VERSION:
        raise RecipeError(f"{name} is a session of a newer Stylescope", "update Stylescope")
    models = {m.info.content_id: m for m in map(_model, _list(data, "models", name))}
    steps = tuple(_step(entry, name) for entry in _list(data, "steps", name)[: 2 * KEPT])
    position = data.get("position")
    if not steps or isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < len(steps):
        raise RecipeError(f"{name} has no present step", AGAIN)
    if any(step.recipe.model.content_id not in models for step in steps):
        raise RecipeError(f"{name} does not say which model a step of it is for", AGAIN)
    locks = frozenset(clipped(lock, 60) for lock in _list(data, "locks", name)[:100])
    extra = {str(key): value for key, value in data.items() if key not in OWN}
    return Session(History(steps, position), models, locks, extra)


def read(path: Path) -> Session:
    """The session in a file. Raises StylescopeError."""
    try:
        if path.stat().st_size > MAX_BYTES:
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


def _span(history: History) -> tuple[int, int]:
    """First step that is kept, and the one behind the last: around the present one, bounded in number and length."""
    first = last = history.position
    room = MAX_TEXT - len(_step_text(history.steps[first]))
    last += 1
    while room > 0 and (first > 0 or last < len(history.steps)):
        if first > 0 and history.position - first < KEPT - 1:
            first -= 1
            room -= len(_step_text(history.steps[first]))
        elif last < len(history.steps) and last - history.position < KEPT:
            room -= len(_step_text(history.steps[last]))
            last += 1
        else:
            break
    return first, last


@lru_cache(maxsize=4 * KEPT)  # a session is written every few seconds, and all but its last steps are as they were
def _step_text(step: Step) -> str:
    label = json.dumps(step.label, ensure_ascii=False)
    return f'{{"label":{label},"recipe":{recipe_json.dumps(step.recipe)}}}'


def _step(entry: object, name: str) -> Step:
    if not isinstance(entry, dict) or not isinstance(entry.get("label"), str):
        raise RecipeError(f"a step of {name} has no label", AGAIN)
    return Step(clipped(entry["label"], MAX_LABEL), recipe_json.from_dict(entry.get("recipe")))


def _model_dict(model: OpenModel) -> dict[str, Any]:
    """What its family cannot tell from its settings."""
    info = model.info
    return {
        "path": str(model.path.absolute()),
        "name": info.name,
        "family": info.family,
        "settings": dict(info.settings),
        "content_id": info.content_id,
        "sha256": info.sha256,
        "networks": list(info.networks),
        "class_names": list(info.class_names),
        "licence": info.licence,
        "origin": info.origin,
        "training": dict(info.training),
        "opening": None if info.opening is None else dict(info.opening),
    }


def _model(entry: object) -> OpenModel:
    """A model's description, made anew from its settings. Raises StylescopeError."""
    if not isinstance(entry, dict):
        raise RecipeError("a model of the session is no JSON object", AGAIN)
    texts = {key: entry.get(key, "") for key in ("path", "name", "content_id", "sha256", "licence", "origin")}
    lists = {key: entry.get(key) or [] for key in ("networks", "class_names")}
    plain: dict[str, Any] = {key: entry.get(key) or {} for key in ("settings", "training", "opening")}
    good = all(isinstance(value, str) and len(value) < 4000 for value in texts.values())
    good &= all(isinstance(value, list) and len(value) <= MAX_NAMES for value in lists.values())
    good &= all(isinstance(word, str) for value in lists.values() for word in value)
    if not good or not all(isinstance(value, dict) for value in plain.values()) or not lists["networks"]:
        raise RecipeError("a model of the session is not described as it should be", AGAIN)
    name = entry.get("family")
    try:
        description = families.family(name if isinstance(name, str) else "").describe(plain["settings"])
    except StylescopeError:
        raise
    except Exception as error:  # settings of unfit types
        raise ModelFileError(f"a model of the session has unfit settings ({clipped(error, 60)})", AGAIN) from None
    told = {f.name: getattr(description, f.name) for f in fields(Description) if f.name != "tensors"}
    if len(lists["class_names"]) not in (0, description.classes):
        lists["class_names"] = []
    path = Path(texts.pop("path"))
    plain["opening"] = plain["opening"] or None
    words = {key: tuple(value) for key, value in lists.items()}
    everything: dict[str, Any] = {"family": name, **texts, **words, **plain, **told}
    return OpenModel(ModelInfo(**everything), path)


def _list(data: Mapping[str, Any], key: str, name: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise RecipeError(f"{key} of {name} is no JSON list", AGAIN)
    return value
