"""The one place that holds what the window shows: the history of recipes and timelines, the models that were opened,
the locks, and what views keep beside them.

Panels show it and send edits to it; they keep no value of their own. Knows no widget and no engine beyond recipes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.family import ModelInfo
from engine.open_model import OpenModel as OpenModel
from engine.recipe import Recipe
from engine.timeline.value import Timeline
from explorer import history
from explorer.history import History


class Document(QObject):
    """Recipe, history and model. `apply` is the only way in; `changed` tells all panels and the render worker."""

    changed = Signal(object)  # Recipe: after every edit, undo, redo
    model_changed = Signal(object)  # ModelInfo: before `changed`, when the recipe's model is another one
    history_changed = Signal()  # labels or possibility of undo and redo
    timeline_changed = Signal(object)  # Timeline
    locks_changed = Signal(object)  # frozenset[str]
    asides_changed = Signal()
    learned = Signal()  # more is known of a model

    def __init__(self, model: OpenModel, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = {model.info.content_id: model}
        self._history = history.begun(recipe)
        self._locks: frozenset[str] = frozenset()
        self._asides: dict[str, Any] = {}

    @classmethod
    def restored(
        cls,
        past: History,
        models: Iterable[OpenModel],
        locks: Iterable[str] = (),
        asides: Mapping[str, Any] | None = None,
    ) -> Document:
        """A document as it was: all models of the history's steps must be among `models`."""
        known = {model.info.content_id: model for model in models}
        document = cls(known[past.present.model.content_id], past.present)
        document._history, document._models, document._locks = past, known, frozenset(locks)
        document._asides = dict(asides or {})
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
        """Names of what "re-roll all" leaves alone, e.g. "noise 32". No part of the picture, so not of the history."""
        return self._locks

    @property
    def asides(self) -> Mapping[str, Any]:
        """JSON values of views, by name: kept in sessions, no part of the history."""
        return self._asides

    @property
    def models(self) -> dict[str, OpenModel]:
        """Every model that was opened in this document, by content id."""
        return dict(self._models)

    def known_model(self, content_id: str) -> OpenModel | None:
        """A model that was opened in this document, by content id."""
        return self._models.get(content_id)

    def apply(self, label: str, recipe: Recipe, gesture: int | None = None) -> None:
        """Make `recipe` the present one. Edits with the same gesture number are one undo step.

        Keyframes are fitted to the recipe's model, where it is another one.
        Raises ValueError, and changes nothing, when the recipe's model was never opened here.
        """
        if recipe.model.content_id not in self._models:
            raise ValueError("the recipe is for a model that this document does not know")
        fitted = self.timeline.fitted(self._models[recipe.model.content_id].info)
        self._move(self._history.applied(label, recipe, gesture, fitted))

    def apply_timeline(self, label: str, timeline: Timeline, gesture: int | None = None) -> None:
        """Other keyframes or curves; the picture stays. Steps as of `apply`."""
        self._move(self._history.applied(label, self.recipe, gesture, timeline))

    def open_model(self, model: OpenModel, recipe: Recipe, label: str, timeline: Timeline | None = None) -> None:
        """Show `recipe`, whose content id is the model's, and where one is given another timeline. Undo returns to the
        old model."""
        if recipe.model.content_id != model.info.content_id:
            raise ValueError("the recipe is for another model")
        another_file = self._models.get(model.info.content_id) not in (None, model)
        self._models[model.info.content_id] = model
        if another_file and self.recipe.model.content_id == model.info.content_id:
            self.model_changed.emit(self.info)  # the same network, but name, path and licence may differ
        if timeline is None:
            self.apply(label, recipe)
        else:
            self._move(self._history.applied(label, recipe, None, timeline.fitted(model.info)))

    def continue_with(
        self,
        past: History,
        models: Iterable[OpenModel],
        locks: Iterable[str] = (),
        asides: Mapping[str, Any] | None = None,
    ) -> None:
        """Open a session: its steps behind those that are here, so that undo comes back to what was shown before."""
        for model in models:
            self._models[model.info.content_id] = model
        self._locks = frozenset(locks)
        self.locks_changed.emit(self._locks)
        self._asides |= asides or {}
        self.asides_changed.emit()
        self._move(self._history.followed_by(past))

    def learn(self, info: ModelInfo) -> None:
        """What the complete file tells, which its header alone did not."""
        known = self._models.get(info.content_id)
        if known is not None and known.info != info:
            self._models[info.content_id] = replace(known, info=replace(known.info, sha256=info.sha256))
            self.learned.emit()

    def undo(self) -> None:
        self._move(self._history.undone())

    def redo(self) -> None:
        self._move(self._history.redone())

    def jump(self, position: int) -> None:
        """Go to a step of the history."""
        self._move(self._history.moved(position))

    def set_lock(self, name: str, locked: bool) -> None:
        """Lock or unlock a name."""
        locks = self._locks | {name} if locked else self._locks - {name}
        if locks != self._locks:
            self._locks = locks
            self.locks_changed.emit(locks)

    def set_aside(self, name: str, value: Any) -> None:
        """Keep a JSON value of a view."""
        if self._asides.get(name) != value:
            self._asides[name] = value
            self.asides_changed.emit()

    def _move(self, after: History) -> None:
        before, self._history = self._history, after
        if after.present != before.present:
            if after.present.model.content_id != before.present.model.content_id:
                self.model_changed.emit(self.info)
            self.changed.emit(after.present)
        if after.timeline != before.timeline:
            self.timeline_changed.emit(after.timeline)
        if after != before:
            self.history_changed.emit()
