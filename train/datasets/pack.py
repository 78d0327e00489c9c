"""Packing: pictures cropped and resized to one resolution, as PNGs in a zip that the public tools read too.

    00000/img00000000.png ...   pictures by number, a thousand in a folder, in the order of their names in the source
    dataset.json                {"labels": [[name, label], ...]} or {"labels": null}
    stylescope.json             how it was made

The same source and settings give the same bytes (with the same versions of Pillow and zlib), whatever the number of
processes. Nothing is left behind when it fails.
"""

from __future__ import annotations

import contextlib
import functools
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from PIL import Image

import engine
from engine.errors import TrainingError, clipped
from engine.files import atomic
from train.datasets.decode import WHITE, Colour, decoded, settle_warnings
from train.datasets.faults import Fault, Offenders, Unusable
from train.datasets.labels import Labels, label_file
from train.datasets.pictures import CropNote, labels_of
from train.datasets.processes import in_order, workers_for
from train.datasets.record import Record, read_record
from train.datasets.sources import LABELS, RECORD, Source, open_source
from train.datasets.survey import check_resolution, survey, watched

FILTERS = {"lanczos": Image.Resampling.LANCZOS, "box": Image.Resampling.BOX}
FOLDER = 1000  # pictures
COMPRESSION = 1  # zlib's fastest: half the size of none, and within a tenth of the best

