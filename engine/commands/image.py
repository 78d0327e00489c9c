"""`image`: pictures of seeds, of a recipe, or of latents from a file, into a PNG, a .npy file or a folder."""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import edits, library, png_text, recipe_json
from engine.commands import options
from engine.errors import ModelNotFoundError, StylescopeError, UsageError, clipped
from engine.family import ModelInfo
from engine.files import native
from engine.picture import read_recipe, save_png
from engine.recipe import SEEDS, Mix, ModelRef, Noise, NoiseSetting, Recipe, SavedLatent, Seed, Source

if TYPE_CHECKING:
    from engine.renderer import Renderer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `image`."""
    parser.add_argument("model", metavar="MODEL", nargs="?", help="a model file, a training run or a bundled name")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seeds", metavar="LIST", help="seeds, e.g. 0-8,42")
    what.add_argument("--recipe", metavar="R", help="a recipe: FILE.json, PICTURE.png, JSON text, or - for stdin")
    what.add_argument("--z", metavar="Z.npy", help="latents [N, z_dim]")
    what.add_argument("--ws", metavar="W.npy", help="latents [N, layers, w_dim], used as they are")
    parser.add_argument("--labels", metavar="C.npy", help="class weights [N, classes] for --z")
    parser.add_argument("--psi", type=options.finite_number, metavar="F", help="truncation (default 1: none)")
    parser.add_argument("--cutoff", type=int, metavar="N", help="psi acts on layers below N (default: on all)")
    parser.add_argument("--noise", choices=("const", "none", "random"), help="default const: the model's stored maps")
    parser.add_argument(
        "--noise-seed", type=int, metavar="N", help="with --noise random: picture i has noise of seed N + i (default 0)"
    )
    parser.add_argument("--class", type=int, metavar="N", dest="class_index", help="class of a conditional model")
    parser.add_argument("--out", required=True, metavar="OUT", help="FILE.png, FILE.npy (float32), or a folder")
    options.add_device(parser)
    options.add_common(parser)


@dataclass(frozen=True, slots=True)
class Job:
    """Pictures to make: their file names in a folder, and how to get the recipe of each."""

    names: list[str]
    recipe: Callable[[int], Recipe]


def run(args: argparse.Namespace) -> int:
    """Make the pictures; 0. Everything that can be refused is, before torch is imported and anything is written."""
    _check_options(args)
    given, path = _recipe_and_model(args)
    info = native.read_info(path)
    job = _job(args, info, given)
    kind = {".png": "png", ".npy": "npy"}.get(Path(args.out).suffix.lower(), "folder")
    if kind == "png" and len(job.names) != 1:
        raise UsageError(f"{len(job.names)} pictures do not fit into one PNG", "give a folder or a .npy file as --out")

    from engine.renderer import Renderer

    renderer = Renderer(args.device, args.dtype)
    renderer.load(path, args.network)
    write = {"png": _write_png, "npy": _write_npy, "folder": _write_folder}[kind]
    written = write(renderer, job, Path(args.out), info, args.quiet)
    _report(args, info, written, str(renderer.device))
    return 0


# --- what to make


def _check_options(args: argparse.Namespace) -> None:
    """Refuse options that contradict each other, whatever the model."""
    if args.network == "D":
        raise UsageError("the network D draws no pictures", "give --network G or G_ema")
    if args.labels and not args.z:
        raise UsageError("--labels needs --z", "give --class for seeds")
    if args.labels and args.class_index is not None:
        raise UsageError("--labels and --class say the same thing", "give one of them")
    if args.noise_seed is not None and args.noise is None:
        raise UsageError("--noise-seed has no effect without --noise random", "add --noise random")
    if args.noise_seed is not None and not 0 <= args.noise_seed < SEEDS:
        raise UsageError("the noise seed is out of range", f"give one from 0 to {SEEDS - 1}")
    if args.recipe is not None:
        for option in ("psi", "cutoff", "noise", "class_index"):
            if getattr(args, option) is not None:
                name = option.removesuffix("_index")
                raise UsageError(f"--{name} does not go with --recipe", "the recipe says it; change it there")
    if args.ws is not None and (args.psi not in (None, 1) or args.cutoff is not None or args.class_index is not None):
        raise UsageError("--psi, --cutoff and --class do not go with --ws", "ws are used as they are")


def _recipe_and_model(args: argparse.Namespace) -> tuple[Recipe | None, Path]:
    """The recipe that was given, if one was, and the model's file."""
    if args.recipe is None:
        return None, library.find(args.model)
    recipe, near = _given_recipe(args.recipe)
    if args.model is not None:
        return recipe, library.find(args.model)
    wanted = recipe.model
    if not wanted.content_id:
        return recipe, library.bundled().get(wanted.name) or library.find(None)
    found = library.find_content_id(wanted.content_id, near)
    if found is None:
        what = f"the recipe's model {clipped(wanted.name, 80)} ({clipped(wanted.content_id, 40)}) is not here"
        raise ModelNotFoundError(what, "give its file as MODEL")
    return recipe, found


def _given_recipe(text: str) -> tuple[Recipe, Path | None]:
    """The recipe of the --recipe argument, and the folder that it came from."""
    if text == "-":
        return recipe_json.loads(sys.stdin.read(recipe_json.MAX_TEXT + 1)), None
    if text.lstrip().startswith("{"):
        return recipe_json.loads(text), None
    path = Path(text).expanduser()
    name = clipped(path.name)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UsageError(f"{name} is no ordinary file", "give a recipe's JSON file or a picture")
        with open(path, "rb") as file:
            start = file.read(4 * recipe_json.MAX_TEXT + 1)
    except (OSError, ValueError) as error:
        reason = clipped(getattr(error, "strerror", None) or error, 80)
        raise UsageError(f"the recipe {name} cannot be read ({reason})", "check the name") from None
    if start.startswith(png_text.SIGNATURE):
        return read_recipe(path), path.parent
    try:
        return recipe_json.loads(start.decode("utf-8-sig")), path.parent  # editors on Windows write a mark
    except UnicodeDecodeError:
        raise UsageError(f"{name} is no text and no PNG", "give a recipe's JSON file or a picture") from None


