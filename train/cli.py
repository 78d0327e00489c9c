"""`python main.py train`: arguments to a TrainConfig, then the loop."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from pathlib import Path

from engine.commands import options
from engine.errors import UsageError

EXAMPLES = """examples:
  python main.py train --preset stylegan2-portraits-64 --data portraits --out runs/portraits
  python main.py train --preset stylegan2-portraits-32 --data portraits --out runs/small --kimg 100 --max-minutes 30
  python main.py train --preset stylegan2-portraits-64 --data portraits --out runs/soft --set r1_gamma=2 --dry-run

The same command again continues the run where its last snapshot was."""


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
    parser.add_argument("--dry-run", action="store_true", help="print the settings and stop")
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps (default auto)")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    options.add_debug(parser)


def run(args: argparse.Namespace) -> int:
    """Train; returns the exit status. Raises StylescopeError."""
    from train.config import to_dict, with_settings
    from train.presets import preset

    given = {"kimg": args.kimg, "snapshot_kimg": args.snapshot_kimg, "seed": args.seed, "data": args.data}
    config = dataclasses.replace(preset(args.preset), **{k: v for k, v in given.items() if v is not None})
    config = with_settings(config, args.set)
    if not args.quiet or args.dry_run:
        print(json.dumps(to_dict(config), indent=2), flush=True)
    if args.dry_run:
        return 0
    # torch is imported from here on, after all that can be refused without it
    from engine.device import choose, tune_allocator

    tune_allocator()
    device = choose(args.device)
    from train.loop import train

    signal = train(config, args.out, device, args.max_minutes, args.quiet)
    return 128 + signal if signal else 0


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"{text[:40]!r} is no number above 0", "give one, e.g. 20")
    return value
