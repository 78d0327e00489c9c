"""Noise per resolution: seed or the model's stored maps, strength, lock; all at once; and the circle on which the noise
of a film walks. Knows document and controls."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine import edits
from engine.family import ModelInfo
from engine.recipe import AS_TRAINED, MAX_STRENGTH, Noise, NoiseSetting, Recipe
from engine.timeline.value import EMPTY
from explorer import theme, timeline_edits
from explorer.controls.buttons import disabled_reason, quiet_label
from explorer.controls.seed import SeedField, rolled
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document
from explorer.panel import Panel

SILENT = "This model was saved without noise maps: roll the dice first."
STILL = "The noise of the film stands still: choose circling noise in the timeline first."
CIRCLE_TIP = "Circling noise of a film goes once around, through the first keyframe's noise and through this one."
LABEL = 32  # px, "1024"


def no_noise(info: ModelInfo, resolution: int) -> str | None:
    """Why noise at a resolution has no effect; None: it has."""
    if resolution in info.noise_resolutions:
        return None
    if not info.noise:
        return "This model has no noise inputs."
    size = f"{resolution}x{resolution}"
    if resolution > max(info.noise_resolutions):
        return f"This network had not grown to {size} when it was saved: its layers there are not in use."
    return f"This model has no noise inputs at {size}."


def lock_name(resolution: int) -> str:
    """The document's name for the lock of a resolution."""
    return f"noise {resolution}"


def resolutions_of(info: ModelInfo) -> list[int]:
    """4, 8, ... up to the picture's: those without a noise input are shown too, greyed."""
    powers = {2**power for power in range(2, 20) if 2**power <= info.resolution}
    return sorted(powers | set(info.noise_resolutions))


