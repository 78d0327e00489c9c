"""The list of shortcuts: all of them, in two columns, within the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from explorer.dialogs.palette import keys_of
from explorer.dialogs.shortcuts import ShortcutsDialog, halves
from explorer.window import Window


@given(st.lists(st.integers(0, 30), max_size=12))
def test_the_columns_keep_the_order_and_no_other_cut_is_more_even(lengths: list[int]) -> None:
    sections = [(str(number), [("F1", "help")] * length) for number, length in enumerate(lengths)]
    left, right = halves(sections)
    assert [*left, *right] == sections

    def uneven(cut: int) -> int:
        sizes = [length + 2 for length in lengths]
        return abs(sum(sizes[:cut]) - sum(sizes[cut:]))

    assert uneven(len(left)) == min(map(uneven, range(len(lengths) + 1)))


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
