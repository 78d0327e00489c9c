"""Variations: nine pictures near the present one; pick one, repeat. The trail below leads back.

The trail is the history's own: the steps that were picked here, so that undo and the trail cannot disagree.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.recipe import Recipe
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


class VariationsView(View):
    def build(self) -> None:
        self._seeds = tuple(rolled() for _ in range(NEAR))
        self._recipes: tuple[Recipe, ...] = ()
        self._steps: dict[int, Recipe] = {}  # of the trail, by position
        self._amount = ValueSlider(
            "distance",
            0.02,
            1.0,
            0.25,
            tip="How far the nine are from the present picture: 1 is unrelated.",
            label_width=64,
        )
        self._amount.setObjectName("variation_distance")
        self._amount.setMaximumWidth(320)
        self._amount.edited.connect(lambda value, gesture: self.refresh())
        others = text_button("dice", "Others", "Nine others at the same distance")
        others.setObjectName("other_variations")
        others.clicked.connect(self.roll)
        self.board = TileBoard("variations")
        self.board.setObjectName("variation_board")
        self.board.chosen.connect(self._choose)
        self.board.side_changed.connect(self.refresh)
        self.trail = TileBoard("trail of variations")
        self.trail.setObjectName("variation_trail")
        self.trail.setFixedHeight(TRAIL_HEIGHT)
        self.trail.chosen.connect(self.document.jump)
        self._trail_wishes = self.queue.wishes()
        tools = QHBoxLayout()
        tools.setContentsMargins(12, 6, 12, 6)
        tools.setSpacing(theme.GROUP_GAP)
        tools.addWidget(self._amount, 100)
        tools.addWidget(others)
        tools.addStretch(1)
        foot = QWidget()
        foot.setObjectName("variation-foot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(quiet_label("Trail", theme.font(title=True)))
        row.addWidget(self.trail, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        column.addWidget(self.board, 1)
        column.addWidget(foot)
        self.board.show_rows(
            [
                [Tile(key=3 * r + c, words=f"Variation {3 * r + c + 1}: click to go there") for c in range(3)]
                for r in range(3)
            ]
        )
        self.wishes.arrived.connect(self.board.set_picture)
        self.wishes.refused.connect(self.board.refuse)
        self._trail_wishes.arrived.connect(self.trail.set_picture)
        self.document.history_changed.connect(self.refresh)

    def show_recipe(self, recipe: Recipe) -> None:
        work = latent_work.nearby(self._seeds, self._amount.value())
        self.queue.compute("nearby", recipe, work, self._on_nearby)
        self._show_trail()

    def _on_nearby(self, recipes: tuple[Recipe, ...]) -> None:
        self._recipes = recipes
        if self.isVisible():
            self.wishes.want(dict(enumerate(recipes)), self.board.wanted_side)

    def roll(self) -> None:
        """Nine others."""
        self._seeds = tuple(rolled() for _ in range(NEAR))
        self.refresh()

    def _choose(self, number: int) -> None:
        if number < len(self._recipes):
            self._seeds = tuple(rolled() for _ in range(NEAR))
            self.document.apply(f"{LABEL} {number + 1}", self._recipes[number])

    def _show_trail(self) -> None:
        positions = trail(self.document.history)
        present = self.document.history.position
        self._steps = {position: self.document.history.steps[position].recipe for position in positions}
        tiles = [Tile(key=p, words=f"{self.document.history.steps[p].label}: click to return") for p in positions]
        self.trail.show_rows([tiles] if tiles else [])
        self.trail.mark(present)
        self._trail_wishes.want(self._steps, self.trail.wanted_side)

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._trail_wishes.clear()
        self.queue.withdraw("nearby")


def trail(history: History) -> list[int]:
    """Positions around the present that were reached by picking, and the one they began at."""
    picked = [step.label.startswith(LABEL) for step in history.steps]
    first = last = history.position
    while first > 0 and picked[first]:
        first -= 1
    while last + 1 < len(picked) and picked[last + 1]:
        last += 1
    positions = list(range(first, last + 1))
    return positions[-TRAIL:] if history.position in positions[-TRAIL:] else positions[:TRAIL]
