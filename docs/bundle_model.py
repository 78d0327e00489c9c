"""Puts a trained model into resources/models, with a chosen opening recipe and the stored picture that the window shows
before torch is loaded.

    python docs/bundle_model.py runs/portraits-64 portraits-64 --seeds 3 14 [--psi 0.7]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import edits, library, recipe_json
from engine.files import native
from engine.picture import save_png
from engine.recipe import Recipe
from engine.renderer import Renderer

MODELS = Path(__file__).parent.parent / "resources" / "models"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a file, or the folder of a run: its newest snapshot")
    parser.add_argument("name", help="under which it is bundled")
    parser.add_argument("--seeds", type=int, nargs=2, required=True, metavar=("A", "B"), help="of the opening recipe")
    parser.add_argument("--psi", type=float, default=0.7, help="of the opening recipe (default 0.7)")
    parser.add_argument("--into", type=Path, default=MODELS, help="folder (default resources/models)")
    args = parser.parse_args()
    data = native.read(library.find(args.model))
    opening = Recipe()
    opening = edits.with_seed(edits.with_seed(opening, "a", args.seeds[0]), "b", args.seeds[1])
    opening = edits.with_psi(opening, args.psi)
    out = args.into / f"{args.name}.safetensors"
    out.parent.mkdir(parents=True, exist_ok=True)
    native.write(
        out,
        family=data.info.family,
        settings=data.info.settings,
        tensors={f"G_ema.{name}": array for name, array in data.shown.items()},
        name=args.name,
        licence=data.info.licence,
        origin=data.info.origin,
        training=data.info.training,
        opening=recipe_json.to_dict(opening),
        class_names=data.info.class_names,
    )
    renderer = Renderer("cpu")
    info = renderer.load(out)
    assert info.opening is not None
    save_png(renderer.render(recipe_json.from_dict(dict(info.opening))), out.with_suffix(".png"))
    print(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB, content id {info.content_id}) and its picture")


if __name__ == "__main__":
    main()
