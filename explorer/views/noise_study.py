"""Noise: several realisations, how far pixels stray among them, and what its layers do (StyleGAN paper, figures 4, 5).

A click on a picture makes it the picture of the window. The deviation is taken over N realisations of the present
picture, one after the other, so that it sharpens while one looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine import edits
from engine.family import ModelInfo
from engine.recipe import SEEDS, Recipe
from explorer import theme
from explorer.controls.buttons import disabled_reason, quiet_label
from explorer.controls.number import NumberField
from explorer.controls.seed import SeedField
from explorer.export_words import duration
from explorer.view import View
from explorer.views.tile import Tile
from explorer.views.tiles import TileBoard
from explorer.worker import Engine, qimage

SHOWN = 3  # realisations
NO_NOISE = "This model has no noise inputs."
REST = 200  # ms without a change until the deviation is begun anew
DEVIATION = "deviation"
LARGEST = 1000  # realisations
ASIDE = "noise_view"  # among the document's asides
DEFAULTS = {"first": 0, "over": 20}  # the first realisation's seed, and how many the deviation is taken over
LONG = 1.0  # seconds: what takes longer tells its time


class NoiseView(View):
    def build(self) -> None:
        self._recipes: dict[str, Recipe] = {}
        self._base: Recipe | None = None  # what the deviation is taken of
        self._over = 0  # and over how many
        self._levels = ""  # what the brightest pixel means
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._begin)
        self._since = QElapsedTimer()  # the first realisation of the deviation
        self.board = TileBoard("noise")
        self.board.setObjectName("noise_board")
        self.board.empty_words = NO_NOISE
        self.board.chosen.connect(self._choose)
        self.board.side_changed.connect(self.refresh)
        self.wishes.arrived.connect(self.board.set_picture)
        self.wishes.refused.connect(self.board.refuse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_tools())
        column.addWidget(self.board, 1)

    def _make_tools(self) -> QWidget:
        self._first = SeedField(
            "first noise seed",
            tip="Noise seed of the first realisation; the others follow it.",
            reset=f"Back to {DEFAULTS['first']}",
            default=DEFAULTS["first"],
        )
        self._first.setObjectName("first_noise_seed")
        self._first.setMaximumWidth(220)
        self._first.edited.connect(lambda seed, gesture: self._set("first", seed, f"from seed {seed}", gesture))
        self._number = NumberField(2, LARGEST, 1, decimals=0)
        self._number.setObjectName("realisations")
        self._number.setAccessibleName("realisations")
        self._number.setToolTip("How many realisations the deviation is taken over. The paper takes 100.")
        self._number.edited.connect(
            lambda number, gesture: self._set("over", int(number), f"deviation over {number:.0f}", gesture)
        )
        self._progress = QLabel()
        self._progress.setProperty("quiet", True)
        self._progress.setFont(theme.font(theme.CAPTION, tabular=True))
        self._progress.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # what room there is
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(12, 6, 12, 6)
        tools.setSpacing(theme.GAP)
        tools.addWidget(quiet_label("from seed", theme.font(theme.CAPTION)))
        tools.addWidget(self._first)
        tools.addSpacing(theme.GAP)
        tools.addWidget(quiet_label("deviation over", theme.font(theme.CAPTION)))
        tools.addWidget(self._number)
        tools.addWidget(self._progress, 1)
        return self._tools

    def _set(self, name: str, value: int, label: str, gesture: int) -> None:
        chosen = {**kept_of(self.document.aside(ASIDE)), name: value}
        self.document.apply_aside(f"Noise: {label}", ASIDE, None if chosen == DEFAULTS else chosen, gesture)

    def show_model(self, info: ModelInfo) -> None:
        self._base, self._levels = None, ""
        self.board.forget()
        for control in (self._first, self._number):
            disabled_reason(control, None if info.noise else NO_NOISE)

    def show_recipe(self, recipe: Recipe) -> None:
        info = self.document.info
        if not info.noise:
            self.board.show_rows(())
            return
        first, over = kept_of(self.document.aside(ASIDE)).values()
        self._first.set_value(first)
        self._number.set_number(over)
        seeds = [min(first + number, SEEDS - 1) for number in range(SHOWN)]
        coarse, fine = parts(info)
        drawn = {f"seed {seed}": drawn_anew(recipe, info, seed) for seed in seeds}
        switched = {
            "on all": recipe,
            "on fine": silenced(recipe, coarse),
            "on coarse": silenced(recipe, fine),
            "on none": silenced(recipe, info.noise_resolutions),
        }
        self._recipes = drawn | switched
        self._show_tiles(info)
        self.board.mark(next((key for key, own in self._recipes.items() if own == recipe), None))
        self.wishes.want(self._recipes, self.board.wanted_side)
        base = drawn_anew(recipe, info, 0)
        if (base, over) != (self._base, self._over):
            self._base, self._over = base, over
            self._rest.start()

    def _show_tiles(self, info: ModelInfo) -> None:
        coarse, fine = parts(info)
        words = {
            "on all": ("all layers", "Noise at every resolution, as the picture has it"),
            "on fine": (f"fine, from {fine[0]}x{fine[0]}", f"Noise only from {fine[0]}x{fine[0]} up"),
            "on coarse": (f"coarse, to {coarse[-1]}x{coarse[-1]}", f"Noise only up to {coarse[-1]}x{coarse[-1]}")
            if coarse
            else ("coarse", "This model has noise at one resolution only"),
            "on none": ("none", "No noise at all"),
        }
        top = [
            Tile(key=key, caption=f"noise {key[5:]}", words=f"Noise seed {key[5:]} everywhere: click to show it")
            for key in self._recipes
            if key.startswith("seed")
        ]
        tip = "Standard deviation of each pixel in grey levels, of 255: bright ones change with the noise"
        top.append(Tile(key=DEVIATION, caption=self._levels or "deviation", words=tip))
        bottom = [Tile(key=key, caption=name, words=f"{tip}: click to show it") for key, (name, tip) in words.items()]
        self.board.show_rows((top, bottom), ("Realisations and their deviation", "Noise on"))

    def _choose(self, key: str) -> None:
        recipe = self._recipes.get(key)
        if recipe is not None:
            label = f"noise {key[5:]} everywhere" if key.startswith("seed") else f"noise {key}"
            self.document.apply(label, recipe)

    # --- the deviation

    def _begin(self) -> None:
        """Take the deviation of the present picture from the start."""
        if self._base is None or not self.isVisible():
            return
        if self.wishes.waiting:  # the pictures first: there are few of them
            self._progress.setText("after the pictures")
            self._rest.start()
            return
        from explorer.deviation import Deviation

        self._since.start()
        self._ask(self._base, Deviation())

    def _ask(self, base: Recipe, so_far: Any) -> None:
        wanted = self._over
        self._progress.setText(self._how_far(so_far.count, wanted))
        if so_far.count < wanted:
            info = self.document.info
            recipe = drawn_anew(base, info, so_far.count)
            self.queue.compute(DEVIATION, recipe, one_more(so_far), lambda answer: self._go_on(base, so_far, answer))

    def _how_far(self, count: int, wanted: int) -> str:
        """Nothing when it is done."""
        if count >= wanted:
            return ""
        left = self._since.elapsed() / 1000 * (wanted - count) / count if count > 1 else 0.0
        return f"{count} of {wanted}" + (f", {duration(left)} left" if left > LONG else "")

    def _go_on(self, base: Recipe, so_far: Any, answer: tuple[QImage, float] | None) -> None:
        if base != self._base:
            return
        if answer is not None:
            image, largest = answer
            self._levels = f"deviation, to ±{largest:.1f}"
            self._show_tiles(self.document.info)
            self.board.set_picture(DEVIATION, image)
        self._ask(base, so_far)

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._rest.stop()
        self.queue.withdraw(DEVIATION)
        self._base = None  # begun anew when it is seen again


def kept_of(data: object) -> dict[str, int]:
    """The view's settings of JSON data that may be anything."""
    limits = {"first": (0, SEEDS - 1), "over": (2, LARGEST)}
    found = data if isinstance(data, dict) else {}

    def is_good(name: str) -> bool:
        return type(found.get(name)) is int and limits[name][0] <= found[name] <= limits[name][1]

    return {name: found[name] if is_good(name) else default for name, default in DEFAULTS.items()}


