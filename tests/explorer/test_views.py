"""Views as tabs on one document: remembered, reached by keyboard, quiet while they are hidden."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.recipe import Recipe
from explorer.document import Document, OpenModel
from explorer.opening import opening
from explorer.settings import Settings
from explorer.view import View
from explorer.views.tiles import TileBoard
from explorer.window import VIEWS, Window

from .conftest import pixels, until_shown
from .fake_renderer import FakeRenderer


def test_the_canvas_is_the_first_view_and_the_others_follow(window: Window) -> None:
    tabs = window.stage.tabs
    assert tabs.tabText(0) == "Canvas"
    assert [tabs.tabText(n + 1) for n in range(len(VIEWS))] == [view.title for view in VIEWS]
    assert all(tabs.tabToolTip(n) for n in range(tabs.count()))


def test_the_view_is_remembered(qtbot: QtBot, window: Window, settings: Settings, model: OpenModel) -> None:
    window.stage.turn_to("mix-grid")
    window.close()
    again = Window(Settings(settings.folder), FakeRenderer)
    qtbot.addWidget(again)
    again.adopt(Document(model, opening(model.info)))
    assert again.stage.current == "mix-grid"


def test_every_view_has_an_entry_in_the_view_menu(window: Window) -> None:
    entries = {str(action.data()): action for _, action in window.actions_.all}
    for number, name in enumerate(window.stage.names):
        entry = entries[f"View: {window.stage.tabs.tabText(number)}"]
        assert entry.shortcut().toString() == f"Alt+{number + 1}"
        if name != "map":  # it imports a library
            entry.trigger()
            assert window.stage.current == name


def test_arrow_keys_turn_the_tabs(window: Window) -> None:
    window.stage.tabs.setFocus()
    QTest.keyClick(window.stage.tabs, Qt.Key.Key_Right)
    assert window.stage.current == VIEWS[0].name


def test_a_hidden_canvas_is_only_rendered_when_the_hand_rests(
    qtbot: QtBot, window: Window, document: Document, engine: FakeRenderer
) -> None:
    window.stage.turn_to("variations")
    before = len(engine.rendered)
    for number in range(20):
        document.apply("psi", edits.with_psi(document.recipe, number / 20))
    until_shown(qtbot, window)
    assert len(engine.rendered) == before + 1


def test_the_canvas_shows_the_newest_recipe_when_it_is_seen_again(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    window.stage.turn_to("noise-study")
    before = pixels(window)
    document.apply("psi", edits.with_psi(document.recipe, 0.31))
    window.stage.turn_to("canvas")
    until_shown(qtbot, window)
    assert pixels(window) != before


@pytest.mark.parametrize("name", [view.name for view in VIEWS if view.name != "map"])
def test_everything_in_a_view_can_be_reached_and_has_a_name_and_a_tip(window: Window, name: str) -> None:
    window.stage.turn_to(name)
    view = window.stage.pages.currentWidget()
    for widget in view.findChildren(QWidget):
        if widget.objectName() == "qt_spinbox_lineedit":  # inside of a field that has a name
            continue
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(view):
            assert widget.accessibleName(), widget
            if isinstance(widget, QAbstractButton):
                assert widget.toolTip(), widget.accessibleName()
    for board in view.findChildren(TileBoard):
        assert board.focusPolicy() == Qt.FocusPolicy.StrongFocus


@pytest.mark.parametrize("name", ["canvas", *(view.name for view in VIEWS if view.name != "map")])
def test_no_view_makes_the_window_larger(window: Window, name: str) -> None:
    window.resize(1024, 700)
    window.stage.turn_to(name)
    assert (window.width(), window.height()) == (1024, 700)
    page = window.stage.pages.currentWidget()
    for child in page.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if child.isVisible():
            assert page.rect().contains(child.geometry()), child


def test_views_are_imported_without_numpy_torch_or_pyqtgraph() -> None:
    code = (
        "import sys, explorer.window\nheavy = {'torch', 'numpy', 'pyqtgraph'} & set(sys.modules)\nprint(sorted(heavy))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [view.name for view in VIEWS if view.name != "map"])  # it imports a library
def test_a_change_of_all_that_there_is_is_shown_once(
    window: Window, document: Document, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.stage.turn_to(name)
    view = next(view for view in window.findChildren(View) if view.isVisible())
    shown: list[Recipe] = []
    show = view.show_recipe
    monkeypatch.setattr(view, "show_recipe", lambda recipe: (shown.append(recipe), show(recipe)))
    document.apply("all", edits.with_psi(document.recipe, 0.123), keep={"locks": ["noise 8"]})
    assert shown == [document.recipe]
    document.apply_timeline("keyframe", document.timeline.appended(document.recipe))
    document.undo()
    document.undo()
    assert len(shown) == 4
    assert shown[-1] == document.recipe
