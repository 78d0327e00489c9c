"""From a Film and a renderer to a file, or to a folder of numbered frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.export import description, encoders
from engine.export.belt import Belt
from engine.export.control import Watch
from engine.export.film import DESCRIPTION, VIDEOS, Film, frame_name, holds_only_frames
from engine.export.picture_file import write_with_recipe
from engine.export.sheet import beside, opaque
from engine.files.atomic import fill_folder_atomically, write_bytes
from engine.picture import Picture, save_png

if TYPE_CHECKING:
    from engine.renderer import Renderer

Pixels = npt.NDArray[np.uint8]

BELT_BYTES = 2**27  # of frames that wait for the encoder: what a CUDA device makes at once, and memory stays flat
QUALITY = {".mp4": 85, ".webm": 85, ".gif": 100, ".webp": 85}  # where no other is asked for


def make(film: Film, out: Path, suffix: str, quality: int | None, renderer: Renderer, watch: Watch) -> str:
    """Render and write a film; the SHA-256 of its frames' pixels as they were rendered, whatever the format.

    suffix: of the file; "" for a folder of frames. Nothing is left of a film that fails or is cancelled.
    """
    assert renderer.info is not None
    size, text = film.size(renderer.info, suffix), description.dumps(film)
    colour = film.page.colour
    if not suffix:
        with fill_folder_atomically(out, holds_only_frames) as folder:
            sha = _sent(film, renderer, watch, lambda frames: _write_frames(frames, film, size.scale, folder))
            write_bytes(folder / DESCRIPTION, text.encode("utf-8"))
        return sha
    reel = encoders.Reel(
        width=size.width * size.scale,
        height=size.height * size.scale,
        frames=film.frames,
        fps=film.fps,
        quality=QUALITY[suffix] if quality is None else quality,
        comment=text,
        closed=film.closed,
    )

    with write_with_recipe(out, None if suffix in VIDEOS else text, of_film=True) as file:

        def write(frames: Iterator[Picture]) -> None:
            large = (enlarged(opaque(frame.pixels, colour), size.scale, film.smooth) for frame in frames)
            encoders.write(suffix, large, file, reel)

        return _sent(film, renderer, watch, write)


def composed(film: Film, cells: list[Picture]) -> Picture:
    """One frame of films side by side, with the recipe of the first."""
    page, first = film.page, cells[0]
    columns, gap = page.columns_for(len(cells)), page.gap_for(max(first.pixels.shape[:2]))
    pixels = beside([cell.pixels for cell in cells], columns, gap, page.colour)
    return Picture(pixels, first.recipe, first.provenance)


def enlarged(pixels: Pixels, scale: int, smooth: bool) -> Pixels:
    """[H, W, C] a whole number of times as large."""
    if scale == 1:
        return pixels
    if not smooth:
        return pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    height, width, channels = pixels.shape
    image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    large = np.asarray(image.resize((scale * width, scale * height), Image.Resampling.LANCZOS))
    return large.reshape(scale * height, scale * width, channels)


def _sent(film: Film, renderer: Renderer, watch: Watch, write: Callable[[Iterator[Picture]], None]) -> str:
    """Render all frames and send them to a writer on another thread; the hash of their pixels."""
    info, sha = renderer.info, hashlib.sha256()
    assert info is not None
    curves = film.curves(renderer)
    recipes = (recipe for i in range(film.frames) for recipe in film.frame(i, info, curves))
    pictures = renderer.render_many(recipes, stop=watch.stopped)
    size = film.size(info, "")
    depth = max(4, min(32, BELT_BYTES // (size.width * size.height * info.channels)))
    with Belt(write, watch.check, depth) as belt:
        for _ in range(film.frames):
            cells = []
            for _ in film.paths:
                cells.append(next(pictures))
                watch.advance()
            frame = composed(film, cells)
            sha.update(frame.pixels.data)
            belt.put(frame)
            watch.check()
    return sha.hexdigest()


def _write_frames(frames: Iterator[Picture], film: Film, scale: int, folder: Path) -> None:
    for i, frame in enumerate(frames):
        large = Picture(enlarged(frame.pixels, scale, film.smooth), frame.recipe, frame.provenance)
        save_png(large, folder / frame_name(i))
