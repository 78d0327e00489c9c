"""Where the pictures of a data set are: a folder of any depth or a zip file. Names and bytes; nothing is decoded here.

Pictures are sorted by name, as the public tools sort them, so that picture i is the same everywhere. What is no picture
is skipped and said so; nothing is ever written to the places that names in a zip point to.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

from engine.errors import TrainingError, clipped
from train.datasets.faults import Fault, Unusable

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp"})
LABELS = "dataset.json"  # the public tools' name
RECORD = "stylescope.json"  # how a set was packed
MAX_BYTES = 1 << 29  # of one picture's file; 179 megapixels of RGB
MAX_MEMBERS = 1 << 22
PROBES = 64  # pictures of a folder whose bytes go into its fingerprint: to read all takes minutes
PROBED = 1 << 20  # bytes of each
SYSTEM = frozenset({"thumbs.db", "desktop.ini"})
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One picture's file."""

    name: str  # below the root, parts joined with "/"
    size: int  # bytes, not compressed
    crc: int = 0  # where the container knows it


class Source:
    """Files by index. Safe to read from several threads."""

    kind = ""  # in words

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Entry] = []  # pictures, sorted by name
        self.skipped: list[Fault] = []
        self.faults: list[Fault] = []  # of the container: a name that is there twice

    @cached_property
    def names(self) -> list[str]:
        """Of the pictures, sorted."""
        return [entry.name for entry in self.entries]

    @property
    def title(self) -> str:
        """Its own name, without the folders it is in."""
        return clipped(self.path.name or self.path, 80)

    def open(self, index: int) -> BinaryIO:
        """A picture's bytes as a seekable file; the reader closes it. Raises Unusable."""
        raise NotImplementedError

    def read(self, index: int) -> bytes:
        """A picture's bytes, at most MAX_BYTES. Raises Unusable."""
        if self.entries[index].size > MAX_BYTES:
            raise Unusable(f"too large a file ({self.entries[index].size} bytes)")
        try:
            with self.open(index) as file:
                return file.read(MAX_BYTES)
        except (OSError, *ZIP_ERRORS) as error:
            raise Unusable(f"cannot be read ({_reason(error)})") from None

    def contents(self) -> Iterator[bytes | str]:
        """The bytes of every picture, or why they cannot be had."""
        for index in range(len(self.entries)):
            try:
                yield self.read(index)
            except Unusable as error:
                yield str(error)

    def text(self, name: str, limit: int) -> bytes | None:
        """A file that is no picture; None if there is none. Raises TrainingError, also where it is over the limit."""
        raise NotImplementedError

    def fingerprint(self) -> str:
        """32 hexadecimal digits: names and sizes of all pictures, the labels, and the bytes: in a zip all of them by
        their checksums, in a folder those of 64 pictures from all over it.

        Neither the time of a file nor the place of the set is in it.
        """
        digest = hashlib.sha256()
        for entry in self.entries:
            digest.update(f"{entry.name}\0{entry.size}\0{entry.crc}\n".encode("utf-8", "surrogatepass"))
        digest.update(hashlib.sha256(label_text(self, MAX_BYTES)[1] or b"").digest())
        for index in self._probes():
            try:
                with self.open(index) as file:
                    digest.update(hashlib.sha256(file.read(PROBED)).digest())
            except OSError:  # `check` names it; training stops at it
                continue
        return digest.hexdigest()[:32]

    def _probes(self) -> range:
        """Pictures whose bytes are read for the fingerprint: none where checksums are known without reading."""
        return range(0)

    def _add(self, entry: Entry) -> None:
        """Sort one file in: a picture, one of our own files, or one to skip."""
        *folders, last = entry.name.split("/")
        suffix = os.path.splitext(last)[1].lower()
        if last.lower() in SYSTEM or any(part.startswith(".") or part == "__MACOSX" for part in (*folders, last)):
            self.skip(entry.name, "hidden, or left by a system")
        elif suffix in SUFFIXES:
            self.entries.append(entry)
        elif last not in (LABELS, RECORD):
            self.skip(entry.name, f"no PNG, JPEG, WebP, TIFF or BMP picture ({clipped(suffix, 12) or 'no ending'})")

    def skip(self, name: str, reason: str) -> None:
        """Note a file that is left aside."""
        self.skipped.append(Fault(name, reason))


