"""Sample grids of a run: the averaged generator on latents that stay the same from the first snapshot to the last."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from engine import latents
from engine.files.atomic import write_bytes
from train.datasets.labels import Labels
from train.datasets.pictures import DataSet, whole

SIDE = 8  # pictures along each side


def fake_grid(
    G: Any, seed: int, psi: float = 1.0, side: int = SIDE, labels: NDArray[np.float32] | None = None
) -> NDArray[np.uint8]:
    """uint8 [side * R, side * R, C] of seeds `seed` .. seed + side^2 - 1, stored noise; labels [side^2, K]."""
    return tiled(fakes(G, range(seed, seed + side * side), psi, labels), side)


@torch.no_grad()
def fakes(G: Any, seeds: Iterable[int], psi: float = 1.0, labels: NDArray[np.float32] | None = None) -> Any:
    """uint8 [N, R, R, C] of seeds, stored noise; labels [N, K]."""
    device = next(G.parameters()).device
    pictures = []
    for i, seed in enumerate(seeds):  # one at a time: a sample does not depend on its neighbours
        z = torch.from_numpy(latents.z_of_seed(seed % 2**32, G.settings.z_dim))[None].to(device)
        c = None if labels is None else torch.from_numpy(labels[i : i + 1]).to(device)
        pictures.append(to_pixels(G(z, c, psi=psi)))
    return np.concatenate(pictures)


def sheet_labels(labels: Labels | None, side: int = SIDE) -> NDArray[np.float32] | None:
    """[side^2, K]: a row of a grid for each of the first `side` classes, which come round again where there are fewer;
    of labels that are numbers, those of pictures from all over the data set. None: not conditional."""
    if labels is None:
        return None
    rows = np.arange(side)
    if labels.values.ndim == 1:
        shown = dataclasses.replace(labels, values=rows % labels.width).rows(rows)
    else:
        shown = labels.rows(np.linspace(0, len(labels.values) - 1, side).astype(np.int64))
    return np.repeat(shown, side, axis=0)


def real_grid(data: DataSet, conditional: bool, side: int = SIDE) -> NDArray[np.uint8]:
    """Reals from all over the data set; of a conditional run, row by row the classes of `sheet_labels`.

    Others stand in for damaged ones. Raises TrainingError where none can be read.
    """
    labels = data.labels if conditional else None
    if labels is None or labels.values.ndim > 1:
        chosen = list(range(0, len(data), max(1, len(data) // side**2)))[: side**2]
    else:
        members = [np.flatnonzero(labels.values == row % labels.width) for row in range(side)]
        chosen = [int(m[i % len(m)]) if len(m) else 0 for m in members for i in range(side)]
    return tiled(np.stack([whole(data, index)[1] for index in chosen]), side)


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """[N, C, H, W] nominally -1..1 -> uint8 [N, H, W, C], as the renderer rounds."""
    levels = pictures.mul(127.5).add(128).clamp(0, 255).to(torch.uint8)
    return levels.permute(0, 2, 3, 1).cpu().numpy()


def tiled(pictures: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """uint8 [N, H, W, C] -> [rows * H, columns * W, C], row by row; what fills no row is left out."""
    n, h, w, c = pictures.shape
    columns = min(columns, n)
    rows = n // columns
    return pictures[: rows * columns].reshape(rows, columns, h, w, c).swapaxes(1, 2).reshape(rows * h, columns * w, c)


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write uint8 [H, W, C], whole or not at all."""
    data = io.BytesIO()
    Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(data, format="PNG")
    write_bytes(path, data.getvalue())
