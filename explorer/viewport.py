"""Where the picture lies on the canvas: zoom and origin, in device pixels. Pure arithmetic; no Qt.

Zoom is device pixels per picture pixel, so 1:1 shows each pixel of the picture as one of the screen, whatever the
system's scaling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

LOWEST, HIGHEST = 1 / 16, 64.0
CRISP_FROM = 16.0  # by hand, past what a small model is fitted with: single pixels are what one looks at
STEP = 2 ** (1 / 4)  # of one wheel notch
MARGIN = 12.0  # logical pixels around a fitted picture
KEPT = 48.0  # device pixels of the picture that panning cannot push off the canvas

Point = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Viewport:
    """canvas = origin + zoom * picture."""

    zoom: float = 1.0
    origin: Point = (0.0, 0.0)  # of the picture's top left corner, device pixels from the canvas's

    def to_canvas(self, at: Point) -> Point:
        """A place in the picture (pixels) on the canvas (device pixels)."""
        return self.origin[0] + self.zoom * at[0], self.origin[1] + self.zoom * at[1]

    def to_picture(self, at: Point) -> Point:
        """A place on the canvas (device pixels) in the picture (pixels)."""
        return (at[0] - self.origin[0]) / self.zoom, (at[1] - self.origin[1]) / self.zoom

    def zoomed(self, zoom: float, about: Point) -> Viewport:
        """Another zoom; what lies under `about` (device pixels) stays there."""
        zoom = min(max(zoom, LOWEST), HIGHEST)
        px, py = self.to_picture(about)
        return Viewport(zoom, (about[0] - zoom * px, about[1] - zoom * py))

    def stepped(self, notches: float, about: Point) -> Viewport:
        """Zoomed by wheel notches; passing 1:1 stops there."""
        zoom = self.zoom * STEP**notches
        if (self.zoom < 1 < zoom) or (zoom < 1 < self.zoom) or math.isclose(zoom, 1, rel_tol=1e-6):
            zoom = 1.0
        return self.zoomed(zoom, about)

    def panned(self, dx: float, dy: float) -> Viewport:
        """Moved by device pixels."""
        return replace(self, origin=(self.origin[0] + dx, self.origin[1] + dy))

    def within(self, picture: Size, canvas: Size) -> Viewport:
        """Moved so that some of the picture stays in sight."""
        x, y = (
            min(max(at, min(KEPT, self.zoom * size) - self.zoom * size), room - min(KEPT, self.zoom * size))
            for at, size, room in zip(self.origin, picture, canvas, strict=True)
        )
        return replace(self, origin=(x, y))

    def resized(self, before: Size, after: Size) -> Viewport:
        """What lay at the canvas's centre stays at its centre."""
        return self.panned((after[0] - before[0]) / 2, (after[1] - before[1]) / 2)


def fitted(picture: Size, canvas: Size, margin: float = MARGIN, squares: bool = False) -> Viewport:
    """The whole picture, centred. squares: its pixels show as such, so they are all made equal."""
    zoom = min((room - 2 * margin) / size for size, room in zip(picture, canvas, strict=True))
    zoom = min(max(zoom, LOWEST), HIGHEST)
    if squares and zoom >= 1:
        zoom = math.floor(zoom)
    return centred(picture, canvas, zoom)


def centred(picture: Size, canvas: Size, zoom: float) -> Viewport:
    """The picture's centre on the canvas's."""
    return Viewport(zoom, ((canvas[0] - zoom * picture[0]) / 2, (canvas[1] - zoom * picture[1]) / 2))
