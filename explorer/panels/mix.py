"""The mixing desk along the bottom: master, group faders, one fader a layer, space and blend.

A is at the top, B at the bottom; the master is the interpolation. Knows the document and controls.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine import edits
from engine.family import GROUPS, Group, LayerInfo, ModelInfo
from engine.recipe import PlanePoint, Recipe, SavedLatent
from explorer import theme
from explorer.controls.buttons import disabled_reason
from explorer.controls.fader import Fader
from explorer.controls.fader_board import FaderBoard
from explorer.controls.mix_side import MixSide
from explorer.document import Document
from explorer.opening import opening
from explorer.panel import discard

KEYS = "Double click or Delete: {default}. Arrows step, Shift tenfold, Ctrl a tenth; digits type."


def moved_together(shares: Sequence[float], mean: float) -> list[float]:
    """Shares whose mean is `mean`, in the same order, drawn towards the end that the fader moves to.

    Not by one distance for all: then the layer in front would stick at the end and the others catch up. So both ends
    can be reached, and a drag that comes back finds the old shares.
    """
    before = sum(shares) / len(shares)
    if mean >= before:
        pull = 0.0 if before >= 1 else (mean - before) / (1 - before)
        return [min(1.0, share + (1 - share) * pull) for share in shares]
    return [max(0.0, share * mean / before) for share in shares]


def one_space(recipe: Recipe, info: ModelInfo) -> str | None:
    """Why the space of the mix cannot be chosen; None: it can. See engine.plan.space_in_effect, which numpy is for."""
    if not info.features.mapping:
        return "This model has no mapping network: Z is all there is."
    for name, latent in (("A", recipe.a.latent), ("B", recipe.b.latent)):
        between = isinstance(latent, PlanePoint) and not (latent.x.is_integer() and latent.y.is_integer())
        if between or (isinstance(latent, SavedLatent) and latent.space != "z"):
            return f"Source {name} has no z, as a seed has: the mix is in W."
    return None


class MixPanel(QWidget):
    """Keeps no share of its own; what it holds is which fader was touched last, and how a group drag began."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setObjectName("mix")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._outer = QHBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._rebuild(document.info)
        document.model_changed.connect(self._rebuild)
        document.changed.connect(self.show_recipe)

    def sizeHint(self) -> QSize:
        return QSize(800, 176)

    # building

    def _rebuild(self, info: ModelInfo) -> None:
        for old in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            self._outer.removeWidget(old)
            discard(old)
        self._grip: tuple[int, Group, list[float]] | None = None  # gesture, group, shares when it began
        self._layers = [self._layer_fader(layer) for layer in info.layers]
        self._groups = {group: self._group_fader(info, group) for group in GROUPS if info.layers_of(group)}
        self.master = self._fader(
            "master", "master", "master", "Interpolation: every fader that follows moves with it."
        )
        self.master.widest = 36
        self.master.edited.connect(self._edit_master)
        self.master.defaulted.connect(lambda gesture: self._edit_master(0.0, gesture))
        self._active = self.master
        self._outer.addWidget(FaderBoard(self.master, list(self._groups.values()), self._layers, info.layers), 1)
        self._side = self._connected_side(info)
        self._outer.addWidget(self._side)
        if not info.features.layer_styles:
            for fader in (*self._groups.values(), *self._layers):
                disabled_reason(fader, "This model feeds one style to all of its layers: only the master mixes.")
        self.show_recipe(self.document.recipe)

    def _fader(self, name: str, words: str, caption: str, tip: str, default: str = "A") -> Fader:
        fader = Fader(words, caption, f"{tip}\n{KEYS.format(default=default)}")
        fader.setObjectName(name)
        if not name.startswith("layer"):  # a word is wider than a fader needs to be
            fader.setMinimumWidth(fader.fontMetrics().horizontalAdvance(caption) + theme.GAP)
        fader.edited.connect(partial(self._activate, fader))
        fader.focused.connect(partial(self._activate, fader))
        fader.typing.connect(lambda text: self._type(fader, text))
        return fader

    def _layer_fader(self, layer: LayerInfo) -> Fader:
        what = "the picture's last colours" if layer.label == "rgb" else f"{layer.resolution}x{layer.resolution}"
        fader = self._fader(
            f"layer_{layer.index}",
            f"layer {layer.index}, {layer.label}",
            layer.label,
            f"Layer {layer.index}: {what}, {layer.group}.",
            "follow the master again",
        )
        fader.edited.connect(partial(self._edit_layer, layer))
        fader.defaulted.connect(partial(self._follow, (layer.index,), f"layer {layer.label} follows"))
        return fader

    def _group_fader(self, info: ModelInfo, group: Group) -> Fader:
        slots = info.layers_of(group)
        tip = f"The {group} layers together, {slots[0]} to {slots[-1]}; the bar shows how far they differ."
        fader = self._fader(f"group_{group}", f"{group} layers", group, tip, "follow the master again")
        fader.edited.connect(partial(self._edit_group, group))
        fader.defaulted.connect(partial(self._follow, slots, f"{group} layers follow"))
        return fader

    def _connected_side(self, info: ModelInfo) -> MixSide:
        mix = opening(info).mix
        side = MixSide(mix.space, mix.blend)
        side.number.edited.connect(lambda share, gesture: self._active.edited.emit(share, gesture))
        side.dot.clicked.connect(lambda: self._active.defaulted.emit(self._active.gesture.number()))
        side.space.edited.connect(self._edit_space)
        side.blend.edited.connect(self._edit_blend)
        side.all.clicked.connect(lambda: self._follow(range(len(info.layers)), "all layers follow", None))
        return side

    # showing

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe; no fader answers."""
        mix = recipe.mix
        self.master.show_share(mix.t, by_hand=True)
        for layer, fader in enumerate(self._layers):
            fader.show_share(mix.share(layer), not mix.follows(layer))
        for group, fader in self._groups.items():
            slots = self.document.info.layers_of(group)
            shares = [mix.share(slot) for slot in slots]
            by_hand = not all(mix.follows(slot) for slot in slots)
            fader.show_share(sum(shares) / len(shares), by_hand, (min(shares), max(shares)))
        no_choice = one_space(recipe, self.document.info)
        space = mix.space if no_choice is None else "w" if self.document.info.features.mapping else "z"
        self._side.space.set_value(space)
        self._side.blend.set_value(mix.blend)
        disabled_reason(self._side.space, no_choice)
        disabled_reason(
            self._side.blend, None if space == "w" else "In Z the two are mixed along their sphere: no choice."
        )
        self._side.all.setEnabled(any(share is not None for share in mix.shares))
        self._show_active()

    def _show_active(self) -> None:
        fader = self._active
        self._side.touched.setText(
            fader.caption if fader in (self.master, *self._groups.values()) else f"layer {fader.caption}"
        )
        self._side.number.set_number(fader.number())
        self._side.number.setEnabled(fader.isEnabled())
        self._side.dot.setVisible(fader.number() != 0 if fader is self.master else fader.by_hand())

    def _activate(self, fader: Fader, *_: object) -> None:
        if fader is not self._active:  # else its number follows with the recipe, at every move of a drag
            self._active = fader
            self._show_active()

    def _type(self, fader: Fader, text: str) -> None:
        self._activate(fader)
        self._side.number.type(text)

    # editing

    def _apply(self, label: str, recipe: Recipe, gesture: int | None = None) -> None:
        self.document.apply(label, recipe, gesture)

    def _edit_master(self, t: float, gesture: int) -> None:
        self._apply(f"mix {t:.2f}", edits.with_master(self.document.recipe, t), gesture)

    def _edit_layer(self, layer: LayerInfo, share: float, gesture: int) -> None:
        size = "rgb" if layer.label == "rgb" else f"{layer.resolution}x{layer.resolution}"
        self._apply(
            f"mix {size} layer {share:.2f}", edits.with_share(self.document.recipe, [layer.index], share), gesture
        )

    def _edit_group(self, group: Group, mean: float, gesture: int) -> None:
        slots = self.document.info.layers_of(group)
        recipe = self.document.recipe
        if self._grip is None or self._grip[:2] != (gesture, group):
            self._grip = (gesture, group, [recipe.mix.share(slot) for slot in slots])
        for slot, share in zip(slots, moved_together(self._grip[2], mean), strict=True):
            recipe = edits.with_share(recipe, [slot], round(share, 6))
        self._apply(f"mix {group} layers {mean:.2f}", recipe, gesture)

    def _follow(self, slots: Sequence[int], label: str, gesture: int | None = None) -> None:
        self._apply(label, edits.with_share(self.document.recipe, slots, None), gesture)

    def _edit_space(self, space: str) -> None:
        self._apply(f"mix in {space.upper()}", edits.with_space(self.document.recipe, "z" if space == "z" else "w"))

    def _edit_blend(self, blend: str) -> None:
        chosen = edits.with_blend(self.document.recipe, "linear" if blend == "linear" else "even")
        self._apply(f"{blend} blend", chosen)
