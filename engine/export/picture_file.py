"""From recipes and a renderer to files of pictures. A PNG holds its recipe; beside others it lies as NAME.json."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image

from engine import recipe_json
from engine.errors import StylescopeError, clipped
from engine.export import description, description_file
from engine.export.control import Watch
from engine.export.pictures import FORMATS, Pictures
from engine.files import npy
from engine.files.atomic import write_atomically
from engine.picture import Picture, save_png

if TYPE_CHECKING:
    from engine.renderer import Renderer

Tell = Callable[[Path, str, float], None]  # a file is there: its path, SHA-256 of its pixels, seconds that it took

MOST_RECIPES = 10_000  # that are written beside an .npy
QUALITY = {"JPEG": 95, "WEBP": 90}  # where no other is asked for; a WebP of 100 is lossless


def make(
    what: Pictures, out: Path, suffix: str, quality: int | None, renderer: Renderer, watch: Watch, tell: Tell
) -> None:
    """Render and write one picture, or an .npy of all."""
    if suffix == ".npy":
        tell(out, _write_npy(what, out, renderer, watch), watch.seconds)
        return
    picture = next(renderer.render_many(what.recipes, stop=watch.stopped))
    watch.advance()
    watch.check()
    save(picture, out, quality)
    tell(out, hashlib.sha256(picture.pixels.data).hexdigest(), watch.seconds)


def make_folder(
    what: Pictures, out: Path, suffix: str, quality: int | None, renderer: Renderer, watch: Watch, tell: Tell
) -> None:
    """Render and write pictures into a folder, a file each. Finished ones stay, whatever happens to others."""
    if suffix == ".npy":
        for i, recipe in enumerate(what.recipes):
            one = Pictures(recipes=(recipe,))
            before = watch.seconds
            _make_folder(out)
            path = out / f"{what.name(i)}{suffix}"
            tell(path, _write_npy(one, path, renderer, watch), watch.seconds - before)
        return
    before = watch.seconds
    for i, picture in enumerate(renderer.render_many(what.recipes, stop=watch.stopped)):
        _make_folder(out)  # not before there is a picture to put in
        path = out / f"{what.name(i)}{suffix}"
        save(picture, path, quality)
        watch.advance()
        tell(path, hashlib.sha256(picture.pixels.data).hexdigest(), watch.seconds - before)
        before = watch.seconds
        watch.check()


def save(picture: Picture, path: Path, quality: int | None = None) -> None:
    """Write a picture in the format of its suffix, whole or not at all. Raises StylescopeError.

    quality: 1 to 100, for JPEG and WebP.
    """
    kind = FORMATS[path.suffix.lower()]
    if kind == "PNG":
        save_png(picture, path)
        return
    text = None if picture.recipe is None else recipe_json.dumps(picture.recipe)
    with write_with_recipe(path, text, of_film=False) as file:
        pixels = picture.pixels[:, :, 0] if picture.pixels.shape[2] == 1 else picture.pixels
        Image.fromarray(pixels).save(file, format=kind, **_options(kind, quality))


@contextmanager
def write_with_recipe(path: Path, text: str | None, *, of_film: bool) -> Iterator[BinaryIO]:
    """`write_atomically` with a text (None: nothing) in NAME.json beside the file: both are written, or neither."""
    with beside(path, text, of_film=of_film), write_atomically(path) as file:
        yield file


@contextmanager
def beside(path: Path, text: str | None, *, of_film: bool) -> Iterator[None]:
    """NAME.json, there when the `with` block, which writes the file itself, has ended without an error."""
    if text is None:
        yield
        return
    json = description_file.check_beside(path, of_film=of_film)
    description_file.check_sole(path, json, text)
    with write_atomically(json) as file:
        file.write(text.encode("utf-8"))
        yield


def _options(kind: str, quality: int | None) -> dict[str, Any]:
    """What Pillow's encoder of a kind is told."""
    if kind == "TIFF":
        return {"compression": "tiff_adobe_deflate"}
    found: dict[str, Any] = {"quality": QUALITY[kind] if quality is None else quality}
    if kind == "JPEG":
        return found | {"subsampling": 0}  # colours as sharp as greys
    return found | {"lossless": quality == 100}


def _write_npy(what: Pictures, path: Path, renderer: Renderer, watch: Watch) -> str:
    """All pictures as float32 [N, C, H, W] before any rounding; the SHA-256 of these numbers."""
    info, sha = renderer.info, hashlib.sha256()
    assert info is not None
    shape = (len(what.recipes), info.channels, info.resolution, info.resolution)

    def counted() -> Iterator[npy.Array]:
        for numbers in renderer.render_many_floats(what.recipes, stop=watch.stopped):
            sha.update(np.ascontiguousarray(numbers, dtype="<f4").data)
            watch.advance()
            yield numbers
            watch.check()

    text = None
    if what.keep_recipes and len(what.recipes) <= MOST_RECIPES:
        text = description.dumps(what.recipes) if len(what.recipes) > 1 else recipe_json.dumps(what.recipes[0])
    with beside(path, text, of_film=False):
        npy.write(path, counted(), shape)
    return sha.hexdigest()


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = clipped(error.strerror or error, 80)
        raise StylescopeError(f"cannot make the folder {clipped(out)} ({reason})", "choose another") from None
