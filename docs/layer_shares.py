"""What do the layers of a model carry? What changes when one of them takes another seed's style.

    python docs/layer_shares.py [MODEL]

Mean absolute difference over 32 pairs of latents (psi 1, stored noise), as a share of that when all layers change.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import library
from engine.files import opening
from engine.model import ready

PAIRS = 32
GROUPS = {"coarse": range(4), "middle": range(4, 8), "fine": range(8, 99)}  # slots, as in the papers


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "model", nargs="?", default="portraits-64", help="a file, the folder of a run or a bundled model"
    )
    data = opening.read(library.find(parser.parse_args().model))
    G = ready(data, data.info.networks[0], torch.device("cpu"), torch.float32).generator
    torch.manual_seed(0)
    ws = G.broadcast(G.map(torch.randn(PAIRS, data.info.z_dim)))  # [N, L, W]
    others, pictures = ws.flip(0), G.synthesize(ws)
    whole = (G.synthesize(others) - pictures).abs().mean()
    slots = range(ws.shape[1])
    wanted = {name: [slot for slot in slots if slot in group] for name, group in GROUPS.items()}
    for name, taken in {**wanted, **{f"slot {slot}": [slot] for slot in slots}}.items():
        mixed = ws.clone()
        mixed[:, taken] = others[:, taken]
        print(f"{name:8s} {float((G.synthesize(mixed) - pictures).abs().mean() / whole):.3f}")


if __name__ == "__main__":
    main()
