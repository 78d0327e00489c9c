"""A small network of every kind in the real window: what has an effect acts, what has none says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.recipe import Seed
from explorer.controls.class_weights import ClassWeights
from explorer.controls.fader import Fader
from explorer.window import Window

from . import hands
from .conftest import pixels, until_shown
from .tiny_model import KINDS, write_kind

WITHOUT_MAPPING = {"progan", "progan-labels", "stylegan-a"}


def control(window: Window, name: str) -> QWidget:
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found


def reason(window: Window, name: str) -> str:
    """Why a control is greyed, "" when it is not."""
    widget = control(window, name)
    return "" if widget.isEnabled() else widget.toolTip()


def opened(qtbot: QtBot, window: Window, path: Path) -> bytes:
    window.commands.open(path)
    document = window.document
    assert document is not None
    qtbot.waitUntil(lambda: document.model.path == path)
    until_shown(qtbot, window)
    QApplication.sendPostedEvents()
    return pixels(window)


@pytest.mark.parametrize("kind", KINDS)
def test_the_controls_fit_the_network(qtbot: QtBot, live_window: Window, tmp_path: Path, kind: str) -> None:
    window = live_window
    before = opened(qtbot, window, write_kind(tmp_path, kind))
    document = window.document
    assert document is not None
    assert (document.recipe.a.latent, document.recipe.psi) == (Seed(1234), 0.7)  # kept over the switch
    info = document.info
    hands.drag(window.findChild(Fader, "master"), 0.5)
    until_shown(qtbot, window)
    assert document.recipe.mix.t == pytest.approx(0.5, abs=0.01)
    assert pixels(window) != before
    layer_styles = info.features.layer_styles
    assert bool(reason(window, "layer_0")) != layer_styles
    assert bool(reason(window, "group_coarse")) != layer_styles
    if kind in WITHOUT_MAPPING:
        assert "no mapping network" in reason(window, "psi")
        assert "no mapping network" in reason(window, "cutoff")
        assert control(window, "space").value() == "z"
        assert "sphere" in reason(window, "blend")
        assert not info.features.truncation
    else:
        assert reason(window, "psi") == reason(window, "cutoff") == reason(window, "space") == ""
    if info.noise:
        assert reason(window, "noise_seed_4") == ""
        assert bool(reason(window, "noise_seed_64")) == ("lod" in kind)
    else:
        assert "no noise inputs" in reason(window, "noise_seed_4")
    image = window.stage.canvas.image
    assert image.format() == {1: QImage.Format.Format_Grayscale8, 4: QImage.Format.Format_RGBA8888}.get(
        info.channels, QImage.Format.Format_RGB888
    )
    if info.classes:
        half = (0.5, 0.5, *[0.0] * (info.classes - 2))
        shown = pixels(window)
        document.apply("blend", edits.with_classes(document.recipe, "a", half))
        until_shown(qtbot, window)
        assert pixels(window) != shown
        assert len(window.findChild(ClassWeights, "classes_a")._rows) == 2
    while document.history.can_undo:
        window.undo()
    until_shown(qtbot, window)
    assert document.info.name == "tiny-64"
