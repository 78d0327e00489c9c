"""The two axes of a mix grid as a value: sources A down the side, B along the top, and the layers that B gives.

The cells themselves are those of `engine.export.grid`, so that the grid on the screen and the exported one are the same
(StyleGAN paper, figure 3). Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from engine import edits, recipe_json
from engine.errors import StylescopeError
from engine.export.grid import Grid, source_words
from engine.family import GROUPS, ModelInfo
from engine.recipe import MAX_LAYERS, Recipe, Seed, Source, SourceName
from explorer.views.tile import Tile

MOST = 12  # sources on an axis
BY_HAND = "hand"  # no group of layers

Key = tuple[int, int]  # row and column; row 0 and column 0 are the sources alone


@dataclass(frozen=True, slots=True, kw_only=True)
class MixAxes:
    """Neither axis is ever empty, and B always gives a layer."""

    a: tuple[Source, ...]
    b: tuple[Source, ...]
    layers: tuple[int, ...]

    def axis(self, name: SourceName) -> tuple[Source, ...]:
        return self.a if name == "a" else self.b

    def _with(self, name: SourceName, sources: tuple[Source, ...]) -> MixAxes:
        return replace(self, a=sources) if name == "a" else replace(self, b=sources)

    def with_source(self, name: SourceName, index: int, source: Source) -> MixAxes:
        """Another source at a place."""
        axis = self.axis(name)
        return self._with(name, (*axis[:index], source, *axis[index + 1 :]))

    def added(self, name: SourceName, source: Source) -> MixAxes:
        """One more at the end; nothing where the axis is full."""
        axis = self.axis(name)
        return self._with(name, (*axis, source)) if len(axis) < MOST else self

    def removed(self, name: SourceName, index: int) -> MixAxes:
        """One less; the last one stays."""
        axis = self.axis(name)
        return self._with(name, (*axis[:index], *axis[index + 1 :])) if len(axis) > 1 else self

    def with_layers(self, layers: tuple[int, ...]) -> MixAxes:
        """Other layers from B; none of them changes nothing."""
        return replace(self, layers=tuple(sorted(set(layers)))) if layers else self

    def fitted(self, info: ModelInfo) -> MixAxes:
        """For another model: seeds stay, latents of other widths and layers that it lacks go."""

        def fit(source: Source) -> Source:
            return edits.fitted(Recipe(a=source), info).a

        layers = tuple(layer for layer in self.layers if layer < len(info.layers))
        a, b = tuple(map(fit, self.a)), tuple(map(fit, self.b))
        return MixAxes(a=a, b=b, layers=layers or info.layers_of("coarse"))

    def group(self, info: ModelInfo) -> str:
        """The group that the layers are, or BY_HAND."""
        return next((group for group in GROUPS if info.layers_of(group) == self.layers), BY_HAND)

    def recipes(self, base: Recipe, info: ModelInfo) -> dict[Key, Recipe]:
        """Every cell's recipe; all that the axes do not say is `base`'s."""
        grid = Grid(kind="mixing", base=base, sources=self.a, sources_b=self.b, layers=self.layers)
        rows = grid.layout(info).rows
        cells = {(r, c): cell.recipe for r, row in enumerate(rows) for c, cell in enumerate(row.cells)}
        return {key: recipe for key, recipe in cells.items() if recipe is not None}

    def tiles(self) -> list[list[Tile | None]]:
        """What the board shows."""
        top: list[Tile | None] = [None, *(_head("b", (0, i + 1), source) for i, source in enumerate(self.b))]
        rows = [top]
        for r, a in enumerate(self.a, 1):
            cells = (
                Tile(key=(r, c), words=f"A {source_words(a)} with B {source_words(b)}: click to show it")
                for c, b in enumerate(self.b, 1)
            )
            rows.append([_head("a", (r, 0), a), *cells])
        return rows


def layer_words(layers: tuple[int, ...]) -> str:
    """Layers as people and the command line say them: "0-3, 8"."""
    spans: list[list[int]] = []
    for layer in layers:
        if spans and layer == spans[-1][1] + 1:
            spans[-1][1] = layer
        else:
            spans.append([layer, layer])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def to_plain(axes: MixAxes) -> dict[str, Any]:
    """Axes as JSON knows them."""
    a, b = ([recipe_json.to_dict(Recipe(a=source))["a"] for source in axis] for axis in (axes.a, axes.b))
    return {"a": a, "b": b, "layers": list(axes.layers)}


def from_plain(data: object) -> MixAxes | None:
    """The axes of JSON data; None for anything else."""
    if not isinstance(data, dict):
        return None
    try:
        a, b = (tuple(recipe_json.from_dict({"stylescope": 1, "a": s}).a for s in data[name][:MOST]) for name in "ab")
        layers = tuple(layer for layer in data["layers"][:MAX_LAYERS] if type(layer) is int and layer >= 0)
    except (StylescopeError, KeyError, TypeError):
        return None
    return MixAxes(a=a, b=b, layers=layers) if a and b and layers else None


def _head(name: SourceName, key: Key, source: Source) -> Tile:
    words = source_words(source)
    tip = f"Source {name.upper()} {words}\nClick or Enter: another seed. R: roll the dice. Delete: take it away"
    return Tile(key=key, words=tip, caption=words, source=name)


def main_source(recipe: Recipe, layers: int) -> Source | None:
    """The one source that a recipe shows; None where it mixes two."""
    shares = {recipe.mix.share(layer) for layer in range(layers)}
    return recipe.a if shares == {0.0} else recipe.b if shares == {1.0} else None


def opening_axes(recipe: Recipe, info: ModelInfo, rows: int = 4, columns: int = 5) -> MixAxes:
    """The document's own sources, and seeds after them: always the same, so that a grid can be found again."""

    def axis(own: Source, first: int, length: int) -> tuple[Source, ...]:
        seeds = (Seed(seed) for seed in range(first, first + length) if Seed(seed) != own.latent)
        return (own, *(replace(own, latent=seed) for seed in islice(seeds, length - 1)))

    return MixAxes(a=axis(recipe.a, 11, rows), b=axis(recipe.b, 31, columns), layers=info.layers_of("coarse"))
