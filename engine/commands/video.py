"""`video`: a film of moving seeds, layers, psi or noise, as MP4, WebM, GIF, animated WebP or numbered frames."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import edits, library, session
from engine.commands import given, options
from engine.errors import ModelNotFoundError, UsageError, clipped
from engine.export.film import FRAMES_A_SEGMENT, KINDS, SIDE_BY_SIDE, Film, of_timeline
from engine.export.grid import Grid
from engine.export.job import Job
from engine.export.page import Page
from engine.family import ModelInfo
from engine.recipe import Recipe, Seed, Source

EXAMPLES = f"""kinds:
  interpolation  from seed to seed through the whole list
  mixing         the --layers of A (first seed) turn into those of B (second seed)
  truncation     psi goes through the --psis
  noise          noise goes from map to map on circles and never fades; always a loop

--frames is the exact number of frames (default {FRAMES_A_SEGMENT} for each stretch between two keys). An open film
begins and ends with its first and last key; with --loop the frame after the last one would be the first.
MP4 and WebM store colours at half resolution: films of pictures below 256 pixels are enlarged by a whole number to 256
or more (--scale 1 leaves them as they are), and of an odd size the last line is there twice. A GIF's delays are whole
hundredths of a second: they differ by one from frame to frame, so that the film as a whole lasts exactly as long.
MP4 and WebM hold their recipe, NAME.json lies beside the others, film.json in a folder of frames.

examples:
  python main.py video --seeds 1,5,9,12 --psi 0.7 --frames 240 --loop --cubic --out walk.mp4
  python main.py video --kind mixing --seeds 3,8 --layers fine --frames 60 --out mixing.gif
  python main.py video --kind truncation --seeds 1-6 --psis 1,-1 --loop --out six.webm
  python main.py video --session walk.stylescope.json --fps 60 --out timeline.mp4
  python main.py video --recipe walk.mp4 --out frames/"""
NOT_OF_SESSIONS = "recipe psi cutoff noise noise_seed kind seeds frames loop space blend cubic layers psis noise_seeds"
OWN = "kind seeds frames fps loop space blend cubic layers psis noise_seeds resolutions grid scale gap background"
USES = {  # what has an effect on some kinds of film only
    "space": ("interpolation", "mixing"),
    "blend": ("interpolation", "mixing"),
    "cubic": ("interpolation",),
    "layers": ("mixing",),
    "psis": ("truncation",),
    "noise_seeds": ("noise",),
    "resolutions": ("noise",),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `video`."""
    options.add_examples(parser, EXAMPLES)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="a model file, a training run or a bundled name")
    parser.add_argument("--kind", choices=KINDS, help="what moves (default interpolation)")
    parser.add_argument("--seeds", metavar="LIST", help="seeds, e.g. 0-8,42")
    parser.add_argument("--frames", type=int, metavar="N", help="exactly so many")
    parser.add_argument(
        "--fps", type=options.rate, metavar="F", help="frames a second: 24, 29.97, 30000/1001 (default 30)"
    )
    parser.add_argument("--loop", action="store_true", help="come back to the beginning")
    parser.add_argument("--space", choices=("w", "z"), help="interpolate in W (default), or in Z before the mapping")
    parser.add_argument("--blend", choices=("even", "linear"), help="even: midpoints as vivid as ends (default linear)")
    parser.add_argument("--cubic", action="store_true", help="a smooth curve through the seeds, no corners")
    parser.add_argument("--layers", metavar="L", help="mixing: coarse, middle, fine or e.g. 0-3 (default coarse)")
    parser.add_argument("--psis", metavar="LIST", help="truncation: values to pass (default 1,-1)")
    parser.add_argument("--noise-seeds", metavar="LIST", help="noise: maps to pass (default 0-3)")
    parser.add_argument("--resolutions", metavar="LIST", help="noise: where it moves, e.g. 32,64 (default everywhere)")
    parser.add_argument("--grid", metavar="CxR", help="films side by side, e.g. 3x2; each has its share of the seeds")
    parser.add_argument("--scale", type=int, metavar="N", help="enlarge N times (default: see below)")
    parser.add_argument("--square-pixels", action="store_true", help="enlarge without smoothing")
    parser.add_argument("--gap", type=int, metavar="N", help="pixels between films side by side (default 0)")
    parser.add_argument("--background", metavar="COLOUR", help="of gaps and margins (default #000000)")
    recipe = "a film, its folder or its JSON: make it again; or a recipe as for `image`: what the film does not change"
    parser.add_argument("--recipe", metavar="R", help=recipe)
    parser.add_argument("--session", metavar="FILE", help="the timeline of a session that the window saved")
    given.add_options(parser)
    given.add_output(parser, "FILE.mp4, .webm, .gif, .webp, or a folder for numbered frames")


def run(args: argparse.Namespace) -> int:
    """Make the film; 0."""
    given.check_options(args)
    if args.session is not None:
        return _run_session(args)
    found = given.find(args)
    model = given.Opened(found.model, args.network)
    job = Job(what=_film(args, model.info, found.fitted(model.info)), out=Path(args.out), quality=args.quality)
    return given.perform(args, model, job)


