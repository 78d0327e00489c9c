"""`python main.py timelapse`: a film of a training run: the same seeds, drawn by one snapshot after the other."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import engine
from engine import library
from engine.commands import given, options
from engine.errors import ModelFileError, StylescopeError, UsageError, clipped
from engine.export.film import LARGEST, MAX_FPS, SIDE, SUFFIXES, VIDEOS
from engine.files import atomic, native, opening, run_folder
from engine.recipe import Seed, Source

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.export.encoders import Reel
    from engine.family import ModelInfo

    Pixels = npt.NDArray[np.uint8]

EXAMPLES = """examples:
  python main.py timelapse runs/portraits --out learning.mp4
  python main.py timelapse runs/portraits --seeds 3,8,14 --psi 0.7 --fps 12 --out learning.gif
  python main.py timelapse runs/portraits --out frames/

A frame is a snapshot (model-NNNNNN.safetensors; also the network snapshots of other programs), from the first to the
newest. Snapshots that are damaged are named and left out."""
SNAPSHOT = re.compile(r"model-\d+(\.\d{3})?|network-snapshot-\d+|network-final")  # names of frames in a folder
BLACK = (0, 0, 0)  # behind transparent pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `timelapse`."""
    options.add_examples(parser, EXAMPLES)
    parser.add_argument("run", metavar="RUN", help="the folder of a training run")
    parser.add_argument("--seeds", default="0-15", metavar="LIST", help="side by side in each frame (default 0-15)")
    parser.add_argument("--fps", type=options.rate, default=Fraction(8), metavar="F", help="snapshots a second (8)")
    parser.add_argument("--scale", type=int, metavar="N", help="enlarge N times (default: as `video` does)")
    given.add_options(parser)
    given.add_output(parser, "FILE.mp4, .webm, .gif, .webp, or a folder for a PNG of each snapshot")
    parser.set_defaults(recipe=None)  # what seeds show is said by options


def run(args: argparse.Namespace) -> int:
    """Make the film; 0. Raises StylescopeError; nothing is left of a film that fails."""
    given.check_options(args)
    out, seeds = Path(args.out), options.seed_list(args.seeds)
    snapshots, info = _snapshots(Path(os.path.expanduser(args.run)))
    given.check_model(args, info)
    suffix = out.suffix.lower() if out.suffix.lower() in SUFFIXES else ""
    reel = _reel(args, info, len(seeds), len(snapshots), suffix)
    if suffix:
        atomic.check_file(out)
    else:
        atomic.check_folder(out, _holds_frames)
    made = _frames(args, snapshots, seeds, reel)
    if suffix:
        from engine.export import encoders

        with atomic.write_atomically(out) as file:
            encoders.write(suffix, made, file, reel)
    else:
        from PIL import Image

        with atomic.fill_folder_atomically(out, _holds_frames) as folder:
            for path, frame in zip(snapshots, made, strict=True):
                Image.fromarray(frame).save(folder / f"{path.stem}.png")
    if args.json:
        print(json.dumps({"path": str(out), "frames": len(snapshots), "seeds": seeds}))
    elif not args.quiet:
        print(out)
    return 0


def _reel(args: argparse.Namespace, info: ModelInfo, pictures: int, count: int, suffix: str) -> Reel:
    """Size, number and speed of the frames. Raises UsageError."""
    from engine.export.encoders import Reel
    from engine.export.film_file import QUALITY

    if not 0 < args.fps <= MAX_FPS:
        raise UsageError(f"--fps {clipped(args.fps, 20)} is no rate", f"give one above 0, up to {MAX_FPS}")
    if args.scale is not None and not 1 <= args.scale <= 64:
        raise UsageError("the scale of a film is a whole number from 1 to 64", "give one of these")
    if args.quality is not None and not 1 <= args.quality <= 100:
        raise UsageError("--quality is a whole number from 1 to 100", "give one of these")
    columns = _columns(pictures)
    scale = args.scale or (max(1, -(-SIDE // max(info.size))) if suffix in VIDEOS else 1)
    width, height = info.size[0] * columns * scale, info.size[1] * -(-pictures // columns) * scale
    if max(width, height) > LARGEST:
        raise UsageError(f"a film of {width} x {height} pixels is too large", "give fewer seeds or a smaller --scale")
    told = json.dumps({"program": f"Stylescope {engine.__version__}", "timelapse": info.name, "seeds": args.seeds})
    quality = QUALITY.get(suffix, 100) if args.quality is None else args.quality
    return Reel(width=width, height=height, frames=count, fps=args.fps, quality=quality, comment=told)


def _frames(args: argparse.Namespace, snapshots: Sequence[Path], seeds: list[int], reel: Reel) -> Iterator[Pixels]:
    """A frame [H, W, 3] for each snapshot."""
    from tqdm import tqdm

    from engine.export.film_file import enlarged
    from engine.export.sheet import beside, opaque
    from engine.renderer import Renderer

    renderer = Renderer(args.device, args.dtype)
    for path in tqdm(snapshots, disable=not options.shows_progress(args.quiet), unit="snapshot", leave=False):
        info = renderer.load(path, args.network)
        base, classes = given.base_recipe(args, info), given.classes(args, info)
        recipes = [replace(base, a=Source(Seed(seed), classes)) for seed in seeds]
        pictures = [opaque(picture.pixels, BLACK) for picture in renderer.render_many(recipes)]
        page = beside(pictures, _columns(len(seeds)), 0, BLACK)
        yield enlarged(page, reel.width // page.shape[1], smooth=True)


def _columns(pictures: int) -> int:
    return math.ceil(math.sqrt(pictures))


def _snapshots(run: Path) -> tuple[list[Path], ModelInfo]:
    """The whole snapshots of a run that show pictures of one size, the oldest first, and the newest one's description.
    Raises StylescopeError."""
    if not run.is_dir():
        library.find(str(run))  # says that there is no such thing
        raise UsageError(f"{clipped(run)} is no folder of a training run", "give one that holds snapshots")
    run_folder.newest(run)  # says that there is none, or none whole
    found: list[tuple[Path, ModelInfo]] = []
    for path in run_folder.snapshots(run):
        try:
            found.append((path, _info_of_whole(path)))
        except StylescopeError as error:
            print(f"{path.name} is left out: {error.what}", file=sys.stderr)
    if not found:
        raise ModelFileError(f"no snapshot of {clipped(run)} can be read", "give another run")
    newest = found[0][1]
    return [path for path, info in reversed(found) if info.size == newest.size], newest


def _info_of_whole(path: Path) -> ModelInfo:
    """What a snapshot is, none of it damaged: of ours a header alone is read, and weights may end half way.

    Raises StylescopeError.
    """
    info = opening.read_info(path)
    if path.suffix == library.SUFFIX and not native.is_whole(path):
        raise ModelFileError("its weights are damaged", "get the file again")
    return info


def _holds_frames(folder: Path) -> bool:
    """Whether a folder is that of an earlier film, which may be replaced."""
    return all(path.suffix == ".png" and SNAPSHOT.fullmatch(path.stem) for path in folder.iterdir())
