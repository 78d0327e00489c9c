"""Laws of explorer/history.py, for any sequence of edits, undos, redos and jumps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine import asides
from engine.asides import Asides
from engine.recipe import Recipe
from engine.timeline.value import EMPTY, Timeline
from explorer import history
from explorer.history import History, Step

RECIPES = [Recipe(psi=number / 4) for number in range(5)]
ASIDES = [
    asides.changed(asides.NONE, values) for values in ({}, {"grid": [1]}, {"grid": [2]}, {"grid": [2], "locks": 3})
]
Shown = tuple[Recipe, Timeline, Asides]  # all that a step is of

shown = st.tuples(st.sampled_from(RECIPES), st.sampled_from([EMPTY, Timeline(loop=True)]), st.sampled_from(ASIDES))
moves = st.one_of(
    st.tuples(st.just("edit"), shown, st.one_of(st.none(), st.integers(1, 3))),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("redo"), st.none(), st.none()),
    st.tuples(st.just("jump"), st.integers(-2, 12), st.none()),
)
BEGINNING = RECIPES[0], EMPTY, asides.NONE


def edited(h: History, what: Shown, gesture: int | None = None, label: str = "edit") -> History:
    recipe, timeline, kept = what
    return h.applied(label, recipe, gesture, timeline, kept)


def of(h: History) -> Shown:
    return h.present, h.timeline, h.asides


def of_step(step: Step) -> Shown:
    return step.recipe, step.timeline, step.asides


def played(steps: list[tuple]) -> History:
    """The history after some moves."""
    h = history.begun(RECIPES[0])
    for kind, what, gesture in steps:
        if kind == "edit":
            h = edited(h, what, gesture, f"psi {what[0].psi}")
        elif kind == "jump":
            h = h.moved(what)
        else:
            h = h.undone() if kind == "undo" else h.redone()
    return h


histories = st.lists(moves, max_size=30).map(played)


@given(histories)
def test_redo_takes_back_an_undo(h: History) -> None:
    assert not h.can_undo or h.undone().redone() == h


@given(histories)
def test_undo_takes_back_a_redo(h: History) -> None:
    assert not h.can_redo or h.redone().undone() == h


@given(histories, shown)
def test_undo_after_an_edit_shows_what_was_before(h: History, what: Shown) -> None:
    after = edited(h, what)
    assert of(after) == what
    assert after == h or of(after.undone()) == of(h)


@given(histories, shown)
def test_an_edit_leaves_nothing_to_redo_unless_it_changes_nothing(h: History, what: Shown) -> None:
    after = edited(h, what)
    assert after is h if what == of(h) else not after.can_redo


@given(histories, shown)
def test_an_edit_of_one_part_leaves_the_others(h: History, what: Shown) -> None:
    recipe, timeline, kept = what
    assert of(h.applied("recipe", recipe)) == (recipe, h.timeline, h.asides)
    assert of(h.applied("timeline", h.present, timeline=timeline)) == (h.present, timeline, h.asides)
    assert of(h.applied("aside", h.present, asides=kept)) == (h.present, h.timeline, kept)


@given(histories, st.lists(shown, min_size=1, max_size=20))
def test_a_gesture_is_at_most_one_step(h: History, dragged: list[Shown]) -> None:
    after = h
    for what in dragged:
        after = edited(after, what, gesture=99)
    assert of(after) == dragged[-1]
    assert after.position - h.position in (0, 1)
    assert after.position == h.position or of(after.undone()) == of(h)


@given(histories, st.lists(shown, max_size=20))
def test_a_drag_back_to_where_it_began_leaves_no_step(h: History, dragged: list[Shown]) -> None:
    after = h
    for what in [*dragged, of(h)]:
        after = edited(after, what, gesture=99)
    assert after.steps[: after.position + 1] == h.steps[: h.position + 1]


@given(histories, shown, shown)
def test_two_gestures_are_two_steps(h: History, one: Shown, other: Shown) -> None:
    after = edited(edited(h, one, gesture=98), other, gesture=99)
    changes = (one != of(h)) + (other != one)
    assert after.position == h.position + changes


@given(histories)
def test_neighbouring_steps_always_differ(h: History) -> None:
    assert all(of_step(before) != of_step(after) for before, after in pairwise(h.steps))


@given(histories)
def test_undoing_everything_shows_the_beginning_and_redoing_everything_the_end(h: History) -> None:
    start = h
    for _ in h.steps:
        start = start.undone()
    assert of(start) == BEGINNING
    assert not start.can_undo
    end = start
    for _ in h.steps:
        end = end.redone()
    assert of(end) == of_step(h.steps[-1])
    assert not end.can_redo


@given(histories)
def test_a_jump_is_as_many_undos_or_redos(h: History) -> None:
    for position in range(len(h.steps)):
        jumped = h.moved(position)
        assert jumped.steps == h.steps
        assert of(jumped) == of_step(h.steps[position])


@given(histories)
def test_labels_say_what_undo_and_redo_would_do(h: History) -> None:
    assert h.undo_label == (h.steps[h.position].label if h.can_undo else "")
    assert h.redo_label == (h.steps[h.position + 1].label if h.can_redo else "")


def test_the_oldest_steps_go_when_there_are_too_many(monkeypatch) -> None:
    monkeypatch.setattr(history, "LIMIT", 5)
    h = history.begun(RECIPES[0])
    for number in range(20):
        h = h.applied(f"psi {number}", Recipe(psi=number / 20 + 0.01))
    assert len(h.steps) == 5
    assert h.position == 4
    assert h.present.psi == 19 / 20 + 0.01


def test_gesture_numbers_are_never_used_twice() -> None:
    assert len({history.new_gesture() for _ in range(100)}) == 100
