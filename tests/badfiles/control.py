"""The control: open hostile files as careless programs do, each in a child of its own, and tell which did their harm.

`python -m tests.badfiles.control LOADER FILE...` with LOADER pickle or torch; prints a JSON list of the files that did.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import sys
import tempfile
from pathlib import Path

SECONDS = 20  # for one file


def careless(loader: str, path: str) -> None:
    """What must never be done with a file of somebody else."""
    if loader == "torch":
        import torch

        torch.load(path, weights_only=False)
    else:
        with open(path, "rb") as file:
            pickle.load(file)


def does_harm(loader: str, path: str, marker: Path) -> bool:
    """Whether opening the file made the marker."""
    child = os.fork()
    if child == 0:
        os.environ["BADFILES_MARKER"] = str(marker)
        signal.alarm(SECONDS)
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        with contextlib.suppress(BaseException):
            careless(loader, path)
        os._exit(0)
    os.waitpid(child, 0)
    harmed = marker.exists()
    marker.unlink(missing_ok=True)
    return harmed


def main() -> None:
    loader, *paths = sys.argv[1:]
    if loader == "torch" or any("torch" in path or "load_from_bytes" in path for path in paths):
        import torch.utils.collect_env  # noqa: F401  # once, before the children
    import numpy  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps([path for path in paths if does_harm(loader, path, Path(folder) / "marker")]))


if __name__ == "__main__":
    main()
