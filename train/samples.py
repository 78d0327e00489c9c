"""Sample grids of a run: the averaged generator on latents that stay the same from the first snapshot to the last."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from engine import latents
from engine.files.atomic import write_bytes

SIDE = 8  # pictures along each side


@torch.no_grad()
def fake_grid(G: Any, seed: int, psi: float = 1.0, side: int = SIDE) -> NDArray[np.uint8]:
    """uint8 [side * R, side * R, C] of seeds `seed` .. seed + side^2 - 1, stored noise."""
    device = G.w_avg.device
    pictures = []
    for i in range(side * side):  # one at a time: a sample does not depend on its neighbours
        z = latents.z_of_seed((seed + i) % 2**32, G.settings.z_dim)
        pictures.append(to_pixels(G(torch.from_numpy(z)[None].to(device), psi=psi)))
    return tiled(np.concatenate(pictures), side)


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """[N, C, H, W] nominally -1..1 -> uint8 [N, H, W, C], as the renderer rounds."""
    levels = pictures.mul(127.5).add(128).clamp(0, 255).to(torch.uint8)
    return levels.permute(0, 2, 3, 1).cpu().numpy()


def tiled(pictures: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """uint8 [N, H, W, C] -> [rows * H, columns * W, C], row by row."""
    n, h, w, c = pictures.shape
    rows = n // columns
    return pictures[: rows * columns].reshape(rows, columns, h, w, c).swapaxes(1, 2).reshape(rows * h, columns * w, c)


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write uint8 [H, W, C], whole or not at all."""
    data = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(data, format="PNG")
    write_bytes(path, data.getvalue())
