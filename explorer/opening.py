"""What a dropped or named thing is, and the model it needs. Runs on the render thread; knows no widget.

Kinds are told by a file's first bytes, never by its name. Everything that cannot be opened raises a StylescopeError
with one plain sentence, and leaves the window as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine import edits, library, picture, png_text, recipe_json
from engine.errors import ModelNotFoundError, PictureError, RecipeError, StylescopeError, clipped
from engine.family import ModelInfo
from engine.files import source
from engine.png_text import SIGNATURE as PNG
from engine.recipe import Recipe
from engine.timeline.value import Timeline
from explorer import gallery_file, session
from explorer.document import OpenModel
from explorer.gallery_file import Liked
from explorer.letters import Engine
from explorer.session import Session
from explorer.task import LOADED, Task

PHOTOS = (b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")  # at the beginning of a file
BRANDS = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif", b"ftypmsf1")  # behind four bytes: HEIC and AVIF
MATROSKA = b"\x1aE\xdf\xa3"  # of WebM films
FIRST_KEY = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"([a-z_]+)"')  # of a JSON text; editors on Windows write a mark
RECIPES = (b"stylescope", b"stylescope_film", b"stylescope_grid", b"stylescope_pictures")
HEAD = 64  # bytes that are looked at
What = Path | str | Recipe | Session  # what can be opened


@dataclass(frozen=True, slots=True)
class Filmed:
    """What a film of a timeline was made of."""

    timeline: Timeline  # with a keyframe, at least

    @property
    def recipe(self) -> Recipe:
        """What it begins with."""
        return self.timeline.keys[0].recipe


@dataclass(frozen=True, slots=True)
class Shared:
    """A gallery, as it is exported."""

    liked: tuple[Liked, ...]


Inside = Recipe | Session | Filmed | Shared | None  # what was in it; None: it is a model


@dataclass(frozen=True, slots=True)
class Search:
    """Opens things; knows where models may lie. Called on the render thread."""

    known: Callable[[str], OpenModel | None]  # by content id: what this window has opened before
    recent: tuple[Path, ...] = ()
    present: Recipe | None = None  # what the window shows: a model file is opened with its seeds
    task: Task = field(default_factory=lambda: Task("Opening"))

    def __call__(self, engine: Engine, what: What) -> tuple[OpenModel, Inside]:
        """The loaded model of `what`, and the recipe or session in it. Raises StylescopeError."""
        if isinstance(what, Recipe):
            return self._with_model(engine, what, None)
        if isinstance(what, Session):
            return self._with_session(engine, what, None)
        path = found(what)
        inside = inside_of(path)
        if isinstance(inside, Recipe):
            return self._with_model(engine, inside, path.parent)
        if isinstance(inside, Session):
            return self._with_session(engine, inside, path.parent)
        if isinstance(inside, Filmed):
            return self._with_model(engine, inside.recipe, path.parent)[0], inside
        if isinstance(inside, Shared):
            return self._beside(engine, inside, path), inside
        model = OpenModel(load(engine, path, self.task), path)
        self._try(engine, edits.with_model(self.present or opening(model.info), model.info), model.info)
        return model, None

    def _with_model(self, engine: Engine, recipe: Recipe, beside: Path | None) -> tuple[OpenModel, Recipe]:
        wanted = recipe.model.content_id
        if not wanted and self.present is not None:
            wanted = self.present.model.content_id
        known = self.known(wanted)
        path = known.path if known is not None else self._found_at(wanted, beside)
        if path is None:
            raise _not_found(recipe.model.name, wanted)
        return self._loaded(engine, path, recipe, wanted)

    def _beside(self, engine: Engine, shared: Shared, path: Path) -> OpenModel:
        """What a gallery is looked at with: the model that is open, else that of its first item."""
        model = None if self.present is None else self.known(self.present.model.content_id)
        if model is not None:
            return model
        if not shared.liked:
            raise RecipeError(f"{clipped(path.name)} is a gallery without items", "open a model first")
        return self._with_model(engine, shared.liked[0].recipe, path.parent)[0]

    def _found_at(self, content_id: str, beside: Path | None) -> Path | None:
        return library.find_content_id(content_id, beside, self.recent, self.task.stopped)

    def _with_session(self, engine: Engine, opened: Session, beside: Path | None) -> tuple[OpenModel, Session]:
        """Its present model is opened; those of its other steps when they are gone to."""
        path = opened.model.path
        if self.known(opened.model.info.content_id) is None and path.exists():
            model, _ = self._loaded(engine, path, opened.recipe, opened.model.info.content_id)
        else:
            model, _ = self._with_model(engine, opened.recipe, beside)
        models = {**opened.models, model.info.content_id: model}
        steps = opened.history.steps
        fitted = tuple(
            replace(
                step,
                recipe=edits.fitted(step.recipe, models[step.recipe.model.content_id].info),
                timeline=step.timeline.fitted(models[step.recipe.model.content_id].info),
            )
            for step in steps
        )
        return model, replace(opened, models=models, history=replace(opened.history, steps=fitted))

    def _loaded(self, engine: Engine, path: Path, recipe: Recipe, wanted: str) -> tuple[OpenModel, Recipe]:
        info = load(engine, path, self.task)
        if info.content_id != wanted:  # the file was replaced since
            raise _not_found(recipe.model.name, wanted)
        recipe = edits.with_model(recipe, info)
        self._try(engine, recipe, info)
        return OpenModel(info, path), recipe

    def _try(self, engine: Engine, recipe: Recipe, info: ModelInfo) -> None:
        """Render once, so that it fails here or never. Whether to stop is asked before every step."""
        share, done = (1 - LOADED) / (1.5 * len(info.layers) + 1), LOADED

        def stop() -> bool:
            nonlocal done
            done = min(done + share, 1.0)
            self.task.tell(done)
            return self.task.stopped()

        engine.render(recipe, stop=stop)


def load(engine: Engine, path: Path, task: Task) -> ModelInfo:
    """Open a model file that the user chose. (One that must be read again: answers.py.)"""
    return engine.load(path, progress=lambda done: task.tell(LOADED * done), stop=task.stopped)


def found(what: Path | str) -> Path:
    """The file of a path or of a bundled model's name. Raises ModelNotFoundError."""
    return library.find(what)