def _run_session(args: argparse.Namespace) -> int:
    """The film of a session's timeline, with the session's model unless another one is named."""
    given.refuse(args, f"{NOT_OF_SESSIONS} resolutions grid gap background", "--session", "the session says it")
    path = Path(os.path.expanduser(args.session))
    saved = session.read(path)
    if not saved.present.timeline.keys:
        remedy = "add some in the Timeline view and save the session"
        raise UsageError(f"{clipped(path.name, 60)} has no keyframes", remedy)
    model = library.find(args.model) if args.model is not None else _model_of(saved, path.parent)
    opened = given.Opened(model, args.network)
    timeline = saved.present.timeline.fitted(opened.info)
    film = of_timeline(timeline, args.fps, scale=args.scale, smooth=not args.square_pixels)
    return given.perform(args, opened, Job(what=film, out=Path(args.out), quality=args.quality))


def _model_of(saved: session.Saved, near: Path) -> Path:
    """The file of the session's model, where it lay, or wherever that model is found now."""
    info = saved.model.info
    found = library.find_content_id(info.content_id, near, (saved.model.path,))
    if found is None:
        what = f"the session's model {clipped(info.name, 80)} ({clipped(info.content_id, 40)}) is not here"
        raise ModelNotFoundError(what, "give its file as MODEL")
    return found


def _film(args: argparse.Namespace, info: ModelInfo, described: Any) -> Film:
    if isinstance(described, Grid):
        raise UsageError("that is the recipe of a grid", "use `grid`")
    if isinstance(described, Film):
        given.refuse(args, f"{OWN} square_pixels", "the recipe of a whole film", "give a plain recipe")
        return described
    given.check_model(args, info)
    kind = args.kind or "interpolation"
    given.check_effect(args, kind, USES)
    base: Recipe = described[0] if described else given.base_recipe(args, info)
    base = edits.with_space(base, args.space) if args.space else base
    base = edits.with_blend(base, args.blend) if args.blend else base
    paths, columns = _paths(args, info, kind, base, bool(described))
    chosen: dict[str, Any] = {"kind": kind, "base": base, "paths": paths, "loop": args.loop, "cubic": args.cubic}
    chosen |= {"page": _page(args, columns), "smooth": not args.square_pixels, "scale": args.scale}
    if kind == "mixing":
        chosen["layers"] = options.layer_list(args.layers or "coarse", info)
    if kind == "truncation":
        chosen["psis"] = tuple(options.number_list(args.psis or "1,-1"))
    if kind == "noise":
        chosen["noise_seeds"] = tuple(options.seed_list(args.noise_seeds or "0-3"))
        chosen["resolutions"] = tuple(options.seed_list(args.resolutions)) if args.resolutions else ()
    if args.fps is not None:
        chosen["fps"] = args.fps
    film = Film(**chosen, frames=1 if args.frames is None else args.frames)
    return film if args.frames is not None else replace(film, frames=FRAMES_A_SEGMENT * film.segments)


def _paths(
    args: argparse.Namespace, info: ModelInfo, kind: str, base: Recipe, described: bool
) -> tuple[tuple[tuple[Source, ...], ...], int | None]:
    """The sources of each film side by side, and how many columns they make.

    Without --grid, mixing makes a film of each pair, truncation and noise of each seed, interpolation one of them all.
    """
    if args.seeds is None and not described:
        raise UsageError("--seeds is missing", "give some, e.g. --seeds 1,5,9")
    if args.seeds is None:
        return ((base.a, base.b) if kind in ("interpolation", "mixing") else (base.a,),), None
    seeds, weights = options.seed_list(args.seeds), given.classes(args, info)
    columns, films = _grid(args.grid) if args.grid else (None, None)
    if films is None:
        films = len(seeds) // {"interpolation": len(seeds), "mixing": 2}.get(kind, 1)
    if not films or len(seeds) % films:
        raise UsageError(f"{len(seeds)} seeds do not go into films of equal length", "give as many for each film")
    keys = len(seeds) // films
    parts = (seeds[i : i + keys] for i in range(0, len(seeds), keys))
    return tuple(tuple(Source(Seed(seed), weights) for seed in part) for part in parts), columns


def _grid(text: str) -> tuple[int, int]:
    """Columns and films of "3x2"."""
    columns, cross, rows = text.partition("x")
    if not (cross and columns.isascii() and columns.isdigit() and rows.isascii() and rows.isdigit()):
        raise UsageError(f"{clipped(repr(text), 40)} is no grid", "give columns and rows, e.g. 3x2")
    if not (0 < len(columns) < 4 and 0 < len(rows) < 4 and int(columns) and int(rows)):
        raise UsageError(f"{clipped(repr(text), 40)} is no grid of a sensible size", "give e.g. 3x2")
    return int(columns), int(columns) * int(rows)


def _page(args: argparse.Namespace, columns: int | None) -> Page:
    page = replace(SIDE_BY_SIDE, columns=columns)
    page = page if args.gap is None else replace(page, gap=args.gap)
    return replace(page, background=args.background) if args.background else page
