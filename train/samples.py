"""Sample grids of a run: the averaged generator on latents that stay the same from the first snapshot to the last."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from engine.files.atomic import write_bytes

SIDE = 8  # pictures along each side


@torch.no_grad()
def fake_grid(G: Any, seed: int, psi: float = 1.0) -> NDArray[np.uint8]:
    """uint8 [SIDE * R, SIDE * R, C] of seeds `seed` .. seed + SIDE^2 - 1, stored noise."""
    device = G.w_avg.device
    pictures = []
    for i in range(SIDE * SIDE):  # one at a time: a sample does not depend on its neighbours
        z = np.random.RandomState((seed + i) % 2**32).randn(1, G.settings.z_dim).astype(np.float32)
        picture = G(torch.from_numpy(z).to(device), psi=psi)[0]
        pictures.append(picture.mul(127.5).add(128).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).cpu().numpy())
    return tiled(np.stack(pictures), SIDE)


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
