"""What `image`, `grid` and `video` are given in the same words: a model, a recipe, options for every picture, a job.

Everything that can be refused is refused before torch is imported and anything is written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import edits, library, recipe_json
from engine.commands import options
from engine.errors import ModelNotFoundError, UsageError, clipped
from engine.export import description, description_file
from engine.export.film import Film
from engine.export.grid import Grid
from engine.export.job import Job, Written, run
from engine.family import ModelInfo
from engine.files import opening
from engine.recipe import SEEDS, Mix, ModelRef, Noise, NoiseSetting, Recipe, Source

if TYPE_CHECKING:
    from engine.renderer import Renderer


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options that hold for every picture."""
    parser.add_argument("--psi", type=options.finite_number, metavar="F", help="truncation (default 1: none)")
    parser.add_argument("--cutoff", type=int, metavar="N", help="psi acts on layers below N (default: on all)")
    parser.add_argument("--noise", choices=("const", "none", "random"), help="default const: the model's stored maps")
    parser.add_argument("--noise-seed", type=int, metavar="N", help="with --noise random: which noise (default 0)")
    parser.add_argument("--class", type=int, metavar="N", dest="class_index", help="class of a conditional model")


def add_output(parser: argparse.ArgumentParser, out: str) -> None:
    """--out, --quality and what all commands have."""
    parser.add_argument("--out", required=True, metavar="OUT", help=out)
    parser.add_argument("--quality", type=int, metavar="N", help="1 to 100, where the format has one")
    options.add_device(parser)
    options.add_common(parser)


def check_options(args: argparse.Namespace) -> None:
    """Refuse options that contradict each other, whatever the model. Raises UsageError."""
    if not args.out.strip():
        raise UsageError("--out is empty", "give a file or a folder")
    if args.network == "D":
        raise UsageError("the network D draws no pictures", "give --network G or G_ema")
    if args.noise_seed is not None and args.noise is None:
        raise UsageError("--noise-seed has no effect without --noise random", "add --noise random")
    if args.noise_seed is not None and not 0 <= args.noise_seed < SEEDS:
        raise UsageError("the noise seed is out of range", f"give one from 0 to {SEEDS - 1}")
    if args.recipe is not None:
        for option in ("psi", "cutoff", "noise", "class_index"):
            if getattr(args, option) is not None:
                name = option.removesuffix("_index")
                raise UsageError(f"--{name} does not go with --recipe", "the recipe says it; change it there")


def refuse(args: argparse.Namespace, names: str, beside: str, remedy: str) -> None:
    """Refuse options that do not go with another one. names: with spaces between."""
    for name in names.split():
        if getattr(args, name) not in (None, False):
            raise UsageError(f"--{name.replace('_', '-')} does not go with {beside}", remedy)


