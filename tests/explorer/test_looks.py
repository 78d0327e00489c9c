"""The rules of the look that a program can see, for every view in the smallest window: docs/rules.py knows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import theme, tour
from explorer.document import Document, OpenModel
from explorer.error_bar import Trouble
from explorer.window import Window

from .conftest import until_shown
from .fake_renderer import FakeRenderer, model_info

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What docs/proof.py holds every view to."""
    monkeypatch.syspath_prepend(str(DOCS))
    return __import__("rules")


@pytest.fixture
def legible(rules: ModuleType) -> ModuleType:
    """And what it holds their colours to."""
    return __import__("legible")


@pytest.fixture(scope="module")
def legible_once() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield __import__("legible")


@pytest.mark.parametrize("layers", [8, 18])
def test_in_the_smallest_window_nothing_is_cut_too_small_or_too_wide(
    qtbot: QtBot, window: Window, document: Document, engine: FakeRenderer, rules: ModuleType, layers: int
) -> None:
    window.resize(1024, 700)
    if layers == 18:
        info = model_info("large-1024", 1024)
        model = OpenModel(info, Path("/models/large.safetensors"))
        engine.models[model.path] = info
        document.open_model(model, edits.with_model(document.recipe, info), "open large")
    for name in window.stage.names:
        window.stage.turn_to(name)
        QApplication.processEvents()
        assert rules.unsightly(window) == [], name
    window.stage.turn_to("canvas")
    until_shown(qtbot, window)
    assert rules.jumps(window) == []
    tour.take(window, take_focus=False)
    QApplication.processEvents()
    assert rules.unsightly(window) == []


def test_the_rules_see_what_they_forbid(qtbot: QtBot, rules: ModuleType) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    top.resize(900, 200)
    cut, small, wide = QLabel("words that do not fit", top), QLabel("tiny", top), QPushButton("wide", top)
    outside = QLabel("outside", top)
    cut.setGeometry(0, 0, 30, 20)
    small.setStyleSheet("font-size: 9px")
    small.setGeometry(0, 40, 100, 20)
    wide.setGeometry(0, 80, 600, 24)
    outside.setGeometry(850, 120, 100, 20)
    top.show()
    found = "\n".join(rules.unsightly(top))
    assert "is cut" in found
    assert "text of 9 px" in found
    assert "600 px wide" in found
    assert "sticks out" in found
    assert len(found.splitlines()) == 4


def test_the_rules_see_neighbours_without_room_and_grey_without_a_reason(qtbot: QtBot, rules: ModuleType) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    row = QHBoxLayout(top)
    one, other = QPushButton("one"), QPushButton("other")
    for button in (one, other):
        row.addWidget(button)
    top.show()
    assert rules.unsightly(top) == []
    other.move(one.pos())
    one.setEnabled(False)
    found = rules.unsightly(top)
    assert sum("lies over" in line for line in found) == 1
    assert sum("greyed" in line for line in found) == 1
    one.setToolTip("Open a model first.")
    assert not any("greyed" in line for line in rules.unsightly(top))


def test_the_rules_see_words_that_are_too_faint(qtbot: QtBot, legible: ModuleType) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    column = QVBoxLayout(top)
    faint, greyed = QLabel("hardly to be read"), QLabel("of no use now")
    greyed.setEnabled(False)
    for label in (QLabel("well to be read"), faint, greyed):
        column.addWidget(label)
    faint.setStyleSheet(f"color: {theme.tokens().faint}")
    top.show()
    (found,) = legible.faint_words(top, top.grab())
    assert "hardly" in found


@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_contrast_is_that_of_wcag(legible_once: ModuleType, one: tuple[int, ...], other: tuple[int, ...]) -> None:
    (there,), (back,) = (legible_once.contrast(np.array([a]), np.array(b)) for a, b in ((one, other), (other, one)))
    assert there == back
    assert 1 <= there <= 21.0001
    assert legible_once.contrast(np.array([[0, 0, 0]]), np.array([255, 255, 255]))[0] == pytest.approx(21)


def test_the_mark_of_a_message_follows_the_theme(
    qtbot: QtBot, window: Window, legible: ModuleType, qapp: QApplication
) -> None:
    window.stage.error_bar.tell("test", Trouble("It did not work."))
    try:
        for dark in (False, True):
            theme.apply(qapp, dark)
            qapp.processEvents()
            assert legible.left_behind(window, window.grab()) == []
    finally:
        theme.apply(qapp, dark=True)


def test_a_message_leaves_the_tools_of_a_view_in_reach(window: Window) -> None:
    window.stage.error_bar.tell("test", Trouble("It did not work."))
    QApplication.processEvents()
    assert window.stage.error_bar.y() >= window.stage.pages.y() + theme.TOOLS


def test_a_message_covers_nothing_that_can_be_pressed_in_any_view(window: Window) -> None:
    bar, stage = window.stage.error_bar, window.stage
    for name in stage.names:
        stage.turn_to(name)
        bar.tell("test", Trouble("It did not work."))
        QApplication.processEvents()
        page = stage.pages.currentWidget()
        covered = stage.canvas if name == "canvas" else None  # that the picture stays where it is
        for part in [page, *page.findChildren(QWidget)]:
            place = QRect(part.mapTo(stage, QPoint(0, 0)), part.size())
            if part.isVisible() and part not in (covered, page if covered else None):
                assert not place.intersects(bar.geometry()), (name, part)
        bar.dismiss()
        QApplication.processEvents()
        assert page.geometry() == stage.pages.rect(), name


def test_no_view_takes_room_from_the_panels(window: Window) -> None:
    window.resize(1024, 700)
    window.reset_layout()
    QApplication.processEvents()
    panels = [window.docks[name] for name in ("sources", "gallery", "truncation", "mix")]
    before = [panel.geometry() for panel in panels]
    for name in window.stage.names:
        window.stage.turn_to(name)
        QApplication.processEvents()
        assert [panel.geometry() for panel in panels] == before, name
