"""The canvas: exact pixels, zoom about the pointer, pan, fit, crispness."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer import theme
from explorer.canvas import Canvas
from explorer.viewport import CRISP_FROM
from explorer.worker import qimage


def chequered(side: int) -> QImage:
    """Black and white pixels in turn: any filtering makes grey of them."""
    board = (np.indices((side, side)).sum(axis=0) % 2 * 255).astype(np.uint8)
    return qimage(np.repeat(board[:, :, None], 3, axis=2))


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(401, 301)
    made.show()
    return made


def grabbed(canvas: Canvas) -> np.ndarray:
    """The canvas's device pixels [H, W, 3]."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def drawn(canvas: Canvas) -> np.ndarray:
    """The part of the canvas that the picture covers."""
    x, y = (round(at) for at in canvas.view.origin)
    width, height = (round(canvas.view.zoom * s) for s in (canvas.image.width(), canvas.image.height()))
    return grabbed(canvas)[y : y + height, x : x + width]


def array_of(image: QImage) -> np.ndarray:
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def turn_wheel(canvas: Canvas, at: QPointF, notches: int = 1) -> None:
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


@pytest.mark.parametrize("side", [63, 64])
def test_one_to_one_shows_every_pixel_as_it_is(canvas: Canvas, side: int) -> None:
    image = chequered(side)
    canvas.show_picture(image)
    canvas.zoom_to(1)
    assert np.array_equal(drawn(canvas), array_of(image))


@pytest.mark.parametrize("zoom", [16, 17, 21])
def test_from_1600_percent_on_pixels_are_equal_squares(canvas: Canvas, zoom: int) -> None:
    image = chequered(10)
    canvas.show_picture(image)
    canvas.zoom_to(zoom)
    expected = array_of(image).repeat(zoom, axis=0).repeat(zoom, axis=1)
    assert np.array_equal(drawn(canvas), expected)


def test_below_1600_percent_pixels_are_smooth_until_crisp_is_chosen(canvas: Canvas) -> None:
    canvas.show_picture(chequered(20))
    canvas.zoom_to(15)
    assert len(np.unique(drawn(canvas))) > 2
    canvas.set_crisp(True)
    assert set(np.unique(drawn(canvas))) == {0, 255}
    canvas.set_crisp(None)
    assert len(np.unique(drawn(canvas))) > 2


def test_from_1600_percent_on_the_hand_sees_squares_at_every_size_of_the_window(canvas: Canvas) -> None:
    canvas.show_picture(chequered(20))
    for size in ((400, 300), (300, 200), (800, 600)):
        canvas.resize(*size)
        canvas.fit()
        assert not canvas.crisp
        canvas.zoom_to(16)
        assert canvas.crisp
        canvas.zoom_to(15)
        assert not canvas.crisp


def test_a_fitted_picture_is_smooth_however_large_until_crisp_is_chosen(canvas: Canvas) -> None:
    canvas.show_picture(chequered(10))
    assert canvas.view.zoom > CRISP_FROM
    assert len(np.unique(drawn(canvas))) > 2
    canvas.set_crisp(True)
    assert canvas.view.zoom == int(canvas.view.zoom)
    assert set(np.unique(drawn(canvas))) == {0, 255}


def test_below_one_to_one_all_pixels_count(canvas: Canvas) -> None:
    canvas.show_picture(chequered(1024))
    assert canvas.view.zoom < 1
    middle = drawn(canvas)[20:-20, 20:-20]
    assert abs(float(middle.mean()) - 127.5) < 4
    assert middle.std() < 40  # a chequerboard that far off is grey


@pytest.mark.parametrize("at", [QPointF(200, 150), QPointF(120, 100), QPointF(260, 201)])
def test_the_wheel_keeps_the_picture_under_the_pointer(canvas: Canvas, at: QPointF) -> None:
    canvas.show_picture(chequered(64))
    before = canvas.picture_place(at)
    for notches in (1, 1, 3, -2, 5, -8):
        turn_wheel(canvas, at, notches)
        assert canvas.picture_place(at) == pytest.approx(before)
    assert not canvas.fits


def test_a_new_picture_of_the_same_size_keeps_zoom_and_place(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    turn_wheel(canvas, QPointF(100, 100), 6)
    view = canvas.view
    canvas.show_picture(chequered(64))
    assert canvas.view == view


def test_a_picture_of_another_size_is_fitted(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    turn_wheel(canvas, QPointF(100, 100), 6)
    canvas.show_picture(chequered(32))
    assert canvas.fits


def test_a_fitted_picture_follows_the_canvas(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    small = canvas.view.zoom
    canvas.resize(800, 700)
    assert canvas.view.zoom > small


def test_the_middle_button_pans_and_the_left_one_does_not(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    canvas.zoom_to(10)
    start, end = QPoint(200, 150), QPoint(180, 165)
    before = canvas.view.origin
    for button, moved in ((Qt.MouseButton.LeftButton, (0, 0)), (Qt.MouseButton.MiddleButton, (-20, 15))):
        QTest.mousePress(canvas, button, pos=start)
        QTest.mouseMove(canvas, end)
        QTest.mouseRelease(canvas, button, pos=end)
        assert canvas.view.origin == (before[0] + moved[0], before[1] + moved[1])


def test_space_lets_the_left_button_pan(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    canvas.zoom_to(10)
    before = canvas.view.origin
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    QTest.mouseMove(canvas, QPoint(210, 150))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(210, 150))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view.origin == (before[0] + 10, before[1])
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_space_and_arrow_keys_pan(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    canvas.zoom_to(20)
    x, y = canvas.view.origin
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.view.origin == (x, y)  # without Space they are the tool's
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view.origin == (x + 48, y - 48)


def test_a_double_click_fits(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    canvas.zoom_to(10)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert canvas.fits


def test_a_picture_is_told_as_painted_once(qtbot: QtBot, canvas: Canvas) -> None:
    stamps: list[int] = []
    canvas.painted.connect(stamps.append)
    canvas.show_picture(chequered(64), stamp=7)
    qtbot.waitUntil(lambda: stamps == [7])
    canvas.repaint()
    assert stamps == [7]


def test_transparent_pictures_lie_on_a_chequer(canvas: Canvas) -> None:
    canvas.show_picture(qimage(np.zeros((64, 64, 4), np.uint8)))
    shades = {tuple(int(c) for c in shade) for shade in np.unique(drawn(canvas).reshape(-1, 3), axis=0)}
    assert shades == {theme.colour(name).getRgb()[:3] for name in ("surround", "chequer")}


def test_the_surround_is_neutral_and_reaches_the_picture(canvas: Canvas) -> None:
    canvas.show_picture(chequered(64))
    corner = QColor(*(int(c) for c in grabbed(canvas)[0, 0]))
    assert corner == theme.colour("surround")


def test_while_a_picture_is_on_its_way_the_canvas_asks_for_none(canvas: Canvas) -> None:
    canvas.wait()
    assert len(np.unique(grabbed(canvas).reshape(-1, 3), axis=0)) == 1


def test_without_a_picture_the_canvas_says_what_to_do(canvas: Canvas) -> None:
    shades = np.unique(grabbed(canvas).reshape(-1, 3), axis=0)
    assert len(shades) > 2  # words and a frame, not an empty plane
    turn_wheel(canvas, QPointF(100, 100))  # and nothing to zoom
    assert canvas.view.zoom == 1
