"""A picture: pixels with the recipe they came from, and PNG files that keep both. Knows no torch.

numpy and Pillow are imported when pixels are touched, so that a recipe can be read from a PNG before they load.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine import png_text, recipe_json
from engine.errors import PictureError, RecipeError, clipped
from engine.files.atomic import write_atomically
from engine.recipe import Recipe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

RECIPE_KEY = "stylescope"  # keyword of the iTXt chunk that holds the recipe's JSON
PROVENANCE_KEY = "stylescope-provenance"
MODES: dict[int, Literal["L", "RGB", "RGBA"]] = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a picture came about, beyond its recipe: what explains a last grey level of difference."""

    program: str = ""  # e.g. "Stylescope 0.1.0"
    model: str = ""
    content_id: str = ""
    device: str = ""  # e.g. "cpu", "cuda:0 NVIDIA H200"
    dtype: str = ""  # e.g. "float32"
    notes: str = ""  # on precision, e.g. "float16 from 64 on"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """uint8 pixels [H, W, C], C being 1 (grey), 3 (RGB) or 4 (RGBA), read-only."""

    pixels: Pixels
    recipe: Recipe | None = None
    provenance: Provenance = Provenance()

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.dtype != "uint8" or pixels.ndim != 3 or pixels.shape[2] not in MODES or 0 in pixels.shape:
            raise PictureError(f"{pixels.dtype} {list(pixels.shape)} is no picture", "give uint8 [H, W, 1, 3 or 4]")
        if pixels.flags.writeable:
            pixels = pixels.copy()  # nobody who holds the old array may change this one
            pixels.flags.writeable = False
            object.__setattr__(self, "pixels", pixels)


def save_png(picture: Picture, path: Path | str) -> None:
    """Write a PNG that holds the recipe and the provenance, whole or not at all. Raises StylescopeError."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    if picture.recipe is not None:
        text = recipe_json.dumps(picture.recipe)
        if len(text) > recipe_json.MAX_TEXT:
            raise PictureError("the recipe is too long for a picture", "leave some pushes or saved latents away")
        texts.add_itxt(RECIPE_KEY, text)
    texts.add_itxt(PROVENANCE_KEY, json.dumps(asdict(picture.provenance), ensure_ascii=True))
    pixels = picture.pixels[:, :, 0] if picture.pixels.shape[2] == 1 else picture.pixels
    with write_atomically(path) as file:
        Image.fromarray(pixels).save(file, format="PNG", pnginfo=texts)


def read_recipe(path: Path | str) -> Recipe:
    """The recipe in a PNG, read without decoding a pixel. Raises PictureError with one sentence for anything else."""
    path = Path(path)
    text = png_text.read_text(path, RECIPE_KEY)
    if text is None:
        raise PictureError(f"{clipped(path.name)} holds no recipe", "open a PNG that Stylescope saved")
    try:
        return recipe_json.loads(text)
    except RecipeError as error:
        raise PictureError(f"{clipped(path.name)} holds a bad recipe: {error.what}", error.remedy) from None


def open_picture(path: Path | str, *, with_pixels: bool = True) -> tuple[Recipe, Pixels | None]:
    """The recipe of a saved picture and, if asked for, its pixels uint8 [H, W, C]. Raises PictureError."""
    recipe = read_recipe(path)  # first: nothing is decoded of a file that is refused
    return recipe, read_pixels(Path(path)) if with_pixels else None


def read_pixels(path: Path) -> Pixels:
    """The pixels uint8 [H, W, C] of a PNG, read-only. Raises PictureError, also for absurd sizes."""
    import numpy as np
    from PIL import Image

    name = clipped(path.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a decompression bomb
            with Image.open(path, formats=("PNG",)) as image:
                mode = image.mode if image.mode in MODES.values() else "RGB"
                pixels: Any = np.array(image.convert(mode))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        remedy = f"give one of up to {Image.MAX_IMAGE_PIXELS} pixels"
        raise PictureError(f"the picture {name} is too large", remedy) from None
    except Exception as error:  # Pillow raises a dozen types for damaged files
        raise PictureError(f"the picture {name} is damaged ({clipped(error, 80)})", "get it again") from None
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    pixels.flags.writeable = False
    return pixels  # type: ignore[no-any-return]
