"""A model that somebody opened, as plain data: its header and where it lies. Standard library only.

The description is made anew from the family's settings, which the family checks: a file cannot lie about a model.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine import families
from engine.errors import ModelFileError, RecipeError, StylescopeError, clipped
from engine.family import Description, ModelInfo

MAX_NAMES = 65536  # classes
MAX_TEXT = 4000  # characters
AGAIN = "open a session that Stylescope saved"


@dataclass(frozen=True, slots=True)
class OpenModel:
    """What a model's header says, and where it lies."""

    info: ModelInfo
    path: Path


def to_dict(model: OpenModel) -> dict[str, Any]:
    """What its family cannot tell from its settings, and these."""
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


def from_dict(entry: object) -> OpenModel:
    """A model of plain data. Raises StylescopeError."""
    if not isinstance(entry, dict):
        raise RecipeError("a model of the session is no JSON object", AGAIN)
    texts = {key: entry.get(key, "") for key in ("path", "name", "content_id", "sha256", "licence", "origin")}
    lists = {key: entry.get(key) or [] for key in ("networks", "class_names")}
    plain: dict[str, Any] = {key: entry.get(key) or {} for key in ("settings", "training", "opening")}
    good = all(isinstance(value, str) and len(value) < MAX_TEXT for value in texts.values())
    good &= all(isinstance(value, list) and len(value) <= MAX_NAMES for value in lists.values())
    good = good and all(isinstance(word, str) for value in lists.values() for word in value)
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
