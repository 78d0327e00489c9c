"""Thousands of random hands: nothing is raised, nothing hangs, and in the end the window shows what the document holds.

By hand: `pytest -m stress tests/explorer/test_monkey.py`. A short one is in every run.
"""

from __future__ import annotations

import faulthandler
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from engine import recipe_json
from explorer import desktop, theme
from explorer.controls.fader import Fader
from explorer.controls.value_slider import ValueSlider
from explorer.panels.history import HistoryPanel
from explorer.window import Window

from . import tiny_model as tiny
from .conftest import until_shown
from .monkey import Monkey

STEPS = int(os.environ.get("MONKEY_STEPS", "1500"))  # for each seed
LOOK = 50  # steps between two looks at what the window shows
LONG = 2.5  # seconds of the processor that one step may take: another look styles all widgets of all views
HANGS = 180  # seconds without a step, after which all threads say where they are


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Models of all kinds, a recipe, and what cannot be opened."""
    kinds = ("no-noise", "classes", "stylegan-a", "grey", "rgba", "stylegan-lod", "progan-labels")
    found = [tiny.write_kind(tmp_path, kind) for kind in kinds]
    texts = {"cut.safetensors": found[0].read_bytes()[:5000], "junk.pkl": b"\x80\x04junk", "nothing.pt": b""}
    texts["state.json"] = b'{"stylescope": 1, "a": {"seed": 5}, "psi": 0.25}'
    texts["session.json"] = b'{"stylescope_session": 1}'
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
        found.append(tmp_path / name)
    photo = QImage(20, 10, QImage.Format.Format_RGB888)
    photo.fill(Qt.GlobalColor.darkGreen)
    photo.save(str(tmp_path / "photo.png"))
    return [*found, tmp_path / "photo.png", tmp_path / "missing.safetensors"]


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    """One of its hands turns on the light: the tests that follow in this process begin in the dark."""
    yield
    theme.apply(qapp, dark=True)


@pytest.fixture(autouse=True)
def no_dialog_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would wait for a real hand."""
    for name in ("asked_for", "asked_for_folder", "asked_where"):
        monkeypatch.setattr(desktop, name, lambda *_, **__: None)
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    monkeypatch.setattr(desktop, "show_in_folder", lambda _: True)
    monkeypatch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.IgnoreAction)
    monkeypatch.setattr(QMenu, "exec", lambda *_: None)


def differences(window: Window) -> list[str]:
    """Where the window shows something else than the document holds."""
    document, live = window.document, window.live
    assert document is not None
    assert live is not None
    recipe, found = document.recipe, []
    for name, wanted in (("psi", recipe.psi), ("master", recipe.mix.t)):
        control = window.findChildren(ValueSlider if name == "psi" else Fader, name)[-1]
        shown = control.value() if isinstance(control, ValueSlider) else control.number()
        if abs(shown - wanted) > (1e-6 if name == "psi" else 0.006):  # a fader has ticks
            found.append(f"{name} shows {shown}, not {wanted}")
    for layer in range(len(document.info.layers)):
        fader = window.findChildren(Fader, f"layer_{layer}")[-1]
        if abs(fader.number() - min(1.0, max(0.0, recipe.mix.share(layer)))) > 0.006:
            found.append(f"layer {layer} shows {fader.number()}, not {recipe.mix.share(layer)}")
    history = window.findChild(HistoryPanel)
    if history.model().rowCount() != len(document.history.steps):
        found.append(f"{history.model().rowCount()} lines for {len(document.history.steps)} steps")
    if document.info.name not in window.windowTitle():
        found.append(f"the title is {window.windowTitle()!r}, not {document.info.name}")
    if live.last is None or live.last.recipe != recipe:
        found.append("the canvas shows another recipe")
    if (window.actions_.undo.isEnabled(), window.actions_.redo.isEnabled()) != (
        document.history.can_undo,
        document.history.can_redo,
    ):
        found.append("undo or redo is greyed wrongly")
    dead = [number for number, (_, action) in enumerate(window.actions_.all) if not shiboken6.isValid(action)]
    return found + ([f"dead actions {dead}"] if dead else [])


def let_loose(qtbot: QtBot, window: Window, files: list[Path], seed: int, steps: int) -> None:
    monkey = Monkey(window, files, seed)
    slow: list[str] = []
    window.export_desk.device = "cpu"
    try:
        for number in range(steps):
            faulthandler.dump_traceback_later(HANGS, exit=True)
            before = time.thread_time()
            monkey.act()
            QApplication.processEvents()
            taken = time.thread_time() - before
            if taken > LONG:
                slow.append(f"{taken:.1f} s: {monkey.trail[-1]}")
            assert window.isVisible(), list(monkey.trail)
            assert window.worker._thread.is_alive(), list(monkey.trail)
            if number % LOOK == LOOK - 1:
                monkey.tidy()
                settled(qtbot, window)
                assert not differences(window), (number, differences(window), list(monkey.trail))
    finally:
        faulthandler.cancel_dump_traceback_later()
        print(f"\nseed {seed}: at last {list(monkey.trail)}; slow: {slow}")
    assert not slow
    monkey.tidy()
    window.close()
    if window.isVisible():  # it asks what is to become of exports
        window.close()
    assert window.ended


def settled(qtbot: QtBot, window: Window) -> None:
    """Nothing is being opened, and the picture is there or the bar says why it is not."""
    walk = window.stage.canvas_view.walk
    if walk is not None and walk.animated:
        walk.animate(False)
    qtbot.waitUntil(lambda: window.commands._patience.task is None)
    if window.stage.current != "canvas":
        window.stage.turn_to("canvas")
    until_shown(qtbot, window)


@pytest.mark.stress
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_random_hands_break_nothing(
    qtbot: QtBot, live_window: Window, files: list[Path], seed: int
) -> None:
    let_loose(qtbot, live_window, files, seed, STEPS)


def test_some_random_hands_break_nothing(qtbot: QtBot, live_window: Window, files: list[Path]) -> None:
    let_loose(qtbot, live_window, files, 99, 2 * LOOK)
    assert recipe_json.dumps(live_window.document.recipe)  # type: ignore[union-attr]
