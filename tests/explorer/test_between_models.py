"""A model that is opened in the middle of work with the old one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from explorer.controls.fader import Fader
from explorer.document import OpenModel
from explorer.views.tiles import TileBoard
from explorer.window import Window

from . import hands


def test_a_fader_that_is_held_while_the_model_changes_is_not_heard_any_more(
    qtbot: QtBot, window: Window, other_model: OpenModel
) -> None:
    document = window.document
    assert document is not None
    held = window.findChild(Fader, "layer_3")
    hands.press(held, 0.0)
    hands.move(held, 0.4)
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open other-64")
    before = document.recipe
    hands.move(held, 0.8)
    hands.release(held, 0.8)
    assert document.recipe == before
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    document.apply("psi 0.20", edits.with_psi(document.recipe, 0.2))  # the desk shows it, without the old fader
    assert window.docks["mix"].widget()._active.objectName() == "master"


@pytest.mark.parametrize(("view", "board"), [("mix-grid", "mix_board"), ("noise-study", "noise_board")])
def test_no_picture_of_the_old_model_stays_among_those_of_the_new_one(
    qtbot: QtBot, window: Window, other_model: OpenModel, view: str, board: str
) -> None:
    window.stage.turn_to(view)
    tiles = window.findChild(TileBoard, board)
    qtbot.waitUntil(lambda: len(tiles._pictures) > 6)
    document = window.document
    assert document is not None
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open other-64")
    assert not tiles._pictures
    qtbot.waitUntil(lambda: len(tiles._pictures) > 6)