class Folder(Source):
    """A folder and the folders in it. Links to files are followed, links to folders are not: they may go in circles."""

    kind = "folder"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        for name, file in self._walk():
            try:
                mode = file.stat()
            except (OSError, ValueError):
                self.skip(name, "a link to nothing, or not to be read")
                continue
            if stat.S_ISREG(mode.st_mode):
                self._add(Entry(name, mode.st_size))
            else:  # a pipe would block for ever
                self.skip(name, "no ordinary file" if not stat.S_ISDIR(mode.st_mode) else "a link to a folder")
        self.entries.sort()

    def _walk(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        waiting = [""]
        while waiting:
            below = waiting.pop()
            try:
                with os.scandir(self.path / below) as found:
                    files = sorted(found, key=lambda file: file.name)
            except OSError as error:
                if not below:
                    raise TrainingError(f"{self.title} cannot be read ({_reason(error)})", "check the folder") from None
                self.skip(below, f"cannot be read ({_reason(error)})")
                continue
            for file in files:
                name = f"{below}{file.name}"
                if file.is_dir(follow_symlinks=False):
                    waiting.append(name + "/")
                else:
                    yield name, file

    def _probes(self) -> range:
        count = len(self.entries)
        return range(0, count, max(1, -(-count // PROBES)))

    def open(self, index: int) -> BinaryIO:
        return open(self.path / self.entries[index].name, "rb")

    def text(self, name: str, limit: int) -> bytes | None:
        path = self.path / name
        if not path.is_file():
            return None
        try:
            with open(path, "rb") as file:
                return _within(file.read(limit + 1), limit, name)
        except OSError as error:
            raise TrainingError(f"{name} cannot be read ({_reason(error)})", "check the file") from None


class Zip(Source):
    """A zip file, its members stored or deflated. Names are only names here: nothing is extracted."""

    kind = "zip"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            # Opened here: zipfile counts the readers of its own file, not safely between threads, and closes it at 0.
            file = open(path, "rb")  # noqa: SIM115
            weakref.finalize(self, file.close)
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        except (OSError, *ZIP_ERRORS) as error:
            what = f"{self.title} is no zip file, or a damaged one ({_reason(error)})"
            raise TrainingError(what, "give a folder or a zip of pictures, or get the file again") from None
        if len(members) > MAX_MEMBERS:
            raise TrainingError(f"the zip {self.title} has {len(members)} members", f"give up to {MAX_MEMBERS}")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            self._take(member)
        self.entries.sort()

    def _take(self, member: zipfile.ZipInfo) -> None:
        name = member.filename.replace("\\", "/")  # old programs on Windows write these
        if member.is_dir():
            return
        if name.startswith("/") or re.match("[A-Za-z]:/", name) or ".." in name.split("/"):
            self.skip(name, "its path leads out of the data set")
        elif stat.S_ISLNK(member.external_attr >> 16):
            self.skip(name, "a link")
        elif name in self._members:
            self.faults.append(Fault(name, "is in the zip twice"))
        else:
            self._members[name] = member
            self._add(Entry(name, member.file_size, member.CRC))

    def open(self, index: int) -> BinaryIO:
        try:
            return cast(BinaryIO, self._zip.open(self._members[self.entries[index].name]))
        except (OSError, *ZIP_ERRORS) as error:  # encrypted, or compressed by a method of another program
            raise Unusable(f"cannot be read from the zip ({_reason(error)})") from None

    def text(self, name: str, limit: int) -> bytes | None:
        if name not in self._members:
            return None
        try:
            with self._zip.open(self._members[name]) as file:
                return _within(file.read(limit + 1), limit, name)
        except (OSError, *ZIP_ERRORS) as error:
            raise TrainingError(f"{name} in the zip cannot be read ({_reason(error)})", "make the zip again") from None


def open_source(path: Path | str) -> Source:
    """The folder or zip at a path, with at least one picture in it. Raises TrainingError."""
    path = Path(os.path.expanduser(path))
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        what = f"there is no data set {clipped(path)} ({_reason(error)})"
        raise TrainingError(what, "give a folder, a zip, or 'portraits'") from None
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise TrainingError(f"{clipped(path)} is no folder and no zip", "give a folder or a zip of pictures")
    source = Folder(path) if stat.S_ISDIR(mode) else Zip(path)
    if not source.entries:
        found = f"; {len(source.skipped)} other files, e.g. {source.skipped[0]}" if source.skipped else ""
        what = f"the {source.kind} {source.title} is empty: there is no image in it{found}"
        raise TrainingError(what, "give PNG, JPEG, WebP, TIFF or BMP pictures")
    return source


def label_text(source: Source, limit: int) -> tuple[str, bytes | None]:
    """The folder of the labels' file, "" or ending in "/", and its text; None if there is none.

    It lies beside the pictures: in the root, or, as in a zip of a folder, in the folder that all pictures are in.
    Raises TrainingError.
    """
    below, text = "", source.text(LABELS, limit)
    if text is None:
        below = common_folder(source.names)
        text = source.text(below + LABELS, limit) if below else None
    return below, text


def common_folder(names: list[str]) -> str:
    """The folders that all pictures are in, "" or ending in "/". names are sorted."""
    first, last = names[0].split("/")[:-1], names[-1].split("/")[:-1]
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return "".join(part + "/" for part in first[:same])


def _within(data: bytes, limit: int, name: str) -> bytes:
    if len(data) > limit:
        raise TrainingError(f"{name} is too large for its pictures", f"give one of up to {limit} bytes")
    return data


def _reason(error: BaseException) -> str:
    return clipped(getattr(error, "strerror", None) or error or type(error).__name__, 80)