class NoisePanel(Panel):
    """Two lines a resolution."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        document.locks_changed.connect(self._show_locks)
        document.timeline_changed.connect(self._show_circle)

    def build(self, info: ModelInfo, column: QVBoxLayout) -> None:
        self._seeds: dict[int, SeedField] = {}
        self._strengths: dict[int, ValueSlider] = {}
        column.addLayout(self._header(info))
        for resolution in resolutions_of(info):
            column.addLayout(self._row(info, resolution))
        column.addLayout(self._circle_row())

    def _header(self, info: ModelInfo) -> QHBoxLayout:
        reroll = QPushButton(theme.icon("dice"), "Re-roll all")
        reroll.setObjectName("reroll_noise")
        reroll.setToolTip("Other noise at every resolution that is not locked")
        reroll.clicked.connect(self._reroll)
        reset = QPushButton("Reset")
        reset.setObjectName("reset_noise")
        reset.setToolTip("Every resolution back to the noise that the model was saved with, at strength 1")
        reset.clicked.connect(self._reset)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.setContentsMargins(0, 0, 16, 0)  # the column of reset dots
        for button in (reroll, reset):
            row.addWidget(button, 1)
            if not info.noise:
                disabled_reason(button, "This model has no noise inputs.")
        return row

    def _row(self, info: ModelInfo, resolution: int) -> QVBoxLayout:
        seed, strength = _controls(info, resolution)
        label = quiet_label(str(resolution), theme.font(theme.CAPTION, tabular=True))
        label.setFixedWidth(LABEL)
        first, second, both = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        first.addWidget(label)
        first.addWidget(seed, 1)
        second.addSpacing(LABEL)
        second.addWidget(strength, 1)
        for line in (first, second):
            line.setSpacing(0)
            both.addLayout(line)
        both.setSpacing(0)
        reason = no_noise(info, resolution)
        if reason is not None:
            seed.set_value(None, "none")
            for control in (label, seed, strength):
                disabled_reason(control, reason)
            return both
        seed.edited.connect(partial(self._edit_seed, resolution))
        words = f"noise {resolution}x{resolution}"
        seed.locked.connect(partial(self.document.set_lock, lock_name(resolution), words=words))
        strength.edited.connect(partial(self._edit_strength, resolution))
        self._seeds[resolution], self._strengths[resolution] = seed, strength
        return both

    def _circle_row(self) -> QHBoxLayout:
        """The second map of the circle on which the noise of a film walks."""
        self._circle = SeedField(
            "second noise seed of the circle",
            tip=CIRCLE_TIP,
            reset=f"Back to {EMPTY.noise_seed}",
            default=EMPTY.noise_seed,
        )
        self._circle.setObjectName("circle_seed")
        self._circle.edited.connect(lambda seed, gesture: timeline_edits.set_noise_seed(self.document, seed, gesture))
        self._circle_label = quiet_label("circle", theme.font(theme.CAPTION))
        self._circle_label.setFixedWidth(LABEL)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._circle_label)
        row.addWidget(self._circle, 1)
        return row

    def part(self, recipe: Recipe) -> Noise:
        return recipe.noise

    def show_recipe(self, recipe: Recipe) -> None:
        for resolution, seed in self._seeds.items():
            setting = recipe.noise.at(resolution)
            self._show_seed(seed, setting)
            self._strengths[resolution].set_value(setting.strength)
            silent = setting.seed is None and setting.second is None and not self.document.info.features.stored_noise
            disabled_reason(self._strengths[resolution], SILENT if silent else None)
        self._show_locks(self.document.locks)
        self._show_circle()

    def _show_circle(self, _: object = None) -> None:
        timeline, info = self.document.timeline, self.document.info
        self._circle.set_value(timeline.noise_seed)
        reason = STILL if timeline.noise != "circle" else None if info.noise else "This model has no noise inputs."
        for control in (self._circle_label, self._circle):
            disabled_reason(control, reason)

    def _show_seed(self, field: SeedField, setting: NoiseSetting) -> None:
        """A seed, the model's own maps, or the two between which the noise stands on a circle."""
        if setting.second is None:
            field.set_value(setting.seed, field.word)
            return
        first = field.word if setting.seed is None else str(setting.seed)
        words = f"{first} \u2192 {setting.second}"
        where = f"{setting.turn:.2f} of the way round the circle through the noise of {first} and of {setting.second}"
        field.set_value(None, words, f"This noise is {where}. A seed that you choose leaves the circle.")

    def _show_locks(self, locks: frozenset[str]) -> None:
        for resolution, seed in self._seeds.items():
            seed.set_locked(lock_name(resolution) in locks)

    def _edit_seed(self, resolution: int, seed: int | None, gesture: int) -> None:
        label = f"noise {resolution}x{resolution} {'as trained' if seed is None else seed}"
        self.document.apply(label, edits.with_noise_seed(self.document.recipe, resolution, seed), gesture)

    def _edit_strength(self, resolution: int, strength: float, gesture: int) -> None:
        label = f"noise {resolution}x{resolution} strength {strength:.2f}"
        self.document.apply(label, edits.with_noise_strength(self.document.recipe, resolution, strength), gesture)

    def _reroll(self) -> None:
        recipe = self.document.recipe
        for resolution in self._seeds:
            if lock_name(resolution) not in self.document.locks:
                recipe = edits.with_noise_seed(recipe, resolution, rolled())
        self.document.apply("re-roll noise", recipe)

    def _reset(self) -> None:
        recipe = self.document.recipe
        for resolution in self._seeds:
            recipe = edits.with_noise(recipe, resolution, AS_TRAINED)
        self.document.apply("reset noise", recipe)


def _controls(info: ModelInfo, resolution: int) -> tuple[SeedField, ValueSlider]:
    size = f"{resolution}x{resolution}"
    seed = SeedField(
        f"noise seed {size}",
        tip=f"Which noise the layers at {size} get.",
        word="trained" if info.features.stored_noise else "none",
        copy=False,
        lock=f"Keep the noise at {size} when all is re-rolled",
        reset="Back to the maps that the model was saved with" if info.features.stored_noise else "No noise again",
    )
    strength = ValueSlider(
        f"noise strength {size}",
        0.0,
        2.0,
        default=1.0,
        typed=(-MAX_STRENGTH, MAX_STRENGTH),
        tip=f"How strong the noise at {size} is: 1 as trained, 0 none.",
    )
    strength.label.hide()
    seed.setObjectName(f"noise_seed_{resolution}")
    seed.lock.setObjectName(f"noise_lock_{resolution}")
    strength.setObjectName(f"noise_strength_{resolution}")
    return seed, strength
