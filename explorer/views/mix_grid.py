"""Mix grid: the StyleGAN paper's figure 3, live. Sources A down the side, B along the top; a cell is A with B's layers.

A click on a cell makes it the picture. psi, pushes and noise are those of the document, so that the whole grid follows
their controls. The axes are a part of the document's steps: undo brings back sources and layers as well as pictures.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine import edits, recipe_json
from engine.asides import Asides
from engine.errors import StylescopeError
from engine.export.grid import source_words
from engine.family import GROUPS, Group, ModelInfo
from engine.recipe import Recipe, Seed, Source, SourceName
from explorer import latent_work, theme
from explorer.controls.buttons import disabled_reason
from explorer.controls.seed import rolled
from explorer.controls.segmented import Segmented
from explorer.view import View
from explorer.views.layer_strip import LayerStrip
from explorer.views.mix_axes import (
    BY_HAND,
    Key,
    MixAxes,
    from_plain,
    layer_words,
    main_source,
    opening_axes,
    to_plain,
)
from explorer.views.mix_board import MixBoard

ASIDE = "mix_grid"  # the axes among the document's asides
NO_STYLES = "All layers of this model hear the same style: there is nothing to mix layer by layer."


class MixGridView(View):
    def build(self) -> None:
        self._read: tuple[tuple[Asides, str], MixAxes | None] | None = None  # what was read last, and of what
        self._recipes: dict[Key, Recipe] = {}
        self._groups = _groups()
        self._groups.edited.connect(self._choose_group)
        self.strip = LayerStrip()
        self.strip.edited.connect(self._set_layers)
        self.board = MixBoard()
        self.board.setObjectName("mix_board")
        self.board.empty_words = NO_STYLES
        self._tools = _tool_row(self._groups, self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tools)
        column.addWidget(self.board, 1)
        self._listen()

    def _listen(self) -> None:
        self.board.chosen.connect(self._choose)
        self.board.seeded.connect(self._seed)
        self.board.removed.connect(self._remove)
        self.board.added.connect(self._add)
        self.board.rolled_all.connect(self._roll)
        self.board.dropped.connect(self._drop)
        self.board.side_changed.connect(self.refresh)
        self.wishes.arrived.connect(self.board.set_picture)
        self.wishes.refused.connect(self.board.refuse)

    # --- the document

    def show_model(self, info: ModelInfo) -> None:
        self.board.forget()
        reason = None if info.features.layer_styles else NO_STYLES
        for widget in (self._groups, self.strip):
            disabled_reason(widget, reason)

    def show_recipe(self, recipe: Recipe) -> None:
        info = self.document.info
        if not info.features.layer_styles:
            self.board.show_rows(())
            return
        self._recipes = self.axes.recipes(recipe, info)
        self._groups.set_value(self.axes.group(info))
        self.strip.show_layers(info.layers, self.axes.layers)
        self.board.show_rows(self.axes.tiles())
        self.board.mark(next((key for key, cell in self._recipes.items() if min(key) > 0 and cell == recipe), None))
        self.wishes.want(self._recipes, self.board.wanted_side)

    def _choose(self, key: Key) -> None:
        if min(key) > 0 and self._recipes[key] != self.document.recipe:
            a, b = self.axes.a[key[0] - 1], self.axes.b[key[1] - 1]
            label, keep = f"mix {source_words(a)} with {source_words(b)}", {ASIDE: to_plain(self.axes)}
            self.document.apply(label, self._recipes[key], keep=keep)  # the grid that it is from stays with it

    # --- the axes

    @property
    def axes(self) -> MixAxes:
        """What the document keeps aside, fitted to its model; until a hand changes it, what follows its sources."""
        info = self.document.info
        key = self.document.history.asides, info.content_id
        if self._read is None or self._read[0] != key:
            kept = from_plain(self.document.aside(ASIDE))
            self._read = key, None if kept is None else kept.fitted(info)
        return self._read[1] or opening_axes(self.document.recipe, info)

    def _set(self, label: str, axes: MixAxes, gesture: int | None = None) -> None:
        if axes == self.axes:
            self.refresh()  # what was pressed may say otherwise
        else:
            self.document.apply_aside(f"Grid: {label}", ASIDE, to_plain(axes), gesture)

    def _choose_group(self, group: Group | str) -> None:
        chosen = next((self.document.info.layers_of(g) for g in GROUPS if g == group), ())
        self._set(f"{group} layers from B", self.axes.with_layers(chosen))

    def _set_layers(self, layers: tuple[int, ...], gesture: int) -> None:
        self._set(f"layers {layer_words(layers)} from B", self.axes.with_layers(layers), gesture)

    def _like(self, name: SourceName, seed: int) -> Source:
        """A seed with the classes of the axis."""
        return replace(self.axes.axis(name)[-1], latent=Seed(seed))

    def _seed(self, name: SourceName, index: int, seed: int, gesture: int | None) -> None:
        label = f"source {name.upper()} {index + 1} is {seed}"
        self._set(label, self.axes.with_source(name, index, self._like(name, seed)), gesture)

    def _remove(self, name: SourceName, index: int) -> None:
        self._set(f"source {name.upper()} {index + 1} taken away", self.axes.removed(name, index))

    def _add(self, name: SourceName) -> None:
        self._set(f"one more source {name.upper()}", self.axes.added(name, self._like(name, rolled())))

    def _roll(self, name: SourceName) -> None:
        axes = self.axes
        for index in range(len(axes.axis(name))):
            axes = axes.with_source(name, index, self._like(name, rolled()))
        self._set(f"roll sources {name.upper()}", axes)

    def _drop(self, name: SourceName, index: int, text: str) -> None:
        """A liked state becomes a source: the one that it shows, or its mix by value."""
        info = self.document.info
        try:
            recipe = edits.with_model(recipe_json.loads(text), info)
        except StylescopeError:
            return
        source = main_source(recipe, len(info.layers))
        if source is not None:
            self._put(name, index, source)
        else:
            self.queue.compute("drop", recipe, latent_work.as_source, lambda found: self._put(name, index, found))

    def _put(self, name: SourceName, index: int, source: Source) -> None:
        if index < 0:
            self._set(f"one more source {name.upper()}", self.axes.added(name, source))
        else:
            label = f"source {name.upper()} {index + 1} is {source_words(source)}"
            self._set(label, self.axes.with_source(name, index, source))


def _groups() -> Segmented:
    groups = Segmented(
        "layers from B",
        (
            ("coarse", "Coarse", "4x4 and 8x8 from B (layers 0 to 3): pose, shape, large things"),
            ("middle", "Middle", "16x16 and 32x32 from B (layers 4 to 7): features, hair"),
            ("fine", "Fine", "64x64 and up from B (layers 8 and up): colours, texture"),
            (BY_HAND, "Hand", "The layers that are chosen on the right, by hand"),
        ),
    )
    groups.setObjectName("mix_grid_groups")
    groups.setMinimumWidth(groups.sizeHint().width())  # its words are not to be cut; the strip gives way
    return groups


def _tool_row(groups: Segmented, strip: LayerStrip) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(12, 6, 12, 6)
    row.setSpacing(theme.GAP)
    row.addWidget(groups)
    row.addWidget(strip, 100)  # as wide as it wants, before the rest gets anything
    row.addStretch(1)
    return widget
