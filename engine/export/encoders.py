"""Film files: MP4 (H.264), WebM (VP9), GIF, animated WebP. Frames come in one by one, none is kept.

Each writer takes frames uint8 [H, W, 3] as they come and a seekable file. Encoders run on a fixed number of threads and
the times of frames are computed from their numbers, so that neither depends on the machine.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from PIL import Image

from engine.errors import StylescopeError, clipped

Pixels = npt.NDArray[np.uint8]

SEAM = 15  # frames on either side of a loop's seam that H.264 codes finer and finer
FINER = 4  # so many times their bits are doubled at the seam itself
THREADS = 4  # of an encoder: a fixed number, because H.264's bytes depend on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """What a writer has to know before the first frame."""

    width: int  # of the frames as they come
    height: int
    frames: int
    fps: Fraction
    quality: int  # 1 to 100
    comment: str  # the film's description
    closed: bool = False  # a loop: the first frame follows the last one


Writer = Callable[[Iterable[Pixels], BinaryIO, Reel], None]


def moments(reel: Reel, unit: int) -> list[int]:
    """When each frame begins, and when the last one ends, in whole 1/unit seconds: each rounded by itself, so that
    the errors do not add up and the total is exact to half a unit."""
    return [round(Fraction(i * unit) / reel.fps) for i in range(reel.frames + 1)]


def mp4(frames: Iterable[Pixels], file: BinaryIO, reel: Reel) -> None:
    """H.264, 4:2:0. Quality 85 is crf 16, 100 is 10."""
    options = {"crf": f"{50 - 0.4 * reel.quality:.1f}", "preset": "medium"}
    if reel.closed:
        options["x264-params"] = f"zones={_zones(reel.frames)}"
    _video(frames, file, reel, "mp4", "libx264", options)


def _zones(frames: int) -> str:
    """What x264 is told of a loop: more and more bits towards both ends of the film.

    A frame repeats the coding errors of the one before it; the first one cannot, it is coded by itself. Where steps are
    small these errors are larger, and the loop would jump. So they fade away before the seam and come up after it.
    """
    near = sorted({*range(min(SEAM, frames)), *range(max(frames - SEAM, 0), frames)})
    shares = {i: 1 - min(i, frames - 1 - i) / SEAM for i in near}  # 1 at the seam
    return "/".join(f"{i},{i},b={2 ** (FINER * share):.3f}" for i, share in shares.items())


def webm(frames: Iterable[Pixels], file: BinaryIO, reel: Reel) -> None:
    """VP9, 4:2:0. Quality 85 is crf 20, 100 is 13."""
    options = {"crf": str(round(63 - reel.quality / 2)), "b": "0", "deadline": "good", "cpu-used": "3", "row-mt": "1"}
    _video(frames, file, reel, "webm", "libvpx-vp9", options)


def _video(
    frames: Iterable[Pixels], file: BinaryIO, reel: Reel, container: str, codec: str, options: dict[str, str]
) -> None:
    """4:2:0 needs even sizes: of an odd one the last line or column is there twice."""
    width, height = reel.width + reel.width % 2, reel.height + reel.height % 2
    with av.open(file, "w", format=container, options={"fflags": "+bitexact"}) as film:  # no dates, no random numbers
        film.metadata["comment"] = reel.comment
        stream = film.add_stream(codec, rate=reel.fps, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.thread_count = THREADS
        # Say which colours these are: without it, players guess by the size of the film.
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(_even(pixels, width, height), format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.LANCZOS,
            )
            frame.pts, frame.time_base = number, 1 / reel.fps
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


def gif(frames: Iterable[Pixels], file: BinaryIO, reel: Reel) -> None:
    """256 colours, chosen for each frame. Delays are whole hundredths of a second; see `moments`."""
    times = moments(reel, 100)
    last = times[-1] - times[-2]  # nothing follows the last frame that would tell how long it stays
    with av.open(file, "w", format="gif", options={"loop": "0", "final_delay": str(last)}) as film:
        stream = film.add_stream("gif", rate=Fraction(100))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = reel.width, reel.height, "pal8"
        for time, pixels in zip(times, frames, strict=False):
            frame = av.VideoFrame.from_ndarray(_palette(pixels), format="pal8")  # type: ignore[arg-type]  # a pair
            frame.pts, frame.time_base = time, Fraction(1, 100)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


def webp(frames: Iterable[Pixels], file: BinaryIO, reel: Reel) -> None:
    """Animated WebP (RFC 9649, section 2.7): every frame whole, as Pillow encodes it. Delays are whole milliseconds.

    The container is written here because the encoders at hand merge equal frames and lose the last one's delay.
    """
    times = moments(reel, 1000)
    begin = file.tell()
    file.write(b"RIFF\0\0\0\0WEBP")
    canvas = (reel.width - 1).to_bytes(3, "little") + (reel.height - 1).to_bytes(3, "little")
    _chunk(file, b"VP8X", b"\x02\0\0\0" + canvas)  # the flag says: animated
    _chunk(file, b"ANIM", b"\0\0\0\xff" + b"\0\0")  # background; plays for ever
    for number, pixels in enumerate(frames):
        still = io.BytesIO()
        Image.fromarray(pixels).save(still, "WEBP", quality=reel.quality, lossless=reel.quality == 100, method=4)
        delay = times[number + 1] - times[number]
        place = b"\0" * 6 + canvas + delay.to_bytes(3, "little") + b"\x02"  # replaces what was there, no blending
        _chunk(file, b"ANMF", place + still.getvalue()[12:])  # without the still's own RIFF header
    end = file.tell()
    file.seek(begin + 4)
    file.write(struct.pack("<I", end - begin - 8))
    file.seek(end)


WRITERS: dict[str, Writer] = {".mp4": mp4, ".webm": webm, ".gif": gif, ".webp": webp}


def write(suffix: str, frames: Iterable[Pixels], file: BinaryIO, reel: Reel) -> None:
    """Write a film in the format of a suffix. Raises StylescopeError; OSError is the caller's to translate."""
    kept = _Kept(file)
    try:
        WRITERS[suffix](frames, kept, reel)  # type: ignore[arg-type]  # all of a file that they use
    except av.FFmpegError as error:
        if kept.error is not None:
            raise kept.error from None
        raise StylescopeError(f"the film cannot be encoded ({clipped(error, 80)})", "choose another format") from None


class _Kept:
    """A file that keeps the first error of its disk: on the way through FFmpeg it loses its name."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = self.error or error
            raise


def _even(pixels: Pixels, width: int, height: int) -> Pixels:
    down, right = height - pixels.shape[0], width - pixels.shape[1]
    even = np.pad(pixels, ((0, down), (0, right), (0, 0)), mode="edge") if down or right else pixels
    return np.ascontiguousarray(even)


def _palette(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Indices [H, W] and colours [256, 4] (alpha, red, green, blue) of a frame."""
    reduced = Image.fromarray(pixels).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colours = np.array(reduced.getpalette("RGB"), np.uint8).reshape(-1, 3)
    table = np.zeros((256, 4), np.uint8)
    table[:, 0] = 255
    table[: len(colours), 1:] = colours
    return np.array(reduced), table


def _chunk(file: BinaryIO, kind: bytes, data: bytes) -> None:
    file.write(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2))