def one_more(so_far: Any) -> Callable[[Engine, Recipe, Callable[[], bool]], tuple[QImage, float] | None]:
    """Asks for one more realisation: the deviation as a picture and its largest grey level, None of the first one."""

    def work(engine: Engine, recipe: Recipe, stop: Callable[[], bool]) -> tuple[QImage, float] | None:
        from explorer.deviation import shades

        so_far.add(engine.render(recipe, stop=stop, remember=False).pixels)
        if so_far.count < 2:
            return None
        levels = so_far.grey_levels()
        return qimage(shades(levels)), float(levels.max())

    return work


def drawn_anew(recipe: Recipe, info: ModelInfo, seed: int) -> Recipe:
    """Noise of one seed at every resolution; strengths stay."""
    for resolution in info.noise_resolutions:
        recipe = edits.with_noise_seed(recipe, resolution, seed)
    return recipe


def silenced(recipe: Recipe, resolutions: tuple[int, ...]) -> Recipe:
    """No noise at some resolutions."""
    for resolution in resolutions:
        recipe = edits.with_noise_strength(recipe, resolution, 0.0)
    return recipe


def parts(info: ModelInfo) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Coarse and fine noise resolutions: the paper parts them at 64x64, a small model at half its own."""
    border = min(64, info.resolution // 2)
    there = info.noise_resolutions
    fine = tuple(r for r in there if r >= border) or there[-1:]
    return tuple(r for r in there if r not in fine), fine
