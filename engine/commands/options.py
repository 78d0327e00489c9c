"""What several sub-commands share: the parser that refuses in one sentence, common options, lists of seeds."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn

from engine.errors import UsageError, clipped
from engine.family import GROUPS, ModelInfo
from engine.recipe import MAX_LAYERS, SEEDS

MAX_SEEDS = 1_000_000  # of one command


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong argument is a UsageError: one line, no usage block."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(clipped(message, 200), f"see `{self.prog} --help`")

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """A list that begins with a minus, as in `--psis -1,1`, is a value: argparse alone takes it for an option."""
        words = list(sys.argv[1:] if args is None else args)
        for i in range(len(words) - 1, 0, -1):
            if re.fullmatch(r"-[\d.]+(,.*)?", words[i]) and words[i - 1].startswith("--") and "=" not in words[i - 1]:
                words[i - 1 : i + 1] = [f"{words[i - 1]}={words[i]}"]
        return super().parse_known_args(words, namespace)


def add_examples(parser: argparse.ArgumentParser, text: str) -> None:
    """Examples at the end of --help, line by line."""
    parser.epilog = text
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


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
    parser.add_argument("--json", action="store_true", help="print the result as JSON, a line for each file")
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


def number_list(text: str) -> list[float]:
    """The numbers of a list such as "1,0.7,-1", in its order. Raises UsageError."""
    try:
        return [finite_number(part) for part in text.split(",")]
    except argparse.ArgumentTypeError:
        raise UsageError(f"{clipped(repr(text), 40)} is no list of numbers", "give one such as 1,0.5,-1") from None


def layer_list(text: str, info: ModelInfo) -> tuple[int, ...]:
    """The slots of "coarse", "middle", "fine", "0-3", "8", or several of these by commas. Raises UsageError."""
    found: set[int] = set()
    for part in text.split(","):
        group = next((name for name in GROUPS if name == part.strip()), None)
        if group is not None and not info.layers_of(group):
            raise UsageError(f"this model has no {group} layers", f"it has layers 0 to {len(info.layers) - 1}")
        match = re.fullmatch(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?", part, re.ASCII)
        if group is None and match is None:
            raise UsageError(
                f"{clipped(repr(part), 40)} is no layer", "give coarse, middle, fine, or numbers such as 0-3"
            )
        if match is not None:
            found.update(range(int(match[1]), min(int(match[2] or match[1]), MAX_LAYERS) + 1))
        if group is not None:
            found.update(info.layers_of(group))
    if not found:
        raise UsageError(f"{clipped(repr(text), 40)} names no layer", "give the smaller number first")
    return tuple(sorted(found))


def rate(text: str) -> Fraction:
    """Frames a second, for argparse: 24, 29.97 or 30000/1001."""
    try:
        if len(text) <= 40:
            return Fraction(text)
    except ZeroDivisionError:
        pass
    raise ValueError


def finite_number(text: str) -> float:
    """A finite float, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{clipped(repr(text), 40)} is no finite number")
    return number


def shows_progress(quiet: bool) -> bool:
    """Progress is for a person who looks at a terminal."""
    return not quiet and sys.stderr.isatty()