def _job(args: argparse.Namespace, info: ModelInfo, given: Recipe | None) -> Job:
    if given is not None:
        return Job(["recipe.png"], lambda _: given if _is_for(given, info) else edits.with_model(given, info))
    _check_model(args, info)
    base = Recipe(ModelRef(info.name, info.content_id), mix=Mix(blend="linear"))
    base = edits.with_cutoff(edits.with_psi(base, 1 if args.psi is None else args.psi), args.cutoff)
    classes = tuple(float(i == args.class_index) for i in range(info.classes)) if args.class_index else ()

    def recipe(source: Source, number: int) -> Recipe:
        with_noise = replace(base, noise=_noise(args, info, number))
        return edits.with_source(with_noise, "a", source)

    if args.seeds is not None:
        seeds = options.seed_list(args.seeds)
        return Job([f"seed{s:04d}.png" for s in seeds], lambda i: recipe(Source(Seed(seeds[i]), classes), i))
    latent_source, count = _from_file(args, info, classes)
    space = "z" if args.z is not None else "ws"
    return Job([f"{space}{i:04d}.png" for i in range(count)], lambda i: recipe(latent_source(i), i))


def _from_file(
    args: argparse.Namespace, info: ModelInfo, classes: tuple[float, ...]
) -> tuple[Callable[[int], Source], int]:
    """Source i of a file of latents, and how many there are."""
    from engine import latents
    from engine.files import npy

    if args.ws is not None:
        ws = npy.read(args.ws, (None, len(info.layers), info.w_dim), "latents of this model")
        return lambda i: Source(SavedLatent("ws", latents.saved(ws[i]))), len(ws)
    z = npy.read(args.z, (None, info.z_dim), "latents of this model")
    if args.labels is None:
        return lambda i: Source(SavedLatent("z", latents.saved(z[i])), classes), len(z)
    if not info.classes:
        raise UsageError("this model has no classes", "leave --labels away")
    labels = npy.read(args.labels, (len(z), info.classes), "class weights")
    return lambda i: Source(SavedLatent("z", latents.saved(z[i])), tuple(map(float, labels[i]))), len(z)


def _check_model(args: argparse.Namespace, info: ModelInfo) -> None:
    """Refuse options that ask for what this model does not have; those that change nothing are accepted."""
    if args.psi not in (None, 1) and not info.features.truncation:
        raise UsageError("this model has no mean latent to truncate towards", "leave --psi away")
    if args.cutoff is not None and not 0 <= args.cutoff <= len(info.layers):
        raise UsageError(f"--cutoff {clipped(args.cutoff, 20)} is no layer", f"give 0 to {len(info.layers)}")
    if args.noise == "random" and not info.noise:
        raise UsageError("this model has no noise inputs", "leave --noise away")
    if args.class_index is not None and not 0 <= args.class_index < max(info.classes, 1):
        known = f"give 0 to {info.classes - 1}" if info.classes else "it has no classes: leave --class away"
        raise UsageError(f"this model has no class {clipped(args.class_index, 20)}", known)


def _noise(args: argparse.Namespace, info: ModelInfo, number: int) -> Noise:
    """The same setting at every resolution."""
    if args.noise in (None, "const"):
        return Noise()
    seed = ((args.noise_seed or 0) + number) % SEEDS
    setting = NoiseSetting(strength=0.0) if args.noise == "none" else NoiseSetting(seed)
    return Noise(tuple((resolution, setting) for resolution in info.noise_resolutions))


def _is_for(recipe: Recipe, info: ModelInfo) -> bool:
    return recipe.model.content_id == info.content_id


# --- making it


def _write_png(renderer: Renderer, job: Job, out: Path, info: ModelInfo, quiet: bool) -> list[Path]:
    save_png(renderer.render(job.recipe(0)), out)
    return [out]


def _write_npy(renderer: Renderer, job: Job, out: Path, info: ModelInfo, quiet: bool) -> list[Path]:
    from engine.files import npy

    count = len(job.names)
    shape = (count, info.channels, info.resolution, info.resolution)
    npy.write(out, (renderer.render_float(job.recipe(i)) for i in _counted(count, quiet)), shape)
    return [out]


def _write_folder(renderer: Renderer, job: Job, out: Path, info: ModelInfo, quiet: bool) -> list[Path]:
    written = []
    for i in _counted(len(job.names), quiet):
        picture = renderer.render(job.recipe(i))
        try:
            out.mkdir(parents=True, exist_ok=True)  # not before there is a picture to put in
        except OSError as error:
            reason = clipped(error.strerror or error, 80)
            raise StylescopeError(f"cannot make the folder {clipped(out)} ({reason})", "choose another") from None
        save_png(picture, out / job.names[i])
        written.append(out / job.names[i])
    return written


def _counted(count: int, quiet: bool) -> Iterator[int]:
    from tqdm import tqdm

    yield from tqdm(range(count), disable=not options.shows_progress(quiet) or count < 2, unit="picture")


def _report(args: argparse.Namespace, info: ModelInfo, written: list[Path], device: str) -> None:
    if args.json:
        result: dict[str, Any] = {
            "files": [str(path) for path in written],
            "model": info.name,
            "content_id": info.content_id,
            "device": device,
        }
        print(json.dumps(result, indent=2))
    elif not args.quiet:
        print("\n".join(str(path) for path in written))
