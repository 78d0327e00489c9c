"""Exact area coverage of polygons: antialiasing without samples.

Every edge is cut at pixel rows and columns; each piece adds the area between itself and the right border of
its pixel, and a running sum along the row carries the rest (the way of font rasterisers). Coverage is
exact, so a mask at 64x64 is the 2x2 average of the same mask at 128x128, and a hair thinner than a pixel
keeps its weight. All shapes of a picture are scanned in one call: numpy's cost is per call.

Letters: E edges, R edge pieces by row, C pieces by row and column, K masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from train.portraits.canvas import REACH, TOP

Outlines = Mapping[str, Sequence[np.ndarray]]


def masks(outlines: Outlines, resolution: int) -> dict[str, np.ndarray]:
    """Coverage 0..1, float32 [resolution, resolution], of the union of each name's polygons.

    Polygons are [n, 2] of (x, y) in the frame, to the right and down. Where polygons of one name
    overlap their coverages add up and stop at 1, which is a union but for a thin seam.
    """
    names = list(outlines)
    polygons = [(k, p) for k, name in enumerate(names) for p in outlines[name]]
    if not polygons:
        return {name: np.zeros((resolution, resolution), np.float32) for name in names}
    edges, layer = _edges(polygons, resolution)
    rows, layer, row = _cut_rows(edges, layer, resolution)
    row_of_all = layer * resolution + row
    total = _accumulate(rows, row_of_all, len(names) * resolution, resolution)
    covered = total.cumsum(1)[:, :resolution].clip(0, 1).astype(np.float32)
    return dict(zip(names, covered.reshape(len(names), resolution, resolution), strict=True))


def _edges(polygons: Sequence[tuple[int, np.ndarray]], resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """All edges as [5, E]: x and y of the upper end, x and y of the lower end, winding; and layers [E]."""
    sizes = np.array([len(p) for _, p in polygons])
    starts = np.concatenate([[0], sizes.cumsum()[:-1]])
    a = np.concatenate([p for _, p in polygons])
    a = (a - (-REACH, TOP)) * (resolution / (2 * REACH))
    follower = np.arange(1, len(a) + 1)
    follower[starts + sizes - 1] = starts
    b = a[follower]
    doubled_area = np.add.reduceat(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], starts)
    # Orientation must not matter, or two strokes of one name could cancel.
    winding = np.repeat(np.where(doubled_area > 0, -1.0, 1.0), sizes)
    layer = np.repeat([k for k, _ in polygons], sizes)
    down = b[:, 1] > a[:, 1]
    upper = np.where(down[:, None], a, b)
    lower = np.where(down[:, None], b, a)
    winding = np.where(down, winding, -winding)
    keep = (lower[:, 1] > upper[:, 1]) & (lower[:, 1] > 0) & (upper[:, 1] < resolution)
    return np.concatenate([upper.T, lower.T, winding[None]])[:, keep], layer[keep]


def _repeat(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For items that fall into counts[i] parts each: the item of every part and its place in it."""
    item = np.repeat(np.arange(len(counts)), counts)
    ends = counts.cumsum()
    return item, np.arange(len(item)) - np.repeat(ends - counts, counts)


def _cut_rows(edges: np.ndarray, layer: np.ndarray, resolution: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges cut at pixel rows: [3, R] of left x, right x, signed height; their layers and rows [R]."""
    x0, y0, x1, y1, winding = edges
    first = np.floor(y0).clip(0, resolution - 1).astype(int)
    last = (np.ceil(y1).clip(1, resolution) - 1).astype(int)
    edge, place = _repeat(last - first + 1)
    row = first[edge] + place
    top = np.maximum(y0[edge], row)
    bottom = np.minimum(y1[edge], row + 1)
    slope = ((x1 - x0) / (y1 - y0))[edge]
    x_top = x0[edge] + (top - y0[edge]) * slope
    x_bottom = x0[edge] + (bottom - y0[edge]) * slope
    height = (bottom - top) * winding[edge]
    pieces = np.stack([np.minimum(x_top, x_bottom), np.maximum(x_top, x_bottom), height])
    return pieces, layer[edge], row


def _accumulate(pieces: np.ndarray, row: np.ndarray, rows: int, resolution: int) -> np.ndarray:
    """Coverage differences along the rows, [rows, resolution + 2]; the last two columns are spill."""
    left, right, height = pieces
    first = np.floor(left).clip(-1, resolution).astype(int)
    last = np.floor(right).clip(-1, resolution).astype(int)
    piece, place = _repeat(last - first + 1)
    column = first[piece] + place
    x0 = np.where(place == 0, left[piece], column)
    x1 = np.where(column == last[piece], right[piece], column + 1)
    width = (right - left)[piece]
    share = np.where(width > 1e-9, (x1 - x0) / np.maximum(width, 1e-9), 1.0) * height[piece]
    inside = ((x0 + x1) / 2 - column).clip(0, 1)  # how far to the right in its pixel the piece lies
    inside[column < 0] = 0  # left of the frame: covers its whole row
    flat = row[piece] * (resolution + 2) + column.clip(0)
    size = rows * (resolution + 2)
    total = np.bincount(flat, share * (1 - inside), size)
    total[1:] += np.bincount(flat, share * inside, size)[:-1]
    return total.reshape(rows, resolution + 2)