def check_effect(args: argparse.Namespace, kind: str, uses: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse options that a kind of grid or film has no use for. uses: by option, the kinds that have."""
    for name, kinds in uses.items():
        if kind not in kinds:
            refuse(args, name, f"--kind {kind}", f"it is for {' and '.join(kinds)}")


def check_model(args: argparse.Namespace, info: ModelInfo) -> None:
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


# --- recipes


def base_recipe(args: argparse.Namespace, info: ModelInfo, number: int = 0) -> Recipe:
    """What the options say of picture `number`, all but its sources."""
    mix = Mix(blend=getattr(args, "blend", None) or "linear")
    base = Recipe(ModelRef(info.name, info.content_id), mix=mix, noise=_noise(args, info, number))
    return edits.with_cutoff(edits.with_psi(base, 1 if args.psi is None else args.psi), args.cutoff)


def classes(args: argparse.Namespace, info: ModelInfo) -> tuple[float, ...]:
    """The class weights of a source."""
    return tuple(float(i == args.class_index) for i in range(info.classes)) if args.class_index else ()


def _noise(args: argparse.Namespace, info: ModelInfo, number: int) -> Noise:
    """The same setting at every resolution."""
    if args.noise in (None, "const"):
        return Noise()
    seed = ((args.noise_seed or 0) + number) % SEEDS
    setting = NoiseSetting(strength=0.0) if args.noise == "none" else NoiseSetting(seed)
    return Noise(tuple((resolution, setting) for resolution in info.noise_resolutions))


@dataclass(frozen=True, slots=True)
class Given:
    """What --recipe names, and the model's file."""

    described: description.Described | None
    model: Path

    def fitted(self, info: ModelInfo) -> description.Described | None:
        """What is described, for the model that it is to be made with."""
        match self.described:
            case tuple() as recipes:
                return tuple(_fitted(recipe, info) for recipe in recipes)
            case Film() as film:
                paths = tuple(tuple(_fitted_source(source, film.base, info) for source in p) for p in film.paths)
                timeline = film.timeline and film.timeline.fitted(info)
                return replace(film, base=_fitted(film.base, info), paths=paths, timeline=timeline)
            case Grid() as grid:
                sources, others = (
                    tuple(_fitted_source(source, grid.base, info) for source in some)
                    for some in (grid.sources, grid.sources_b)
                )
                return replace(grid, base=_fitted(grid.base, info), sources=sources, sources_b=others)
        return None


def find(args: argparse.Namespace, grids: bool = False) -> Given:
    """What --recipe names and the model: MODEL, else the recipe's own, else the default. Raises StylescopeError.

    grids: a grid's PNG is the whole grid; else it is the one recipe that every picture has.
    """
    if args.recipe is None:
        return Given(None, library.find(args.model))
    described, near = _described(args.recipe, grids)
    if args.model is not None:
        return Given(described, library.find(args.model))
    wanted = (described[0] if isinstance(described, tuple) else described.base).model
    if not wanted.content_id:
        return Given(described, library.bundled().get(wanted.name) or library.find(None))
    found = library.find_content_id(wanted.content_id, near)
    if found is None:
        what = f"the recipe's model {clipped(wanted.name, 80)} ({clipped(wanted.content_id, 40)}) is not here"
        raise ModelNotFoundError(what, "give its file as MODEL")
    return Given(described, found)


def _described(text: str, grids: bool) -> tuple[description.Described, Path | None]:
    """What --recipe names, and the folder that it came from."""
    if text == "-":
        return description.loads(sys.stdin.read(recipe_json.MAX_TEXT + 1)), None
    if text.lstrip().startswith("{"):
        return description.loads(text), None
    path = Path(os.path.expanduser(text))
    return description_file.read(path, grids=grids), path.parent


def _fitted(recipe: Recipe, info: ModelInfo) -> Recipe:
    return recipe if recipe.model.content_id == info.content_id else edits.with_model(recipe, info)


def _fitted_source(source: Source, base: Recipe, info: ModelInfo) -> Source:
    return _fitted(replace(base, a=source), info).a


# --- making it


class Opened:
    """A model's file, described before torch is there. What had to be read for that is not read again."""

    def __init__(self, path: Path, network: str | None) -> None:
        self._path, self._network = path, network
        self.info, self._data = opening.read_once(path, network)

    def put_into(self, renderer: Renderer) -> None:
        """Load it, once."""
        data, self._data = self._data, None  # or it would be in memory for as long as the job takes
        renderer.load(self._path, self._network, data=data)


def perform(args: argparse.Namespace, model: Opened, job: Job, ready: Callable[[Renderer], None] | None = None) -> int:
    """Check a job, run it, print what was written; 0. `ready` is told the renderer once it has its model."""
    info = model.info
    job.check(info)

    from engine.renderer import Renderer

    renderer = Renderer(args.device, args.dtype)
    model.put_into(renderer)
    if ready is not None:
        ready(renderer)

    def tell(written: Written) -> None:
        if args.json:
            result: dict[str, Any] = {"path": str(written.path), "sha256": written.sha256}
            result |= {"seconds": round(written.seconds, 3), "model": info.name, "content_id": info.content_id}
            print(json.dumps(result | {"device": str(renderer.device)}), flush=True)
        elif not args.quiet:
            print(written.path, flush=True)

    with _Bar(args.quiet) as bar:
        run(job, renderer, progress=bar, written=tell)
    return 0


class _Bar:
    """Progress and time left, for a person who looks at a terminal."""

    def __init__(self, quiet: bool) -> None:
        self._shown = options.shows_progress(quiet)
        self._bar: Any = None

    def __enter__(self) -> _Bar:
        return self

    def __call__(self, done: int, total: int, seconds: float) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, disable=not self._shown or total < 2, unit="picture", leave=False)
        self._bar.update(done - self._bar.n)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
