"""`python main.py train`: arguments to a TrainConfig, then the loop."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import options
from engine.errors import StylescopeError, TrainingError, clipped

if TYPE_CHECKING:
    from train.config import TrainConfig

EXAMPLES = """examples:
  python main.py train --preset stylegan2-portraits-64 --data portraits --out runs/portraits
  python main.py train --preset stylegan2-portraits-32 --data portraits --out runs/small --kimg 100 --max-minutes 30
  python main.py train --preset stylegan2-auto --data photos-256.zip --out runs/photos --transfer ffhq.pkl
  python main.py train --preset stylegan2-e --data photos-256.zip --out runs/e --set r1_gamma=2 --dry-run
  torchrun --nproc_per_node=8 main.py train --preset stylegan2-f --data photos-1024.zip --out runs/f
  python main.py timelapse runs/photos --out learning.mp4

The same command again continues the run where its last snapshot was. docs/training.md tells more."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command-line contract."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--preset", required=True, metavar="NAME", help="named configuration, e.g. stylegan2-portraits-64"
    )
    parser.add_argument("--data", required=True, metavar="DATA", help="a folder, a zip, or 'portraits' (drawn)")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="RUN", help="folder of the run; continued if it holds one"
    )
    parser.add_argument("--kimg", type=_positive, metavar="F", help="thousands of pictures to show, in total")
    parser.add_argument("--snapshot-kimg", type=_positive, metavar="F", help="thousands of pictures between snapshots")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of weights, latents and data order (default 0)")
    parser.add_argument("--max-minutes", type=_positive, metavar="F", help="stop with a snapshot after this time")
    parser.add_argument(
        "--set", action="append", default=[], metavar="key=value", help="change one setting of the preset"
    )
    parser.add_argument("--resolution", type=int, metavar="R", help="pixels (default: those of the data set)")
    parser.add_argument("--cond", action="store_true", help="train on the labels of the data set")
    parser.add_argument(
        "--transfer", metavar="MODEL", help="begin with the weights of a model file, a run's folder or a bundled model"
    )
    parser.add_argument("--batch-gpu", type=int, metavar="N", help="samples computed at a time (default: what fits)")
    parser.add_argument(
        "--dry-run", action="store_true", help="print settings, networks and the memory they take, write nothing"
    )
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps (default auto)")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    options.add_debug(parser)


def run(args: argparse.Namespace) -> int:
    """Train; returns the exit status. Raises StylescopeError."""
    from train.checks import check_folder
    from train.config import to_dict
    from train.launch import launch

    this = launch()
    leads = this.rank == 0
    try:
        config = settings(args, this.ranks)
        if leads:
            config = check_folder(config, args.out)
    except StylescopeError:
        if this.local_rank == 0:
            raise
        return 2  # the first process of this machine has said it
    if leads and (args.dry_run or not args.quiet):
        print(json.dumps(to_dict(config), indent=2), flush=True)
    if args.dry_run:
        from train.dry_run import table

        if leads and not args.quiet:
            print(table(config, this.ranks), file=sys.stderr)
        return 0
    # torch is imported from here on, after all that can be refused without it
    from train.loop import train
    from train.parallel import joined, left

    with joined(args.device) as (world, device):
        signal = train(config, args.out, device, args.max_minutes, args.quiet, world)
    return left(128 + signal if signal else 0, world)


def settings(args: argparse.Namespace, ranks: int = 1) -> TrainConfig:
    """The configuration that a command line asks for: the preset for this data set, then what is given. Raises
    StylescopeError."""
    from train.changes import with_settings
    from train.checks import LABELS, check
    from train.data_shape import data_shape
    from train.folder import transfer_defaults
    from train.presets import PRESETS, preset

    if args.preset not in PRESETS:
        preset(args.preset)  # says which there are
    shape = data_shape(args.data)
    config = preset(args.preset, shape.resolution if args.resolution is None else args.resolution, ranks)
    given: dict[str, Any] = {
        "kimg": args.kimg,
        "snapshot_kimg": args.snapshot_kimg,
        "seed": args.seed,
        "data": args.data,
    }
    given |= {"transfer": args.transfer, "batch_gpu": args.batch_gpu}
    sizes = {"channels": shape.channels} | ({"classes": shape.classes} if args.cond else {})
    if args.cond and not shape.classes:
        raise TrainingError(f"the data set {clipped(args.data)} has no labels", LABELS)
    given |= {name: {**getattr(config, name), **sizes} for name in ("generator", "discriminator")}
    given |= transfer_defaults(args.out, args.transfer)
    config = dataclasses.replace(config, **{k: v for k, v in given.items() if v is not None})
    config = with_settings(config, args.set)
    check(config, shape, ranks)
    return config


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{clipped(repr(text), 40)} is no number above 0")
    return value
