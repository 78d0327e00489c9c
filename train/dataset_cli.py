"""`python main.py dataset`: pack, describe and check data sets, and draw one. Does not import torch."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands import options
from engine.errors import TrainingError, UsageError, clipped

if TYPE_CHECKING:
    from train.datasets.faults import Fault
    from train.datasets.record import Record

EXAMPLES = """examples:
  python main.py dataset pack photos/ photos-256.zip --resolution 256
  python main.py dataset pack films/ films-256.zip --resolution 256 --crop letterbox --background '#000000'
  python main.py dataset info photos-256.zip
  python main.py dataset check photos/ --any-size
  python main.py dataset portraits --count 10000 --resolution 64 --out portraits-64.zip

DATA is a folder of any depth or a zip, of PNG, JPEG, WebP, TIFF and BMP pictures. Labels are read from dataset.json
({"labels": [[name, class], ...]}), else from the folders when all pictures lie in several of them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `dataset`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", required=True, metavar="pack|info|check|portraits")
    _add_pack(actions.add_parser("pack", help="crop and resize pictures into a zip", allow_abbrev=False))

    info = actions.add_parser("info", help="what is in a data set", allow_abbrev=False)
    info.add_argument("data", metavar="DATA", help="a folder or a zip")
    _add_common(info, workers=False)

    check = actions.add_parser("check", help="decode every picture, list what cannot be used", allow_abbrev=False)
    check.add_argument("data", metavar="DATA", help="a folder or a zip")
    size = check.add_mutually_exclusive_group()
    size.add_argument("--resolution", type=int, metavar="R", help="what a run needs (default: what most pictures have)")
    size.add_argument("--any-size", action="store_true", help="sizes do not matter: the set will be packed")
    _add_common(check)

    portraits = actions.add_parser("portraits", help="draw the procedural data set into files", allow_abbrev=False)
    portraits.add_argument("--count", type=int, required=True, metavar="N", help="pictures")
    portraits.add_argument("--resolution", type=int, required=True, metavar="R", help="32, 64, 128 or 256")
    portraits.add_argument("--out", required=True, metavar="ZIP|DIR", help="where to write")
    portraits.add_argument("--seed", type=int, default=0, metavar="N", help="which people (default 0)")
    _add_common(portraits)


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0. Raises StylescopeError, and SystemExit after SIGTERM."""
    from train.datasets.processes import tidily_ended

    with tidily_ended():
        return {"pack": _pack, "info": _info, "check": _check, "portraits": _portraits}[args.action](args)


def _add_pack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="IN", help="a folder or a zip")
    parser.add_argument("out", metavar="OUT.zip", help="the zip to write")
    parser.add_argument("--resolution", type=int, required=True, metavar="R", help="a power of two, 8 to 1024")
    parser.add_argument(
        "--crop",
        choices=("center", "none", "letterbox"),
        default="center",
        help="the largest square in the middle (default); none: refuse what is not square; letterbox: add bars",
    )
    parser.add_argument("--filter", choices=("lanczos", "box"), default="lanczos", help="default lanczos")
    parser.add_argument(
        "--channels", choices=("auto", "1", "3", "4"), default="auto", help="auto: 1 if all pictures are grey, else 3"
    )
    parser.add_argument(
        "--background", type=_colour, metavar="#RRGGBB", help="behind transparency and of bars (default #ffffff)"
    )
    parser.add_argument("--no-labels", action="store_true", help="pack without classes")
    parser.add_argument("--leave-out", action="store_true", help="leave out what cannot be used (default: refuse)")
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser, workers: bool = True) -> None:
    if workers:
        parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one for each core)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    options.add_debug(parser)


# --- pack and portraits


def _pack(args: argparse.Namespace) -> int:
    from train.datasets.decode import WHITE
    from train.datasets.faults import Offenders
    from train.datasets.pack import Settings, pack

    _refuse_portraits(args.data)
    settings = Settings(
        resolution=args.resolution,
        crop=args.crop,
        filter=args.filter,
        channels=3 if args.channels == "auto" else int(args.channels),
        background=args.background or WHITE,
    )
    try:
        record, left_out = pack(
            args.data,
            args.out,
            settings,
            grey_if_all_are=args.channels == "auto",
            leave_out=args.leave_out,
            with_labels=not args.no_labels,
            workers=_workers(args),
            progress=options.shows_progress(args.quiet),
        )
    except Offenders as error:
        _print_faults(args, error.faults)
        raise
    _print_faults(args, left_out)
    _print_record(args, Path(args.out), record)
    return 0


def _portraits(args: argparse.Namespace) -> int:
    from train.datasets.drawn import draw_set

    record = draw_set(
        args.out,
        count=args.count,
        resolution=args.resolution,
        seed=args.seed,
        workers=_workers(args),
        progress=options.shows_progress(args.quiet),
    )
    _print_record(args, Path(args.out), record)
    return 0


def _print_record(args: argparse.Namespace, out: Path, record: Record) -> None:
    from train.datasets.describe import record_text

    if args.json:
        print(record.to_json().decode())
    elif not args.quiet:
        print(f"{clipped(out)}: {record_text(record)}")


# --- info


def _info(args: argparse.Namespace) -> int:
    from train.datasets.describe import as_json, as_text
    from train.datasets.faults import Offenders
    from train.datasets.pictures import labels_of
    from train.datasets.record import read_record
    from train.datasets.sources import open_source
    from train.datasets.survey import survey

    _refuse_portraits(args.data)
    source = open_source(args.data)
    record = read_record(source)
    labels = labels_of(source, record)
    found = survey(source, progress=options.shows_progress(args.quiet))
    if not found.headers:
        what = f"none of the {len(source.entries)} images of {source.title} can be used"
        raise Offenders(what, "give PNG, JPEG, WebP, TIFF or BMP pictures", found.faults)
    if args.json:
        print(json.dumps(as_json(source, found, labels, record), indent=1))
    elif not args.quiet:
        print(as_text(source, found, labels, record))
    return 0


# --- check


def _check(args: argparse.Namespace) -> int:
    from train.datasets.faults import Fault, Offenders
    from train.datasets.pictures import labels_of
    from train.datasets.record import read_record
    from train.datasets.sources import LABELS, open_source
    from train.datasets.survey import check_resolution, size_faults, survey

    _refuse_portraits(args.data)
    if args.resolution is not None:
        check_resolution(args.resolution)
    source = open_source(args.data)
    found = survey(source, deep=True, workers=_workers(args), progress=options.shows_progress(args.quiet))
    faults = [*found.faults, *([] if args.any_size else size_faults(source, found, args.resolution))]
    try:
        labels_of(source, read_record(source))
    except Offenders as error:
        faults.extend(error.faults)
    except TrainingError as error:
        faults.append(Fault(LABELS, error.what))
    _print_faults(args, faults)
    if faults:
        remedy = "mend or remove what is listed; `dataset pack` brings sizes into line"
        raise Offenders(f"{len(faults)} faults in the {len(source.entries)} images of {source.title}", remedy, faults)
    if not args.quiet and not args.json:
        skipped = f", {len(source.skipped):,} other files skipped" if source.skipped else ""
        print(f"{len(source.entries):,} pictures, all good{skipped}")
    return 0


def _print_faults(args: argparse.Namespace, faults: list[Fault]) -> None:
    if args.quiet or (args.json and args.action != "check"):
        return
    if args.json:
        print(json.dumps({"faults": [[fault.name, fault.reason] for fault in faults]}, indent=1))
    else:
        for fault in faults:
            print(fault)


# --- arguments


def _refuse_portraits(data: str) -> None:
    if data == "portraits":
        remedy = (
            "`dataset portraits --count N --resolution R --out ZIP` writes them; a folder of that name is ./portraits"
        )
        raise UsageError("'portraits' are drawn, not read", remedy)


def _workers(args: argparse.Namespace) -> int | None:
    if args.workers is not None and not 1 <= args.workers <= 1024:
        raise UsageError(f"{args.workers} workers are none", "give a number from 1")
    workers: int | None = args.workers
    return workers


def _colour(text: str) -> tuple[int, int, int]:
    if not re.fullmatch("#?[0-9a-fA-F]{6}", text):
        raise argparse.ArgumentTypeError(f"{clipped(text, 20)!r} is no colour, write #ffffff")
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue
