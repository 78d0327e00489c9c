"""Classes of a source: one by its name, several with weights that sum to 1; and the search that finds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.controls.class_weights import PLACES, SHOWN, ClassWeights, _Row, only, rebalanced
from explorer.controls.finder import Entry, Finder, matching

from . import hands
from .hands import shown

WORDS = [f"kind {number}" for number in range(40)]
Key = Qt.Key


@pytest.fixture
def control(qtbot: QtBot) -> ClassWeights:
    return shown(qtbot, ClassWeights("source A", WORDS[:4]), 220, 300)


def rows(control: ClassWeights) -> dict[str, float]:
    return {row.rail.accessibleName().removeprefix("weight of "): row.value() for row in control._rows.values()}


def find(control: ClassWeights, typed: str) -> None:
    """Press the plus, type, Enter."""
    control.add.click()
    finder = control.findChild(Finder)
    QTest.keyClicks(finder.field, typed)
    QTest.keyClick(finder.field, Key.Key_Return)
    QApplication.sendPostedEvents()


weights = st.lists(st.integers(0, 10**PLACES).map(lambda n: n / 10**PLACES), min_size=2, max_size=8).filter(any)


@given(weights, st.integers(0, 7), st.floats(0, 1))
def test_weights_sum_to_1_whatever_is_moved(before: list[float], number: int, weight: float) -> None:
    number %= len(before)
    if not any(w for n, w in enumerate(before) if n != number):
        return
    after = rebalanced(tuple(before), number, weight)
    assert sum(after) == pytest.approx(1)
    assert after[number] == weight
    assert all(w >= -1e-9 for w in after)


@given(weights, st.integers(0, 7))
def test_the_others_keep_their_proportions(before: list[float], number: int) -> None:
    number %= len(before)
    after = rebalanced(tuple(before), number, 0.5)
    others = [n for n in range(len(before)) if n != number and before[n]]
    total = sum(before[n] for n in others)
    for n in others:
        assert after[n] == pytest.approx(0.5 * before[n] / total, abs=1e-3)


def test_one_class_has_a_name_and_no_rows(control: ClassWeights) -> None:
    assert control.picker.currentText() == "kind 0"
    control.set_weights(only(2, 4))
    assert control.picker.currentText() == "kind 2"
    assert rows(control) == {}


def test_blending_a_class_in_shares_the_weight_equally(control: ClassWeights, qtbot: QtBot) -> None:
    with qtbot.waitSignal(control.edited) as told:
        find(control, "3")
    assert told.args[0] == (0.5, 0, 0, 0.5)
    assert rows(control) == {"kind 0": 0.5, "kind 3": 0.5}
    assert control.picker.currentIndex() == -1
    assert control.picker.placeholderText() == "2 classes"
    find(control, "kind 1")
    assert sum(rows(control).values()) == pytest.approx(1, abs=1e-3)


def test_a_drag_to_the_end_and_back_finds_the_old_proportions(control: ClassWeights, qtbot: QtBot) -> None:
    control.set_weights((0.5, 0.3, 0.2, 0.0))
    told: list[tuple] = []
    control.edited.connect(lambda *args: told.append(args))
    hands.drag(control.findChild(_Row, "weight_0").rail, 1.0, 0.5)
    assert len({gesture for _, _, gesture in told}) == 1
    assert (1.0, 0, 0, 0) in [args[0] for args in told]
    assert told[-1][0] == pytest.approx((0.5, 0.3, 0.2, 0), abs=0.01)
    assert len(rows(control)) == 3


def test_a_row_that_is_at_0_stays_under_the_hand_and_goes_with_its_cross(control: ClassWeights) -> None:
    control.set_weights((0.5, 0.5, 0.0, 0.0))
    row = control.findChild(_Row, "weight_1")
    hands.drag(row.rail, 0.0)
    assert rows(control) == {"kind 0": 1.0, "kind 1": 0.0}
    row.dot.click()
    assert rows(control) == {}
    assert control.picker.currentText() == "kind 0"


def test_what_comes_from_outside_is_shown_and_says_nothing(control: ClassWeights) -> None:
    told: list[object] = []
    control.edited.connect(lambda *args: told.append(args))
    for weights in ((0.2, 0.8, 0, 0), (0, 0, 0, 0), (-1, 2, 0, 0), (0.5, 0, 0, 0), (), (0.1, 0.2, 0.3, 0.4)):
        control.set_weights(weights)
    assert told == []
    assert rows(control) == {"kind 0": 0.1, "kind 1": 0.2, "kind 2": 0.3, "kind 3": 0.4}


def test_of_a_thousand_classes_the_heaviest_are_shown(qtbot: QtBot) -> None:
    control = shown(qtbot, ClassWeights("source A", [f"class {n}" for n in range(1000)]), 220, 400)
    control.set_weights(tuple((n + 1) / 500500 for n in range(1000)))
    assert set(rows(control)) == {f"class {n}" for n in range(1000 - SHOWN, 1000)}
    assert control._more.text() == "and 992 more with less weight"
    assert "at most" in control.add.toolTip()


def test_a_long_list_of_classes_is_searched(qtbot: QtBot) -> None:
    control = shown(qtbot, ClassWeights("source A", WORDS), 220, 300)
    control.picker.showPopup()
    finder = control.findChild(Finder)
    QTest.keyClicks(finder.field, "kind 2")
    QTest.keyClick(finder.field, Key.Key_Down)
    with qtbot.waitSignal(control.edited) as told:
        QTest.keyClick(finder.field, Key.Key_Return)
    assert told.args[0] == only(20, 40)
    assert control.picker.currentText() == "kind 20"


# the finder


def test_every_word_must_match_and_beginnings_go_first() -> None:
    entries = [Entry(text) for text in ("Save picture", "Copy picture", "Picture of A", "Undo")]
    assert matching(entries, "pict") == [2, 0, 1]
    assert matching(entries, "PICT co") == [1]
    assert matching(entries, "zebra") == []
    assert matching(entries, "") == [0, 1, 2, 3]


def test_escape_leaves_and_takes_nothing(control: ClassWeights, qtbot: QtBot) -> None:
    finder = Finder([Entry("one"), Entry("two")], "Number", control)
    taken: list[int] = []
    finder.taken.connect(taken.append)
    finder.open_under(control)
    QTest.keyClick(finder.field, Key.Key_Escape)
    assert not finder.isVisible()
    assert taken == []


def test_what_cannot_be_taken_is_passed_over(control: ClassWeights, qtbot: QtBot) -> None:
    finder = Finder([Entry("one", enabled=False), Entry("two"), Entry("3", enabled=False), Entry("four")], "?", control)
    taken: list[int] = []
    finder.taken.connect(taken.append)
    finder.open_under(control)
    for key, row in ((Key.Key_Up, 1), (Key.Key_Down, 3), (Key.Key_PageDown, 3), (Key.Key_Up, 1)):
        QTest.keyClick(finder.field, key)
        assert finder.list.currentIndex().row() == row
    QTest.keyClicks(finder.field, "nothing like this")
    assert finder._nothing.isVisible()
    QTest.keyClick(finder.field, Key.Key_Return)
    finder.field.setText("one")
    QTest.keyClick(finder.field, Key.Key_Return)
    assert taken == []


def test_the_dot_and_delete_bring_class_0_back(qtbot: QtBot, control: ClassWeights) -> None:
    heard: list[object] = []
    control.edited.connect(lambda weights, what, gesture: heard.append(weights))
    assert not control.dot.isVisible()
    control.set_weights((0.0, 0.25, 0.75, 0.0))
    control.dot.click()
    control.set_weights((0.0, 0.0, 0.0, 1.0))
    assert control.dot.isVisible()
    QTest.keyClick(control.picker, Key.Key_Delete)
    assert heard == [only(0, 4)] * 2
    assert rows(control) == {}
    assert not control.dot.isVisible()
