"""Pictures that are no squares, of models that learned letterboxed data, are never stretched."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage

from explorer.canvas import Canvas
from explorer.views.tiles import Tile, TileBoard

RED = QColor("#ff0000")


def wide_picture():
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(RED)
    return image


def is_red(grabbed, at):
    return grabbed.pixelColor(at) == RED


def test_a_tile_shows_a_wide_picture_whole_and_centred(qtbot):
    board = TileBoard("board")
    qtbot.addWidget(board)
    board.resize(200, 200)
    board.show_rows([[Tile(key=1, words="one")]])
    board.set_picture(1, wide_picture())
    grabbed, rect = board.grab().toImage(), board.rect_of((0, 0))
    middle, height = rect.center(), rect.height()
    for x in (rect.left() + 4, middle.x(), rect.right() - 4):
        assert is_red(grabbed, QPoint(x, middle.y() - height // 5))
        assert is_red(grabbed, QPoint(x, middle.y() + height // 5))
        assert not is_red(grabbed, QPoint(x, middle.y() - 2 * height // 5))
        assert not is_red(grabbed, QPoint(x, middle.y() + 2 * height // 5))


def test_the_canvas_fits_the_longer_side(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 400)
    canvas.show_picture(wide_picture())
    assert canvas.view.zoom == pytest.approx(9.4)  # 376 of 400 pixels: all but a margin
    grabbed = canvas.grab().toImage()
    assert is_red(grabbed, QPoint(200, 200))
    assert not is_red(grabbed, QPoint(200, 80))
