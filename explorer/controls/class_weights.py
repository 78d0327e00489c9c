"""Which class a source is of: one picked by its name, or several blended with weights that sum to 1. No document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.recipe import MAX_STRENGTH
from explorer import theme
from explorer.controls.buttons import disabled_reason, icon_button, quiet_label, reset_dot
from explorer.controls.choice import Choice
from explorer.controls.finder import Entry, Finder
from explorer.controls.value_slider import ValueSlider

SHOWN = 8  # classes of a blend that have a row; more cannot be told apart by hand
PLACES = 4  # decimals of a weight
NAME = 72  # px, a class name beside its slider

Weights = tuple[float, ...]


def only(number: int, classes: int) -> Weights:
    """One class and no other."""
    return tuple(float(n == number) for n in range(classes))


def rebalanced(weights: Weights, number: int, weight: float) -> Weights:
    """One class at `weight`; the others share the rest of 1 in the proportions that they have."""
    others = {n: w for n, w in enumerate(weights) if w and n != number}
    rest, before = 1 - weight, sum(others.values())
    if not others:
        return tuple(weight if n == number else 0.0 for n in range(len(weights)))
    shares = {n: rest * w / before if abs(before) > 1e-9 else rest / len(others) for n, w in others.items()}
    shares = {n: round(w, PLACES) for n, w in shares.items()}
    heaviest = max(shares, key=lambda n: abs(shares[n]))
    shares[heaviest] += rest - sum(shares.values())  # what rounding left over: the sum stays 1
    return tuple(weight if n == number else round(shares.get(n, 0.0), PLACES + 2) for n in range(len(weights)))


class _Row(ValueSlider):
    """A class of a blend: name, weight, and a cross where other sliders have their reset dot."""

    def __init__(self, name: str) -> None:
        safe = escape(name)  # tool tips take what looks like HTML for it, and the name is out of a file
        super().__init__(
            name,
            0.0,
            1.0,
            default=0.0,
            typed=(-MAX_STRENGTH, MAX_STRENGTH),
            tip=f"How much of {safe}; the other classes share the rest.",
            label_width=NAME,
        )
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setText(self.label.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAME - theme.GRID))
        self.rail.setAccessibleName(f"weight of {name}")
        self.dot.setIcon(theme.icon("close", "quiet"))
        self.dot.setToolTip(f"Take {safe} out of the blend")
        self.dot.setAccessibleName(f"Take {name} out of the blend")

    def set_value(self, value: float) -> None:
        super().set_value(value)
        self.dot.show()


class ClassWeights(QWidget):
    """`edited(weights, what, gesture)` when the user changes them; `set_weights` says nothing.

    Keeps which classes have a row while they are at 0: a row must not vanish under the hand.
    """

    edited = Signal(object, str, object)  # Weights, words for the history, int | None

    def __init__(self, name: str, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = list(words)
        self._weights: Weights = only(0, len(words))
        self._rows: dict[int, _Row] = {}
        self._grip: tuple[int, int, Weights] | None = None  # gesture, class, weights when it began
        self.picker = Choice(f"class of {name}", self._words, f"Class of {name}")
        self.picker.edited.connect(self._pick)
        self.add = icon_button("plus", f"blend another class into {name}", "Blend another class into this one")
        self.add.clicked.connect(self._ask)
        self.dot = reset_dot(f"class of {name}", f"Reset the class to {escape(self._words[0])} (Delete)")
        self.dot.clicked.connect(self.reset)
        self._more = quiet_label("", theme.font(theme.CAPTION))
        self._more.hide()
        head = QHBoxLayout()
        head.setSpacing(theme.GRID)
        head.addWidget(self.picker, 1)
        head.addWidget(self.add)
        head.addWidget(self.dot)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addSpacing(theme.GRID)
        self._column.addWidget(self._more)
        self.set_weights(self._weights)

    def set_weights(self, weights: Weights) -> None:
        """Show weights, () for class 0. Says nothing."""
        weights = weights or only(0, len(self._words))
        if weights != self._weights:
            self._weights = weights
            self._lay_out(self._blended())
        self._show()

    def reset(self) -> None:
        """Class 0 alone, as the user may choose."""
        if self._weights != only(0, len(self._words)):
            self._pick(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What its parts have no use for."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        else:
            super().keyPressEvent(event)

    def _blended(self) -> list[int]:
        """Classes that need a row: the heaviest of a blend, by their numbers; none where there is one class alone."""
        heard = [n for n, weight in enumerate(self._weights) if weight]
        if len(heard) == 1 and self._weights[heard[0]] == 1:
            return []
        return sorted(sorted(heard, key=lambda n: -abs(self._weights[n]))[:SHOWN])

    def _lay_out(self, wanted: list[int]) -> None:
        """Rows for these classes, in the order in which they came."""
        for number in set(self._rows) - set(wanted):
            row = self._rows.pop(number)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for number in wanted:
            if number not in self._rows:
                row = self._rows[number] = _Row(self._words[number])
                row.setObjectName(f"weight_{number}")
                row.edited.connect(partial(self._weigh, number))
                row.dot.clicked.connect(partial(self._remove, number))
                self._column.insertWidget(self._column.count() - 1, row)

    def _show(self) -> None:
        heard = [n for n, weight in enumerate(self._weights) if weight]
        alone = heard[0] if not self._rows and heard else -1
        self.picker.set_value(alone)
        self.dot.setVisible(alone != 0)
        self.picker.setPlaceholderText(f"{len(heard)} classes" if len(heard) > 1 else "no class")
        for number, row in self._rows.items():
            row.set_value(self._weights[number])
        unseen = len(set(heard) - set(self._rows)) if self._rows else 0
        self._more.setText(f"and {unseen} more with less weight")
        self._more.setVisible(unseen > 0)
        full = len(self._rows) >= SHOWN
        disabled_reason(self.add, f"A blend has at most {SHOWN} classes: take one out first." if full else None)

    # --- what the user does

    def _tell(self, weights: Weights, what: str, gesture: int | None, rows: list[int]) -> None:
        self._weights = weights
        self._lay_out(rows)
        self._show()
        self.edited.emit(weights, what, gesture)

    def _pick(self, number: int) -> None:
        self._tell(only(number, len(self._words)), self._words[number], None, [])

    def _ask(self) -> None:
        there = set(self._rows) or {n for n, weight in enumerate(self._weights) if weight}
        free = [n for n in range(len(self._words)) if n not in there]
        finder = Finder([Entry(self._words[n]) for n in free], "Class to blend in", self)
        finder.taken.connect(lambda place: self._blend(free[place]))
        finder.open_under(self.add)

    def _blend(self, number: int) -> None:
        """One more class, with as much weight as an equal part."""
        there = list(self._rows) or [n for n, weight in enumerate(self._weights) if weight]
        weights = rebalanced(self._weights, number, round(1 / (len(there) + 1), PLACES))
        self._tell(weights, f"with {self._words[number]}", None, [*there, number])

    def _weigh(self, number: int, weight: float, gesture: int) -> None:
        if self._grip is None or self._grip[:2] != (gesture, number):
            self._grip = (gesture, number, self._weights)
        weights = rebalanced(self._grip[2], number, weight)
        self._tell(weights, f"{self._words[number]} {weight:.2f}", gesture, list(self._rows))

    def _remove(self, number: int) -> None:
        """Its weight went to 0 by the same click; its row goes, and with the last but one the blend."""
        left = [n for n in self._rows if n != number]
        weights = rebalanced(self._weights, number, 0.0)
        if not any(weights):
            weights = only(left[0] if left else number, len(self._words))
        self._tell(weights, f"without {self._words[number]}", None, [] if len(left) < 2 else left)
