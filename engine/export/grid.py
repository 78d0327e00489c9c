"""A grid as data: rows of cells, each of them a recipe, so that a window can show it before it is made. Standard
library only.

    seeds           a contact sheet
    truncation      a row for each seed, a column for each psi (StyleGAN paper, figure 8)
    mixing          A down the side, B along the top; a cell is A with some layers of B (StyleGAN paper, figure 3)
    noise           realisations of the noise and, beside them, how far each pixel strays (StyleGAN paper, figure 4)
    interpolation   strips from seed to seed, in W and in Z under each other
    classes         a row for each class, a column for each seed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from engine import edits
from engine.errors import RecipeError, UsageError, clipped
from engine.export.layout import Cell, Layout, Row
from engine.export.limits import check_layers, check_resolutions, check_within
from engine.export.page import MAX_COLUMNS, Page
from engine.family import ModelInfo
from engine.recipe import (
    MAX_CLASSES,
    MAX_LAYERS,
    MAX_PSI,
    MAX_RESOLUTION,
    SEEDS,
    Mix,
    PlanePoint,
    Recipe,
    Seed,
    Source,
    Space,
)

GridKind = Literal["seeds", "mixing", "truncation", "noise", "interpolation", "classes"]
KINDS: tuple[GridKind, ...] = ("seeds", "mixing", "truncation", "noise", "interpolation", "classes")
USES: Mapping[str, tuple[GridKind, ...]] = {  # what has an effect on some kinds only
    "seeds_b": ("mixing",),
    "layers": ("mixing",),
    "psis": ("truncation",),
    "noise_seeds": ("noise",),
    "resolutions": ("noise",),
    "realisations": ("noise",),
    "classes": ("classes",),
    "space": ("interpolation",),
    "blend": ("interpolation",),
    "columns": ("seeds", "interpolation"),
}

PAPER_PSIS = (1.0, 0.7, 0.5, 0.0, -0.5, -1.0)
PLAIN, PAGE = Recipe(), Page()
STEPS = 8  # pictures of an interpolation strip
MAX_CELLS = 40_000
MAX_REALISATIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a grid shows. Checks itself and raises RecipeError."""

    kind: GridKind
    base: Recipe = PLAIN  # all that the grid does not change
    sources: tuple[Source, ...]
    sources_b: tuple[Source, ...] = ()  # mixing: along the top
    layers: tuple[int, ...] = ()  # mixing: slots that B gives
    psis: tuple[float, ...] = PAPER_PSIS  # truncation
    noise_seeds: tuple[int, ...] = (0, 1, 2, 3)  # noise: the realisations that are shown
    resolutions: tuple[int, ...] = ()  # noise: where it is drawn anew; none: everywhere
    realisations: int = 100  # noise: of which the deviation is taken (the paper's number); 0: leave it away
    classes: tuple[int, ...] = ()  # classes: which; none: all
    spaces: tuple[Space, ...] = ("w", "z")  # interpolation
    page: Page = PAGE

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RecipeError("that is no kind of grid", f"give one of {', '.join(KINDS)}")
        if not self.sources or (self.kind == "mixing" and not self.sources_b):
            raise RecipeError(f"a grid of kind {self.kind} lacks seeds", "give some")
        if self.kind == "interpolation" and len(self.sources) < 2:
            raise RecipeError("a strip leads from seed to seed", "give two seeds or more")
        if self.kind == "mixing" and not self.layers:
            raise RecipeError("a mixing grid takes no layers from B", "name some")
        if self.kind == "truncation" and not self.psis:
            raise RecipeError("a truncation grid has no values of psi", "give some")
        if self.kind == "noise" and not (self.noise_seeds or self.realisations):
            raise RecipeError("a noise grid has no noise seeds", "give some")
        if not 0 <= self.realisations <= MAX_REALISATIONS or self.realisations == 1:
            raise RecipeError("a deviation is taken over 2 to 10000 pictures", "give a number in between, or 0")
        if not self.spaces or not set(self.spaces) <= {"w", "z"}:
            raise RecipeError("a strip leads through no known space", "give w, z or both")
        check_within(self.layers, 0, MAX_LAYERS - 1, "layer")
        check_within(self.psis, -MAX_PSI, MAX_PSI, "psi")
        check_within(self.noise_seeds, 0, SEEDS - 1, "noise seed")
        check_within(self.resolutions, 1, MAX_RESOLUTION, "noise resolution")
        check_within(self.classes, 0, MAX_CLASSES - 1, "class")

    def check(self, info: ModelInfo) -> None:
        """Refuse what this model does not have, and too many cells. Raises UsageError."""
        features = info.features
        if self.kind == "truncation" and not features.truncation:
            raise UsageError("this model has no mean latent to truncate towards", "choose another kind of grid")
        if self.kind == "noise" and not info.noise:
            raise UsageError("this model has no noise inputs", "choose another kind of grid")
        if self.kind == "mixing" and not features.layer_styles:
            raise UsageError("the layers of this model cannot be fed apart", "choose another kind of grid")
        if self.kind == "classes" and not info.classes:
            raise UsageError("this model has no classes", "choose another kind of grid")
        if self.kind == "classes" and max(self.classes, default=0) >= info.classes:
            raise UsageError(f"this model has no class {max(self.classes)}", f"give 0 to {info.classes - 1}")
        check_layers(self.layers, info)
        check_resolutions(self.resolutions, info)
        columns, rows = self.shape(info)
        if columns * rows > MAX_CELLS or columns > MAX_COLUMNS:
            most = f"give a grid of up to {MAX_CELLS} pictures and {MAX_COLUMNS} columns"
            raise UsageError(f"a grid of {columns} x {rows} pictures is too large", most)

    def shape(self, info: ModelInfo) -> tuple[int, int]:
        """Columns and rows."""
        count = len(self.sources)
        match self.kind:
            case "seeds":
                columns = self.page.columns_for(count)
                return columns, -(-count // columns)
            case "truncation":
                return len(self.psis), count
            case "mixing":
                return len(self.sources_b) + 1, count + 1
            case "noise":
                return len(self.noise_seeds) + bool(self.realisations), count
            case "interpolation":
                return self.page.columns or STEPS, (count - 1) * len(self._spaces(info))
            case "classes":
                return count, len(self.classes) or info.classes

    def layout(self, info: ModelInfo) -> Layout:
        """All cells, for a model that `check` found to suit the grid."""
        layouts = {
            "seeds": self._seeds,
            "truncation": self._truncation,
            "mixing": self._mixing,
            "noise": self._noise,
            "interpolation": self._interpolation,
            "classes": self._classes,
        }
        return layouts[self.kind](info)

    # --- the kinds

    def _seeds(self, info: ModelInfo) -> Layout:
        columns, rows = self.shape(info)
        cells = [Cell(self._of(source), caption=source_words(source)) for source in self.sources]
        cells += [Cell()] * (columns * rows - len(cells))
        lines = tuple(Row(tuple(cells[i : i + columns])) for i in range(0, len(cells), columns))
        return Layout(lines, columns, self._of(self.sources[0]))

    def _truncation(self, info: ModelInfo) -> Layout:
        rows = [
            Row(tuple(Cell(edits.with_psi(self._of(source), psi)) for psi in self.psis), source_words(source))
            for source in self.sources
        ]
        top = tuple(f"ψ = {psi:g}".replace("-", "−") for psi in self.psis)
        first = edits.with_psi(self._of(self.sources[0]), self.psis[0])
        return Layout(tuple(rows), len(self.psis), first, top)

    def _mixing(self, info: ModelInfo) -> Layout:
        alone = replace(self.base, mix=replace(self.base.mix, t=0.0, shares=()))

        def mixed(a: Source, b: Source) -> Recipe:
            return edits.with_share(replace(alone, a=a, b=b), self.layers, 1.0)

        first = Row((Cell(), *(Cell(replace(alone, a=b)) for b in self.sources_b)))
        rows = [
            Row((Cell(replace(alone, a=a)), *(Cell(mixed(a, b)) for b in self.sources_b)), f"A {source_words(a)}")
            for a in self.sources
        ]
        top = ("", *(f"B {source_words(b)}" for b in self.sources_b))
        return Layout((first, *rows), len(top), mixed(self.sources[0], self.sources_b[0]), top)

    def _noise(self, info: ModelInfo) -> Layout:
        def drawn(source: Source, seed: int) -> Recipe:
            recipe = self._of(source)
            for resolution in self.resolutions or info.noise_resolutions:
                recipe = edits.with_noise_seed(recipe, resolution, seed)
            return recipe

        rows = []
        for source in self.sources:
            cells = [Cell(drawn(source, seed)) for seed in self.noise_seeds]
            if self.realisations:
                cells.append(Cell(realisations=tuple(drawn(source, n) for n in range(self.realisations))))
            rows.append(Row(tuple(cells), source_words(source)))
        top = [f"noise {seed}" for seed in self.noise_seeds]
        top += [f"σ of {self.realisations}"] if self.realisations else []
        return Layout(tuple(rows), len(top), drawn(self.sources[0], (*self.noise_seeds, 0)[0]), tuple(top))

    def _interpolation(self, info: ModelInfo) -> Layout:
        steps, _ = self.shape(info)
        shares = [i / max(steps - 1, 1) for i in range(steps)]
        rows = []
        for a, b in pairwise(self.sources):
            for space in self._spaces(info):
                mix = Mix(space=space, blend=self.base.mix.blend)
                strip = (Cell(replace(self.base, a=a, b=b, mix=replace(mix, t=share))) for share in shares)
                rows.append(Row(tuple(strip), f"{space.upper()}  {source_words(a)} – {source_words(b)}"))
        recipe = rows[0].cells[0].recipe
        assert recipe is not None
        return Layout(tuple(rows), steps, recipe, tuple(f"{share:.2g}" for share in shares))

    def _classes(self, info: ModelInfo) -> Layout:
        rows = []
        for index in self.classes or range(info.classes):
            weights = tuple(float(i == index) for i in range(info.classes))
            cells = (Cell(self._of(replace(source, classes=weights))) for source in self.sources)
            name = info.class_names[index] if index < len(info.class_names) else f"class {index}"
            rows.append(Row(tuple(cells), clipped(name, 40)))
        recipe = rows[0].cells[0].recipe
        assert recipe is not None
        return Layout(tuple(rows), len(self.sources), recipe, tuple(source_words(s) for s in self.sources))

    def _of(self, source: Source) -> Recipe:
        return replace(self.base, a=source)

    def _spaces(self, info: ModelInfo) -> tuple[Space, ...]:
        """Without a mapping network there is no W to tell from Z."""
        return self.spaces if info.features.mapping else self.spaces[:1]


def source_words(source: Source) -> str:
    """What a caption calls a source."""
    match source.latent:
        case Seed(seed):
            return str(seed)
        case PlanePoint(x, y):
            return f"{x:.4g}, {y:.4g}"
        case saved:
            return f"saved {saved.space}"
