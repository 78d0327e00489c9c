"""Variations: nine pictures near the present one; pick one, repeat. The trail below leads back.

The trail is the history's own: the steps that were picked here, so that undo and the trail cannot disagree. How far
the nine are and which they are belongs to each step as well: going back shows the nine again that were there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.family import ModelInfo
from engine.recipe import SEEDS, Recipe
from explorer import latent_work, theme
from explorer.controls.buttons import quiet_label, text_button
from explorer.controls.seed import rolled
from explorer.controls.value_slider import ValueSlider
from explorer.history import History
from explorer.view import View
from explorer.views.tile import Tile
from explorer.views.tiles import TileBoard

NEAR = 9
LABEL = "variation"
TRAIL = 10  # steps that are shown
TRAIL_HEIGHT = 84  # px
ASIDE = "variations"  # among the document's asides
LEAST, MOST = 0.02, 1.0  # distance


@dataclass(frozen=True, slots=True)
class Nine:
    """Which they are: at first always the same, so that they can be found again."""

    distance: float = 0.25
    seeds: tuple[int, ...] = tuple(range(NEAR))

    def plain(self) -> dict[str, Any]:
        """As JSON knows them."""
        return {"distance": self.distance, "seeds": list(self.seeds)}


class VariationsView(View):
    def build(self) -> None:
        self._recipes: tuple[Recipe, ...] = ()
        self._seeds: tuple[int, ...] = ()  # of the nine whose pictures are on the board
        self._steps: dict[int, Recipe] = {}  # of the trail, by position
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tools())
        column.addWidget(self._make_board(), 1)
        column.addWidget(self._foot())

    def _tools(self) -> QHBoxLayout:
        self._amount = ValueSlider(
            "distance",
            LEAST,
            MOST,
            Nine().distance,
            tip="How far the nine are from the present picture: 1 is unrelated.",
            label_width=64,
        )
        self._amount.setObjectName("variation_distance")
        self._amount.setMaximumWidth(320)
        self._amount.edited.connect(self._set_distance)
        others = text_button("dice", "Others", "Nine others at the same distance")
        others.setObjectName("other_variations")
        others.clicked.connect(self.roll)
        tools = QHBoxLayout()
        tools.setContentsMargins(12, 6, 12, 6)
        tools.setSpacing(theme.GROUP_GAP)
        tools.addWidget(self._amount, 100)
        tools.addWidget(others)
        tools.addStretch(1)
        return tools

    def _make_board(self) -> TileBoard:
        self.board = TileBoard("variations")
        self.board.setObjectName("variation_board")
        self.board.chosen.connect(self._choose)
        self.board.side_changed.connect(self.refresh)
        self.board.show_rows(
            [
                [Tile(key=3 * r + c, words=f"Variation {3 * r + c + 1}: click to go there") for c in range(3)]
                for r in range(3)
            ]
        )
        self.wishes.arrived.connect(self.board.set_picture)
        self.wishes.refused.connect(self.board.refuse)
        return self.board

    def _foot(self) -> QWidget:
        self.trail = TileBoard("trail of variations")
        self.trail.setObjectName("variation_trail")
        self.trail.setFixedHeight(TRAIL_HEIGHT)
        self.trail.chosen.connect(self.document.jump)
        self._trail_wishes = self.queue.wishes()
        self._trail_wishes.arrived.connect(self.trail.set_picture)
        foot = QWidget()
        foot.setObjectName("variation-foot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        title = quiet_label("Trail", theme.font(title=True))
        row.setContentsMargins(12, 0, 12 + title.sizeHint().width(), 0)  # the trail in the middle, as the nine above
        row.setSpacing(0)
        row.addWidget(title)
        row.addWidget(self.trail, 1)
        return foot

    @property
    def nine(self) -> Nine:
        """What the document keeps aside."""
        return nine_of(self.document.aside(ASIDE))

    def show_model(self, info: ModelInfo) -> None:
        self._recipes = ()
        self.board.forget()

    def show_recipe(self, recipe: Recipe) -> None:
        nine = self.nine
        self._amount.set_value(nine.distance)
        work = latent_work.nearby(nine.seeds, nine.distance)
        self.queue.compute("nearby", recipe, work, self._on_nearby)
        self._show_trail()

    def _on_nearby(self, recipes: tuple[Recipe, ...]) -> None:
        self._recipes = recipes
        if self._seeds != self.nine.seeds:  # nine others: nobody is to pick one by the picture of another
            self._seeds = self.nine.seeds
            self.board.forget()
        if self.isVisible():
            self.wishes.want(dict(enumerate(recipes)), self.board.wanted_side)

    def _set_distance(self, distance: float, gesture: int) -> None:
        near = Nine(distance, self.nine.seeds)
        value = None if near == Nine() else near.plain()
        self.document.apply_aside(f"Variations: distance {distance:.2f}", ASIDE, value, gesture)

    def roll(self) -> None:
        """Nine others."""
        self.document.apply_aside("Variations: others", ASIDE, self._others().plain())

    def _others(self) -> Nine:
        return Nine(self.nine.distance, tuple(rolled() for _ in range(NEAR)))

    def _choose(self, number: int) -> None:
        if number < len(self._recipes):
            keep = {ASIDE: self._others().plain()}
            self.document.apply(f"{LABEL} {number + 1}", self._recipes[number], keep=keep)

    def _show_trail(self) -> None:
        history = self.document.history
        positions = trail(history)
        present = max((position for position in positions if position <= history.position), default=None)
        self._steps = {position: history.steps[position].recipe for position in positions}
        tiles = [Tile(key=p, words=f"{history.steps[p].label}: click to return") for p in positions]
        self.trail.show_rows([tiles] if tiles else [])
        self.trail.mark(present)
        self._trail_wishes.want(self._steps, self.trail.wanted_side)

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._trail_wishes.clear()
        self.queue.withdraw("nearby")


def nine_of(data: object) -> Nine:
    """Those of JSON data that may be anything."""
    found: dict[str, Any] = data if isinstance(data, dict) else {}
    nine, distance, seeds = Nine(), found.get("distance"), found.get("seeds")
    if isinstance(distance, (int, float)) and LEAST <= distance <= MOST:
        nine = replace(nine, distance=float(distance))
    if isinstance(seeds, list) and len(seeds) == NEAR and all(type(s) is int and 0 <= s < SEEDS for s in seeds):
        nine = replace(nine, seeds=tuple(seeds))
    return nine


def trail(history: History) -> list[int]:
    """Positions around the present that were reached by picking, and the one they began at. Steps that left the picture
    as it was (another distance, a keyframe) are passed over."""
    steps = history.steps

    def is_new(place: int) -> bool:
        return steps[place].recipe != steps[place - 1].recipe

    def goes_on(place: int) -> bool:
        return steps[place].label.startswith(LABEL) or not is_new(place)

    first = last = history.position
    while first > 0 and goes_on(first):
        first -= 1
    while last + 1 < len(steps) and goes_on(last + 1):
        last += 1
    positions = [first, *filter(is_new, range(first + 1, last + 1))]
    present = max(place for place in positions if place <= history.position)
    return positions[-TRAIL:] if present in positions[-TRAIL:] else positions[:TRAIL]
