"""The tools of the canvas: walk through the seed plane, compare with a pinned picture; the other buttons still pan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from engine.recipe import SEEDS, PlanePoint, SavedLatent, Seed, vector
from explorer.controls.number import NumberField
from explorer.controls.seed import SeedBox
from explorer.document import Document, OpenModel
from explorer.plane import moved, point_of, snapped
from explorer.views.canvas_view import CanvasView
from explorer.views.wipe import beside, heat_map, ramp
from explorer.window import Window
from explorer.worker import qimage

from . import hands
from .conftest import pixels, until_shown
from .fake_renderer import FakeRenderer


@given(st.integers(0, SEEDS - 1))
def test_every_seed_lies_on_the_plane_and_snaps_to_itself(seed: int) -> None:
    point = point_of(Seed(seed))
    assert point is not None
    assert snapped(point) == Seed(seed)
    assert snapped(moved(point, 0.4, -0.4)) == Seed(seed)


@given(st.floats(-2e9, 2e9), st.floats(-2e9, 2e9))
def test_a_walk_never_leaves_the_plane(dx: float, dy: float) -> None:
    assert 0 <= snapped(moved(PlanePoint(5, 5), dx, dy)).seed < SEEDS


def test_a_saved_latent_lies_nowhere() -> None:
    assert point_of(SavedLatent("w", vector([0.0, 1.0]))) is None


def picture(seed: int, side: int = 9) -> QImage:
    return qimage(np.random.RandomState(seed).randint(0, 256, (side, side, 3)).astype(np.uint8))


@given(st.integers(0, 99), st.integers(0, 99))
def test_the_heat_map_is_brightest_where_the_difference_is_largest(one: int, other: int) -> None:
    a, b = picture(one), picture(other)
    heat, largest = heat_map(a, b)
    differences = {
        (x, y): max(abs(p - q) for p, q in zip(a.pixelColor(x, y).getRgb(), b.pixelColor(x, y).getRgb(), strict=True))
        for x in range(9)
        for y in range(9)
    }
    assert largest == max(differences.values())
    place = max(differences, key=differences.__getitem__)
    assert heat.pixelColor(*place).rgb() == ramp()[255 if largest else 0]


def test_side_by_side_holds_both_pictures_whole() -> None:
    both = beside(picture(1, 64), picture(2, 64))
    assert (both.width(), both.height()) == (64 + 2 + 64, 64)
    assert both.pixelColor(63, 5) == picture(1, 64).pixelColor(63, 5)
    assert both.pixelColor(66, 5) == picture(2, 64).pixelColor(0, 5)


@pytest.fixture
def view(window: Window) -> CanvasView:
    window.resize(1024, 700)
    return window.stage.canvas_view


def drag(view: CanvasView, *shifts: tuple[float, float], release: bool = True) -> None:
    start = QPointF(view.canvas.rect().center())
    hands.mouse(view.canvas, QEvent.Type.MouseButtonPress, start)
    for shift in shifts:
        hands.mouse(view.canvas, QEvent.Type.MouseMove, start + QPointF(*shift))
    if release:
        hands.mouse(view.canvas, QEvent.Type.MouseButtonRelease, start + QPointF(*shifts[-1]))


def test_a_drag_walks_and_is_one_undo_step(qtbot: QtBot, view: CanvasView, document: Document, window: Window) -> None:
    before, picture = document.recipe, pixels(window)
    drag(view, (30, 0), (90, 0), (150, -300))
    assert document.recipe.a.latent == PlanePoint(34.5, 11.0)  # seed 1234 lies at (34, 12)
    until_shown(qtbot, window)
    assert pixels(window) != picture
    assert len(document.history.steps) == 2
    drag(view, (30, 0))
    assert len(document.history.steps) == 3
    document.undo()
    document.undo()
    assert document.recipe == before


def test_another_button_in_the_middle_of_a_drag_does_not_run_steps_together(
    view: CanvasView, document: Document
) -> None:
    canvas, place = view.canvas, view.canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(canvas, place + QPoint(60, 0))
    QTest.mouseClick(canvas, Qt.MouseButton.RightButton, pos=place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place + QPoint(60, 0))
    steps = len(document.history.steps)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert len(document.history.steps) == steps + 1


def test_snap_goes_to_the_nearest_seed(view: CanvasView, document: Document) -> None:
    drag(view, (200, 0))
    view._snap.click()
    assert document.recipe.a.latent == Seed(1235)
    assert document.history.undo_label == "snap A to 1235"


def test_walking_with_b_leaves_a_alone(view: CanvasView, document: Document) -> None:
    a = document.recipe.a
    view._source._group.button(1).click()
    drag(view, (300, 0))
    assert document.recipe.a == a
    assert document.recipe.b.latent == PlanePoint(99, 0)


def test_arrow_keys_walk_too(view: CanvasView, document: Document) -> None:
    view.canvas.setFocus()
    QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    QTest.keyClick(view.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert document.recipe.a.latent == PlanePoint(34.1, 13.0)


def test_the_middle_button_and_space_still_pan(view: CanvasView, document: Document) -> None:
    before, recipe = view.canvas.view.origin, document.recipe
    centre = view.canvas.rect().center()
    QTest.mousePress(view.canvas, Qt.MouseButton.MiddleButton, pos=centre)
    QTest.mouseMove(view.canvas, centre + QPoint(20, 10))
    QTest.mouseRelease(view.canvas, Qt.MouseButton.MiddleButton, pos=centre + QPoint(20, 10))
    middle = view.canvas.view.origin
    assert middle != before
    view.canvas.hold_space(True)
    drag(view, (15, 15))
    view.canvas.hold_space(False)
    assert view.canvas.view.origin != middle
    assert document.recipe == recipe


def test_space_pans_while_the_focus_is_in_a_field_that_was_typed_in(view: CanvasView, window: Window) -> None:
    QTest.mouseMove(view.canvas, view.canvas.rect().center())
    view.canvas.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    for field in (window.findChild(SeedBox), window.findChild(NumberField)):
        field.setFocus()
        QTest.keyPress(field, Qt.Key.Key_Space)
        assert view.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
        QTest.keyRelease(field, Qt.Key.Key_Space)
        assert view.canvas.cursor().shape() != Qt.CursorShape.OpenHandCursor


def test_the_cursor_shows_the_tool(view: CanvasView, document: Document) -> None:
    assert view.canvas.cursor().shape() == Qt.CursorShape.SizeAllCursor
    saved = SavedLatent("w", vector([0.0] * document.info.w_dim))
    document.apply("saved", edits.with_latent(document.recipe, "a", saved))
    assert view.canvas.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    assert not view._snap.isEnabled()
    assert "saved latent" in view._snap.toolTip()
    drag(view, (50, 0))
    assert document.recipe.a.latent == saved
    document.undo()
    assert view._snap.isEnabled()


def test_the_first_picture_that_is_pinned_changes_the_cursor_at_once(
    qtbot: QtBot, view: CanvasView, window: Window
) -> None:
    view.choose("wipe")
    qtbot.waitUntil(lambda: not view.wipe.pinned.isNull())
    assert view.canvas.cursor().shape() == Qt.CursorShape.SplitHCursor


def test_the_tools_bear_their_names_where_there_is_room(view: CanvasView, window: Window) -> None:
    for width, named in ((1280, True), (1024, False), (1280, True)):
        window.resize(width, 800)
        QApplication.processEvents()
        for button, word in zip(view._tools.buttons(), ("Walk", "Compare"), strict=True):
            assert button.text() == (word if named else "")
            assert button.accessibleName() == f"{word} tool"
            assert button.width() >= (button.sizeHint().width() if named else 28)


def test_an_animation_is_one_step_and_waits_for_its_pictures(
    qtbot: QtBot, view: CanvasView, document: Document, engine: FakeRenderer, window: Window
) -> None:
    steps = len(document.history.steps)
    view._animate.click()
    qtbot.waitUntil(lambda: isinstance(document.recipe.a.latent, PlanePoint) and document.recipe.a.latent.x > 34.05)
    window.docks["noise"].close()  # collapsing a panel stops nothing
    x = document.recipe.a.latent.x  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: document.recipe.a.latent.x > x)  # type: ignore[union-attr]
    view._animate.click()
    assert view.walk is not None
    assert not view.walk.animated
    assert len(document.history.steps) == steps + 1
    until_shown(qtbot, window)


def test_an_animation_goes_on_while_another_view_is_seen_and_after_it(
    qtbot: QtBot, view: CanvasView, document: Document, window: Window
) -> None:
    def x() -> float:
        latent = document.recipe.a.latent
        return latent.x if isinstance(latent, PlanePoint) else 0.0

    view._animate.click()
    for name in ("mix-grid", "canvas"):
        window.stage.turn_to(name)
        before = x()
        qtbot.waitUntil(lambda before=before: x() > before + 0.2)
    view._animate.click()
    assert len(document.history.steps) == 2


def test_an_animation_stops_when_somebody_else_moves_the_source(
    qtbot: QtBot, view: CanvasView, document: Document
) -> None:
    view._animate.click()
    qtbot.waitUntil(lambda: isinstance(document.recipe.a.latent, PlanePoint))
    document.apply("seed", edits.with_seed(document.recipe, "a", 7))
    qtbot.waitUntil(lambda: view.walk is not None and not view.walk.animated)
    assert document.recipe.a.latent == Seed(7)
    assert not view._animate.isChecked()


def compared(qtbot: QtBot, view: CanvasView, document: Document, window: Window) -> None:
    """Take the wipe in hand, which pins the picture; then change the picture."""
    view.choose("wipe")
    qtbot.waitUntil(lambda: not view.wipe.pinned.isNull())
    document.apply("psi", edits.with_psi(document.recipe, 0.1))
    until_shown(qtbot, window)


def shown_at(view: CanvasView, x: float, y: float) -> tuple[int, ...]:
    """The screen's colour at a place of the picture, 0..1."""
    canvas = view.canvas
    left, top = canvas.view.to_canvas((x * canvas._shown.width(), y * canvas._shown.height()))
    return canvas.grab().toImage().pixelColor(round(left), round(top)).getRgb()


