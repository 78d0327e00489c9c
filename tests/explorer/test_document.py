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


def test_a_lock_is_no_step_of_the_history(qtbot):
    document = fakes.document()
    with qtbot.waitSignal(document.locks_changed):
        document.set_lock("noise 32", True)
    assert document.locks == {"noise 32"}
    assert not document.history.can_undo
