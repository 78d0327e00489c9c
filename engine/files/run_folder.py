"""The snapshots in the folder of a training run, ours or another program's: the newest that is whole. No numpy."""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import ModelNotFoundError, StylescopeError, clipped
from engine.files import native
from engine.files.source import opened

# Ours, then those of NVIDIA's programs. The number is what counts, not the time: clocks are set back.
SNAPSHOT = re.compile(r"(?:model-(\d+(?:\.\d{3})?)\.safetensors|network-snapshot-(\d+)\.pkl|network-(final)\.pkl)")


def newest(folder: Path) -> Path:
    """The newest whole snapshot. Raises ModelNotFoundError, which names the newest damaged one where all are."""
    found = snapshots(folder)
    for path in found:
        if _is_whole(path):
            return path
    if found:
        names = clipped(found[0].name) + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        what = f"the folder {clipped(folder)} holds no model that is whole: {names} damaged"
        raise ModelNotFoundError(what, "give a model file, or train anew")
    raise ModelNotFoundError(f"the folder {clipped(folder)} holds no model", "give a model file or a training run")


def snapshots(folder: Path) -> list[Path]:
    """The snapshots by their numbers, the newest first."""
    numbered: list[tuple[float, str, Path]] = []
    try:
        for path in folder.iterdir():
            match = SNAPSHOT.fullmatch(path.name)
            if match is not None:
                number = float("inf") if match[3] else float(match[1] or match[2])
                numbered.append((number, path.name, path))
    except OSError as error:
        what = f"the folder {clipped(folder)} cannot be read ({clipped(error.strerror or error, 80)})"
        raise ModelNotFoundError(what, "check its permissions") from None
    return [path for *_, path in sorted(numbered, reverse=True)]


def _is_whole(path: Path) -> bool:
    """Whether a snapshot was written to its end. Ours has a checksum; a pickle ends with its STOP."""
    if path.suffix != ".pkl":
        return native.is_whole(path)
    try:
        file, size = opened(path)
        with file:
            file.seek(max(size - 1, 0))
            return file.read(1) == b"."
    except (StylescopeError, OSError):
        return False
