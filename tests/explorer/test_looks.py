"""The rules of the look that a program can see, for every view in the smallest window: docs/rules.py knows them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import tour
from explorer.document import Document, OpenModel
from explorer.window import Window

from .conftest import until_shown
from .fake_renderer import FakeRenderer, model_info

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What docs/proof.py holds every view to."""
    monkeypatch.syspath_prepend(str(DOCS))
    return __import__("rules")


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
