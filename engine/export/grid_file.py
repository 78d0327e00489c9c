"""From a Grid and a renderer to a PNG, one row of cells in memory at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine import recipe_json
from engine.export import description, description_file
from engine.export.control import Watch
from engine.export.grid import Grid
from engine.export.layout import Cell
from engine.export.png_stream import PngStream
from engine.export.sheet import Sheet
from engine.files.atomic import write_atomically
from engine.picture import PROVENANCE_KEY, RECIPE_KEY, Picture

if TYPE_CHECKING:
    from engine.renderer import Renderer

Pixels = npt.NDArray[np.uint8]


def make(grid: Grid, out: Path, renderer: Renderer, watch: Watch) -> str:
    """Render and write a grid; the SHA-256 of its pixels. Nothing is left of one that fails or is cancelled.

    The PNG holds the whole grid's description and, under the usual keyword, one recipe, so that everything that opens
    a picture opens a grid.
    """
    info, sha = renderer.info, hashlib.sha256()
    assert info is not None
    layout = grid.layout(info)
    sheet = Sheet(layout, grid.page, info.size, info.channels)
    texts = {RECIPE_KEY: recipe_json.dumps(layout.recipe), description_file.GRID_KEY: description.dumps(grid)}
    recipes = (r for row in layout.rows for cell in row.cells for r in (cell.realisations or (cell.recipe,)) if r)
    pictures = _watched(renderer.render_many(recipes, stop=watch.stopped), watch)
    first = next(pictures)
    texts[PROVENANCE_KEY] = json.dumps(asdict(first.provenance), ensure_ascii=True)
    pictures = chain((first,), pictures)
    with write_atomically(out) as file:
        png = PngStream(file, sheet.width, sheet.height, info.channels, texts)
        rows = (sheet.row(n, [_pixels(c, pictures) for c in row.cells]) for n, row in enumerate(layout.rows))
        for strip in chain((sheet.head(),), rows):
            sha.update(strip.data)
            png.add(strip)
            watch.check()
        png.close()
    return sha.hexdigest()


def deviation(pictures: Iterator[Picture], count: int) -> Pixels:
    """The standard deviation of each pixel over some pictures as grey levels [H, W, C], mean over the colours, the
    largest one white (StyleGAN paper, figure 4c). Exact: sums of whole numbers."""
    total = squares = np.zeros((1, 1, 1), np.int64)
    for _ in range(count):
        pixels = next(pictures).pixels.astype(np.int64)
        total, squares = total + pixels, squares + pixels**2
    spread = np.sqrt(count * squares - total**2).mean(axis=2, keepdims=True)
    grey = np.rint(spread * (255 / max(float(spread.max()), 1.0))).astype(np.uint8)
    result = np.repeat(grey, total.shape[2], axis=2)
    if total.shape[2] == 4:
        result[:, :, 3] = 255
    return result


def _pixels(cell: Cell, pictures: Iterator[Picture]) -> Pixels | None:
    if cell.realisations:
        return deviation(pictures, len(cell.realisations))
    return None if cell.recipe is None else next(pictures).pixels


def _watched(pictures: Iterator[Picture], watch: Watch) -> Iterator[Picture]:
    for picture in pictures:
        watch.advance()
        yield picture
