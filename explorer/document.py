"""The one place that holds what the window shows: the history of recipes, timelines and what views keep aside (among
it the locks), and the models that were opened.

Panels show it and send edits to it; they keep no value of their own. Knows no widget and no engine beyond recipes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine import asides
from engine.errors import clipped
from engine.family import ModelInfo
from engine.open_model import OpenModel as OpenModel
from engine.recipe import Recipe
from engine.session import MAX_LOCKS
from engine.timeline.value import Timeline
from explorer import history
from explorer.history import History
from explorer.pace import Pace

LOCKS = "locks"  # among the asides


class Document(QObject):
    """Recipe, history and model. `apply` is the only way in; `changed` tells all panels and the render worker.

    What is read here is always the newest. Of a gesture's edits that come faster than a screen could show, the signals
    tell a moment later, of all together (pace.py); of the last one always. What a listener edits while it is told of a
    change is told behind it: all hear the same in the same order.
    """

    changed = Signal(object)  # Recipe: after edits, undo, redo
    model_changed = Signal(object)  # ModelInfo: before `changed`, when the recipe's model or its file is another one
    history_changed = Signal()  # labels or possibility of undo and redo
    timeline_changed = Signal(object)  # Timeline
    locks_changed = Signal(object)  # frozenset[str]
    asides_changed = Signal()  # what views keep aside: the locks, too
    learned = Signal()  # more is known of a model

    def __init__(self, model: OpenModel, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = {model.info.content_id: model}
        self._history = self._told = history.begun(recipe)
        self._told_model = model
        self.edited_at = 0.0  # the newest edit, in seconds of time.perf_counter
        self._telling = Pace(self._tell, self)

    @classmethod
    def restored(cls, past: History, models: Iterable[OpenModel]) -> Document:
        """A document as it was: all models of the history's steps must be among `models`."""
        known = {model.info.content_id: model for model in models}
        document = cls(known[past.present.model.content_id], past.present)
        document._history = document._told = past
        document._models = known
        return document

    @property
    def recipe(self) -> Recipe:
        """What is shown now."""
        return self._history.present

    @property
    def timeline(self) -> Timeline:
        """The keyframes that go with it: a part of every step, so that undo brings them back too."""
        return self._history.timeline

    @property
    def history(self) -> History:
        """All steps and the position among them."""
        return self._history

    @property
    def model(self) -> OpenModel:
        """The model of the present recipe."""
        return self._models[self.recipe.model.content_id]

    @property
    def info(self) -> ModelInfo:
        """What the present model's header says."""
        return self.model.info

    @property
    def locks(self) -> frozenset[str]:
        """Names of what "re-roll all" leaves alone, e.g. "noise 32"."""
        return locks_of(self._history)

    def aside(self, name: str) -> Any:
        """What a view keeps beside the picture, as JSON knows it; None: nothing. It may be from a file of anybody."""
        return asides.value_of(self._history.asides, name)

    @property
    def models(self) -> dict[str, OpenModel]:
        """Every model that was opened in this document, by content id."""
        return dict(self._models)

    def known_model(self, content_id: str) -> OpenModel | None:
        """A model that was opened in this document, by content id."""
        return self._models.get(content_id)

    def apply(
        self, label: str, recipe: Recipe, gesture: int | None = None, keep: Mapping[str, Any] | None = None
    ) -> None:
        """Make `recipe` the present one. Edits with the same gesture number are one undo step.

        Keyframes are fitted to the recipe's model, where it is another one. `keep`: what views keep aside with it.
        Raises ValueError, and changes nothing, when the recipe's model was never opened here.
        """
        if recipe.model.content_id not in self._models:
            raise ValueError("the recipe is for a model that this document does not know")
        fitted = self.timeline.fitted(self._models[recipe.model.content_id].info)
        kept = asides.changed(self._history.asides, keep or {})
        self._move(self._history.applied(label, recipe, gesture, fitted, kept))

    def apply_aside(self, label: str, name: str, value: Any, gesture: int | None = None) -> None:
        """Another value, as JSON knows it, that a view keeps aside; None: its default. Steps as of `apply`."""
        kept = asides.changed(self._history.asides, {name: value})
        self._move(self._history.applied(label, self.recipe, gesture, asides=kept))

    def apply_timeline(self, label: str, timeline: Timeline, gesture: int | None = None) -> None:
        """Other keyframes or curves; the picture stays. Steps as of `apply`."""
        self._move(self._history.applied(label, self.recipe, gesture, timeline))

    def open_model(self, model: OpenModel, recipe: Recipe, label: str, timeline: Timeline | None = None) -> None:
        """Show `recipe`, whose content id is the model's, and where one is given another timeline. Undo returns to the
        old model."""
        if recipe.model.content_id != model.info.content_id:
            raise ValueError("the recipe is for another model")
        self._models[model.info.content_id] = model  # the same network, maybe: but name, path and licence may differ
        if timeline is None:
            self.apply(label, recipe)
        else:
            self._move(self._history.applied(label, recipe, None, timeline.fitted(model.info)))

    def continue_with(self, past: History, models: Iterable[OpenModel]) -> None:
        """Open a session: its steps behind those that are here, so that undo comes back to what was shown before."""
        for model in models:
            self._models[model.info.content_id] = model
        self._move(self._history.followed_by(past))

    def learn(self, info: ModelInfo) -> None:
        """What the complete file tells, which its header alone did not."""
        known = self._models.get(info.content_id)
        if known is not None and known.info != info:
            more = self._models[info.content_id] = replace(known, info=replace(known.info, sha256=info.sha256))
            if self._told_model == known:
                self._told_model = more
            self.learned.emit()

    def undo(self) -> None:
        self._move(self._history.undone())

    def redo(self) -> None:
        self._move(self._history.redone())

    def jump(self, position: int) -> None:
        """Go to a step of the history."""
        self._move(self._history.moved(position))

    def set_lock(self, name: str, locked: bool, words: str = "") -> None:
        """Lock or unlock a name; `words`: what people call it."""
        locks = self.locks | {name} if locked else self.locks - {name}
        self.apply_aside(f"{'lock' if locked else 'unlock'} {words or name}", LOCKS, sorted(locks) or None)

    def _move(self, after: History) -> None:
        self._history, self.edited_at = after, time.perf_counter()
        if after.only_goes_on_from(self._told) and self.model == self._told_model:
            self._telling.soon()
        else:
            self._telling.now()

    def _tell(self) -> None:
        """Say what is another than when it was said last."""
        before, after = self._told, self._history
        model, another = self.model, self.model != self._told_model
        self._told, self._told_model = after, model
        if another:
            self.model_changed.emit(model.info)
        if after.present != before.present:
            self.changed.emit(after.present)
        if after.timeline != before.timeline:
            self.timeline_changed.emit(after.timeline)
        if after.asides != before.asides:
            self.asides_changed.emit()
            if locks_of(after) != locks_of(before):
                self.locks_changed.emit(locks_of(after))
        if after != before:
            self.history_changed.emit()


def locks_of(past: History) -> frozenset[str]:
    """The locks at the present step."""
    found = asides.value_of(past.asides, LOCKS)
    names = found[:MAX_LOCKS] if isinstance(found, list) else []
    return frozenset(clipped(name, 60) for name in names if isinstance(name, str))
