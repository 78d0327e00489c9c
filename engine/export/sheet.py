"""Pixels of a grid, a row at a time: pictures, gaps and captions. Letters: C colour channels, H and W of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from engine.export.layout import Layout
from engine.export.page import Page
from engine.library import RESOURCES

Pixels = npt.NDArray[np.uint8]

FONT = RESOURCES / "fonts" / "Inter-Regular.otf"
LINE = 1.6  # height of a caption's strip, in sizes of its font


class Sheet:
    """Where everything stands on a grid's page; every method gives a strip of the page's whole width."""

    def __init__(self, layout: Layout, page: Page, size: tuple[int, int], channels: int) -> None:
        """size: (width, height) of a picture."""
        self.layout = layout
        self._wide, self._high = size
        self.gap = page.gap_for(max(size))
        self._paper = _shade(page.colour, channels)
        self._ink = _shade(page.ink, channels)
        self._size = max(11, min(max(size) // 10, 40))  # of the font, in pixels
        line, captions = round(LINE * self._size), page.captions
        cells = [cell for row in layout.rows for cell in row.cells]
        self._top = line if captions and any(layout.top) else 0
        self._under = line if captions and any(cell.caption for cell in cells) else 0
        widest = max((_font(self._size).getlength(row.caption) for row in layout.rows), default=0)
        self._left = min(round(widest) + 2 * self._size, 3 * self._wide) if captions and widest else 0
        self.width = self._left + self.gap + layout.columns * (self._wide + self.gap)
        self.height = self._top + self.gap + len(layout.rows) * self._pitch

    @property
    def _pitch(self) -> int:
        return self._high + self._under + self.gap

    def head(self) -> Pixels:
        """What stands above the first row [H, width, C]; H may be 0."""
        strip = self._blank(self._top + self.gap)
        if self._top:
            for column, text in enumerate(self.layout.top):
                self._write(strip, text, self._x(column), 0, self._wide, self._top)
        return strip

    def row(self, number: int, pictures: Sequence[Pixels | None]) -> Pixels:
        """A row [H, width, C] with its pictures; None: nothing stands there."""
        row, strip = self.layout.rows[number], self._blank(self._pitch)
        if self._left:
            self._write(strip, row.caption, 0, 0, self._left, self._high)
        for column, (cell, picture) in enumerate(zip(row.cells, pictures, strict=True)):
            x = self._x(column)
            if picture is not None:
                strip[: self._high, x : x + self._wide] = picture
            if self._under:
                self._write(strip, cell.caption, x, self._high, self._wide, self._under)
        return strip

    def _x(self, column: int) -> int:
        return self._left + self.gap + column * (self._wide + self.gap)

    def _blank(self, height: int) -> Pixels:
        return np.full((height, self.width, len(self._paper)), self._paper, np.uint8)

    def _write(self, strip: Pixels, text: str, x: int, y: int, width: int, height: int) -> None:
        """A caption in the middle of a box, shortened until it fits."""
        font = _font(self._size)
        text = _fitting(text, font, width)
        if not text:
            return
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).text((width / 2, height / 2), text, fill=255, font=font, anchor="mm")
        share = np.asarray(mask, np.float32)[:, :, None] / 255
        box = strip[y : y + height, x : x + width]
        box[:] = np.rint(box + share * (self._ink.astype(np.float32) - box)).astype(np.uint8)


def beside(pictures: Sequence[Pixels], columns: int, gap: int, colour: tuple[int, int, int]) -> Pixels:
    """Pictures [H, W, C] side by side in reading order, with gaps between them: one frame of films side by side."""
    if len(pictures) == 1:
        return pictures[0]
    high, wide, channels = pictures[0].shape
    rows = -(-len(pictures) // columns)
    height, width = rows * (high + gap) - gap, columns * (wide + gap) - gap
    page = np.full((height, width, channels), _shade(colour, channels), np.uint8)
    for n, picture in enumerate(pictures):
        y, x = n // columns * (high + gap), n % columns * (wide + gap)
        page[y : y + high, x : x + wide] = picture
    return page


def opaque(pixels: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """[H, W, 1, 3 or 4] as [H, W, 3]: grey in all three, what is transparent over a colour."""
    if pixels.shape[2] == 1:
        return np.repeat(pixels, 3, axis=2)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.float32) / 255
    below = np.asarray(colour, np.float32)
    mixed: Pixels = np.rint(below + alpha * (pixels[:, :, :3] - below)).astype(np.uint8)
    return mixed


def _shade(colour: tuple[int, int, int], channels: int) -> Pixels:
    """A colour [C] in the pictures' own channels."""
    red, green, blue = colour
    grey = round(0.299 * red + 0.587 * green + 0.114 * blue)
    return np.array({1: (grey,), 3: colour, 4: (*colour, 255)}[channels], np.uint8)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text and text + "…"
