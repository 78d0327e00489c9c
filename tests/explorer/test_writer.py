"""A file that follows what is in memory: the newest content last, and nobody waits who need not."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.errors import StylescopeError
from explorer.writer import Writer


def test_what_came_while_it_was_at_work_is_passed_over_but_for_the_newest() -> None:
    writer, done, gate, begun = Writer("test"), [], threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        assert gate.wait(60)
        done.append(0)

    writer.write(first)
    assert begun.wait(60)
    for number in range(1, 10):
        writer.write(lambda number=number: done.append(number))  # type: ignore[misc]
    assert done == []
    gate.set()
    writer.flush()
    assert done == [0, 9]


@given(st.lists(st.booleans(), min_size=1, max_size=20))
@settings(max_examples=20)
def test_the_last_is_always_written_last(waits: list[bool]) -> None:
    writer, done = Writer("test"), []
    for number, wait in enumerate(waits):
        writer.write(lambda number=number: done.append(number))  # type: ignore[misc]
        if wait:
            writer.flush()
            assert done[-1] == number
    writer.flush()
    writer.flush()
    assert done[-1] == len(waits) - 1
    assert done == sorted(set(done))


@pytest.mark.parametrize("error", [StylescopeError("the disk is full", "free some space"), OSError("no"), ValueError()])
def test_a_failure_is_told_and_the_next_is_written(qtbot: QtBot, error: Exception) -> None:
    writer, done = Writer("test"), []

    def fail() -> None:
        raise error

    with qtbot.waitSignal(writer.failed) as told:
        writer.write(fail)
    assert told.args == [str(error)]
    writer.write(lambda: done.append(1))
    writer.flush()
    assert done == [1]
