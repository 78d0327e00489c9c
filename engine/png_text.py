"""Finding a text in a PNG by walking its chunks, before any pixel is decoded. Standard library only.

The file may be hostile: whatever its lengths claim, at most `MAX_TEXT_BYTES` of it are held, at most `MAX_CHUNKS`
chunks are visited, and nothing is inflated beyond `MAX_TEXT_BYTES`. Layout: PNG specification (third edition),
sections 5.2, 5.3 and 11.3.3.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.errors import PictureError, clipped

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT_BYTES = 8_000_000  # of one text, as stored and inflated; a recipe has at most half as many characters
MAX_CHUNKS = 100_000  # 800 MB of pixels in the 8 kB chunks of libpng
TEXT_KINDS = (b"iTXt", b"zTXt", b"tEXt")
AGAIN = "give a PNG that Stylescope saved"


def read_text(path: Path, key: str) -> str | None:
    """The text that stands under `key` in the PNG at `path`, None when there is none. Raises PictureError."""
    name = clipped(path.name)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would block for ever
            raise PictureError(f"{name} is no ordinary file", "give a PNG picture with a recipe in it")
        with open(path, "rb") as file:
            return _find(file, key.encode("latin-1"), name)
    except FileNotFoundError:
        raise PictureError(f"there is no picture {clipped(path)}", "check the name") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = clipped(getattr(error, "strerror", None) or error, 80)
        raise PictureError(f"the picture {name} cannot be read ({reason})", "check the file and its folder") from None


def _find(file: BinaryIO, key: bytes, name: str) -> str | None:
    found: str | None = None
    for kind, length in _chunks(file, name):
        if kind not in TEXT_KINDS:
            continue
        start = file.tell()
        if file.read(min(length, len(key) + 1)) != key + b"\0":
            continue
        if found is not None:
            raise PictureError(f"{name} holds more than one recipe", AGAIN)
        if length > MAX_TEXT_BYTES:
            raise PictureError(f"the recipe text in {name} is too large ({length} bytes)", AGAIN)
        file.seek(start)
        data, crc = file.read(length), file.read(4)
        if zlib.crc32(kind + data).to_bytes(4, "big") != crc:
            raise PictureError(f"the recipe in {name} is damaged (its CRC is wrong)", "get the picture again")
        found = _text(kind, data[len(key) + 1 :], name)
    return found


def _chunks(file: BinaryIO, name: str) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each chunk, the file standing at the chunk's data, up to and without IEND."""
    size = os.fstat(file.fileno()).st_size
    if file.read(8) != SIGNATURE:
        raise PictureError(f"{name} is no PNG image", "give a PNG picture with a recipe in it")
    place = 8
    for number in range(MAX_CHUNKS):
        header = file.read(8)
        length, kind = int.from_bytes(header[:4], "big"), header[4:]
        if len(header) < 8 or place + 12 + length > size:
            raise PictureError(f"the picture {name} is truncated or damaged, no recipe was read", "get it again")
        if number == 0 and (kind, length) != (b"IHDR", 13):
            raise PictureError(f"the picture {name} is damaged (it does not begin with IHDR)", "get it again")
        if kind == b"IEND":
            return
        yield kind, length
        place += 12 + length
        file.seek(place)
    raise PictureError(f"the picture {name} has too many parts to look for a recipe in (over {MAX_CHUNKS})", AGAIN)


def _text(kind: bytes, rest: bytes, name: str) -> str:
    """The text of a chunk, from what follows the keyword and its NUL."""
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        if rest[:1] != b"\0":
            raise PictureError(f"the recipe in {name} is compressed in an unknown way", AGAIN)
        return _inflated(rest[1:], name).decode("latin-1")
    packed, method = rest[:1], rest[1:2]
    parts = rest[2:].split(b"\0", 2)  # language, translated keyword, text
    if packed not in (b"\0", b"\1") or method != b"\0" or len(parts) != 3:
        raise PictureError(f"the recipe in {name} is damaged (no proper iTXt chunk)", "get the picture again")
    data = _inflated(parts[2], name) if packed == b"\1" else parts[2]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise PictureError(f"the recipe in {name} is damaged (it is no UTF-8 text)", "get the picture again") from None


def _inflated(data: bytes, name: str) -> bytes:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data, MAX_TEXT_BYTES + 1)
    except zlib.error:
        raise PictureError(f"the recipe in {name} is damaged (it does not inflate)", "get the picture again") from None
    if len(text) > MAX_TEXT_BYTES:
        raise PictureError(f"the recipe text in {name} is too large (over {MAX_TEXT_BYTES} bytes)", AGAIN)
    if not stream.eof or stream.unused_data:
        raise PictureError(f"the recipe in {name} is damaged (it does not inflate)", "get the picture again")
    return text
