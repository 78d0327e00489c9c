"""How far previews are from whole pictures: the skip picture as it stands, the preview that is shown, and the best one
of that size (the whole picture, averaged down). Mean absolute difference in grey levels of 255, all brought up to the
whole size smoothly, over some seeds.

    python benchmarks/preview_colours.py MODEL ... [--seeds 12] [--config-f 256]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

import torch
import torch.nn.functional as F
from dragging import written
from torch import Tensor

from engine import edits
from engine.plan import resolve
from engine.recipe import Recipe
from engine.renderer import Renderer
from engine.synthesizer import Synthesizer
from explorer.previews import SMALLEST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--config-f", type=int, help="resolution of a model of that size with random weights")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.config_f:
            args.models.append(written(Path(folder) / "config-f.safetensors", args.config_f))
        for model in args.models:
            measure(model, args.seeds)


@torch.inference_mode()
def measure(path: Path, seeds: int) -> None:
    renderer = Renderer("cpu")
    recipe = edits.with_model(Recipe(), renderer.load(path))
    model = renderer.model(recipe.model)
    sums: dict[int, Tensor] = {}
    for seed in range(seeds):
        plan, synthesizer = resolve(edits.with_seed(recipe, "a", seed), model), Synthesizer(model)
        whole = synthesizer.run(plan)
        for resolution, end in synthesizer.stops.items():
            if SMALLEST <= resolution < whole.shape[-1]:
                skip = synthesizer.states[end - 1].image
                shown = synthesizer.run(plan, stop_at=resolution)
                best = F.adaptive_avg_pool2d(whole, resolution)
                errors = torch.stack([difference(image, whole) for image in (skip, shown, best)])
                sums[resolution] = sums.get(resolution, torch.zeros(3)) + errors / seeds
    for resolution, (skip, shown, best) in sums.items():
        print(f"{path.stem} {resolution}x{resolution}: skip {skip:.1f}, shown {shown:.1f}, best {best:.1f}", flush=True)


def difference(image: Tensor, whole: Tensor) -> Tensor:
    large = F.interpolate(image, whole.shape[-2:], mode="bilinear", align_corners=False)
    levels, wanted = ((picture * 127.5 + 128).clamp(0, 255) for picture in (large, whole))
    return (levels - wanted).abs().mean()


if __name__ == "__main__":
    main()
