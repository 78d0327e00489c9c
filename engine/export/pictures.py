"""Pictures one by one, as data, and the formats that there are. Standard library only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.errors import UsageError
from engine.export.grid import source_words
from engine.family import ModelInfo
from engine.recipe import Recipe, Seed, Source

# Suffix -> Pillow's name. `.npy` is none of Pillow's: float32 [N, C, H, W] before any rounding.
FORMATS = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
SUFFIXES = (*FORMATS, ".npy")

T = TypeVar("T", covariant=True)


class Lazy(Sequence[T]):
    """A list whose items are made each time they are asked for: a million recipes take no memory."""

    def __init__(self, count: int, item: Callable[[int], T]) -> None:
        self._count, self._item = count, item

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self._item(n) for n in range(*i.indices(self._count))]
        if not -self._count <= i < self._count:
            raise IndexError(i)
        return self._item(i % self._count)


def seed_names(seeds: Sequence[int]) -> Sequence[str]:
    """Files of the pictures of seeds: seed0007; where a list names a seed again, seed0007-2."""
    if len(set(seeds)) == len(seeds):
        return Lazy(len(seeds), lambda i: f"seed{seeds[i]:04d}")
    names, seen = [], Counter[int]()
    for seed in seeds:
        seen[seed] += 1
        names.append(f"seed{seed:04d}" + (f"-{seen[seed]}" if seen[seed] > 1 else ""))
    return names


def source_names(sources: Sequence[Source]) -> Sequence[str]:
    """Files of the pictures of any sources, each another: of seeds as above, else numbered."""
    seeds = [source.latent.seed for source in sources if isinstance(source.latent, Seed)]
    if len(seeds) == len(sources):
        return seed_names(seeds)
    return [f"{n:04d}-{source_words(source)}".replace(" ", "_") for n, source in enumerate(sources)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Recipes and, for a folder, the names of their files without suffix."""

    recipes: Sequence[Recipe]
    names: Sequence[str] = ()  # each another; none: picture0000, picture0001, ...
    keep_recipes: bool = True  # beside an .npy; False: their latents came from such a file

    def name(self, i: int) -> str:
        """What picture i is called in a folder."""
        return self.names[i] if self.names else f"picture{i:04d}"

    def check(self, suffix: str) -> None:
        """Refuse what a file of a suffix ("": a folder) cannot hold. Raises UsageError."""
        if not self.recipes:
            raise UsageError("there are no pictures to make", "give seeds, a recipe or latents")
        if suffix in FORMATS and len(self.recipes) != 1:
            what = f"{len(self.recipes)} pictures do not fit into one {FORMATS[suffix]}"
            raise UsageError(what, "give a folder or a .npy file as --out")


def check_format(suffix: str, info: ModelInfo) -> None:
    """Refuse a format that is unknown or does not suit the model. Raises UsageError."""
    if suffix not in SUFFIXES:
        raise UsageError(f"there is no picture format {suffix}", f"choose one of {', '.join(SUFFIXES)}")
    if FORMATS.get(suffix) == "JPEG" and info.channels == 4:
        raise UsageError("a JPEG has no transparency, as this model's pictures have", "choose PNG, WebP or TIFF")
