"""The mix grid: cells are recipes of the two axes, a click is one undo step, everything goes by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits, recipe_json
from engine.commands import options
from engine.recipe import Seed, Source
from explorer.document import Document
from explorer.gallery import MIME
from explorer.views.mix_axes import MOST, MixAxes, from_plain, layer_words, opening_axes
from explorer.views.mix_grid import ASIDE, MixGridView
from explorer.views.tile import Look, Tile, paint_tile
from explorer.window import Window

from . import fakes
from .fake_renderer import FakeRenderer, pixels_of

INFO = fakes.model_info(64)
SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4)
Key = Qt.Key


@pytest.fixture
def view(qtbot: QtBot, window: Window) -> MixGridView:
    window.resize(1024, 700)
    window.stage.turn_to("mix-grid")
    found = window.stage.pages.currentWidget()
    assert isinstance(found, MixGridView)
    qtbot.waitUntil(lambda: not found.wishes.waiting)
    return found


def click(view: MixGridView, place: tuple[int, int]) -> None:
    QTest.mouseClick(view.board, Qt.MouseButton.LeftButton, pos=view.board.rect_of(place).center())


@given(SEEDS, SEEDS, st.sets(st.integers(0, 9), min_size=1))
def test_every_cell_has_a_of_its_row_and_b_of_its_column_in_the_layers(
    a: list[int], b: list[int], layers: set[int]
) -> None:
    base = edits.with_psi(edits.with_master(fakes.document().recipe, 0.4), 0.3)
    axes = MixAxes(a=tuple(Source(Seed(s)) for s in a), b=tuple(Source(Seed(s)) for s in b), layers=tuple(layers))
    recipes = axes.recipes(base, INFO)
    assert len(recipes) == (len(a) + 1) * (len(b) + 1) - 1
    for (row, column), recipe in recipes.items():
        assert recipe.psi == 0.3
        if row and column:
            assert (recipe.a, recipe.b) == (axes.a[row - 1], axes.b[column - 1])
            assert [recipe.mix.share(layer) for layer in range(10)] == [float(n in layers) for n in range(10)]
        else:
            assert recipe.a == (axes.a[row - 1] if row else axes.b[column - 1])
            assert not any(recipe.mix.share(layer) for layer in range(10))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(-1, 5))))
def test_axes_are_never_empty_and_never_too_long(script: list[tuple[str, int]]) -> None:
    axes = opening_axes(fakes.document().recipe, INFO)
    for name, index in script:
        axes = axes.added(name, Source(Seed(7))) if index < 0 else axes.removed(name, index)  # type: ignore[arg-type]
    assert 1 <= len(axes.a) <= MOST
    assert 1 <= len(axes.b) <= MOST


def test_groups_are_recognised_and_everything_else_is_by_hand() -> None:
    axes = opening_axes(fakes.document().recipe, INFO)
    assert axes.group(INFO) == "coarse"
    assert axes.with_layers((4, 5, 6, 7)).group(INFO) == "middle"
    assert axes.with_layers((1, 5)).group(INFO) == "hand"
    assert axes.with_layers(()) == axes


def test_all_cells_are_filled_with_their_pictures(view: MixGridView) -> None:
    for key, recipe in view._recipes.items():
        found = view.board._pictures[key].pixelColor(0, 0).getRgb()[:3]
        assert found == tuple(pixels_of(recipe)[0, 0])


def test_a_click_makes_a_cell_the_picture_in_one_undo_step(view: MixGridView, document: Document) -> None:
    before = document.recipe
    click(view, (2, 3))
    assert document.recipe == view._recipes[2, 3]
    assert document.history.undo_label == "mix 11 with 32"
    assert view.board._marked == (2, 3)
    document.undo()
    assert document.recipe == before


def test_the_grid_follows_psi_of_the_document(qtbot: QtBot, view: MixGridView, document: Document) -> None:
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    assert {recipe.psi for recipe in view._recipes.values()} == {0.2}
    qtbot.waitUntil(lambda: not view.wishes.waiting)


def test_a_hidden_grid_asks_for_nothing(qtbot: QtBot, view: MixGridView, window: Window, document: Document) -> None:
    window.stage.turn_to("canvas")
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    assert not view.wishes.waiting
    assert {recipe.psi for recipe in view._recipes.values()} == {0.7}
    window.stage.turn_to("mix-grid")
    assert {recipe.psi for recipe in view._recipes.values()} == {0.2}


def test_the_keyboard_reaches_every_cell_and_enter_chooses_it(view: MixGridView, document: Document) -> None:
    board = view.board
    board.setFocus()
    QTest.keyClick(board, Key.Key_Home)
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Right):
        QTest.keyClick(board, key)
    assert "A 11 with B 31" in board.accessibleDescription() or "with B" in board.accessibleDescription()
    QTest.keyClick(board, Key.Key_Return)
    assert document.recipe == view._recipes[board._focus]


def test_a_seed_is_typed_where_its_source_stands(view: MixGridView) -> None:
    click(view, (0, 2))
    field = view.board._seed
    assert field.isVisible()
    field.selectAll()
    QTest.keyClicks(field, "4321")
    QTest.keyClick(field, Key.Key_Return)
    assert view.axes.b[1].latent == Seed(4321)
    assert not field.isVisible()
    assert view._recipes[0, 2].a.latent == Seed(4321)


def test_sources_are_rolled_removed_and_added_by_keys(view: MixGridView) -> None:
    board = view.board
    board.setFocus()
    board.focus_on((2, 0))
    QTest.keyClick(board, Key.Key_R)
    assert view.axes.a[1].latent != Seed(11)
    QTest.keyClick(board, Key.Key_Delete)
    assert len(view.axes.a) == 3
    QTest.keyClick(board, Key.Key_Insert)
    assert len(view.axes.a) == 4


def test_the_buttons_add_and_roll_an_axis(view: MixGridView) -> None:
    plus, dice = view.board._buttons["b"]
    before = view.axes
    plus.click()
    assert len(view.axes.b) == len(before.b) + 1
    dice.click()
    assert all(new != old for new, old in zip(view.axes.b, before.b, strict=False))
    assert view.axes.a == before.a


def test_a_full_axis_takes_no_more_and_says_so(view: MixGridView) -> None:
    plus = view.board._buttons["b"][0]
    tip = plus.toolTip()
    while len(view.axes.b) < MOST:
        plus.click()
    assert not plus.isEnabled()
    assert plus.toolTip() == "There are 12 sources: take one away first."
    view.board.removed.emit("b", 0)
    assert plus.isEnabled()
    assert plus.toolTip() == tip


@pytest.mark.parametrize("side", [24, 40, 64, 128])
def test_of_a_source_most_of_the_picture_is_seen_however_small_it_is(side: int) -> None:
    picture, shown = QImage(side, side, QImage.Format.Format_RGB32), QImage(side, side, QImage.Format.Format_RGB32)
    picture.fill(0xFF00FF)
    painter = QPainter(shown)
    tile = Tile(key=(1, 0), words="", caption="797096", source="a")
    look = Look(marked=False, focused=False, hovered=False, refused=False)
    paint_tile(painter, tile, QRect(0, 0, side, side), picture, look)
    painter.end()
    seen = sum(shown.pixel(x, y) == picture.pixel(x, y) for x in range(side) for y in range(side))
    assert seen > 0.5 * side * side


def test_layers_are_chosen_by_group_and_by_hand(view: MixGridView) -> None:
    view._groups._group.button(1).click()
    assert view.axes.layers == (4, 5, 6, 7)
    strip = view.strip
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.box(0).center())
    assert view.axes.layers == (0, 4, 5, 6, 7)
    assert view._groups.value() == "hand"
    strip.setFocus()
    QTest.keyClick(strip, Key.Key_Space)
    assert view.axes.layers == (4, 5, 6, 7)


def test_the_last_layer_of_b_cannot_be_taken_away(view: MixGridView) -> None:
    view._set("test", view.axes.with_layers((3,)))
    QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=view.strip.box(3).center())
    assert view.axes.layers == (3,)


def drop(view: MixGridView, at: QPoint, text: str) -> None:
    data = QMimeData()
    data.setData(MIME, text.encode())
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view.board, QDragEnterEvent(at, copy, data, Qt.MouseButton.LeftButton, none))
    QApplication.sendEvent(view.board, QDropEvent(QPointF(at), copy, data, Qt.MouseButton.LeftButton, none))


def test_a_liked_state_that_is_dropped_on_a_source_replaces_it(view: MixGridView, document: Document) -> None:
    liked = edits.with_seed(document.recipe, "a", 777)
    drop(view, view.board.rect_of((3, 0)).center(), recipe_json.dumps(liked))
    assert view.axes.a[2].latent == Seed(777)
    drop(view, view.board.rect_of((0, 0)).topRight() + QPoint(60, -3), recipe_json.dumps(liked))
    assert view.axes.b[-1].latent == Seed(777)
    drop(view, view.board.rect_of((3, 0)).center(), "no recipe")
    assert view.axes.a[2].latent == Seed(777)


def test_a_liked_state_is_not_taken_by_a_full_axis_but_by_its_sources(view: MixGridView, document: Document) -> None:
    while len(view.axes.b) < MOST:
        view._add("b")
    full, liked = view.axes, recipe_json.dumps(edits.with_seed(document.recipe, "a", 777))
    data = QMimeData()
    data.setData(MIME, liked.encode())

    def taken(at: QPoint) -> bool:
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        entered = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, left, none)
        QApplication.sendEvent(view.board, entered)
        event = QDragMoveEvent(at, Qt.DropAction.CopyAction, data, left, none)
        QApplication.sendEvent(view.board, event)
        return event.isAccepted() and view.board._offer is not None

    beside = view.board.rect_of((0, 0)).topRight() + QPoint(60, -3)
    assert not taken(beside)
    drop(view, beside, liked)
    assert view.axes == full
    assert taken(view.board.rect_of((3, 0)).center())
    assert taken(view.board.rect_of((0, 2)).center())


def test_a_model_with_fewer_layers_keeps_the_seeds(
    qtbot: QtBot, view: MixGridView, document: Document, engine: FakeRenderer
) -> None:
    from pathlib import Path

    from explorer.document import OpenModel

    from .fake_renderer import model_info

    small = model_info("tiny-8", 8)
    path = Path("/models/tiny.safetensors")
    engine.models[path] = small
    view._set("test", view.axes.with_layers((2, 6)))
    document.open_model(OpenModel(small, path), edits.with_model(document.recipe, small), "open")
    assert view.axes.layers == (2,)
    assert view.axes.a[1].latent == Seed(11)
    qtbot.waitUntil(lambda: not view.wishes.waiting)


def test_cells_grow_with_the_view(qtbot: QtBot, view: MixGridView, window: Window) -> None:
    before = view.board.places.side
    for dock in window.docks.values():
        dock.hide()
    qtbot.waitUntil(lambda: view.board.places.side > before)
    inside = view.board.rect()
    assert all(inside.contains(view.board.rect_of(place)) for place, _ in view.board.places.tiles())


def test_everything_in_the_grid_has_a_name_and_a_tip(view: MixGridView) -> None:
    for button in [b for pair in view.board._buttons.values() for b in pair]:
        assert button.accessibleName()
        assert button.toolTip()
    assert all(tile is None or tile.words for row in view.board._rows for tile in row)


# undo


def labels(document: Document) -> list[str]:
    return [step.label for step in document.history.steps[1:]]


def test_every_edit_of_the_axes_is_a_step_with_its_name_that_undo_takes_back(
    view: MixGridView, document: Document
) -> None:
    board, recipe = view.board, document.recipe
    liked = edits.with_seed(recipe, "a", 777)
    hands: dict[str, Callable[[], object]] = {
        "Grid: source A 3 is 4321": lambda: board.seeded.emit("a", 2, 4321, None),
        "Grid: source B 2 taken away": lambda: board.removed.emit("b", 1),
        "Grid: one more source A": lambda: board._buttons["a"][0].click(),
        "Grid: roll sources B": lambda: board._buttons["b"][1].click(),
        "Grid: middle layers from B": lambda: view._groups._group.button(1).click(),
        "Grid: layers 0, 4-7 from B": lambda: view.strip._set(0, True),
        "Grid: source A 1 is 777": lambda: drop(view, board.rect_of((1, 0)).center(), recipe_json.dumps(liked)),
    }
    seen = [view.axes]
    for act in hands.values():
        act()
        seen.append(view.axes)
    assert labels(document) == list(hands)
    assert len(set(seen)) == len(seen)
    for before in reversed(seen[:-1]):
        document.undo()
        assert view.axes == before
        assert view._recipes == before.recipes(recipe, document.info)
        assert view.strip._taken == set(before.layers)
    for after in seen[1:]:
        document.redo()
        assert view.axes == after
    assert document.recipe == recipe


def test_a_drag_over_layers_is_one_step(view: MixGridView, document: Document) -> None:
    strip = view.strip
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=strip.box(4).center())
    for layer in (5, 6, 7):
        at = QPointF(strip.box(layer).center())
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(strip, QMouseEvent(QEvent.Type.MouseMove, at, strip.mapToGlobal(at), left, left, none))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=strip.box(7).center())
    assert view.axes.layers == tuple(range(8))
    assert labels(document) == ["Grid: layers 0-7 from B"]
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.box(7).center())
    assert len(labels(document)) == 2


def test_two_rolls_of_one_source_are_two_steps(view: MixGridView, document: Document) -> None:
    view.board.setFocus()
    view.board.focus_on((2, 0))
    for _ in range(2):
        QTest.keyClick(view.board, Key.Key_R)
    assert len(labels(document)) == 2


def test_undo_while_a_seed_is_edited_shows_the_old_one_in_its_field(view: MixGridView, document: Document) -> None:
    click(view, (0, 2))
    field = view.board._seed
    QTest.keyClick(field, Key.Key_Up)
    assert field.seed() == 32
    QTest.keyClick(field, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (field.seed(), view.axes.b[1].latent) == (31, Seed(31))


def test_the_grid_that_a_picture_was_picked_from_comes_back_with_it(view: MixGridView, document: Document) -> None:
    axes = view.axes
    click(view, (2, 3))
    click(view, (2, 3))  # it is shown already
    assert labels(document) == ["mix 11 with 32"]
    assert from_plain(document.aside(ASIDE)) == axes
    document.undo()
    assert view.axes == axes


def test_a_grid_that_no_hand_has_changed_follows_the_sources_and_so_is_the_same_after_a_restart(
    view: MixGridView, document: Document
) -> None:
    document.apply("seed A 777", edits.with_seed(document.recipe, "a", 777))
    assert view.axes.a[0].latent == Seed(777)
    assert view.board.tile((1, 0)).caption == "777"  # type: ignore[union-attr]
    assert view.axes == opening_axes(document.recipe, document.info)  # all that a session needs to hold
    view.board.seeded.emit("a", 1, 5, None)
    document.apply("seed A 778", edits.with_seed(document.recipe, "a", 778))
    assert [source.latent for source in view.axes.a[:2]] == [Seed(777), Seed(5)]


@given(st.sets(st.integers(0, 17), min_size=1))
def test_layers_are_said_as_the_command_line_takes_them(layers: set[int]) -> None:
    words = layer_words(tuple(sorted(layers)))
    assert set(options.layer_list(words.replace(" ", ""), fakes.model_info(1024))) == layers
