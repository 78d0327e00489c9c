"""Opening model files, whoever wrote them: what is inside is converted, checked and described. Nothing out of it runs.

`read` gives the same for our own files and for those of other programs; `convert` makes the first of the second.
Memory: the file once, and the networks that are asked for. `read_info` of our own files needs their header only and
the standard library; everything else needs numpy, nothing needs torch.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from engine.errors import Stopped, StylescopeError, clipped
from engine.family import ModelInfo
from engine.files import native, run_folder
from engine.files.conversion import SURPRISES, Discriminator, check_network, discriminator_of, model_of
from engine.files.kinds import HEAD, Kind, check_end, check_zip, kind_of_file
from engine.files.native import ModelData
from engine.files.source import Damage, Digest, Progress, Stop, Watch, opened, read_all, refused

__all__ = ["Discriminator", "ModelData", "Stopped", "read", "read_discriminator", "read_info", "read_once"]

READ = 0.4  # how much of the work is done then, about
KNOWN = 64  # descriptions that are remembered
_known: dict[tuple[str, int, int], ModelInfo] = {}  # (path, time, size) -> description of a foreign file


def read(
    path: Path | str, network: str | None = None, progress: Progress | None = None, stop: Stop | None = None
) -> ModelData:
    """A model file, or the newest whole snapshot in a run's folder, with everything verified.

    network: "G_ema" or "G", to have that one too besides the one that the file shows; the description and the content
    id are always those of the one that is shown. progress is told how much is done, 0..1; stop may end it. Raises
    ModelNotFoundError, ModelFileError, Stopped.
    """
    return _opened(Path(path), network, Watch(progress, stop))


def read_info(path: Path | str, stop: Stop | None = None) -> ModelInfo:
    """The description of a model file. Raises ModelNotFoundError, ModelFileError, Stopped.

    Of our own files only the header is read; others are opened completely, once for as long as they stay as they are.
    """
    path = _file(Path(path))
    file, size = opened(path)
    with file:
        is_native, key = _sniffed(path, file, size) == "native", _key(path, file)
    if is_native:
        return native.read_info(path)
    known = _known.get(key)
    return known if known is not None else read(path, stop=stop).info


def read_once(path: Path | str, network: str | None = None) -> tuple[ModelInfo, ModelData | None]:
    """`read_info` for whoever wants the rest soon: with what `read` gives, where all of the file had to be read."""
    path = _file(Path(path))
    file, size = opened(path)
    with file:
        is_native = _sniffed(path, file, size) == "native"
    if is_native:
        return native.read_info(path), None
    data = read(path, network)
    return data.info, data


def read_discriminator(path: Path | str, progress: Progress | None = None, stop: Stop | None = None) -> Discriminator:
    """The discriminator of a foreign model file. Raises ModelNotFoundError, ModelFileError, Stopped."""
    path, watch = _file(Path(path)), Watch(progress, stop)
    file, size = opened(path)
    with file:
        kind = _sniffed(path, file, size)
        data = memoryview(b"") if kind == "native" else _all(path, file, size, watch)
    with _sentences(path):
        found = discriminator_of(kind, data, watch)
    watch.at(1.0)
    return found


def _opened(path: Path, network: str | None, watch: Watch) -> ModelData:
    path = _file(path)
    file, size = opened(path)
    with file:
        kind = _sniffed(path, file, size)
        if kind != "native":
            key = _key(path, file)
            data = _all(path, file, size, watch)
    if kind == "native":
        model = native.read(path, watch)
        check_network(path, network, model.info.networks, tuple(model.networks))
        return model
    with Digest(data) as digest, _sentences(path):
        model = model_of(path, kind, data, network, watch)
        model = replace(model, info=replace(model.info, sha256=digest.hexdigest()))
    if len(_known) >= KNOWN:
        _known.clear()
    _known[key] = model.info
    watch.at(1.0)
    return model


def _file(path: Path) -> Path:
    """The file itself, also for the folder of a run. Raises ModelNotFoundError."""
    return run_folder.newest(path) if os.path.isdir(path) else path  # Path.is_dir raises for names that are too long


def _sniffed(path: Path, file: BinaryIO, size: int) -> Kind:
    """The kind of an open file. Raises ModelFileError."""
    try:
        kind = kind_of_file(file.read(HEAD), size)
        if kind == "zip":
            check_zip(file, size)
        elif kind == "pickle":
            check_end(file, size)
        return kind
    except (Damage, OSError) as error:
        raise refused(path, error) from None


def _all(path: Path, file: BinaryIO, size: int, watch: Watch) -> memoryview:
    """All bytes of an open file. Raises ModelFileError, Stopped."""
    try:
        file.seek(0)
        return read_all(file, size, watch, READ)
    except (Damage, OSError, MemoryError) as error:
        raise refused(path, error) from None


@contextlib.contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside becomes one sentence with the file's name in it."""
    try:
        yield
    except (Damage, MemoryError) as error:
        raise refused(path, error) from None
    except StylescopeError as error:  # of a family, which does not know the file
        if clipped(path.name) in error.what:
            raise
        raise refused(path, Damage(error.what, error.remedy)) from None
    except SURPRISES as error:
        what = f"it is not as its program writes it ({type(error).__name__}: {clipped(error, 60)})"
        raise refused(path, Damage(what, "it is damaged or made up")) from None


def _key(path: Path, file: BinaryIO) -> tuple[str, int, int]:
    found = os.fstat(file.fileno())
    return str(path.absolute()), found.st_mtime_ns, found.st_size
