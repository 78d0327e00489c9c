"""The error bar: plain text, newest first, gone when it no longer applies."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton
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
    assert bar.findChild(QLabel, "sentence").text().replace("\u200b", "") == 397 * "x" + "..."


@pytest.mark.parametrize("width", [230, 310, 506])
def test_a_name_without_spaces_goes_on_in_the_next_line(bar: ErrorBar, width: int) -> None:
    bar.tell("open", Trouble(f"{'network-snapshot-' * 8}.pkl is not a model"))
    bar.resize(width, bar.arrange(width))
    bar.show()
    label = bar.findChild(QLabel, "sentence")
    QApplication.sendPostedEvents()
    assert label.minimumSizeHint().width() <= label.width()
    assert bar.rect().contains(label.geometry())


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("width", [230, 310, 506, 760])
def test_no_button_is_cut_however_narrow_the_bar_is(bar: ErrorBar, width: int, details: bool) -> None:
    actions = (("Retry", lambda: None), ("Choose file ...", lambda: None))
    bar.tell("open", Trouble("model.pkl holds nothing that is known here - give another file " * 2, EVIL, actions))
    button(bar, "Details").setChecked(details)
    for _ in range(2):  # what is arranged otherwise may take another height
        bar.resize(width, bar.arrange(width))
        QApplication.processEvents()
    shown_buttons = [b for b in bar.findChildren(QPushButton) if b.isVisible()]
    assert len(shown_buttons) == 4 + details
    places = [QRect(b.mapTo(bar, b.rect().topLeft()), b.size()) for b in shown_buttons]
    label = bar.findChild(QLabel, "sentence")
    sentence = QRect(label.mapTo(bar, label.rect().topLeft()), label.size())
    assert label.height() >= label.heightForWidth(label.width())
    for number, place in enumerate(places):
        assert bar.rect().contains(place)
        assert place.width() >= shown_buttons[number].sizeHint().width()
        assert not any(place.intersects(other) for other in (*places[:number], sentence))
    assert (places[0].top() > sentence.bottom()) == (width < 700)
