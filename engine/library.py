"""Finding models: bundled ones by name, files by path, and any of them by content id. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import ModelNotFoundError, StylescopeError, clipped
from engine.files import opening, run_folder
from engine.files.source import Stop

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
MODELS = RESOURCES / "models"
SUFFIX = ".safetensors"
DEFAULT = "portraits-64"  # where it is not there, the first by name
FOREIGN = (".pkl", ".pt")  # what models of other programs are called; they are told by their bytes once found
MAX_NEIGHBOURS = 200  # files beside a picture whose headers are read
MAX_FOREIGN = 10  # files of other programs that are opened to find one model: a second or so each


def bundled() -> dict[str, Path]:
    """The models that come with the program: name -> file, by name."""
    return {path.stem: path for path in sorted(MODELS.glob(f"*{SUFFIX}"))}


def find(name_or_path: str | Path | None = None) -> Path:
    """The file of a bundled name, a path, or a training run's folder; None: the default bundled model.

    A bundled name goes before a path, so that it means the same in every folder; write `./NAME` for the path.
    Raises ModelNotFoundError.
    """
    models = bundled()
    if name_or_path is None:
        if not models:
            raise ModelNotFoundError("no model comes with this installation", "give the path of a model file")
        return models.get(DEFAULT) or next(iter(models.values()))
    if isinstance(name_or_path, str) and name_or_path in models:
        return models[name_or_path]
    path = Path(os.path.expanduser(name_or_path))
    try:
        if path.is_dir():
            return run_folder.newest(path)
        if path.exists():
            return path
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        pass
    known = f"the bundled models are: {', '.join(models)}" if models else "no models are bundled"
    raise ModelNotFoundError(f"there is no model {clipped(name_or_path)} to be found", f"check the path; {known}")


def find_content_id(
    content_id: str, near: Path | None = None, recent: Iterable[Path] = (), stop: Stop | None = None
) -> Path | None:
    """A file that holds the model of a content id: bundled, recently used, or in the folder `near`; None: none.

    Of our own files only the headers are read. They come first: those of other programs have to be opened completely.
    When stop() says True, Stopped is raised.
    """
    foreign = 0
    for path in sorted(_candidates(near, recent), key=lambda path: path.suffix != SUFFIX):
        foreign += path.suffix != SUFFIX
        if foreign > MAX_FOREIGN:
            break
        try:
            if opening.read_info(path, stop).content_id == content_id:
                return path
        except StylescopeError:  # somebody else's file, a damaged one: not the one we look for
            continue
    return None


def _candidates(near: Path | None, recent: Iterable[Path]) -> Iterator[Path]:
    yield from bundled().values()
    yield from recent
    if near is not None:
        folder = near if near.is_dir() else near.parent
        for suffix in (SUFFIX, *FOREIGN):
            yield from sorted(folder.glob(f"*{suffix}"))[:MAX_NEIGHBOURS]
