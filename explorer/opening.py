"""What a dropped or named thing is, and the model it needs. Runs on the render thread; knows no widget.

Kinds are told by a file's first bytes, never by its name. Everything that cannot be opened raises a StylescopeError
with one plain sentence, and leaves the window as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine import edits, library, picture, recipe_json
from engine.errors import ModelNotFoundError, PictureError, StylescopeError, clipped
from engine.family import ModelInfo
from engine.png_text import SIGNATURE as PNG
from engine.recipe import Recipe
from explorer.document import OpenModel
from explorer.worker import Engine

FOREIGN_PICTURES = (b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")


@dataclass(frozen=True, slots=True)
class Search:
    """Opens things; knows where models may lie. Called on the render thread."""

    known: Callable[[str], OpenModel | None]  # by content id: what this window has opened before
    recent: tuple[Path, ...] = ()
    present: Recipe | None = None  # what the window shows: a model file is opened with its seeds

    def __call__(self, engine: Engine, what: Path | str | Recipe) -> tuple[OpenModel, Recipe | None]:
        """The loaded model of `what`, and the recipe in it (None: it is a model). Raises StylescopeError."""
        if isinstance(what, Recipe):
            return self._with_model(engine, what, None)
        path = found(what)
        recipe = recipe_in(path)
        if recipe is not None:
            return self._with_model(engine, recipe, path.parent)
        model = OpenModel(engine.load(path), path)
        engine.render(edits.with_model(self.present or opening(model.info), model.info))  # fails here or never
        return model, None

    def _with_model(self, engine: Engine, recipe: Recipe, beside: Path | None) -> tuple[OpenModel, Recipe]:
        wanted = recipe.model.content_id
        if not wanted and self.present is not None:
            wanted = self.present.model.content_id
        known = self.known(wanted)
        path = known.path if known is not None else library.find_content_id(wanted, beside, self.recent)
        if path is None:
            raise _not_found(recipe.model.name, wanted)
        info = engine.load(path)
        if info.content_id != wanted:  # the file was replaced since
            raise _not_found(recipe.model.name, wanted)
        recipe = edits.with_model(recipe, info)
        engine.render(recipe)
        return OpenModel(info, path), recipe


def found(what: Path | str) -> Path:
    """The file of a path or of a bundled model's name. Raises ModelNotFoundError."""
    return library.find(what)


def recipe_in(path: Path) -> Recipe | None:
    """The recipe in a picture or JSON file; None: it must be a model. Raises StylescopeError for other pictures."""
    name = clipped(path.name)
    try:
        with open(path, "rb") as file:
            start = file.read(64)
    except OSError as error:
        raise PictureError(f"{name} cannot be read ({clipped(error.strerror, 80)})", "check the file") from None
    if start.startswith(PNG):
        return picture.read_recipe(path)
    if start.startswith(FOREIGN_PICTURES) or start[:4] == b"RIFF":
        raise PictureError(f"{name} is a picture that Stylescope did not make", "open a PNG that it saved, or a model")
    if start.lstrip().startswith(b'{"stylescope"'):
        return recipe_json.loads(path.read_text(encoding="utf-8", errors="replace"))
    return None


def opening(info: ModelInfo) -> Recipe:
    """The recipe that a model wants to be shown with first."""
    try:
        recipe = recipe_json.from_dict(dict(info.opening)) if info.opening else Recipe(psi=0.7)
    except StylescopeError:
        recipe = Recipe(psi=0.7)
    return edits.with_model(recipe, info)


def _not_found(name: str, content_id: str) -> ModelNotFoundError:
    return ModelNotFoundError(
        f"this recipe was made with the model {clipped(name, 60) or 'without a name'} ({clipped(content_id, 20)}), "
        "which is not at hand",
        "open that model's file once",
    )
