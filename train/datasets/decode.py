"""One picture from a file's bytes to grey, RGB or RGBA of eight bits; everything that is refused is refused by name.

Pillow gets the format from us, so that none of its other readers ever runs. What becomes of what is not RGB:
grey is repeated, RGBA is laid over a stated colour unless four channels are asked for, 16 bits are rounded to eight,
palettes are looked up, CMYK and YCbCr are converted (profiles are not applied), pictures are turned as EXIF says, and
of those with several frames the first is taken. 32-bit, floating-point and LAB pictures are refused.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from engine.errors import clipped
from train.datasets.faults import Unusable
from train.datasets.sources import MAX_BYTES

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # by number of channels
MIN_SIDE = 4  # pixels
MAX_PIXELS = 2 * 89_478_485  # where Pillow refuses to decode
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"BM": "BMP"}
SIGNATURES |= dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF")
SIXTEEN = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
TAKEN = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}) | SIXTEEN
GREY = frozenset({"1", "L", "LA", "La"}) | SIXTEEN
TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says of itself before it is decoded. Width and height are those after turning it by EXIF."""

    width: int
    height: int
    kind: str  # "PNG RGB": format and Pillow's mode
    grey: bool
    alpha: bool
    frames: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height


def header(file: BinaryIO) -> Header:
    """The header of a picture. Raises Unusable."""
    with _opened(file) as image:
        width, height = image.size
        if _orientation(image) in TURNED:
            width, height = height, width
        return Header(
            width=width,
            height=height,
            kind=f"{'JPEG' if image.format == 'MPO' else image.format} {image.mode}",
            grey=image.mode in GREY,
            alpha=image.has_transparency_data,
            frames=getattr(image, "n_frames", 1),
        )


def inspected(data: bytes) -> Header | str:
    """The header of a picture that was decoded completely, or why it cannot be used."""
    try:
        found = header(io.BytesIO(data))
        with _opened(io.BytesIO(data)) as image:
            image.load()
    except Unusable as error:
        return str(error)
    return found


def decoded(data: bytes, channels: int, background: Colour = WHITE) -> Image.Image:
    """A picture, turned as EXIF says, of mode L, RGB or RGBA for 1, 3 or 4 channels. Raises Unusable."""
    with _opened(io.BytesIO(data)) as image:
        image.load()
        return _normalised(image, channels, background)


def pixels(data: bytes, resolution: int, channels: int, background: Colour = WHITE) -> NDArray[np.uint8]:
    """uint8 [R, R, C] of a picture that has this resolution R. Raises Unusable."""
    with _opened(io.BytesIO(data)) as image:
        if image.size != (resolution, resolution):  # before it is decoded: it may be enormous
            raise Unusable(f"its size is {image.width}x{image.height}, not {resolution}x{resolution}")
        return np.array(_normalised(image, channels, background)).reshape(resolution, resolution, channels)


def settle_warnings() -> None:
    """Pillow warns on stderr of oddities in files; a data set of many odd files would fill a log with them."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


@contextlib.contextmanager
def _opened(file: BinaryIO) -> Iterator[Image.Image]:
    """An image, not decoded yet, with all errors of Pillow turned into Unusable."""
    try:
        start = file.read(16)
        kind = _kind(start)
        if kind == "TIFF":  # its parts are anywhere: seeking back in a compressed zip member would start it again
            file = io.BytesIO(start + file.read(MAX_BYTES))
        file.seek(0)
        with Image.open(file, formats=(kind,)) as image:
            _check(image)
            yield image
    except Unusable:
        raise
    except Image.DecompressionBombError:
        raise Unusable(f"too large (its size is more than {MAX_PIXELS:,} pixels)") from None
    except MemoryError:
        raise Unusable("too large for the memory at hand") from None
    except Exception as error:  # Pillow raises a dozen types for damaged files
        text = str(error)
        if not text or "0x" in text:  # "cannot identify image file <... object at 0x...>"
            text = type(error).__name__
        raise Unusable(f"damaged ({clipped(text, 80)})") from None


def _kind(start: bytes) -> str:
    if not start:
        raise Unusable("an empty file")
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return kind
    raise Unusable("no PNG, JPEG, WebP, TIFF or BMP picture, whatever its name says")


def _check(image: Image.Image) -> None:
    if image.mode not in TAKEN:
        what = {"F": "floating-point", "I": "32-bit"}.get(image.mode, image.mode)
        raise Unusable(f"of mode {image.mode} ({what} pixels), which is not taken: save it with 8 or 16 bits")
    if min(image.size) < MIN_SIDE:
        raise Unusable(f"too small (its size is {image.width}x{image.height})")
    if image.width * image.height > MAX_PIXELS:
        raise Unusable(f"too large (its size is {image.width}x{image.height})")


def _orientation(image: Image.Image) -> int:
    """EXIF's, 1..8; 1 for TIFF, which Pillow turns itself. Decodes nothing to find EXIF behind the pixels."""
    if "exif" not in image.info or image.format == "TIFF":
        return 1
    value = image.getexif().get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) else 1


def _normalised(image: Image.Image, channels: int, background: Colour) -> Image.Image:
    if _orientation(image) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode in SIXTEEN:
        image = Image.fromarray(((np.asarray(image).astype(np.uint32) + 128) // 257).astype(np.uint8))
    if image.mode in ("CMYK", "YCbCr", "RGBX"):
        image = image.convert("RGB")
    if image.has_transparency_data and channels != 4:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (*background, 255)), image)
    return image if image.mode == MODES[channels] else image.convert(MODES[channels])
