"""Writing a file whole or not at all. Standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from engine.errors import StylescopeError, clipped


@contextlib.contextmanager
def write_atomically(path: Path | str) -> Iterator[BinaryIO]:
    """A binary file to write to; `path` gets its content when the `with` block ends without an error.

    The bytes go to `.NAME.PID.tmp` in the same folder and are renamed over `path` after fsync, so that a reader, or
    the next start after a crash, sees the old file or the new one and nothing between. On any error, an interrupt
    included, the temporary file is removed and `path` is as it was. Raises StylescopeError when the system refuses.
    """
    target = _real(path)
    _check_kind(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()  # left by a process of the same number that was killed
        # O_EXCL: never write through a link that somebody else has put there.
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _refusal(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_bytes(path: Path | str, data: bytes) -> None:
    """Replace the content of `path` with `data`, whole or not at all."""
    with write_atomically(path) as file:
        file.write(data)


@contextlib.contextmanager
def fill_folder_atomically(path: Path | str, may_replace: Callable[[Path], bool]) -> Iterator[Path]:
    """A folder to fill; it becomes `path` when the `with` block ends without an error.

    It is filled as `.NAME.PID.tmp` beside and renamed at the end. On any error it is removed and `path` is as it was.
    A folder that is there already is replaced as a whole, if it is empty or `may_replace` says so; else, and when the
    system refuses, StylescopeError is raised.
    """
    target = check_folder(path, may_replace)
    ancestor = next(parent for parent in target.parents if parent.exists())
    temporary, old = (ancestor / f".{target.name}.{os.getpid()}.{end}" for end in ("tmp", "old"))
    try:
        for left_over in (temporary, old):  # by a process of the same number that was killed
            shutil.rmtree(left_over, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            os.rename(target, old)
        os.rename(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _refusal(target, error) from error
    finally:
        if old.exists() and not target.exists():
            os.rename(old, target)
        for used in (temporary, old):
            shutil.rmtree(used, ignore_errors=True)


def check_file(path: Path | str) -> Path:
    """The file that `path` means, or StylescopeError where none can be written there: to refuse before long work."""
    target = _real(path)
    _check_kind(target)
    if not target.parent.is_dir():
        raise _no_folder(target.parent)
    return target


def check_folder(path: Path | str, may_replace: Callable[[Path], bool]) -> Path:
    """The folder that `path` means, or StylescopeError where `fill_folder_atomically` would refuse it."""
    target = _real(path)
    try:
        if target.exists() and not target.is_dir():
            raise StylescopeError(f"{clipped(target)} is a file", "give the name of a folder")
        if target.is_dir() and any(target.iterdir()) and not may_replace(target):
            raise StylescopeError(f"the folder {clipped(target)} holds other things", "give a new or an empty folder")
    except OSError as error:
        raise _refusal(target, error) from error
    return target


def _real(path: Path | str) -> Path:
    """What a path means; a link stays a link: what it points to is replaced."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a NUL in it
        raise StylescopeError(f"{clipped(path)} is no name for a file", "give another name") from None


def _check_kind(target: Path) -> None:
    """Renaming over a device would remove the device; over a folder it fails late."""
    try:
        mode = target.stat().st_mode
    except (OSError, ValueError):
        return  # not there yet, or not to be had: opening the temporary file says why
    if stat.S_ISDIR(mode):
        raise StylescopeError(f"{clipped(target)} is a folder", "give the name of a file")
    if not stat.S_ISREG(mode):
        raise StylescopeError(f"{clipped(target)} is no ordinary file", "give the name of a file")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open a folder (Windows cannot)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refusal(target: Path, error: OSError) -> StylescopeError:
    if not target.parent.is_dir():
        return _no_folder(target.parent)
    reason = clipped(error.strerror or error, 80)
    return StylescopeError(f"cannot write {clipped(target)} ({reason})", "choose another folder or free some space")


def _no_folder(folder: Path) -> StylescopeError:
    return StylescopeError(f"the folder {clipped(folder)} does not exist", "create it or choose another")
