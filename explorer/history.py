"""Undo and redo as a list of steps and a position. No Qt: laws of it are tested by hypothesis.

A step is a label, and the recipe, the timeline and what views keep aside after it. Edits of one gesture (a drag, a turn
of the wheel, typing in a field) replace each other, so that one drag is one step, however many values it passed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from engine.asides import NONE, Asides
from engine.recipe import Recipe
from engine.timeline.value import EMPTY, Timeline

LIMIT = 10_000  # steps; about 0.3 kB each

_gestures = itertools.count(1)


def new_gesture() -> int:
    """A number that no other gesture of this process has."""
    return next(_gestures)


@dataclass(frozen=True, slots=True)
class Step:
    """What there is after an edit, what the edit is called, and the gesture that it belongs to (None: its own)."""

    label: str
    recipe: Recipe
    gesture: int | None = None
    timeline: Timeline = EMPTY
    asides: Asides = NONE

    def shows(self, other: Step) -> bool:
        """Whether another step shows the same."""
        return (self.recipe, self.timeline, self.asides) == (other.recipe, other.timeline, other.asides)


@dataclass(frozen=True, slots=True)
class History:
    """Immutable: each function returns the history after it."""

    steps: tuple[Step, ...]
    position: int = 0  # index of the present step

    @property
    def present(self) -> Recipe:
        """The recipe that is shown."""
        return self.steps[self.position].recipe

    @property
    def timeline(self) -> Timeline:
        """The timeline that goes with it."""
        return self.steps[self.position].timeline

    @property
    def asides(self) -> Asides:
        """What views keep beside them."""
        return self.steps[self.position].asides

    @property
    def can_undo(self) -> bool:
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        return self.position < len(self.steps) - 1

    @property
    def undo_label(self) -> str:
        """What undo would take back, "" when nothing."""
        return self.steps[self.position].label if self.can_undo else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again, "" when nothing."""
        return self.steps[self.position + 1].label if self.can_redo else ""

    def applied(
        self,
        label: str,
        recipe: Recipe,
        gesture: int | None = None,
        timeline: Timeline | None = None,
        asides: Asides | None = None,
    ) -> History:
        """After an edit (timeline or asides None: they stay). An edit that changes nothing is no step; the future of an
        undone past is dropped."""
        last = self.steps[self.position]
        kept = last.timeline if timeline is None else timeline, last.asides if asides is None else asides
        new = Step(label, recipe, gesture, *kept)
        if new.shows(last):
            return self
        if gesture is not None and last.gesture == gesture and self.position > 0:
            past = self.steps[: self.position]
            if past[-1].shows(new):  # dragged back to where it began: nothing happened
                return History(past, self.position - 1)
            return History((*past, new), self.position)
        steps = (*self.steps[: self.position + 1], new)[-LIMIT:]
        return History(steps, len(steps) - 1)

    def only_goes_on_from(self, earlier: History) -> bool:
        """Whether nothing but what the present step shows is another, by the same gesture and with the same model."""
        here, there = self.steps[self.position], earlier.steps[earlier.position]
        return (
            (self.position, len(self.steps)) == (earlier.position, len(earlier.steps))
            and here.gesture is not None
            and (here.gesture, here.recipe.model) == (there.gesture, there.recipe.model)
            and here.timeline == there.timeline  # its view counts keyframes while the hand moves one
        )

    def followed_by(self, other: History) -> History:
        """Another history behind this one's present: undo at its beginning comes back here."""
        before = self.steps[: self.position + 1]
        same = int(before[-1].shows(other.steps[0]))  # one step, then: neighbours always differ
        steps = (*before, *other.steps[same:])
        dropped = max(0, len(steps) - LIMIT)
        return History(steps[dropped:], max(0, len(before) + other.position - same - dropped))

    def undone(self) -> History:
        return replace(self, position=self.position - 1) if self.can_undo else self

    def redone(self) -> History:
        return replace(self, position=self.position + 1) if self.can_redo else self

    def moved(self, position: int) -> History:
        """Jump to a step, as a click on its thumbnail does."""
        return replace(self, position=max(0, min(position, len(self.steps) - 1)))


def begun(recipe: Recipe, label: str = "Open") -> History:
    """A history that holds nothing but its beginning."""
    return History((Step(label, recipe),))
