"""The error bar: plain text, newest first, gone when it no longer applies."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from explorer.error_bar import ErrorBar, Trouble

EVIL = "<img src='file:///x'><b>name</b>.pkl is not a model"


@pytest.fixture
def bar(qtbot: QtBot) -> ErrorBar:
    made = ErrorBar()
    qtbot.addWidget(made)
    return made


def button(bar: ErrorBar, text: str) -> QPushButton:
    return next(b for b in bar.findChildren(QPushButton) if b.text() == text)


def test_a_name_with_html_is_shown_as_plain_text(bar: ErrorBar) -> None:
    bar.tell("open", Trouble(EVIL, details=EVIL))
    label = bar.findChild(QLabel, "sentence")
    assert label.text() == EVIL
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert bar.findChild(QPlainTextEdit).toPlainText() == EVIL


def test_it_is_hidden_while_nothing_is_wrong(bar: ErrorBar) -> None:
    assert bar.isHidden()
    bar.tell("open", Trouble("wrong"))
    assert not bar.isHidden()
    bar.clear("open")
    assert bar.isHidden()


def test_another_subject_that_is_cleared_leaves_it(bar: ErrorBar) -> None:
    bar.tell("open", Trouble("not opened"))
    bar.clear("picture")
    assert bar.trouble == Trouble("not opened")


def test_the_newest_is_shown_and_the_older_one_after_it(bar: ErrorBar) -> None:
    bar.tell("picture", Trouble("no picture"))
    bar.tell("open", Trouble("not opened"))
    assert bar.trouble == Trouble("not opened")
    bar.clear("open")
    assert bar.trouble == Trouble("no picture")


def test_its_buttons_do_what_they_say(bar: ErrorBar) -> None:
    done: list[str] = []
    actions = (("Retry", lambda: done.append("retry")), ("Choose file ...", lambda: done.append("choose")))
    bar.tell("open", Trouble("not opened", actions=actions))
    button(bar, "Choose file ...").click()
    button(bar, "Retry").click()
    assert done == ["choose", "retry"]


def test_details_are_shown_on_demand_and_can_be_copied(bar: ErrorBar) -> None:
    bar.tell("open", Trouble("not opened", details="Traceback ..."))
    details = bar.findChild(QPlainTextEdit)
    assert not details.isVisibleTo(bar)
    button(bar, "Details").click()
    assert details.isVisibleTo(bar)
    button(bar, "Copy details").click()
    assert QGuiApplication.clipboard().text() == "Traceback ..."


def test_a_long_sentence_is_cut(bar: ErrorBar) -> None:
    bar.tell("open", Trouble("x" * 5000))
    assert len(bar.findChild(QLabel, "sentence").text()) == 400