def test_the_wipe_shows_the_pinned_picture_on_the_left(
    qtbot: QtBot, view: CanvasView, document: Document, window: Window
) -> None:
    pinned = window.stage.canvas.image.copy()
    compared(qtbot, view, document, window)
    view.canvas.set_crisp(True)
    now = window.stage.canvas.image
    left, right = (4.5 / 32, 20.5 / 32), (28.5 / 32, 20.5 / 32)
    assert shown_at(view, *left) == pinned.pixelColor(4, 20).getRgb()
    assert shown_at(view, *right) == now.pixelColor(28, 20).getRgb()
    hands.mouse(view.canvas, QEvent.Type.MouseButtonPress, QPointF(*view.canvas.view.to_canvas((0.0, 9.0))))
    assert view.wipe.at == pytest.approx(0, abs=0.02)
    assert shown_at(view, *left) == now.pixelColor(4, 20).getRgb()
    hands.mouse(view.canvas, QEvent.Type.MouseButtonRelease, QPointF(0, 0))
    view.canvas.setFocus()
    QTest.keyClick(view.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.wipe.at == pytest.approx(0.1, abs=0.03)


def test_comparing_changes_neither_recipe_nor_the_picture_that_is_copied(
    qtbot: QtBot, view: CanvasView, document: Document, window: Window
) -> None:
    compared(qtbot, view, document, window)
    steps, picture = document.history.steps, pixels(window)
    drag(view, (40, 0))
    for button in view._mode._group.buttons():
        button.click()
        assert pixels(window) == picture
    assert document.history.steps == steps


def test_side_by_side_and_difference_show_what_they_say(
    qtbot: QtBot, view: CanvasView, document: Document, window: Window
) -> None:
    pinned = window.stage.canvas.image.copy()
    compared(qtbot, view, document, window)
    view._mode._group.button(2).click()
    assert view.canvas._shown == beside(pinned, window.stage.canvas.image)
    view._mode._group.button(1).click()
    assert view._largest.text().startswith("largest ")
    view._pin.click()
    qtbot.waitUntil(lambda: view._largest.text() == "largest 0")
    view.choose("walk")
    assert view.canvas._shown.size() == window.stage.canvas.image.size()


def test_a_pinned_picture_stays_so_that_two_models_are_compared_on_one_seed(
    qtbot: QtBot, view: CanvasView, document: Document, window: Window, other_model: OpenModel
) -> None:
    compared(qtbot, view, document, window)
    pinned, seed = view.wipe.pinned.copy(), document.recipe.a
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open other")
    until_shown(qtbot, window)
    assert document.recipe.a == seed
    assert view.wipe.pinned == pinned
    view._mode._group.button(2).click()
    size = window.stage.canvas.image.size()
    assert view.canvas._shown == beside(view.wipe._fitted(window.stage.canvas.image), window.stage.canvas.image)
    assert view.wipe._fitted(window.stage.canvas.image).size() == size


def test_a_state_of_the_past_can_be_pinned_and_the_future_is_still_there(
    qtbot: QtBot, view: CanvasView, document: Document, window: Window
) -> None:
    first = window.stage.canvas.image.copy()
    compared(qtbot, view, document, window)
    second = window.stage.canvas.image.copy()
    view._pin.click()
    qtbot.waitUntil(lambda: view.wipe.pinned == second)
    window.undo()
    until_shown(qtbot, window)
    view._pin.click()
    qtbot.waitUntil(lambda: view.wipe.pinned == first)
    assert document.history.can_redo
    window.redo()
    until_shown(qtbot, window)
    assert view.wipe.pinned == first
    assert window.stage.canvas.image == second


def test_before_there_is_a_model_the_tools_are_grey_and_say_why(empty_window: Window) -> None:
    view = empty_window.stage.canvas_view
    assert not view._bar.isEnabled()
    drag(view, (50, 0))
