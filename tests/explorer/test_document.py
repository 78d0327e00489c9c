"""The document: the only way in, told to everybody, and safe against recipes of strangers."""

from dataclasses import replace

import pytest

from engine import edits
from engine.recipe import ModelRef
from explorer.history import new_gesture
from tests.explorer import fakes


def test_one_drag_is_one_undo_named_after_its_last_value(qtbot):
    document = fakes.document()
    before, gesture = document.recipe, new_gesture()
    for psi in (0.1, 0.2, 0.3):
        document.apply(f"psi {psi}", edits.with_psi(document.recipe, psi), gesture)
    assert document.history.undo_label == "psi 0.3"
    document.undo()
    assert document.recipe == before
    document.redo()
    assert document.recipe.psi == 0.3


def test_an_edit_that_changes_nothing_tells_nobody(qtbot):
    document = fakes.document()
    with qtbot.assertNotEmitted(document.changed):
        document.apply("psi", document.recipe)


def test_a_recipe_of_an_unknown_model_changes_nothing(qtbot):
    document = fakes.document()
    before = document.history
    with qtbot.assertNotEmitted(document.changed), pytest.raises(ValueError, match="does not know"):
        document.apply("paste", replace(document.recipe, model=ModelRef("other", "f" * 32)))
    assert document.history == before


def test_a_lock_is_a_step_that_undo_takes_back(qtbot):
    document = fakes.document()
    with qtbot.waitSignal(document.locks_changed):
        document.set_lock("noise 32", True)
    assert document.locks == {"noise 32"}
    assert document.history.undo_label == "lock noise 32"
    with qtbot.waitSignal(document.locks_changed) as told:
        document.undo()
    assert told.args == [frozenset()]
    assert document.history.can_redo


def test_what_a_view_keeps_aside_is_undone_without_a_new_picture(qtbot):
    document, gesture = fakes.document(), new_gesture()
    with qtbot.assertNotEmitted(document.changed), qtbot.waitSignal(document.asides_changed):
        for distance in (0.1, 0.2, 0.3):
            document.apply_aside("distance", "variations", {"distance": distance}, gesture)
    assert document.aside("variations") == {"distance": 0.3}
    assert len(document.history.steps) == 2
    document.undo()
    assert document.aside("variations") is None
    document.redo()
    assert document.aside("variations") == {"distance": 0.3}


def test_a_picture_and_what_is_kept_with_it_are_one_step(qtbot):
    document = fakes.document()
    document.apply("pick", edits.with_psi(document.recipe, 0.2), keep={"variations": [7]})
    document.apply("psi", edits.with_psi(document.recipe, 0.3))
    assert document.aside("variations") == [7]
    document.undo()
    document.undo()
    assert (document.recipe.psi, document.aside("variations")) == (0.7, None)


def test_what_a_caller_does_with_its_value_later_changes_no_step(qtbot):
    document, value = fakes.document(), [1]
    document.apply_aside("one", "view", value)
    value.append(2)
    document.aside("view").append(3)
    assert document.aside("view") == [1]


@pytest.mark.parametrize("found", ["noise 32", {"noise 32": 1}, [5, None, "noise 32"], 7])
def test_locks_of_a_file_may_be_anything(qtbot, found):
    document = fakes.document()
    document.apply_aside("read", "locks", found)
    assert document.locks <= {"noise 32"}