Put = Callable[[str, bytes], None]  # name, content


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What becomes of each picture."""

    resolution: int
    crop: str = "center"  # or "none", "letterbox"
    filter: str = "lanczos"  # of FILTERS
    channels: int = 3
    background: Colour = WHITE  # behind transparency, and of letterbox bars

    def __post_init__(self) -> None:
        check_resolution(self.resolution)


@dataclass(frozen=True, slots=True)
class Packed:
    """A picture that is ready."""

    png: bytes
    enlarged: bool
    box: CropNote  # what is not letterbox bars


def pack(
    path: Path | str,
    out: Path | str,  # .zip
    settings: Settings,
    *,
    grey_if_all_are: bool = False,  # one channel instead of settings.channels when all pictures are grey
    leave_out: bool = False,  # pictures that cannot be used; else they are an error
    with_labels: bool = True,
    workers: int | None = None,
    progress: bool = False,
) -> tuple[Record, list[Fault]]:
    """Write the packed set; its record, and what was left out. Raises TrainingError, StylescopeError."""
    settle_warnings()
    source = open_source(path)
    _check_out(source, Path(out))
    before = read_record(source)
    labels = labels_of(source, before) if with_labels else None
    if grey_if_all_are and survey(source, progress=progress).natural_channels() == 1:
        settings = replace(settings, channels=1)
    faults = list(source.faults)
    with new_set(out) as put:
        kept: dict[int, Packed] = {}  # by the index in the source, without what was written
        made = _made(source, settings, workers)
        for index, one in enumerate(watched(made, len(source.entries), "packing", progress)):
            if isinstance(one, str):
                faults.append(Fault(source.names[index], one))
            elif not faults or leave_out:  # else nothing is written any more, but all faults are found
                put(picture_name(len(kept)), one.png)
                kept[index] = replace(one, png=b"")
        _check_kept(source, faults, kept, leave_out)
        chosen = None if labels is None else replace(labels, values=labels.values[list(kept)])
        record = _record(source, settings, kept, len(faults), labels, before)
        finish(put, record, chosen)
    return record, faults


@contextlib.contextmanager
def new_set(out: Path | str) -> Iterator[Put]:
    """A zip, or a folder where the name does not end so: whole when the block ends, or not there at all."""
    if Path(out).suffix.lower() != ".zip":
        with atomic.fill_folder_atomically(out, lambda folder: (folder / RECORD).is_file()) as folder:
            yield functools.partial(_put_into_folder, folder)
        return
    with atomic.write_atomically(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        yield functools.partial(_put_into_zip, archive)


def finish(put: Put, record: Record, labels: Labels | None) -> None:
    """Write what goes with the pictures."""
    put(LABELS, label_file([picture_name(i) for i in range(record.pictures)], labels))
    put(RECORD, record.to_json())


def picture_name(index: int) -> str:
    """Where the public tools put picture `index`."""
    return f"{index // FOLDER:05d}/img{index:08d}.png"


def png_bytes(image: Image.Image) -> bytes:
    """A PNG without any text."""
    file = io.BytesIO()
    image.info.clear()
    image.save(file, format="PNG", compress_level=COMPRESSION)
    return file.getvalue()


def fitted(image: Image.Image, settings: Settings) -> tuple[Image.Image, CropNote]:
    """The picture at the resolution R, and what of it is no bars. Raises Unusable for crop none and no square."""
    size, (width, height) = settings.resolution, image.size
    if settings.crop == "none" and width != height:
        raise Unusable(f"its size is {width}x{height}, which is not square: take --crop center or letterbox")
    if settings.crop == "center":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    if settings.crop != "letterbox" or width == height:
        return _resized(image, (size, size), settings), (0, 0, size, size)
    longest = max(width, height)
    inner = max(1, round(size * width / longest)), max(1, round(size * height / longest))
    place = (size - inner[0]) // 2, (size - inner[1]) // 2
    return _on_bars(_resized(image, inner, settings), place, settings), (*place, *inner)


def _resized(image: Image.Image, size: tuple[int, int], settings: Settings) -> Image.Image:
    return image if image.size == size else image.resize(size, FILTERS[settings.filter])


def _on_bars(image: Image.Image, place: tuple[int, int], settings: Settings) -> Image.Image:
    """In the middle of a square of the background; where there is transparency, bars are transparent."""
    bars = Image.new("RGBA", (settings.resolution, settings.resolution), (*settings.background, 0)).convert(image.mode)
    bars.paste(image, place)
    return bars


def _packed(settings: Settings, data: bytes | str) -> Packed | str:
    """One picture, or why it cannot be had. Runs in a worker process."""
    if isinstance(data, str):
        return data
    try:
        image = decoded(data, settings.channels, settings.background)
        shown, box = fitted(image, settings)
    except Unusable as error:
        return str(error)
    extent = max(image.size) if settings.crop == "letterbox" else min(image.size)
    return Packed(png_bytes(shown), extent < settings.resolution, box)


def _made(source: Source, settings: Settings, workers: int | None) -> Iterable[Packed | str]:
    total = sum(entry.size for entry in source.entries)
    return in_order(functools.partial(_packed, settings), source.contents(), workers_for(total, workers))


def _check_out(source: Source, out: Path) -> None:
    if out.suffix.lower() != ".zip":
        raise TrainingError(f"{clipped(out)} is no name of a zip", "give a name that ends in .zip")
    target = atomic.check_file(out)
    if target == source.path.resolve():
        raise TrainingError(f"{clipped(out)} is the data set itself", "give another name for the packed one")


def _record(
    source: Source,
    settings: Settings,
    kept: Mapping[int, Packed],
    left_out: int,
    labels: Labels | None,
    before: Record | None,
) -> Record:
    return Record(
        program=f"Stylescope {engine.__version__}",
        resolution=settings.resolution,
        channels=settings.channels,
        pictures=len(kept),
        crop=settings.crop,
        filter=settings.filter,
        background="#{:02x}{:02x}{:02x}".format(*settings.background),
        source=source.title,
        source_fingerprint=source.fingerprint(),
        source_pictures=len(source.entries),
        left_out=left_out,
        enlarged=sum(one.enlarged for one in kept.values()),
        labels="none" if labels is None else labels.origin,
        class_names=() if labels is None else labels.names,
        crop_note=_crop_note([one.box for one in kept.values()], settings.resolution, before),
    )


def _check_kept(source: Source, faults: list[Fault], kept: Mapping[int, Packed], leave_out: bool) -> None:
    total = len(source.entries)
    if faults and not leave_out:
        remedy = "mend or remove them, or add --leave-out; nothing was written"
        raise Offenders(f"{len(faults)} of {total} images of {source.title} cannot be packed", remedy, faults)
    if not kept:
        remedy = "give other pictures; nothing was written"
        raise Offenders(f"none of the {total} images of {source.title} can be packed", remedy, faults)


def _crop_note(boxes: list[CropNote], resolution: int, before: Record | None) -> CropNote | None:
    """The smallest box around what is no bars in any picture; None when that is everything."""
    x, y = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    if (x, y, right, bottom) != (0, 0, resolution, resolution):
        return x, y, right - x, bottom - y
    if before is None or before.crop_note is None:
        return None
    # bars that were there already, resized with the rest
    return cast(CropNote, tuple(round(value * resolution / before.resolution) for value in before.crop_note))


def _put_into_zip(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.create_system, member.external_attr = 3, 0o644 << 16  # the same on every system
    archive.writestr(member, data)


def _put_into_folder(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
