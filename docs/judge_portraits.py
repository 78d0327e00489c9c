"""How good is a portraits model? A sheet to look at, and the sliced Wasserstein distance to fresh portraits.

    python docs/judge_portraits.py MODEL SHEET.png [--pictures 1024]

MODEL is a file, the folder of a run or a bundled model, of any resolution that portraits are drawn at. Distances are
x1000, for each level of the Laplacian pyramid and their mean, at psi 1 with random noise: of the model, of a generator
with its initial weights, and (the floor) of a second set of real portraits. The reals have a seed that no training run
uses.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import library
from engine.device import tune_allocator
from engine.families import family
from engine.files import opening
from engine.model import ready
from train import portraits
from train.metrics import swd
from train.samples import fake_grid, to_pixels, write_png

FRESH, FLOOR = 1_000_001, 1_000_002  # seeds of the two real sets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a file, the folder of a run, or a bundled model")
    parser.add_argument("sheet", type=Path, help="PNG of seeds 0 to 99 at psi 0.7")
    parser.add_argument("--pictures", type=int, default=1024, help="of each kind that is compared (default 1024)")
    args = parser.parse_args()
    tune_allocator()
    data = opening.read(library.find(args.model))
    torch.manual_seed(0)
    untrained = family(data.info.family).build_generator(data.info.settings).eval()
    G = ready(data, data.info.networks[0], torch.device("cpu"), torch.float32).generator
    sheet = fake_grid(G, seed=0, psi=0.7, side=10)
    scale = max(1, 128 // data.info.resolution)  # small pictures are hard to judge
    write_png(args.sheet, sheet.repeat(scale, axis=0).repeat(scale, axis=1))
    real, other = (portraits.load(args.pictures, data.info.resolution, seed=s).images for s in (FRESH, FLOOR))
    fakes = {"model": pictures(G, args.pictures), "untrained": pictures(untrained, args.pictures), "floor": other}
    for name, shown in fakes.items():
        levels = swd.distances(real, shown)
        mean = sum(levels.values()) / len(levels)
        print(json.dumps({"set": name, **{str(k): round(v, 2) for k, v in levels.items()}, "mean": round(mean, 2)}))


@torch.no_grad()
def pictures(G, count: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """uint8 [N, H, W, C] of random latents, untruncated."""
    torch.manual_seed(1)
    batches = []
    for start in range(0, count, 64):
        z = torch.randn(min(64, count - start), G.settings.z_dim)
        batches.append(to_pixels(G.synthesize(G.broadcast(G.map(z)), "random")))
    return np.concatenate(batches)


if __name__ == "__main__":
    main()
