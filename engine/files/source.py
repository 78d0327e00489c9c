"""A file that is being opened: an ordinary one, read once into memory, hashed beside the work. Never mapped.

`Damage` is what every reader raises; whoever knows the file's name makes a sentence for the user of it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from engine.errors import ModelFileError, ModelNotFoundError, Stopped, StylescopeError, clipped

AGAIN = "get the file again"
MAX_FILE = 1 << 32  # bytes; a full training checkpoint of a 1024x1024 model has a fifth of that
CHUNK = 1 << 24  # bytes between two looks at `stop`
SMALL = 1 << 20  # bytes; hashed at once, a thread would cost more

IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")

Progress = Callable[[float], None]  # is told how much is done, 0..1
Stop = Callable[[], bool]


class Damage(Exception):
    """Something is wrong in a file; the reader that knows the file's name makes a ModelFileError of it."""

    def __init__(self, what: str, remedy: str = AGAIN) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True, slots=True)
class Watch:
    """Who wants to know how far opening is, and may end it."""

    progress: Progress | None = None
    stop: Stop | None = None

    def at(self, done: float) -> None:
        """Tell how much is done, 0..1. Raises Stopped."""
        if self.stop is not None and self.stop():
            raise Stopped
        if self.progress is not None:
            self.progress(done)


def opened(path: Path) -> tuple[BinaryIO, int]:
    """The file, open for reading, if it is an ordinary one, and its size. Raises ModelNotFoundError, ModelFileError."""
    name = clipped(path.name)
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ModelFileError(f"{name} is a folder, not a file", "give a model file")
        if not stat.S_ISREG(mode):  # a pipe would block for ever
            raise ModelFileError(f"{name} is not a regular file", "give a model file")
        file = open(path, "rb")  # noqa: SIM115  # the reader closes it
        return file, os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise ModelNotFoundError(f"there is no file {clipped(path)}: it was not found", "check the name") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = clipped(getattr(error, "strerror", None) or error, 80)
        raise ModelFileError(f"{name} cannot be opened ({reason})", "check the file and its folder") from None


def read_all(file: BinaryIO, size: int, watch: Watch, share: float) -> memoryview:
    """The first `size` bytes of a file. `share`: the part of all the work that this is. Raises Damage, Stopped."""
    import numpy as np

    if size > MAX_FILE:
        raise Damage(f"it is larger than any model ({size} bytes)", "give a model file")
    data = np.empty(size, np.uint8).data  # not cleared first, as a bytearray would be
    at = 0
    while at < size:
        watch.at(share * at / size)
        count = file.readinto(data[at : at + CHUNK])  # type: ignore[attr-defined]  # every file opened "rb" has it
        if not count:
            raise Damage("it became shorter while it was read", "try again when no other program writes it")
        at += count
    watch.at(share)
    return data


class Digest:
    """SHA-256 of bytes in memory, on a thread of its own so that parsing goes on beside it. Use it with `with`."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._digest = hashlib.sha256()
        self._given_up = False
        self._thread = threading.Thread(target=self._run, name="sha256", daemon=True)

    def __enter__(self) -> Digest:
        if len(self._data) < SMALL:
            self._run()
        else:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given_up = True
        self._wait()

    def hexdigest(self) -> str:
        """The digest, once it is there."""
        self._wait()
        return self._digest.hexdigest()

    def _wait(self) -> None:
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        for at in range(0, len(self._data), CHUNK):
            if self._given_up:
                return
            self._digest.update(self._data[at : at + CHUNK])


def refused(path: Path, error: BaseException) -> StylescopeError:
    """The one sentence that a user sees for what went wrong in a file."""
    name = clipped(path.name)
    if isinstance(error, Damage):
        if path.suffix.lower() in IMAGES and "picture" not in error.what:
            name += ", which is named like an image,"
        return ModelFileError(f"{name} cannot be opened: {error.what}", error.remedy)
    if isinstance(error, MemoryError):
        return ModelFileError(f"{name} does not fit into memory", "close other programs")
    return ModelFileError(f"{name} cannot be read ({clipped(error, 80)})", "check the disk")
