"""What a data set consists of, from the headers of its pictures or by decoding all, and what is wrong with which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import TrainingError, clipped
from train.datasets.decode import Header, header, inspected, settle_warnings
from train.datasets.faults import Fault, Unusable
from train.datasets.processes import in_order, workers_for
from train.datasets.sources import Source

Item = TypeVar("Item")
READERS = 8  # threads that read headers: most of their time goes into waiting for a disk
BLOCK = 1024  # pictures given to them at a time
SIZES = tuple(2**i for i in range(3, 11))  # pixels along each side that networks are trained at


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Of every picture its header, or its fault; in the order of the source."""

    found: list[Header | Fault]
    faults: list[Fault]  # of the container and of pictures, not of their sizes

    @property
    def headers(self) -> list[Header]:
        """Of the pictures that can be used."""
        return [one for one in self.found if isinstance(one, Header)]

    def sizes(self) -> list[tuple[tuple[int, int], int]]:
        """((width, height), pictures), the most frequent first."""
        return Counter(h.size for h in self.headers).most_common()

    def kinds(self) -> list[tuple[str, int]]:
        """("PNG RGB", pictures), the most frequent first."""
        return Counter(h.kind for h in self.headers).most_common()

    def natural_channels(self) -> int:
        """1 when all pictures are grey, else 3. Four channels are only taken when asked for."""
        return 1 if all(h.grey for h in self.headers) else 3


def survey(source: Source, *, deep: bool = False, workers: int | None = None, progress: bool = False) -> Survey:
    """Read the header of every picture; deep: decode it completely, in processes."""
    settle_warnings()
    total = len(source.entries)
    read = _decoded(source, workers) if deep else _in_threads(source, range(total))
    shown = watched(read, total, "checking" if deep else "reading", progress)
    found = [
        one if isinstance(one, Header) else Fault(name, one) for name, one in zip(source.names, shown, strict=True)
    ]
    return Survey(found=found, faults=[*source.faults, *(one for one in found if isinstance(one, Fault))])


def size_faults(source: Source, survey: Survey, resolution: int | None = None) -> list[Fault]:
    """Pictures that a run of this resolution could not take; None: of the size that most pictures have."""
    if not survey.headers:
        return []
    wanted = survey.sizes()[0][0] if resolution is None else (resolution, resolution)
    faults = []
    for name, one in zip(source.names, survey.found, strict=True):
        reason = _size_fault(one.size, wanted, resolution is None) if isinstance(one, Header) else ""
        if reason:
            faults.append(Fault(name, reason))
    return faults


def check_resolution(resolution: int) -> None:
    """Refuse what no run would take. Raises TrainingError."""
    if resolution not in SIZES:
        what = f"a resolution of {clipped(resolution, 20)} fits no network"
        raise TrainingError(what, f"give a power of two from {SIZES[0]} to {SIZES[-1]}")


def watched(items: Iterable[Item], total: int, doing: str, progress: bool) -> Iterator[Item]:
    """The same items, with a bar on stderr where that is a terminal."""
    from tqdm import tqdm

    yield from tqdm(items, total=total, desc=doing, unit="picture", disable=None if progress else True)


def _size_fault(size: tuple[int, int], wanted: tuple[int, int], others: bool) -> str:
    told = f"its size is {size[0]}x{size[1]}"
    if size != wanted:
        return f"{told}, {'most are' if others else 'not'} {wanted[0]}x{wanted[1]}"
    if size[0] != size[1]:
        return f"{told}, which is not square"
    return "" if size[0] in SIZES else f"{told}, which is no power of two from {SIZES[0]} to {SIZES[-1]}"


def _decoded(source: Source, workers: int | None) -> Iterator[Header | str]:
    total = sum(entry.size for entry in source.entries)
    return in_order(_inspected, source.contents(), workers_for(total, workers))


def _inspected(data: bytes | str) -> Header | str:
    return data if isinstance(data, str) else inspected(data)


def _in_threads(source: Source, indices: range) -> Iterator[Header | str]:
    def read(index: int) -> Header | str:
        try:
            with source.open(index) as file:
                return header(file)
        except Unusable as error:
            return str(error)
        except OSError as error:
            return f"cannot be read ({clipped(error.strerror or error, 80)})"

    with ThreadPoolExecutor(READERS) as threads:
        for start in indices[::BLOCK]:
            yield from threads.map(read, indices[start : start + BLOCK])
