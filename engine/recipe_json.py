"""Recipe <-> JSON, version 1. Text from outside is hostile until it is a Recipe. Standard library only.

Missing keys take the recipe's defaults, so that a person can write `{"stylescope": 1, "a": {"seed": 7}}`; unknown
keys are refused, so that a misspelt one is not silently ignored.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, TypeVar

from engine import recipe as r
from engine.errors import RecipeError, clipped
from engine.files import strict_json

MAX_TEXT = 4_000_000  # characters; the largest honest recipe (512 wide, 18 layers, two latents, pushes) is far below
T = TypeVar("T")


def dumps(recipe: r.Recipe) -> str:
    """One line of JSON that `loads` turns into an equal recipe."""
    return json.dumps(to_dict(recipe), separators=(",", ":"), ensure_ascii=False)


def loads(text: str) -> r.Recipe:
    """The recipe of a JSON text. Raises RecipeError with one clear sentence for anything else."""
    return from_dict(parse(text))


def parse(text: str) -> Any:
    """Strict JSON: no NaN, no duplicate keys, bounded size and depth. Raises RecipeError."""
    if len(text) > MAX_TEXT:
        raise RecipeError(f"the recipe is longer than {MAX_TEXT} characters", "give a recipe that Stylescope wrote")
    try:
        return strict_json.parse(text)
    except strict_json.NotStrict as error:
        raise RecipeError(f"the recipe is no JSON ({error})", "give a recipe that Stylescope wrote") from None


def to_dict(recipe: r.Recipe) -> dict[str, Any]:
    """Plain dicts, lists, numbers and strings: what JSON knows."""
    mix = recipe.mix
    return {
        "stylescope": r.VERSION,
        "model": {"name": recipe.model.name, "content_id": recipe.model.content_id},
        "a": _source_dict(recipe.a),
        "b": _source_dict(recipe.b),
        "mix": {"t": mix.t, "shares": list(mix.shares), "space": mix.space, "blend": mix.blend},
        "psi": recipe.psi,
        "cutoff": recipe.cutoff,
        "pushes": [
            {
                "name": p.name,
                "direction": r.encoded(p.direction),
                "amount": p.amount,
                "layers": None if p.layers is None else list(p.layers),
            }
            for p in recipe.pushes
        ],
        "noise": [_noise_dict(resolution, setting) for resolution, setting in recipe.noise.settings],
    }


def _source_dict(source: r.Source) -> dict[str, Any]:
    latent: dict[str, Any]
    match source.latent:
        case r.Seed(seed):
            latent = {"seed": seed}
        case r.PlanePoint(x, y):
            latent = {"plane": [x, y]}
        case r.SavedLatent(space, vector):
            latent = {space: r.encoded(vector)}
    return {**latent, "classes": list(source.classes)}


def _noise_dict(resolution: int, setting: r.NoiseSetting) -> dict[str, Any]:
    circle = {} if setting.second is None else {"second": setting.second, "turn": setting.turn}
    return {"resolution": resolution, "seed": setting.seed, "strength": setting.strength, **circle}


def from_dict(data: object) -> r.Recipe:
    """The recipe of plain JSON data. Raises RecipeError."""
    top = _object(data, "the recipe", "stylescope", "model", "a", "b", "mix", "psi", "cutoff", "pushes", "noise")
    version = top.get("stylescope")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise RecipeError("this JSON is no Stylescope recipe", 'a recipe begins {"stylescope": 1, ...}')
    if version > r.VERSION:
        raise RecipeError(f"the recipe is of version {clipped(version, 20)}, newer than this program", "update it")
    fields: dict[str, Any] = {}
    _take(fields, top, "model", _model)
    _take(fields, top, "a", lambda v: _source(v, "source A"))
    _take(fields, top, "b", lambda v: _source(v, "source B"))
    _take(fields, top, "mix", _mix)
    _take(fields, top, "psi", _same)
    _take(fields, top, "cutoff", _same)
    _take(fields, top, "pushes", lambda v: tuple(_push(p) for p in _list(v, "pushes", r.MAX_PUSHES)))
    _take(fields, top, "noise", lambda v: r.Noise(tuple(_noise(n) for n in _list(v, "noise", 64))))
    return r.Recipe(**fields)


def _model(value: object) -> r.ModelRef:
    data = _object(value, "the recipe's model", "name", "content_id")
    return r.ModelRef(**data)


def _source(value: object, what: str) -> r.Source:
    data = _object(value, what, "seed", "plane", "z", "w", "ws", "classes")
    named = [key for key in ("seed", "plane", "z", "w", "ws") if key in data]
    if len(named) != 1:
        raise RecipeError(f"{what} names {len(named)} latents", "give one of seed, plane, z, w, ws")
    classes = tuple(_list(data.get("classes", []), f"classes of {what}", r.MAX_CLASSES))
    return r.Source(_latent(named[0], data[named[0]], what), classes)


def _latent(kind: str, value: object, what: str) -> r.Latent:
    if kind == "seed":
        return r.Seed(value)  # type: ignore[arg-type]  # Seed checks what it is given
    if kind == "plane":
        point = _list(value, f"the plane point of {what}", 2)
        if len(point) != 2:
            raise RecipeError(f"the plane point of {what} is not two numbers", "give [x, y]")
        return r.PlanePoint(*point)
    return r.SavedLatent(kind, _vector(value, f"the latent of {what}"))  # type: ignore[arg-type]


def _mix(value: object) -> r.Mix:
    data = _object(value, "mix", "t", "shares", "space", "blend")
    if "shares" in data:
        data["shares"] = tuple(_list(data["shares"], "mix shares", r.MAX_LAYERS))
    return r.Mix(**data)


def _push(value: object) -> r.Push:
    data = _object(value, "a push", "name", "direction", "amount", "layers")
    layers = data.get("layers")
    return r.Push(
        name=data.get("name", ""),
        direction=_vector(data.get("direction"), "a push's direction"),
        amount=data.get("amount", 0.0),
        layers=None if layers is None else tuple(_list(layers, "a push's layers", r.MAX_LAYERS)),
    )


def _noise(value: object) -> tuple[int, r.NoiseSetting]:
    data = _object(value, "a noise setting", "resolution", "seed", "strength", "second", "turn")
    resolution = data.pop("resolution", None)
    return resolution, r.NoiseSetting(**data)  # Noise checks the resolution


def _vector(value: object, what: str) -> r.Vector:
    data = _object(value, what, "shape", "float32")
    shape = tuple(_list(data.get("shape"), f"the shape of {what}", 2))
    text = data.get("float32")
    if not isinstance(text, str):
        raise RecipeError(f"{what} has no base64 text", "give a recipe that Stylescope wrote")
    try:
        return r.Vector(shape, base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise RecipeError(f"the numbers of {what} are no base64", "give a recipe that Stylescope wrote") from None


def _object(value: object, what: str, *keys: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RecipeError(f"{what} is not a JSON object", "give a recipe that Stylescope wrote")
    for key in value:
        if key not in keys:
            raise RecipeError(f"{what} has an unknown entry {clipped(repr(key), 60)}", "remove or correct it")
    return dict(value)


def _list(value: object, what: str, limit: int) -> list[Any]:
    if not isinstance(value, list):
        raise RecipeError(f"{what} is not a JSON list", "give a recipe that Stylescope wrote")
    if len(value) > limit:
        raise RecipeError(f"{what} has more than {limit} entries", "give a shorter list")
    return value


def _take(fields: dict[str, Any], data: dict[str, Any], key: str, read: Callable[[Any], T]) -> None:
    if key in data:
        fields[key] = read(data[key])


def _same(value: T) -> T:
    return value
