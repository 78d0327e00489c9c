"""What follows a hand: at once, no oftener than a screen could show, and always the last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import pace
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document, OpenModel
from explorer.history import new_gesture
from explorer.pace import Pace

from . import fakes


class Heard:
    """What a panel would show that only listens."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.recipe, self.history = document.recipe, document.history
        self.times = 0
        document.changed.connect(self._on_changed)
        document.history_changed.connect(self._on_history)

    def _on_changed(self, recipe: object) -> None:
        self.recipe, self.times = recipe, self.times + 1  # type: ignore[assignment]

    def _on_history(self) -> None:
        self.history = self.document.history

    def knows_all(self) -> bool:
        return self.recipe == self.document.recipe and self.history == self.document.history


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, all of a test's edits come together."""
    monkeypatch.setattr(pace, "PAUSE", 60_000)


def test_the_first_is_done_at_once_and_those_that_follow_together_a_moment_later(qtbot: QtBot) -> None:
    parent, done = QObject(), []
    paced = Pace(lambda: done.append(1), parent)
    for _ in range(100):
        paced.soon()
    assert 1 <= len(done) < 100
    assert paced.due
    qtbot.waitUntil(lambda: not paced.due)
    assert len(done) >= 2


def test_what_was_done_meanwhile_or_dropped_is_not_done_again(qtbot: QtBot) -> None:
    parent, done = QObject(), []
    paced = Pace(lambda: done.append(1), parent)
    for end in (paced.now, paced.drop):
        while not paced.due:
            paced.soon()
        before = len(done)
        end()
        assert not paced.due
        assert not paced.isActive()
        assert len(done) == before + (end == paced.now)


def test_a_drag_that_is_faster_than_a_screen_is_told_twice_and_ends_at_its_last(qtbot: QtBot, endless: None) -> None:
    document, gesture = fakes.document(), new_gesture()
    heard = Heard(document)
    document._telling.setInterval(0)
    for number in range(1000):
        document.apply(f"psi {number}", edits.with_psi(document.recipe, -number / 1000), gesture)
        assert document.recipe.psi == -number / 1000  # what is read is always the newest
    qtbot.waitUntil(heard.knows_all)
    assert heard.times == 2  # the step with its first value, and all the others
    assert document.history.undo_label == "psi 999"


@pytest.mark.parametrize("what", ["undo", "another gesture", "timeline"])
def test_whatever_is_no_more_of_the_drag_is_told_at_once_with_all_before_it(
    qtbot: QtBot, endless: None, what: str
) -> None:
    document, gesture = fakes.document(), new_gesture()
    heard = Heard(document)
    for number in range(10):
        document.apply("psi", edits.with_psi(document.recipe, number / 10), gesture)
    assert not heard.knows_all()
    if what == "undo":
        document.undo()
    elif what == "another gesture":
        document.apply("psi", edits.with_psi(document.recipe, 2.0), new_gesture())
    else:
        document.apply_timeline("keyframe", document.timeline.appended(document.recipe))
    assert heard.knows_all()


moves = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 4), st.one_of(st.none(), st.integers(-3, -1))),
        st.tuples(st.sampled_from(["undo", "redo", "turn"]), st.just(0), st.none()),
    ),
    max_size=40,
)


@given(moves)
def test_whatever_hands_do_listeners_end_with_what_the_document_holds(moves: list[tuple]) -> None:  # type: ignore[type-arg]
    document = fakes.document()
    heard = Heard(document)
    for kind, value, gesture in moves:
        if kind == "edit":
            document.apply("psi", edits.with_psi(document.recipe, value / 4), gesture)
        elif kind == "turn":
            document._telling.timeout.emit() if document._telling.due else None
        else:
            getattr(document, kind)()
        assert heard.knows_all() or document._telling.due
    if document._telling.due:
        document._telling.timeout.emit()  # as the event loop would, a moment later
    assert heard.knows_all()


class Log:
    """Notes all that it is told of, in order; and at some of these tellings it does something itself."""

    def __init__(self, document: Document, acts: list[tuple[str, int]]) -> None:
        self.heard: list[tuple[str, object]] = []
        self._document, self._acts = document, acts
        document.model_changed.connect(lambda info: self._note("model", info.content_id))
        document.changed.connect(lambda recipe: self._note("recipe", (recipe.model.content_id, recipe.psi)))
        document.timeline_changed.connect(lambda timeline: self._note("keyframes", len(timeline.keys)))
        document.locks_changed.connect(lambda locks: self._note("locks", locks))

    def _note(self, what: str, value: object) -> None:
        self.heard.append((what, value))
        if self._acts:
            act(self._document, *self._acts.pop())


def act(document: Document, kind: str, value: int) -> None:
    if kind == "edit":
        document.apply("psi", edits.with_psi(document.recipe, value / 4))
    elif kind == "drag":
        document.apply("psi", edits.with_psi(document.recipe, value / 4), -1)
    elif kind == "keyframe":
        document.apply_timeline("keyframe", document.timeline.appended(document.recipe))
    elif kind == "lock":
        document.set_lock(f"noise {value}", not document.locks)
    elif kind == "model":
        info = fakes.model_info(content_id=f"model {value}")
        document.open_model(OpenModel(info, fakes.path(info)), edits.with_model(document.recipe, info), "open")
    else:
        getattr(document, kind)()


kinds = st.sampled_from(["edit", "drag", "keyframe", "lock", "model", "undo", "redo"])
acts = st.lists(st.tuples(kinds, st.integers(0, 3)), max_size=6)


@given(acts, st.lists(acts, min_size=3, max_size=3))
def test_whatever_listeners_edit_while_they_listen_all_hear_the_same_in_the_same_order(
    by_hand: list[tuple[str, int]], within: list[list[tuple[str, int]]]
) -> None:
    document = fakes.document()
    logs = [Log(document, list(own)) for own in within]
    for kind, value in by_hand:
        act(document, kind, value)
    while document._telling.due:
        document._telling.timeout.emit()
    heard = logs[0].heard
    assert all(log.heard == heard for log in logs)
    recipes = [value for what, value in heard if what == "recipe"]
    assert not recipes or recipes[-1] == (document.recipe.model.content_id, document.recipe.psi)
    known = document.info.content_id if not recipes else None
    for what, value in heard:  # the model is told before the recipe that is for it
        known = value if what == "model" else known
        if what == "recipe":
            assert isinstance(value, tuple)
            known = value[0] if known is None else known
            assert value[0] == known


def test_the_number_beside_a_slider_is_its_last_value_however_fast_it_was_moved(qtbot: QtBot, endless: None) -> None:
    slider = ValueSlider("psi", -1.0, 2.0, default=0.7)
    qtbot.addWidget(slider)
    slider._writing.setInterval(0)
    for tick in range(0, 3000, 7):
        slider.rail.setValue(tick)
    qtbot.waitUntil(lambda: slider.field.value() == slider.rail.number())
    slider.rail.setValue(1234)
    slider.rail.setValue(1235)
    assert slider.value() == slider.rail.number()  # asked before the number is written
    slider.rail.setValue(1236)
    slider.set_value(0.5)
    assert (slider.field.value(), slider.rail.number()) == (0.5, 0.5)
