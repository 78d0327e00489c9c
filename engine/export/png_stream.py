"""A PNG written strip by strip, for pictures that should never be in memory as a whole.

PNG specification (third edition), sections 5, 9 and 10. Every line is filtered by Paeth's predictor, which suits
photographs; the filter is computed for a strip at a time, because when writing all of its inputs are known.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from engine.png_text import MAX_TEXT_BYTES, SIGNATURE

Pixels = npt.NDArray[np.uint8]

COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # grey, RGB, RGBA
PAETH = 4
LINES = 64  # filtered at a time: what bounds the memory
LEVEL = 6  # of zlib
CHUNK = 2**20  # bytes of an IDAT chunk; a chunk each would be thousands


class PngStream:
    """Signature, header and texts at once, then strips from top to bottom, then `close`."""

    def __init__(self, file: BinaryIO, width: int, height: int, channels: int, texts: Mapping[str, str]) -> None:
        self._file, self._height, self._channels = file, height, channels
        self._packer = zlib.compressobj(LEVEL)
        self._packed = bytearray()
        self._above = np.zeros((1, width, channels), np.uint8)  # the line over the next strip
        self._lines = 0
        file.write(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0))
        for key, text in texts.items():
            self._text(key, text)

    def add(self, strip: Pixels) -> None:
        """The next lines [H, width, C] of the picture."""
        if strip.shape[1:] != self._above.shape[1:]:
            raise ValueError(f"a strip of shape {strip.shape} for lines of shape {self._above.shape[1:]}")
        for start in range(0, len(strip), LINES):
            lines = strip[start : start + LINES]
            self._pack(_paeth(lines, self._above))
            self._above = lines[-1:].copy()
        self._lines += len(strip)

    def close(self) -> None:
        """The end of the picture. The file stays open."""
        if self._lines != self._height:
            raise ValueError(f"{self._lines} lines where {self._height} were announced")
        self._packed += self._packer.flush()
        self._drain(0)
        self._chunk(b"IEND", b"")

    def _pack(self, data: bytes) -> None:
        self._packed += self._packer.compress(data)
        self._drain(CHUNK)

    def _drain(self, keep_below: int) -> None:
        while self._packed and len(self._packed) >= keep_below:
            self._chunk(b"IDAT", bytes(self._packed[:CHUNK]))
            del self._packed[:CHUNK]

    def _text(self, key: str, text: str) -> None:
        """A compressed iTXt chunk (section 11.3.3.4), which png_text.py reads."""
        plain = text.encode("utf-8")
        if len(plain) > MAX_TEXT_BYTES:
            raise ValueError(f"a text of {len(plain)} bytes for a PNG")
        self._chunk(b"iTXt", key.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(plain))

    def _chunk(self, kind: bytes, data: bytes) -> None:
        check = zlib.crc32(data, zlib.crc32(kind))
        self._file.write(struct.pack(">I", len(data)) + kind)
        self._file.write(data)
        self._file.write(struct.pack(">I", check))


def _paeth(lines: Pixels, above: Pixels) -> bytes:
    """Lines [H, W, C] minus what Paeth's predictor expects (section 9.4), each with the filter's number before it."""
    x = lines.astype(np.int16)
    b = np.concatenate([above, lines[:-1]]).astype(np.int16)  # the pixel above; a is the one before, c both
    a, c = np.zeros_like(x), np.zeros_like(x)
    a[:, 1:], c[:, 1:] = x[:, :-1], b[:, :-1]
    to_a, to_b, to_c = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    expected = np.where((to_a <= to_b) & (to_a <= to_c), a, np.where(to_b <= to_c, b, c))
    rest = (x - expected).astype(np.uint8).reshape(len(lines), -1)
    return np.concatenate([np.full((len(lines), 1), PAETH, np.uint8), rest], axis=1).tobytes()
