"""Laws of explorer/history.py, for any sequence of edits, undos, redos and jumps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.recipe import Recipe
from explorer import history
from explorer.history import History

RECIPES = [Recipe(psi=number / 4) for number in range(5)]
recipes = st.sampled_from(RECIPES)
moves = st.one_of(
    st.tuples(st.just("edit"), recipes, st.one_of(st.none(), st.integers(1, 3))),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("redo"), st.none(), st.none()),
    st.tuples(st.just("jump"), st.integers(-2, 12), st.none()),
)


def played(steps: list[tuple]) -> History:
    """The history after some moves."""
    h = history.begun(RECIPES[0])
    for kind, what, gesture in steps:
        if kind == "edit":
            h = h.applied(f"psi {what.psi}", what, gesture)
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


@given(histories, recipes)
def test_undo_after_an_edit_shows_what_was_before(h: History, recipe: Recipe) -> None:
    after = h.applied("edit", recipe)
    assert after.present == recipe
    assert after == h or after.undone().present == h.present


@given(histories, recipes)
def test_an_edit_leaves_nothing_to_redo_unless_it_changes_nothing(h: History, recipe: Recipe) -> None:
    after = h.applied("edit", recipe)
    assert after is h if recipe == h.present else not after.can_redo


@given(histories, st.lists(recipes, min_size=1, max_size=20))
def test_a_gesture_is_at_most_one_step(h: History, dragged: list[Recipe]) -> None:
    after = h
    for recipe in dragged:
        after = after.applied("drag", recipe, gesture=99)
    assert after.present == dragged[-1]
    assert after.position - h.position in (0, 1)
    assert after.position == h.position or after.undone().present == h.present


@given(histories, st.lists(recipes, max_size=20))
def test_a_drag_back_to_where_it_began_leaves_no_step(h: History, dragged: list[Recipe]) -> None:
    after = h
    for recipe in [*dragged, h.present]:
        after = after.applied("drag", recipe, gesture=99)
    assert after.steps[: after.position + 1] == h.steps[: h.position + 1]


@given(histories, recipes, recipes)
def test_two_gestures_are_two_steps(h: History, one: Recipe, other: Recipe) -> None:
    after = h.applied("one", one, gesture=98).applied("other", other, gesture=99)
    changes = (one != h.present) + (other != one)
    assert after.position == h.position + changes


@given(histories)
def test_neighbouring_steps_always_differ(h: History) -> None:
    assert all(before.recipe != after.recipe for before, after in pairwise(h.steps))


@given(histories)
def test_undoing_everything_shows_the_beginning_and_redoing_everything_the_end(h: History) -> None:
    start = h
    for _ in h.steps:
        start = start.undone()
    assert start.present == RECIPES[0]
    assert not start.can_undo
    end = start
    for _ in h.steps:
        end = end.redone()
    assert end.present == h.steps[-1].recipe
    assert not end.can_redo


@given(histories)
def test_a_jump_is_as_many_undos_or_redos(h: History) -> None:
    for position in range(len(h.steps)):
        jumped = h.moved(position)
        assert jumped.steps == h.steps
        assert jumped.present == h.steps[position].recipe


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
