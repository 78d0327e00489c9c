"""What several sub-commands share: the parser that refuses in one sentence, common options, lists of seeds."""

from __future__ import annotations

import argparse
import math
import re
import sys
from typing import NoReturn

from engine.errors import UsageError, clipped
from engine.recipe import SEEDS

MAX_SEEDS = 1_000_000  # of one command


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong argument is a UsageError: one line, no usage block."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(clipped(message, 200), f"see `{self.prog} --help`")


def add_device(parser: argparse.ArgumentParser) -> None:
    """--device and --dtype."""
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps (default auto)")
    parser.add_argument(
        "--dtype",
        default="auto",
        choices=("auto", "float32", "float16", "bfloat16"),
        help="precision of the highest resolutions (auto: float16 on CUDA, else float32)",
    )


def add_common(parser: argparse.ArgumentParser) -> None:
    """--network, --json, --quiet, --debug."""
    parser.add_argument("--network", choices=("G", "G_ema", "D"), help="which network of the file (default: as shown)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    add_debug(parser)


def add_debug(parser: argparse.ArgumentParser) -> None:
    """--debug. main.py looks for it itself, so that it holds for wrong arguments too."""
    parser.add_argument("--debug", action="store_true", help="show where an error came from")


def seed_list(text: str) -> list[int]:
    """The seeds of a list such as "0-8,42", in its order. Raises UsageError."""
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,10})\s*(?:-\s*(\d{1,10})\s*)?", part, re.ASCII)
        if match is None:
            raise UsageError(f"{clipped(repr(part), 40)} is no seed", "give a list such as 0-8,42")
        first = int(match[1])
        last = int(match[2] or match[1])
        if max(first, last) >= SEEDS:
            raise UsageError(f"the seed {max(first, last)} is too large", f"give seeds from 0 to {SEEDS - 1}")
        if last < first:
            raise UsageError(f"the seeds {first}-{last} end before they begin", "give the smaller one first")
        if len(seeds) + last - first >= MAX_SEEDS:
            raise UsageError(f"that is more than {MAX_SEEDS} seeds", "give fewer at a time")
        seeds.extend(range(first, last + 1))
    return seeds


def finite_number(text: str) -> float:
    """A finite float, for argparse."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def shows_progress(quiet: bool) -> bool:
    """Progress is for a person who looks at a terminal."""
    return not quiet and sys.stderr.isatty()
