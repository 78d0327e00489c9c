"""Truncation: psi, and the layer from which on it does not act. Knows the document and controls."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine import edits
from engine.family import ModelInfo
from engine.recipe import MAX_PSI, Recipe
from explorer.controls.buttons import disabled_reason
from explorer.controls.value_slider import ValueSlider
from explorer.opening import opening
from explorer.panel import Panel

ONE_STYLE = "This model feeds one style to all of its layers, so psi acts on all of them."


def no_truncation(info: ModelInfo) -> str | None:
    """Why psi has no effect; None: it has."""
    if info.features.truncation:
        return None
    if not info.features.mapping:
        return "This model has no mapping network, so there is no mean latent (w_avg) to truncate to."
    return "This model carries no mean latent (w_avg), so there is nothing to truncate to."


class TruncationPanel(Panel):
    """psi -1..2 and cutoff 0..all."""

    def build(self, info: ModelInfo, column: QVBoxLayout) -> None:
        layers = len(info.layers)
        self._psi = ValueSlider(
            "psi",
            -1.0,
            2.0,
            default=opening(info).psi,
            typed=(-MAX_PSI, MAX_PSI),
            tip="Truncation: 0 is the mean picture, 1 as trained, below 0 the opposite.",
            label_width=44,
        )
        self._cutoff = ValueSlider(
            "cutoff",
            0,
            layers,
            default=layers,
            step=1,
            decimals=0,
            names={float(layers): "all"},
            tip="psi acts on the layers below this one; the others stay untruncated.",
            label_width=44,
        )
        for name, slider in (("psi", self._psi), ("cutoff", self._cutoff)):
            slider.setObjectName(name)
            column.addWidget(slider)
            disabled_reason(slider, no_truncation(info))
        if info.features.truncation and not info.features.layer_styles:
            disabled_reason(self._cutoff, ONE_STYLE)
        self._psi.edited.connect(self._edit_psi)
        self._cutoff.edited.connect(self._edit_cutoff)

    def _rebuild(self, info: ModelInfo) -> None:
        super()._rebuild(info)
        self.setMaximumHeight(self.sizeHint().height())  # what a higher window has to give is for the noise under it

    def part(self, recipe: Recipe) -> tuple[float, int | None]:
        return recipe.psi, recipe.cutoff

    def show_recipe(self, recipe: Recipe) -> None:
        layers = len(self.document.info.layers)
        self._psi.set_value(recipe.psi)
        self._cutoff.set_value(layers if recipe.cutoff is None else recipe.cutoff)

    def _edit_psi(self, psi: float, gesture: int) -> None:
        self.document.apply(f"psi {psi:.2f}", edits.with_psi(self.document.recipe, psi), gesture)

    def _edit_cutoff(self, cutoff: float, gesture: int) -> None:
        layers = len(self.document.info.layers)
        chosen = None if round(cutoff) >= layers else round(cutoff)
        label = f"cutoff {'all' if chosen is None else chosen}"
        self.document.apply(label, edits.with_cutoff(self.document.recipe, chosen), gesture)
