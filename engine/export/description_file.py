"""Where files keep their description: pictures, grids, films, and JSON beside them. Nothing is decoded to find it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine import png_text, recipe_json
from engine.errors import PictureError, RecipeError, StylescopeError, clipped
from engine.export.description import Described, loads
from engine.export.film import DESCRIPTION, Film
from engine.picture import read_recipe

GRID_KEY = "stylescope-grid"  # keyword of the iTXt chunk in a grid's PNG; one recipe stands under the usual keyword
TAG = "comment"  # of MP4 and WebM
WITH_JSON = (".webp", ".jpg", ".jpeg", ".tif", ".tiff", ".npy", ".gif")  # whose recipe lies beside them


def read(path: Path, *, grids: bool = True) -> Described:
    """What a file describes: a grid's or a picture's PNG, an MP4 or WebM film, a folder of frames, or JSON, also when
    it lies beside the file under its name. Raises PictureError, RecipeError.

    grids False: a grid's PNG is, as every other, the one recipe under the usual keyword.
    """
    if os.path.isdir(path):
        path = path / DESCRIPTION
        if not path.exists():
            what = f"the folder {clipped(path.parent.name)} holds no {DESCRIPTION}"
            raise PictureError(what, "give a file that holds a recipe, or a film's folder of frames")
    start = _start(path)
    if start.startswith(png_text.SIGNATURE):
        text = png_text.read_text(path, GRID_KEY) if grids else None
        return (read_recipe(path),) if text is None else _in_file(path, text)
    if start[4:8] == b"ftyp" or start.startswith(b"\x1aE\xdf\xa3"):
        return _in_file(path, _tag(path, "mp4" if start[4:8] == b"ftyp" else "matroska"))
    beside = path.with_suffix(".json")
    if beside != path and not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and beside.is_file():
        path, start = beside, _start(beside)
    try:
        return loads(start.decode("utf-8-sig"))  # editors on Windows write a mark
    except UnicodeDecodeError:
        name = clipped(path.name)
        what = f"{name} is no text, and no picture or film with a recipe"
        raise PictureError(what, "give a PNG, a film or JSON that Stylescope wrote") from None


def check_beside(path: Path, *, of_film: bool) -> Path:
    """The NAME.json that belongs beside a file. Raises PictureError where something else has that name."""
    beside = path.with_suffix(".json")
    try:
        if not beside.exists() or isinstance(loads(_start(beside).decode("utf-8-sig")), Film) == of_film:
            return beside
    except (StylescopeError, UnicodeDecodeError):
        pass
    what = f"{clipped(beside.name)} would hold the recipe, and is something else already"
    raise PictureError(what, "choose another name")


def check_sole(path: Path, beside: Path, text: str) -> None:
    """Refuse to change the recipe that another file of the same name has in NAME.json. Raises PictureError."""
    try:
        if not beside.exists() or _start(beside) == text.encode("utf-8"):
            return
        others = [other.name for other in path.parent.iterdir() if other.stem == path.stem]
    except OSError:
        return  # writing it says why
    owners = sorted(name for name in others if Path(name).suffix.lower() in WITH_JSON and name != path.name)
    if owners:
        what = f"{clipped(beside.name)} holds the recipe of {clipped(owners[0])}, which is another"
        raise PictureError(what, "choose another name")


def _in_file(path: Path, text: str) -> Described:
    try:
        return loads(text)
    except RecipeError as error:
        raise PictureError(f"{clipped(path.name)} holds a bad recipe: {error.what}", error.remedy) from None


def _start(path: Path) -> bytes:
    """All of a JSON file, or the beginning of another one."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would block for ever
            raise PictureError(f"{clipped(path.name)} is no ordinary file", "give a recipe's JSON file or a picture")
        with open(path, "rb") as file:
            return file.read(4 * recipe_json.MAX_TEXT + 1)
    except (OSError, ValueError) as error:
        reason = clipped(getattr(error, "strerror", None) or error, 80)
        raise PictureError(f"the recipe {clipped(path.name)} cannot be read ({reason})", "check the name") from None


def _tag(path: Path, container: str) -> str:
    """The comment of a film."""
    import av

    name = clipped(path.name)
    try:
        with av.open(str(path), format=container, options={"protocol_whitelist": "file"}) as film:
            tags = {key.lower(): value for key, value in film.metadata.items()}
    except av.FFmpegError as error:
        raise PictureError(f"the film {name} cannot be read ({clipped(error, 80)})", "get it again") from None
    text = tags.get(TAG, "")
    if not text.startswith("{"):
        raise PictureError(f"the film {name} holds no recipe", "give one that Stylescope made")
    return text
