"""Faults that nobody expected reach the log and whoever listens; the hooks go as they came."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

from engine.errors import RecipeError
from explorer import faults
from explorer.faults import Faults


@pytest.fixture
def told(home: Path) -> Iterator[Faults]:
    found, undo = faults.install(home)
    yield found
    undo()


def test_an_exception_in_a_slot_is_told_in_one_sentence_and_logged(qtbot: QtBot, told: Faults, home: Path) -> None:
    with qtbot.waitSignal(told.raised) as raised:
        sys.excepthook(KeyError, KeyError("x"), None)
    assert raised.args[0] == "Something went wrong inside Stylescope (KeyError: 'x')."
    assert "KeyError" in raised.args[1]
    assert "KeyError" in (home / "log.txt").read_text()


def test_an_error_for_a_users_eyes_speaks_for_itself_wherever_it_is_raised(qtbot: QtBot, told: Faults) -> None:
    with qtbot.waitSignal(told.raised) as raised:
        sys.excepthook(RecipeError, RecipeError("the loop is longer than an hour", "shorten it"), None)
    assert raised.args[0] == "the loop is longer than an hour - shorten it."


def test_an_exception_in_a_thread_is_told(qtbot: QtBot, told: Faults) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in a thread")

    with qtbot.waitSignal(told.raised) as raised:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert "in a thread" in raised.args[0]


def test_qts_own_words_go_to_the_log(told: Faults, home: Path) -> None:
    qWarning("a word of Qt")
    assert "WARNING MainThread Qt: a word of Qt" in (home / "log.txt").read_text()


def test_the_hooks_go_as_they_came(home: Path) -> None:
    before = sys.excepthook, threading.excepthook
    _, undo = faults.install(home)
    assert sys.excepthook is not before[0]
    undo()
    assert (sys.excepthook, threading.excepthook) == before


def test_a_crash_of_the_run_before_is_kept_in_the_log(home: Path) -> None:
    (home / "crash.txt").write_text("Fatal Python error: Segmentation fault")
    _, undo = faults.install(home)
    undo()
    assert "Segmentation fault" in (home / "log.txt").read_text()
