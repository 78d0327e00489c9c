"""The list of shortcuts: all of them, in two columns, within the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine import recipe_json
from engine.recipe import Seed
from explorer.controls.number import NumberField
from explorer.controls.seed import SeedField
from explorer.controls.value_slider import ValueSlider
from explorer.dialogs.palette import keys_of
from explorer.dialogs.shortcuts import ShortcutsDialog, halves
from explorer.document import Document
from explorer.window import Window

from .hands import CTRL, focus

Key = Qt.Key


@given(st.lists(st.integers(0, 30), max_size=8))
def test_both_columns_keep_the_order_and_no_cut_is_more_even(lengths: list[int]) -> None:
    sections = [(str(number), [("F1", "help")] * length) for number, length in enumerate(lengths)]
    left, right = halves(sections)
    assert left == sorted(left) and right == sorted(right)  # noqa: PT018
    assert sorted([*left, *right]) == sections
    assert left[:1] == sections[:1]
    sizes = [length + 2 for length in lengths]
    cuts = (abs(sum(sizes[:cut]) - sum(sizes[cut:])) for cut in range(min(1, len(sizes)), len(sizes) + 1))
    assert abs(sum(len(rows) + 2 for _, rows in left) - sum(len(rows) + 2 for _, rows in right)) <= min(cuts)


def test_every_shortcut_is_listed_and_the_list_fits_the_smallest_window(qtbot: QtBot, window: Window) -> None:
    window.resize(1024, 700)
    dialog = ShortcutsDialog(window.actions_.all, window)
    qtbot.addWidget(dialog)
    dialog.show()
    words = {label.text() for label in dialog.findChildren(QLabel)}
    keys = {keys_of(action) for _, action in window.actions_.all if keys_of(action)}
    assert keys <= words
    assert len(keys) > 40
    assert dialog.width() <= 1024
    assert dialog.height() <= 700


# keys that a field for numbers has no use for


def type_into(qtbot: QtBot, window: Window, field: QWidget, text: str) -> None:
    window.activateWindow()
    focus(qtbot, field)
    field.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(field, text)


def psi_field(window: Window) -> NumberField:
    return window.findChild(ValueSlider, "psi").field


def test_after_a_typed_number_a_letter_is_a_shortcut(qtbot: QtBot, window: Window, document: Document) -> None:
    psi = psi_field(window)
    type_into(qtbot, window, psi, "0.2")
    QTest.keyClick(psi, Key.Key_Return)
    QTest.keyClick(psi, Key.Key_K)
    assert [key.recipe.psi for key in document.timeline.keys] == [0.2]


def test_a_letter_takes_a_number_that_is_being_typed(qtbot: QtBot, window: Window, document: Document) -> None:
    psi, seed = psi_field(window), window.findChild(SeedField, "seed_a").box
    type_into(qtbot, window, psi, "0.3")
    QTest.keyClick(psi, Key.Key_K)
    type_into(qtbot, window, seed, "55")
    QTest.keyClick(seed, Key.Key_K)
    assert [key.recipe.psi for key in document.timeline.keys] == [0.3, 0.3]
    assert document.timeline.keys[1].recipe.a.latent == Seed(55)


def test_after_a_typed_seed_l_likes_and_r_rolls_this_seed_alone(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    seed, b = window.findChild(SeedField, "seed_a").box, document.recipe.b
    type_into(qtbot, window, seed, "77")
    QTest.keyClick(seed, Key.Key_Return)
    QTest.keyClick(seed, Key.Key_L)
    qtbot.waitUntil(lambda: window.gallery is not None and len(window.gallery.items) == 1)
    assert window.gallery is not None
    assert window.gallery.items[0].recipe.a.latent == Seed(77)
    QTest.keyClick(seed, Key.Key_R)
    assert document.recipe.a.latent != Seed(77)
    assert document.recipe.b == b


def test_words_that_a_field_knows_can_be_typed(qtbot: QtBot, window: Window, document: Document) -> None:
    cutoff, before = window.findChild(ValueSlider, "cutoff").field, document.recipe.a
    type_into(qtbot, window, cutoff, "3")
    QTest.keyClick(cutoff, Key.Key_Return)
    assert document.recipe.cutoff == 3
    cutoff.selectAll()
    QTest.keyClicks(cutoff, "all")
    QTest.keyClick(cutoff, Key.Key_Return)
    assert document.recipe.cutoff is None
    assert document.recipe.a == before  # A rolls the source elsewhere


def test_copy_in_a_field_without_a_selection_copies_the_state(qtbot: QtBot, window: Window, document: Document) -> None:
    for field in (psi_field(window), window.findChild(SeedField, "seed_a").box):
        window.activateWindow()
        focus(qtbot, field)
        line = field if isinstance(field, QLineEdit) else field.lineEdit()
        line.deselect()
        QTest.keyClick(field, Key.Key_C, CTRL)
        assert recipe_json.loads(QGuiApplication.clipboard().text()) == document.recipe
        line.selectAll()
        QTest.keyClick(field, Key.Key_C, CTRL)
        assert QGuiApplication.clipboard().text() == line.text()
