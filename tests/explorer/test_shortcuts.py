"""The list of shortcuts: all of them, in two columns, within the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from explorer.dialogs.palette import keys_of
from explorer.dialogs.shortcuts import ShortcutsDialog, halves
from explorer.window import Window


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
