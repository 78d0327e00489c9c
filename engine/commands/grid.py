"""`grid`: many pictures on one page, as a PNG that holds its description."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import edits
from engine.commands import given, options
from engine.errors import UsageError
from engine.export.film import Film
from engine.export.grid import KINDS, USES, Grid
from engine.export.job import Job
from engine.export.page import Page
from engine.family import ModelInfo
from engine.recipe import Recipe, Seed, Source

DEFAULT_SEEDS = "0-15"  # of a contact sheet
EXAMPLES = """kinds:
  seeds          a contact sheet
  truncation     a row for each seed, a column for each psi
  mixing         A (--seeds) down the side, B (--seeds-b) along the top; cells are A with the --layers of B
  noise          pictures that differ in noise alone, and their standard deviation (the largest is white)
  interpolation  strips from seed to seed, in W and in Z under each other
  classes        a row for each class, a column for each seed

examples:
  python main.py grid --kind truncation --seeds 3,5,8 --psis 1,0.7,0.5,0,-0.5,-1 --out truncation.png
  python main.py grid --kind mixing --seeds 1-4 --seeds-b 10-14 --layers coarse --psi 0.7 --out mixing.png
  python main.py grid --kind noise --seeds 2,6 --resolutions 32,64 --out noise.png
  python main.py grid --recipe mixing.png --out again.png"""
OWN = "kind seeds seeds_b layers psis noise_seeds resolutions realisations classes space columns gap background"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `grid`."""
    options.add_examples(parser, EXAMPLES)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="a model file, a training run or a bundled name")
    parser.add_argument("--kind", choices=KINDS, help="what the grid shows (default seeds)")
    parser.add_argument("--seeds", metavar="LIST", help=f"seeds, e.g. 0-8,42 (default {DEFAULT_SEEDS})")
    parser.add_argument("--seeds-b", metavar="LIST", help="mixing: the seeds along the top")
    parser.add_argument("--layers", metavar="L", help="mixing: coarse, middle, fine or e.g. 0-3 (default coarse)")
    parser.add_argument("--psis", metavar="LIST", help="truncation: default 1,0.7,0.5,0,-0.5,-1")
    parser.add_argument("--noise-seeds", metavar="LIST", help="noise: the realisations to show (default 0-3)")
    parser.add_argument(
        "--resolutions", metavar="LIST", help="noise: where it differs, e.g. 32,64 (default everywhere)"
    )
    parser.add_argument("--realisations", type=int, metavar="N", help="noise: of the deviation (default 100; 0: none)")
    parser.add_argument("--classes", metavar="LIST", help="classes: which (default all)")
    parser.add_argument("--space", choices=("w", "z"), help="interpolation: only this one (default both)")
    parser.add_argument("--blend", choices=("even", "linear"), help="interpolation (default linear)")
    parser.add_argument("--columns", type=int, metavar="N", help="of a contact sheet; pictures of a strip (default 8)")
    parser.add_argument("--gap", type=int, metavar="N", help="pixels between pictures (default 1/32 of one)")
    parser.add_argument("--background", metavar="COLOUR", help="e.g. #101216 (default white)")
    parser.add_argument("--no-captions", action="store_true", help="write nothing beside the pictures")
    recipe = "a grid's PNG or JSON: make it again; or a recipe as for `image`: what the grid does not change"
    parser.add_argument("--recipe", metavar="R", help=recipe)
    given.add_options(parser)
    given.add_output(parser, "FILE.png")


def run(args: argparse.Namespace) -> int:
    """Make the grid; 0."""
    given.check_options(args)
    found = given.find(args, grids=True)
    model = given.Opened(found.model, args.network)
    job = Job(what=_grid(args, model.info, found.fitted(model.info)), out=Path(args.out), quality=args.quality)
    return given.perform(args, model, job)


def _grid(args: argparse.Namespace, info: ModelInfo, described: Any) -> Grid:
    if isinstance(described, Film):
        raise UsageError("that is the recipe of a film", "use `video`")
    if isinstance(described, Grid):
        given.refuse(args, f"{OWN} blend no_captions", "the recipe of a whole grid", "give a plain recipe")
        return described
    given.check_model(args, info)
    kind = args.kind or "seeds"
    base: Recipe = described[0] if described else given.base_recipe(args, info)
    if args.blend:
        base = edits.with_blend(base, args.blend)
    chosen: dict[str, Any] = {"kind": kind, "base": base, "page": _page(args)}
    chosen["sources"] = _sources(args, info, kind, described)
    if kind == "mixing":
        chosen["sources_b"] = _of(args.seeds_b, args, info) if args.seeds_b else (base.b,) if described else ()
        chosen["layers"] = options.layer_list(args.layers or "coarse", info)
    if args.psis:
        chosen["psis"] = tuple(options.number_list(args.psis))
    for name in ("noise_seeds", "resolutions", "classes"):
        if getattr(args, name):
            chosen[name] = tuple(options.seed_list(getattr(args, name)))
    if args.realisations is not None:
        chosen["realisations"] = args.realisations
    if args.space:
        chosen["spaces"] = (args.space,)
    given.check_effect(args, kind, USES)
    return Grid(**chosen)


def _sources(args: argparse.Namespace, info: ModelInfo, kind: str, described: Any) -> tuple[Source, ...]:
    if args.seeds:
        return _of(args.seeds, args, info)
    if described:
        recipe: Recipe = described[0]
        return (recipe.a, recipe.b) if kind == "interpolation" else (recipe.a,)
    if kind != "seeds":
        raise UsageError(f"a grid of kind {kind} needs --seeds", "give some, e.g. --seeds 3,5,8")
    return _of(DEFAULT_SEEDS, args, info)


def _of(seeds: str, args: argparse.Namespace, info: ModelInfo) -> tuple[Source, ...]:
    weights = given.classes(args, info)
    return tuple(Source(Seed(seed), weights) for seed in options.seed_list(seeds))


def _page(args: argparse.Namespace) -> Page:
    page = Page(columns=args.columns, gap=args.gap, captions=not args.no_captions)
    return replace(page, background=args.background) if args.background else page
