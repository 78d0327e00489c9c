"""What a job is going to be: how long, how large, and how it begins. For a dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.export.film import VIDEOS, Film
from engine.export.grid import Grid
from engine.export.job import Job
from engine.export.layout import Cell, Layout, Row
from engine.export.page import Page
from engine.family import ModelInfo
from engine.recipe import Recipe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.renderer import Renderer

    Pixels = npt.NDArray[np.uint8]

# Bytes a rendered pixel, of photographs; of films at the usual quality. Good to a factor of two.
BYTES = {".png": 1.7, ".webp": 0.35, ".jpg": 0.7, ".jpeg": 0.7, ".tif": 2.5, ".tiff": 2.5}
FILM_BYTES = {".mp4": 0.3, ".webm": 0.25, ".gif": 1.2, ".webp": 0.3, "": 1.7}
SEAM, SEAM_FRAMES = 6, 30  # so many times as many bytes more for so many frames at the seam of a loop as MP4
MOST = 64  # pictures that a preview makes


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a job will take."""

    pictures: int  # to be rendered
    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How a job begins: the first picture, the first frame of all films, or a whole grid."""

    width: int  # pixels of the file, or of each file of a folder
    height: int
    frames: int  # 1: no film
    layout: Layout  # recipes in their places
    page: Page


def estimate(job: Job, info: ModelInfo, ms_per_picture: float) -> Estimate:
    """Time and size, from the measured speed of rendering. Encoding goes on beside it."""
    pictures, seen = job.count(info), preview(job, info)
    rendered = pictures * info.size[0] * info.size[1]
    if isinstance(job.what, Film):
        size = rendered * FILM_BYTES[job.suffix]
        if job.quality is not None and job.suffix in VIDEOS:
            size *= 2 ** ((job.quality - 85) / 15)  # a crf 6 lower doubles the size
        if job.what.closed and job.suffix == ".mp4":
            size *= 1 + min(SEAM, SEAM * SEAM_FRAMES / job.what.frames)
    elif isinstance(job.what, Grid):
        size = seen.width * seen.height * BYTES[".png"]
    else:
        suffix = job.suffix or job.folder_format
        size = pictures * 4 * info.channels * info.resolution**2 if suffix == ".npy" else rendered * BYTES[suffix]
    return Estimate(pictures=pictures, seconds=pictures * ms_per_picture / 1000, bytes=round(size))


def preview(job: Job, info: ModelInfo) -> Preview:
    """The recipes that a job begins with, in their places. Renders nothing; imports Pillow for a grid's captions."""
    what = job.what
    if isinstance(what, Grid):
        from engine.export.sheet import Sheet

        layout = what.layout(info)
        sheet = Sheet(layout, what.page, info.size, info.channels)
        return Preview(width=sheet.width, height=sheet.height, frames=1, layout=layout, page=what.page)
    if isinstance(what, Film):
        size = what.size(info, job.suffix)
        recipes, columns = what.frame(0, info), what.page.columns_for(len(what.paths))
        page = replace(what.page, captions=False)
        width, height = size.width * size.scale, size.height * size.scale
        return Preview(width=width, height=height, frames=what.frames, layout=_rows(recipes, columns), page=page)
    page = Page(gap=0, captions=False)
    one = _rows(what.recipes[:1], 1)
    raw = job.suffix == ".npy"  # the network's output, letterbox bars and all
    width, height = (info.resolution, info.resolution) if raw else info.size
    return Preview(width=width, height=height, frames=1, layout=one, page=page)


def draw(
    seen: Preview, renderer: Renderer, side: int, *, most: int = MOST, stop: Callable[[], bool] | None = None
) -> Pixels:
    """A preview [H, W, C] with pictures whose longer side has `side` pixels; beyond `most` of them places stay empty.

    Disturbs nothing that the renderer keeps for the window. Raises RenderError, and Stopped when `stop` says so.
    """
    import numpy as np
    from PIL import Image

    from engine.export.sheet import Sheet

    assert renderer.info is not None
    longest, made = max(renderer.info.size), 0
    gap = None if seen.page.gap is None else round(seen.page.gap * side / longest)
    width, height = (max(1, round(side * pixels / longest)) for pixels in renderer.info.size)
    sheet = Sheet(seen.layout, replace(seen.page, gap=gap), (width, height), renderer.info.channels)
    strips = [sheet.head()]
    for number, row in enumerate(seen.layout.rows):
        pictures: list[Pixels | None] = []
        for cell in row.cells:
            recipe = cell.recipe or next(iter(cell.realisations), None)
            if recipe is None or made == most:
                pictures.append(None)
                continue
            pixels = renderer.render(recipe, stop=stop, remember=False).pixels
            image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
            small = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
            pictures.append(small.reshape(height, width, -1))
            made += 1
        strips.append(sheet.row(number, pictures))
    return np.concatenate(strips)


def _rows(recipes: Sequence[Recipe], columns: int) -> Layout:
    cells = [Cell(recipe) for recipe in recipes]
    cells += [Cell()] * (-len(cells) % columns)
    rows = tuple(Row(tuple(cells[i : i + columns])) for i in range(0, len(cells), columns))
    return Layout(rows, columns, recipes[0])
