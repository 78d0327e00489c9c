"""`python main.py bench`: milliseconds from a recipe to pixels, for each kind of edit."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine import edits
from engine.commands import options
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine.family import ModelInfo
    from engine.renderer import Renderer

Edit = Callable[[Recipe, int], Recipe]  # (recipe, number of the picture) -> recipe

EXAMPLES = """examples:
  python main.py bench
  python main.py bench model.safetensors --device cuda --renders 500 --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", nargs="?", metavar="MODEL", help="file, run folder or bundled name (default: bundled)")
    parser.add_argument("--renders", type=int, default=200, metavar="N", help="pictures of each kind of edit")
    options.add_device(parser)
    options.add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Render N pictures of each kind, print median and 95th percentile."""
    from engine.library import find
    from engine.renderer import Renderer

    renderer = Renderer(args.device, args.dtype)
    info = renderer.load(find(args.model), args.network)
    results = {name: measure(renderer, info, edit, args.renders) for name, edit in kinds(info).items()}
    if args.json:
        print(json.dumps({"model": info.name, "device": str(renderer.device), "dtype": str(renderer.dtype), **results}))
        return 0
    size = f"{info.resolution}x{info.resolution}"
    print(f"{info.name}, {size}, {renderer.device}, {renderer.dtype}, {args.renders} pictures of each kind")
    print(f"{'edit':<24} {'p50 ms':>8} {'p95 ms':>8}   resumes at")
    for name, r in results.items():
        print(f"{name:<24} {r['p50']:8.2f} {r['p95']:8.2f}   {r['resumes_at']}")
    return 0


def kinds(info: ModelInfo) -> dict[str, Edit]:
    """What a hand at the controls does, from the dearest edit to the cheapest."""
    fine = info.layers[-2].index if len(info.layers) > 1 else 0
    found: dict[str, Edit] = {
        "seed": lambda r, i: edits.with_seed(r, "a", i),
        "psi": lambda r, i: edits.with_psi(r, 0.5 + 0.001 * (i % 500)),
        "master fader": lambda r, i: edits.with_master(r, (i % 100) / 100),
        f"fader {info.layers[fine].label} (last)": lambda r, i: edits.with_share(r, [fine], (i % 100) / 100),
    }
    for resolution in info.noise_resolutions[:: max(len(info.noise_resolutions) - 1, 1)]:
        found[f"noise {resolution}x{resolution}"] = lambda r, i, at=resolution: edits.with_noise_seed(r, at, i)  # type: ignore[misc]
    return found


def measure(renderer: Renderer, info: ModelInfo, edit: Edit, count: int) -> dict[str, float | str]:
    """p50 and p95 of `count` edits of one kind, and the step at which most of them resume."""
    from time import perf_counter

    recipe = edits.with_model(Recipe(), info)
    for i in range(5):
        renderer.render(edit(recipe, 1000 + i))
    times = []
    for i in range(count):
        changed = edit(recipe, i)
        began = perf_counter()
        renderer.render(changed)
        times.append((perf_counter() - began) * 1000)
    times.sort()
    assert renderer.last is not None
    return {
        "p50": times[len(times) // 2],
        "p95": times[min(int(len(times) * 0.95), len(times) - 1)],
        "resumes_at": renderer.last.first_name,
    }
