"""`image`: pictures of seeds, of a recipe, or of latents from a file, into a picture, a .npy file or a folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands import given, options
from engine.errors import UsageError
from engine.export.film import Film, frame_name
from engine.export.grid import Grid
from engine.export.job import Job, Pictures
from engine.export.pictures import Lazy, seed_names, source_names
from engine.family import ModelInfo
from engine.recipe import Recipe, SavedLatent, Seed, Source

if TYPE_CHECKING:
    from engine.export.curve import Route
    from engine.renderer import Renderer

EXAMPLES = """examples:
  python main.py image --seeds 0-8,42 --psi 0.7 --out pictures/
  python main.py image --seeds 7 --out portrait.webp --quality 90
  python main.py image --recipe portrait.png --out again.png
  python main.py image --recipe film.mp4 --frame 30 --out frame.png
  python main.py image model.safetensors --z z.npy --psi 0.7 --out pictures.npy --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `image`."""
    options.add_examples(parser, EXAMPLES)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="a model file, a training run or a bundled name")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seeds", metavar="LIST", help="seeds, e.g. 0-8,42")
    recipe = "a recipe: FILE.json, a picture or film that holds one, JSON text, or - for stdin"
    what.add_argument("--recipe", metavar="R", help=recipe)
    what.add_argument("--z", metavar="Z.npy", help="latents [N, z_dim]")
    what.add_argument("--ws", metavar="W.npy", help="latents [N, layers, w_dim], used as they are")
    parser.add_argument("--labels", metavar="C.npy", help="class weights [N, classes] for --z")
    given.add_options(parser)
    parser.add_argument("--frame", type=int, metavar="N", help="of a film as --recipe, only frame N (from 0)")
    formats = ("png", "webp", "jpg", "tif", "npy")
    parser.add_argument("--format", choices=formats, help="of the pictures in a folder (default png)")
    given.add_output(parser, "FILE.png, .webp, .jpg, .tif, FILE.npy (float32 before any rounding), or a folder")


def run(args: argparse.Namespace) -> int:
    """Make the pictures; 0."""
    _check_options(args)
    found = given.find(args)
    model = given.Opened(found.model, args.network)
    pictures, ready = _pictures(args, model.info, found)
    job = Job(what=pictures, out=Path(args.out), quality=args.quality, folder_format=f".{args.format or 'png'}")
    if args.format and job.suffix:
        raise UsageError("--format is for a folder", "the name of the file says its format")
    return given.perform(args, model, job, ready)


def _check_options(args: argparse.Namespace) -> None:
    given.check_options(args)
    if args.labels and not args.z:
        raise UsageError("--labels needs --z", "give --class for seeds")
    if args.labels and args.class_index is not None:
        raise UsageError("--labels and --class say the same thing", "give one of them")
    if args.ws is not None and (args.psi not in (None, 1) or args.cutoff is not None or args.class_index is not None):
        raise UsageError("--psi, --cutoff and --class do not go with --ws", "ws are used as they are")


def _pictures(
    args: argparse.Namespace, info: ModelInfo, found: given.Given
) -> tuple[Pictures, Callable[[Renderer], None] | None]:
    """What to make, and what has to know the model before."""
    described = found.fitted(info)
    if args.frame is not None and not isinstance(described, Film):
        raise UsageError("--frame is for a film as --recipe", "leave it away")
    if isinstance(described, Film):
        return _of_film(described, args.frame, info)
    if isinstance(described, Grid):
        described.check(info)
        cells = (cell.recipe for row in described.layout(info).rows for cell in row.cells)
        return Pictures(recipes=tuple(recipe for recipe in cells if recipe is not None)), None
    if described is not None:
        names = ("recipe",) if len(described) == 1 else source_names([recipe.a for recipe in described])
        return Pictures(recipes=described, names=names), None
    given.check_model(args, info)
    weights = given.classes(args, info)
    if args.seeds is not None:
        seeds = options.seed_list(args.seeds)
        recipes = Lazy(len(seeds), lambda i: _recipe(args, info, Source(Seed(seeds[i]), weights), i))
        return Pictures(recipes=recipes, names=seed_names(seeds)), None
    source, count = _from_file(args, info, weights)
    space = "z" if args.z is not None else "ws"
    recipes = Lazy(count, lambda i: _recipe(args, info, source(i), i))
    return Pictures(recipes=recipes, names=Lazy(count, lambda i: f"{space}{i:04d}"), keep_recipes=False), None


def _recipe(args: argparse.Namespace, info: ModelInfo, source: Source, number: int) -> Recipe:
    return replace(given.base_recipe(args, info, number), a=source)


def _of_film(film: Film, frame: int | None, info: ModelInfo) -> tuple[Pictures, Callable[[Renderer], None]]:
    """The frames of a film; of films side by side, one after the other."""
    film.check(info, "")
    if frame is not None and not 0 <= frame < film.frames:
        raise UsageError(f"the film has no frame {frame}", f"give 0 to {film.frames - 1}")
    first, count, side = frame or 0, film.frames if frame is None else 1, len(film.paths)
    curves: list[Route | None] = []
    recipes = Lazy(count * side, lambda i: film.frame(first + i // side, info, curves)[i % side])

    def name(i: int) -> str:
        stem = Path(frame_name(first + i // side)).stem
        return stem if side == 1 else f"{stem}-{i % side}"

    def ready(renderer: Renderer) -> None:
        curves.extend(film.curves(renderer) or ())

    known = not film.cubic and film.timeline is None  # the others' sources are only known with the model
    return Pictures(recipes=recipes, names=Lazy(count * side, name), keep_recipes=known), ready


def _from_file(
    args: argparse.Namespace, info: ModelInfo, weights: tuple[float, ...]
) -> tuple[Callable[[int], Source], int]:
    """Source i of a file of latents, and how many there are."""
    from engine import latents
    from engine.files import npy

    if args.ws is not None:
        ws = npy.read(args.ws, (None, len(info.layers), info.w_dim), "latents of this model")
        return lambda i: Source(SavedLatent("ws", latents.saved(ws[i]))), len(ws)
    z = npy.read(args.z, (None, info.z_dim), "latents of this model")
    if args.labels is None:
        return lambda i: Source(SavedLatent("z", latents.saved(z[i])), weights), len(z)
    if not info.classes:
        raise UsageError("this model has no classes", "leave --labels away")
    labels = npy.read(args.labels, (len(z), info.classes), "class weights")
    return lambda i: Source(SavedLatent("z", latents.saved(z[i])), tuple(map(float, labels[i]))), len(z)
