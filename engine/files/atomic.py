"""Writing a file whole or not at all. Standard library only."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
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
    try:
        target = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
    except ValueError:  # a NUL in it
        raise StylescopeError(f"{clipped(path)} is no name for a file", "give another name") from None
    _check_target(target)
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


def _check_target(target: Path) -> None:
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
        return StylescopeError(f"the folder {clipped(target.parent)} does not exist", "create it or choose another")
    reason = clipped(error.strerror or error, 80)
    return StylescopeError(f"cannot write {clipped(target)} ({reason})", "choose another folder or free some space")
