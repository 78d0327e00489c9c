"""Runs every case and writes docs/conformance.md:  python -m tests.conformance [--fast]"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from pathlib import Path

import numpy as np
import torch

from tests.conformance import Case, Comparison
from tests.conformance.catalogue import NOT_COVERED, all_cases

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"
NOT_RUN = "not run yet"
INTRODUCTION = """# Conformance

Our networks and operators beside the numbers of the public ProGAN, StyleGAN, StyleGAN2 and StyleGAN2-ADA programs, for
the same weights and inputs. Written by `python -m tests.conformance`; the same cases are tests (`tests/conformance/`).

A row tells of one case: everything that is compared in it, and the comparison that comes nearest to its tolerance. An
error is the largest difference, divided by what the column *of* says: the largest magnitude in the reference (max), its
standard deviation (std), or nothing (absolute); numbers of parameters are exact. Float32 on a CPU, and float64 too
for tf/stylegan_1024, where processors round differently.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="leave full-size networks out and keep their old rows")
    fast = parser.parse_args().fast
    torch.set_num_threads(1)
    old = rows_of(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    cases = all_cases()
    rows, failed = {}, []
    for number, case in enumerate(cases, 1):
        if fast and case.slow:
            rows[case.id] = old.get(case.id, f"| {case.name} | {NOT_RUN} | | | |")
            continue
        began = time.perf_counter()
        found = case.run()
        rows[case.id] = row(case, found)
        failed += [case.id for c in found if not c.error <= c.tolerance]
        print(f"{number}/{len(cases)} {case.id} {time.perf_counter() - began:.1f} s", file=sys.stderr)
    PAGE.write_text(page(cases, rows), encoding="utf-8")
    for name in dict.fromkeys(failed):
        print(f"beyond its tolerance: {name}", file=sys.stderr)
    return 1 if failed else 0


def worst(found: list[Comparison]) -> Comparison:
    """The comparison that is nearest to its tolerance, or furthest beyond."""
    return max(found, key=lambda c: c.error / c.tolerance if c.tolerance else c.error)


def row(case: Case, found: list[Comparison]) -> str:
    """A line of the table."""
    one = worst(found)
    parts = list(dict.fromkeys(c.what for c in found))
    what = ", ".join(parts) if len(parts) < 5 else f"{parts[0]}, {parts[1]} ... {parts[-1]} ({len(parts)})"
    mark = "" if one.error <= one.tolerance else " **beyond**"
    limit = "0" if one.tolerance == 0 else f"{one.tolerance:.0e}"
    error = "0" if one.error == 0 else f"{one.error:.1e}"
    return f"| {case.name} | {what} | {error}{mark} | {limit} | {one.measure} |"


def rows_of(text: str) -> dict[str, str]:
    """The rows of a page that was written before, by the id of their case."""
    rows, file = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            file = line[3:]
        elif line.startswith("| ") and NOT_RUN not in line:
            rows[f"{file}:{line[2:].split(' | ')[0]}"] = line
    return rows


def page(cases: list[Case], rows: dict[str, str]) -> str:
    """The whole page."""
    summary = f"{len(cases)} cases in {len({case.file for case in cases})} files."
    versions = f"torch {torch.__version__.split('+')[0]}, numpy {np.__version__}"
    lines = [INTRODUCTION, f"{summary} Last run with {versions}.", ""]
    for file, members in itertools.groupby(sorted(cases, key=lambda case: case.file), key=lambda case: case.file):
        lines += [f"## {file}", "", "| case | compared | error | tolerance | of |", "| --- | --- | --- | --- | --- |"]
        lines += [*(rows[case.id] for case in members), ""]
    lines += ["## Not covered here", "", "| file:name | why |", "| --- | --- |"]
    lines += [f"| `{pattern}` | {why} |" for pattern, why in NOT_COVERED.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
