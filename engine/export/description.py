"""Films, grids and lists of recipes <-> JSON. Text from outside is hostile until checked.

What equals its default is left out, so that the text of a film is short enough for a tag and for a command line, and
a person can write `{"stylescope_film": 1, "kind": "noise", "paths": [[{"seed": 7}]], "noise_seeds": [1, 2], ...}`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from engine import recipe_json
from engine.errors import RecipeError, clipped
from engine.export.film import Film
from engine.export.grid import Grid
from engine.export.page import Page
from engine.recipe import Recipe, Source
from engine.timeline import text as timeline_text
from engine.timeline.value import Timeline

VERSION = 1
FILM, GRID, PICTURES = "stylescope_film", "stylescope_grid", "stylescope_pictures"  # first key of each text
MAX_RECIPES = 1_000_000

Described = Film | Grid | tuple[Recipe, ...]
Reader = Callable[[object, str], Any]
T = TypeVar("T")


# --- to text


def dumps(what: Film | Grid | Sequence[Recipe]) -> str:
    """One line of JSON that `loads` turns into an equal value. Raises RecipeError when it is too long to be read."""
    if isinstance(what, (Film, Grid)):
        data = {FILM if isinstance(what, Film) else GRID: VERSION, **_plain(what)}
    else:
        base = recipe_json.to_dict(what[0])
        data = {PICTURES: VERSION, "base": base, "recipes": [_difference(recipe, base) for recipe in what]}
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    if len(text) > recipe_json.MAX_TEXT:
        raise RecipeError("the recipes are too long to be kept", "leave some sources, pushes or saved latents away")
    return text


def short(recipe: Recipe) -> str:
    """A recipe's JSON without what is as usual, for a command line."""
    return json.dumps(_plain(recipe), separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """What JSON knows."""
    match value:
        case Recipe():
            return {"stylescope": 1, **_difference(value, recipe_json.to_dict(Recipe()))}
        case Source():
            source = recipe_json.to_dict(Recipe(a=value))["a"]
            return source if source["classes"] else {k: v for k, v in source.items() if k != "classes"}
        case Fraction():
            return str(value)
        case Film() | Grid() | Page():
            fields = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
            return {field.name: _plain(own) for field, own in fields if own != field.default}
        case Timeline():
            return timeline_text.to_dict(value)
        case tuple():
            return [_plain(item) for item in value]
    return value


def _difference(recipe: Recipe, base: dict[str, Any]) -> dict[str, Any]:
    """The entries of a recipe that are not those of another one."""
    return {key: value for key, value in recipe_json.to_dict(recipe).items() if value != base[key]}


# --- from text


def loads(text: str) -> Described:
    """The film, grid or recipes of a JSON text; a plain recipe is a list of one. Raises RecipeError."""
    data = recipe_json.parse(text)
    if not isinstance(data, dict):
        raise RecipeError("the recipe is not a JSON object", "give one that Stylescope wrote")
    for key, read in ((FILM, _film), (GRID, _grid), (PICTURES, _pictures)):
        if key in data:
            version = data.pop(key)
            if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= VERSION:
                raise RecipeError(f"this {key} is of version {clipped(version, 20)}", "update the program")
            return read(data)
    return (recipe_json.from_dict(data),)


def _film(data: dict[str, Any]) -> Film:
    return _made(Film, data, FILM_FIELDS, "the film")


def _grid(data: dict[str, Any]) -> Grid:
    return _made(Grid, data, GRID_FIELDS, "the grid")


def _pictures(data: dict[str, Any]) -> tuple[Recipe, ...]:
    unknown = set(data) - {"base", "recipes"}
    if unknown:
        raise RecipeError(f"the list has an unknown entry {clipped(repr(min(unknown)), 60)}", "remove or correct it")
    base, changes = data.get("base", {}), _list(data.get("recipes"), "recipes")
    if not isinstance(base, dict) or not all(isinstance(change, dict) for change in changes):
        raise RecipeError("the list holds something that is no recipe", "give one that Stylescope wrote")
    if not changes:
        raise RecipeError("the list holds no recipes", "give one that Stylescope wrote")
    return tuple(recipe_json.from_dict({**base, **change}) for change in changes)


def _made(kind: type[T], data: dict[str, Any], readers: dict[str, Reader], what: str) -> T:
    """A frozen value of checked entries."""
    for key in data:
        if key not in readers:
            raise RecipeError(f"{what} has an unknown entry {clipped(repr(key), 60)}", "remove or correct it")
    fields = {key: readers[key](value, f"{what}'s {key}") for key, value in data.items()}
    try:
        return kind(**fields)
    except TypeError:  # an entry that has no default is not there
        raise RecipeError(f"{what} is not complete", "give one that Stylescope wrote") from None


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_RECIPES:
        raise RecipeError(f"{what} is no JSON list", "give one that Stylescope wrote")
    return value


def _typed(*types: type) -> Reader:
    def read(value: object, what: str) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise RecipeError(f"{what} is of the wrong type", "give what Stylescope wrote")
        return value

    return read


def _each(reader: Reader) -> Reader:
    return lambda value, what: tuple(reader(item, what) for item in _list(value, what))


def _or_none(reader: Reader) -> Reader:
    return lambda value, what: None if value is None else reader(value, what)


def _recipe(value: object, what: str) -> Recipe:
    return recipe_json.from_dict(value)


def _source(value: object, what: str) -> Source:
    return recipe_json.from_dict({"stylescope": 1, "a": value}).a


def _rate(value: object, what: str) -> Fraction:
    try:
        if isinstance(value, (int, str)) and not isinstance(value, bool) and len(str(value)) < 40:
            return Fraction(value)
    except (ValueError, ZeroDivisionError):
        pass
    raise RecipeError(f"{what} is no rate", "give a number such as 30, or 30000/1001")


_TEXT, _FLAG, _WHOLE = _typed(str), _typed(bool), _typed(int)
_NUMBER: Reader = lambda value, what: float(_typed(int, float)(value, what))  # noqa: E731
_SOURCES = _each(_source)
_PAGE: Reader = lambda value, what: _made(Page, _typed(dict)(value, what), PAGE_FIELDS, what)  # noqa: E731

PAGE_FIELDS: dict[str, Reader] = {
    "columns": _or_none(_WHOLE),
    "gap": _or_none(_WHOLE),
    "captions": _FLAG,
    "background": _TEXT,
}
SHARED_FIELDS: dict[str, Reader] = {
    "kind": _TEXT,
    "base": _recipe,
    "layers": _each(_WHOLE),
    "psis": _each(_NUMBER),
    "noise_seeds": _each(_WHOLE),
    "resolutions": _each(_WHOLE),
    "page": _PAGE,
}
FILM_FIELDS: dict[str, Reader] = SHARED_FIELDS | {
    "paths": _each(_SOURCES),
    "frames": _WHOLE,
    "fps": _rate,
    "loop": _FLAG,
    "cubic": _FLAG,
    "scale": _or_none(_WHOLE),
    "smooth": _FLAG,
    "timeline": lambda value, what: timeline_text.from_dict(value),
}
GRID_FIELDS: dict[str, Reader] = SHARED_FIELDS | {
    "sources": _SOURCES,
    "sources_b": _SOURCES,
    "realisations": _WHOLE,
    "classes": _each(_WHOLE),
    "spaces": _each(_TEXT),
}
