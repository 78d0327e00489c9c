"""A model that is opened while a hand holds a control of the old one."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from explorer.controls.fader import Fader
from explorer.document import OpenModel
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