def inside_of(path: Path) -> Inside:
    """What is in a picture, film, session, gallery or JSON file; None: it must be a model. Raises StylescopeError.

    Of grids, and of films that have no keyframes, it is the recipe they begin with.
    """
    name = clipped(path.name)
    file, _ = source.opened(path)  # an ordinary file: a pipe would block for ever
    try:
        with file:
            start = file.read(HEAD)
    except OSError as error:
        raise PictureError(f"{name} cannot be read ({clipped(error.strerror, 80)})", "check the file") from None
    if start.startswith(PNG):
        if png_text.read_text(path, picture.RECIPE_KEY) is None:
            raise PictureError(f"{name} is a picture without a recipe, not a model", "open a PNG that Stylescope saved")
        return picture.read_recipe(path)
    if start.startswith(PHOTOS) or start[4:12] in BRANDS or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        what = f"{name} is a picture that Stylescope did not make, not a model"
        raise PictureError(what, "open a model, or a PNG that Stylescope saved")
    key = FIRST_KEY.match(start)
    if key is not None and key[1].decode() == session.KEY:
        return session.read(path)
    if key is not None and key[1].decode() == gallery_file.KEY:
        return Shared(gallery_file.read(path))
    if (key is not None and key[1] in RECIPES) or start[4:8] == b"ftyp" or start.startswith(MATROSKA):
        return _described(path)
    return None


def _described(path: Path) -> Recipe | Filmed:
    """Keyframes or a recipe of a JSON file or film; of what holds many what they share, with the first sources."""
    from engine.export import description_file  # only for those who need it: the window stands sooner
    from engine.export.film import Film

    try:
        found = description_file.read(path)
    except StylescopeError as error:
        name = clipped(path.name)
        raise error if name in error.what else PictureError(f"{name}: {error.what}", error.remedy) from None
    if isinstance(found, tuple):
        return found[0]
    if isinstance(found, Film) and found.timeline is not None:
        return Filmed(found.timeline)
    a, *b = found.paths[0][:2] if isinstance(found, Film) else (found.sources[0], *found.sources_b[:1])
    return replace(found.base, a=a, b=b[0] if b else found.base.b)


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
