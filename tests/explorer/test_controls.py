"""Each control by hand: mouse, keys, wheel, typing; silent when it is set, one gesture for one movement."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.controls import gesture
from explorer.controls.buttons import disabled_reason
from explorer.controls.choice import Choice
from explorer.controls.fader import Fader
from explorer.controls.seed import DICE, SeedField
from explorer.controls.segmented import Segmented
from explorer.controls.value_slider import ValueSlider

from . import hands
from .hands import focus, shown

Key = Qt.Key
CTRL, SHIFT, NONE = hands.CTRL, hands.SHIFT, hands.NONE


class Said:
    """What a signal said."""

    def __init__(self, signal) -> None:
        self.all: list[tuple] = []
        signal.connect(lambda *what: self.all.append(what))

    @property
    def values(self) -> list:
        return [what[0] for what in self.all]

    @property
    def gestures(self) -> set[int]:
        return {what[1] for what in self.all}


@pytest.fixture
def psi(qtbot: QtBot) -> ValueSlider:
    return shown(qtbot, ValueSlider("psi", -1.0, 2.0, default=0.7, typed=(-100, 100), tip="Truncation"))


@pytest.fixture
def seed(qtbot: QtBot) -> SeedField:
    return shown(qtbot, SeedField("seed A", word="trained", lock="Keep it", reset="Back"))


@pytest.fixture
def fader(qtbot: QtBot) -> Fader:
    return shown(qtbot, Fader("layer 3", "16", "Layer 3"), 60, 160)


# value slider


def test_setting_a_value_says_nothing(psi: ValueSlider) -> None:
    said = Said(psi.edited)
    for value in (0.0, -1.0, 2.0, 50.0, 0.123456):
        psi.set_value(value)
    assert said.all == []


def test_a_drag_is_one_gesture_and_ends_at_the_last_value(psi: ValueSlider) -> None:
    said = Said(psi.edited)
    hands.drag(psi.rail, *(number / 20 for number in range(21)))
    assert len(said.gestures) == 1
    assert len(said.all) > 10
    assert said.values[-1] == psi.value() == 2.0


def test_two_drags_are_two_gestures(psi: ValueSlider) -> None:
    said = Said(psi.edited)
    hands.drag(psi.rail, 0.8)
    hands.drag(psi.rail, 0.2)
    assert len(said.gestures) == 2


def test_a_press_beside_the_cap_brings_it_there_and_a_press_on_it_does_not_move_it(psi: ValueSlider) -> None:
    said = Said(psi.edited)
    hands.press(psi.rail, psi.rail.share() + 0.02)
    hands.release(psi.rail, psi.rail.share())
    assert said.all == []
    hands.press(psi.rail, 0.0)
    hands.release(psi.rail, 0.0)
    assert said.values == [-1.0]


def test_a_drag_beyond_the_end_comes_back_to_where_it_was(psi: ValueSlider) -> None:
    start = psi.rail.share()
    hands.drag(psi.rail, 1.0, 3.0, 1.0, start)
    assert psi.value() == pytest.approx(0.7, abs=0.02)


def test_ctrl_makes_a_drag_ten_times_finer(psi: ValueSlider) -> None:
    start = psi.rail.share()
    hands.press(psi.rail, start)
    hands.move(psi.rail, start + 0.3, CTRL)
    hands.release(psi.rail, start + 0.3)
    assert psi.value() == pytest.approx(0.7 + 0.09, abs=0.01)


@pytest.mark.parametrize(
    ("key", "modifiers", "after"),
    [
        (Key.Key_Right, NONE, 0.71),
        (Key.Key_Left, NONE, 0.69),
        (Key.Key_Up, SHIFT, 0.8),
        (Key.Key_Down, CTRL, 0.699),
        (Key.Key_PageUp, NONE, 0.8),
        (Key.Key_Home, NONE, -1.0),
        (Key.Key_End, NONE, 2.0),
    ],
)
def test_keys_step_on_the_slider(qtbot: QtBot, psi: ValueSlider, key, modifiers, after) -> None:
    focus(qtbot, psi.rail)
    QTest.keyClick(psi.rail, key, modifiers)
    assert psi.value() == pytest.approx(after)


@pytest.mark.parametrize(
    ("key", "modifiers", "after"),
    [(Key.Key_Up, NONE, 0.71), (Key.Key_Down, SHIFT, 0.6), (Key.Key_Up, CTRL, 0.701), (Key.Key_PageDown, NONE, 0.6)],
)
def test_keys_step_in_the_field(qtbot: QtBot, psi: ValueSlider, key, modifiers, after) -> None:
    focus(qtbot, psi.field)
    QTest.keyClick(psi.field, key, modifiers)
    assert psi.value() == pytest.approx(after)


def test_a_burst_of_keys_is_one_gesture_until_a_pause(qtbot: QtBot, psi: ValueSlider, monkeypatch) -> None:
    said = Said(psi.edited)
    focus(qtbot, psi.rail)
    for _ in range(5):
        QTest.keyClick(psi.rail, Key.Key_Right)
    assert len(said.gestures) == 1
    monkeypatch.setattr(gesture, "PAUSE", -1.0)
    QTest.keyClick(psi.rail, Key.Key_Right)
    assert len(said.gestures) == 2


def test_a_typed_value_is_one_gesture_and_half_of_it_is_no_value(qtbot: QtBot, psi: ValueSlider) -> None:
    said = Said(psi.edited)
    for text in ("1.25", "-0,5"):
        focus(qtbot, psi.field)
        psi.field.selectAll()
        QTest.keyClicks(psi.field, text)
        QTest.keyClick(psi.field, Key.Key_Return)
    assert said.values == [1.25, -0.5]
    assert len(said.gestures) == 2


def test_a_value_beyond_the_slider_can_be_typed(qtbot: QtBot, psi: ValueSlider) -> None:
    focus(qtbot, psi.field)
    psi.field.selectAll()
    QTest.keyClicks(psi.field, "3.5")
    QTest.keyClick(psi.field, Key.Key_Return)
    assert psi.value() == 3.5
    assert psi.rail.share() == 1.0


def test_digits_on_the_slider_type_into_the_field(qtbot: QtBot, psi: ValueSlider) -> None:
    said = Said(psi.edited)
    focus(qtbot, psi.rail)
    QTest.keyClick(psi.rail, Key.Key_1)
    qtbot.waitUntil(psi.field.hasFocus)
    QTest.keyClicks(psi.field, ".5")
    QTest.keyClick(psi.field, Key.Key_Return)
    assert said.values == [1.5]


def test_escape_takes_back_what_was_typed(qtbot: QtBot, psi: ValueSlider) -> None:
    said = Said(psi.edited)
    focus(qtbot, psi.field)
    psi.field.selectAll()
    QTest.keyClicks(psi.field, "9")
    QTest.keyClick(psi.field, Key.Key_Escape)
    assert psi.field.text() == "0.70"
    psi.rail.setFocus()
    assert said.all == []


def test_nonsense_cannot_be_typed(qtbot: QtBot, psi: ValueSlider) -> None:
    focus(qtbot, psi.field)
    psi.field.selectAll()
    QTest.keyClicks(psi.field, "nan")
    QTest.keyClicks(psi.field, "1e5")
    QTest.keyClick(psi.field, Key.Key_Return)
    assert psi.value() in (0.7, 15.0)


def test_the_wheel_is_taken_only_with_the_focus(qtbot: QtBot, psi: ValueSlider) -> None:
    for part in (psi.rail, psi.field):
        part.clearFocus()
        assert not hands.turn(part, 1)
    assert psi.value() == 0.7
    for part, after in ((psi.rail, 0.71), (psi.field, 0.72)):
        focus(qtbot, part)
        assert hands.turn(part, 1)
        assert psi.value() == pytest.approx(after)


def test_the_wheel_over_a_slider_scrolls_its_panel(qtbot: QtBot) -> None:
    area, body = QScrollArea(), QWidget()
    column = QVBoxLayout(body)
    sliders = [ValueSlider(f"row {number}", 0, 1, 0) for number in range(20)]
    for slider in sliders:
        column.addWidget(slider)
    area.setWidget(body)
    shown(qtbot, area, 260, 120)
    area.setFocus()
    window = area.window().windowHandle()
    place = sliders[0].rail.mapTo(area.window(), sliders[0].rail.rect().center())
    QTest.wheelEvent(window, QPointF(place), QPoint(0, -120))
    assert area.verticalScrollBar().value() > 0
    assert sliders[0].value() == 0


def test_double_click_brings_the_default_in_one_gesture(psi: ValueSlider) -> None:
    said = Said(psi.edited)
    hands.double_click(psi.rail, 0.1)
    assert said.values[-1] == psi.value() == 0.7
    assert len(said.gestures) == 1


def test_delete_brings_the_default(qtbot: QtBot, psi: ValueSlider) -> None:
    psi.set_value(0.2)
    focus(qtbot, psi.rail)
    QTest.keyClick(psi.rail, Key.Key_Delete)
    assert psi.value() == 0.7


def test_the_dot_shows_only_beside_another_value_and_nothing_moves(psi: ValueSlider) -> None:
    geometries = [part.geometry() for part in (psi.label, psi.rail, psi.field)]
    assert not psi.dot.isVisible()
    for value in (-1.0, 0.123, 100.0, 0.7001):
        psi.set_value(value)
        assert psi.dot.isVisible()
        QApplication.processEvents()
        assert [part.geometry() for part in (psi.label, psi.rail, psi.field)] == geometries
    psi.dot.click()
    assert psi.value() == 0.7
    assert not psi.dot.isVisible()


def test_numbers_show_two_places_and_a_third_only_where_it_is_needed(psi: ValueSlider) -> None:
    texts = []
    for value in (0.5, 0.625, -1.0, -0.0):
        psi.set_value(value)
        texts.append(psi.field.text())
    assert texts == ["0.50", "0.625", "-1.00", "0.00"]


def test_the_widest_number_fits_into_its_field(psi: ValueSlider) -> None:
    for value in (-0.999, -1.0, 100.0):
        psi.set_value(value)
        needed = psi.field.fontMetrics().horizontalAdvance(psi.field.text())
        assert needed <= psi.field.lineEdit().width()


def test_a_value_may_have_a_name(qtbot: QtBot) -> None:
    cutoff = shown(qtbot, ValueSlider("cutoff", 0, 10, default=10, step=1, decimals=0, names={10.0: "all"}))
    said = Said(cutoff.edited)
    assert cutoff.field.text() == "all"
    focus(qtbot, cutoff.rail)
    QTest.keyClick(cutoff.rail, Key.Key_Left)
    assert (said.values[-1], cutoff.field.text()) == (9, "9")
    focus(qtbot, cutoff.field)
    cutoff.field.selectAll()
    QTest.keyClicks(cutoff.field, "all")
    QTest.keyClick(cutoff.field, Key.Key_Return)
    assert said.values[-1] == 10


def test_a_slider_of_whole_numbers_tells_only_whole_numbers(qtbot: QtBot) -> None:
    cutoff = shown(qtbot, ValueSlider("cutoff", 0, 10, default=10, step=1, decimals=0))
    said = Said(cutoff.edited)
    hands.drag(cutoff.rail, 0.93, 0.71, 0.52, 0.31)
    assert all(value == round(value) for value in said.values)
    focus(qtbot, cutoff.field)
    QTest.keyClick(cutoff.field, Key.Key_Up, CTRL)
    assert cutoff.value() == round(cutoff.value())


def test_undo_in_a_field_that_nobody_types_in_is_left_to_the_window(qtbot: QtBot, psi: ValueSlider, seed) -> None:
    for field in (psi.field, seed.box):
        undo = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Z, CTRL, "z")
        undo.ignore()
        QApplication.sendEvent(field, undo)
        assert not undo.isAccepted()


# seed


def test_setting_a_seed_says_nothing(seed: SeedField) -> None:
    said, locked = Said(seed.edited), Said(seed.locked)
    for value in (None, 0, 2**32 - 1, 7):
        seed.set_value(value)
        assert seed.value() == value
    seed.set_locked(True)
    assert said.all == locked.all == []


def test_no_seed_shows_the_word_and_hides_the_dot(seed: SeedField) -> None:
    seed.set_value(5)
    assert seed.dot.isVisible()
    seed.set_value(None)
    assert (seed.box.text(), seed.box.placeholderText()) == ("", "trained")
    assert not seed.dot.isVisible()
    seed.set_value(None, "saved w")
    assert seed.box.placeholderText() == "saved w"


@pytest.mark.parametrize(("text", "after"), [("1234", 1234), ("4294967295", 2**32 - 1), ("9999999999", 2**32 - 1)])
def test_a_seed_can_be_typed(qtbot: QtBot, seed: SeedField, text: str, after: int) -> None:
    said = Said(seed.edited)
    focus(qtbot, seed.box)
    seed.box.selectAll()
    QTest.keyClicks(seed.box, text)
    assert said.all == []  # not before it is all there
    QTest.keyClick(seed.box, Key.Key_Return)
    assert said.values == [after]
    assert seed.box.text() == str(after)


def test_an_emptied_field_shows_its_seed_again(qtbot: QtBot, seed: SeedField) -> None:
    said = Said(seed.edited)
    seed.set_value(12)
    focus(qtbot, seed.box)
    seed.box.selectAll()
    QTest.keyClick(seed.box, Key.Key_Backspace)
    QTest.keyClick(seed.box, Key.Key_Return)
    assert seed.box.text() == "12"
    assert said.all == []


@pytest.mark.parametrize(("text", "after"), [("42", 42), (" seed: 1234, psi 0.7", 1234), ("A 4294967295\n", 2**32 - 1)])
def test_a_seed_can_be_pasted_with_words_around_it(qtbot: QtBot, seed: SeedField, text: str, after: int) -> None:
    said = Said(seed.edited)
    QApplication.clipboard().setText(text)
    focus(qtbot, seed.box)
    QTest.keyClick(seed.box, Key.Key_V, CTRL)
    assert said.values == [after]


@pytest.mark.parametrize("text", ["no number", "99999999999999999999", ""])
def test_what_is_no_seed_is_not_pasted(qtbot: QtBot, seed: SeedField, text: str) -> None:
    said = Said(seed.edited)
    seed.set_value(3)
    QApplication.clipboard().setText(text)
    focus(qtbot, seed.box)
    QTest.keyClick(seed.box, Key.Key_V, CTRL)
    assert said.all == []
    assert seed.value() == 3


def test_arrows_step_a_seed_and_stop_at_both_ends(qtbot: QtBot, seed: SeedField) -> None:
    focus(qtbot, seed.box)
    for start, key, modifiers, after in (
        (5, Key.Key_Up, NONE, 6),
        (5, Key.Key_Up, SHIFT, 15),
        (0, Key.Key_Down, NONE, 0),
        (2**32 - 1, Key.Key_Up, NONE, 2**32 - 1),
        (2**31 - 1, Key.Key_Up, NONE, 2**31),
        (None, Key.Key_Up, NONE, 0),
    ):
        seed.set_value(start)
        QTest.keyClick(seed.box, key, modifiers)
        assert seed.value() == after


def test_dice_and_the_key_r_roll_short_seeds_each_its_own_gesture(qtbot: QtBot, seed: SeedField) -> None:
    said = Said(seed.edited)
    focus(qtbot, seed.box)
    for _ in range(5):
        seed.dice.click()
        QTest.keyClick(seed.box, Key.Key_R)
    assert len(set(said.values)) > 5
    assert all(0 <= value < DICE for value in said.values)
    assert len(said.gestures) == len(said.all)


def test_copy_puts_the_seed_into_the_clipboard(seed: SeedField) -> None:
    seed.set_value(2**32 - 1)
    seed.copy.click()
    assert QApplication.clipboard().text() == "4294967295"


def test_the_reset_dot_of_a_seed_brings_the_word_back(seed: SeedField) -> None:
    said = Said(seed.edited)
    seed.set_value(9)
    seed.dot.click()
    assert said.values == [None]
    assert seed.value() is None


def test_delete_resets_a_seed_that_nobody_is_typing(qtbot: QtBot, seed: SeedField) -> None:
    said = Said(seed.edited)
    seed.set_value(1234)
    focus(qtbot, seed.box)
    seed.box.setCursorPosition(1)
    QTest.keyClick(seed.box, Key.Key_Delete)  # one digit of it
    assert seed.box.text() == "134"
    QTest.keyClick(seed.box, Key.Key_Escape)
    assert (seed.box.text(), said.values) == ("1234", [])
    seed.box.selectAll()
    QTest.keyClick(seed.box, Key.Key_Delete)
    assert (seed.value(), said.values) == (None, [None])


def test_a_click_on_the_lock_is_told(seed: SeedField) -> None:
    locked = Said(seed.locked)
    seed.lock.click()
    seed.lock.click()
    assert locked.all == [(True,), (False,)]


def test_the_longest_seed_fits_and_nothing_moves(seed: SeedField) -> None:
    before = [part.geometry() for part in (seed.box, seed.dice, seed.lock)]
    for value in (0, None, 2**32 - 1):
        seed.set_value(value)
        QApplication.processEvents()
        assert [part.geometry() for part in (seed.box, seed.dice, seed.lock)] == before
    room = seed.box.width() - seed.box.textMargins().right() - 12  # padding and border, both sides
    assert seed.box.fontMetrics().horizontalAdvance(seed.box.text()) <= room


def test_the_wheel_changes_a_seed_only_with_the_focus(qtbot: QtBot, seed: SeedField) -> None:
    seed.set_value(5)
    seed.dice.setFocus()
    assert not hands.turn(seed.box, 1)
    focus(qtbot, seed.box)
    assert hands.turn(seed.box, 1)
    assert seed.value() == 6


# fader


def test_showing_a_share_says_nothing(fader: Fader) -> None:
    said = Said(fader.edited)
    fader.show_share(0.7, by_hand=True, spread=(0.2, 0.9))
    fader.show_share(0.0, by_hand=False)
    assert said.all == []


def test_a_is_at_the_top_and_b_at_the_bottom(fader: Fader) -> None:
    assert hands.place_of(fader, 0.0).y() < hands.place_of(fader, 1.0).y()
    hands.drag(fader, 1.0)
    assert fader.number() == 1.0
    hands.drag(fader, 0.0)
    assert fader.number() == 0.0


def test_a_fader_drag_is_one_gesture(fader: Fader) -> None:
    said = Said(fader.edited)
    hands.drag(fader, 0.2, 0.5, 0.9, 0.6)
    assert len(said.gestures) == 1
    assert said.values[-1] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    ("key", "modifiers", "after"),
    [
        (Key.Key_Down, NONE, 0.51),
        (Key.Key_Up, NONE, 0.49),
        (Key.Key_Down, SHIFT, 0.6),
        (Key.Key_Up, CTRL, 0.499),
        (Key.Key_PageDown, NONE, 0.6),
        (Key.Key_PageUp, NONE, 0.4),
        (Key.Key_Home, NONE, 0.0),
        (Key.Key_End, NONE, 1.0),
    ],
)
def test_keys_move_the_cap_where_they_point(qtbot: QtBot, fader: Fader, key, modifiers, after) -> None:
    fader.show_share(0.5, by_hand=True)
    focus(qtbot, fader)
    QTest.keyClick(fader, key, modifiers)
    assert fader.number() == pytest.approx(after)


def test_the_wheel_moves_a_fader_only_with_the_focus_and_as_it_turns(qtbot: QtBot, fader: Fader) -> None:
    fader.show_share(0.5, by_hand=True)
    fader.clearFocus()
    assert not hands.turn(fader, 1)
    focus(qtbot, fader)
    assert hands.turn(fader, 1)
    assert fader.number() == pytest.approx(0.49)


def test_double_click_and_delete_ask_to_follow_again(qtbot: QtBot, fader: Fader) -> None:
    asked = Said(fader.defaulted)
    said = Said(fader.edited)
    hands.double_click(fader, 0.5)
    focus(qtbot, fader)
    QTest.keyClick(fader, Key.Key_Delete)
    assert len(asked.all) == 2
    assert asked.all[0][0] in said.gestures  # the jump of the first press and the default are one step


def test_a_fader_tells_in_words_where_it_stands(qtbot: QtBot, fader: Fader) -> None:
    focus(qtbot, fader)
    fader.show_share(0.25, by_hand=True)
    assert fader.accessibleDescription() == "0.25, set by hand"
    fader.show_share(1.0, by_hand=False)
    assert fader.accessibleDescription() == "B, follows the master"
    place = fader.rect().center()
    QApplication.sendEvent(fader, QHelpEvent(QEvent.Type.ToolTip, place, fader.mapToGlobal(place)))
    assert QToolTip.text() == "Layer 3\nB, follows the master"
    QToolTip.hideText()


def test_a_fader_is_drawn_at_fourteen_pixels(qtbot: QtBot) -> None:
    fader = Fader("layer 3", "1024", "Layer 3")
    qtbot.addWidget(fader)
    fader.resize(14, 96)
    assert fader.minimumWidth() <= 14
    for share, by_hand in ((0.0, True), (0.5, False), (1.0, True)):
        fader.show_share(share, by_hand, (0.0, 1.0))
        assert not fader.grab().isNull()


def test_hollow_and_filled_look_different_and_so_does_the_focus(qtbot: QtBot, fader: Fader) -> None:
    def picture() -> bytes:
        return bytes(fader.grab().toImage().constBits())

    fader.clearFocus()
    fader.show_share(0.3, by_hand=True)
    filled = picture()
    fader.show_share(0.3, by_hand=False)
    hollow = picture()
    focus(qtbot, fader)
    assert len({filled, hollow, picture()}) == 3


# switch, list, disabled


def test_a_switch_tells_only_what_the_user_chose(qtbot: QtBot) -> None:
    space = shown(qtbot, Segmented("space", [("w", "W", "In W"), ("z", "Z", "In Z")]))
    said = Said(space.edited)
    space.set_value("z")
    assert (space.value(), said.all) == ("z", [])
    buttons = space.findChildren(type(space._group.button(0)))
    buttons[0].click()
    assert (space.value(), said.values) == ("w", ["w"])


def test_arrow_keys_choose_on_a_switch(qtbot: QtBot) -> None:
    space = shown(qtbot, Segmented("space", [("w", "W", "In W"), ("z", "Z", "In Z")]))
    said = Said(space.edited)
    focus(qtbot, space._group.button(0))
    QTest.keyClick(space._group.button(0), Key.Key_Right)
    assert said.values == ["z"]


def test_a_list_tells_only_what_the_user_chose_and_leaves_the_wheel(qtbot: QtBot) -> None:
    choice = shown(qtbot, Choice("class", ["cat", "dog"], "Class"))
    said = Said(choice.edited)
    choice.set_value(1)
    assert said.all == []
    choice.clearFocus()
    assert not hands.turn(choice, 1)
    focus(qtbot, choice)
    QTest.keyClick(choice, Key.Key_Up)
    assert said.values == [0]


def test_a_control_without_effect_is_grey_and_says_why(psi: ValueSlider) -> None:
    before = psi.rail.toolTip()
    disabled_reason(psi, "This model has no w_avg.")
    assert not psi.rail.isEnabled()
    assert {part.toolTip() for part in (psi, psi.rail, psi.field)} == {"This model has no w_avg."}
    disabled_reason(psi, "Another reason.")
    assert psi.rail.toolTip() == "Another reason."
    disabled_reason(psi, None)
    assert psi.rail.isEnabled()
    assert psi.rail.toolTip() == before
