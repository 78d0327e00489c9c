"""Many models one after another: memory stays bounded, seeds and psi stay, and undo finds the way back."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine import edits
from explorer import app, opening, session
from explorer.document import Document, OpenModel
from explorer.panels.history import HistoryPanel
from explorer.session import session_of
from explorer.settings import Settings
from explorer.window import Window

from . import tiny_model as tiny
from .conftest import pixels, until_shown

SWITCHES = 20
WIDE = {"channel_base": 16384, "channel_max": 320, "z_dim": 320, "w_dim": 320}  # much memory, little work


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


def opened(qtbot: QtBot, window: Window, path: Path) -> None:
    document = window.document
    assert document is not None
    window.commands.open(path)
    qtbot.waitUntil(lambda: document.model.path == path)
    until_shown(qtbot, window)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_after_twenty_switches_is_that_after_three(qtbot: QtBot, live_window: Window, tmp_path: Path) -> None:
    paths = []
    for number in range(6):
        path = tmp_path / f"model-{number}.safetensors"
        tiny.write(path, path.stem, seed=number, resolution=32, **WIDE)
        paths.append(path)
    assert paths[0].stat().st_size > 20_000_000  # seen against what Python and Qt take anyway
    after = []
    for number in range(SWITCHES):
        opened(qtbot, live_window, paths[number % len(paths)])
        after.append(resident())
    print(f"resident: {after[2] / 2**20:.0f} MiB after 3 switches, {after[-1] / 2**20:.0f} MiB after {SWITCHES}")
    assert after[-1] <= 1.1 * after[2]


def test_six_models_in_a_row_and_back_again(qtbot: QtBot, live_window: Window, tmp_path: Path) -> None:
    document = live_window.document
    assert document is not None
    document.apply("psi 0.50", edits.with_psi(document.recipe, 0.5))
    until_shown(qtbot, live_window)
    first, seeds = pixels(live_window), document.recipe.a
    for number in range(6):
        path = tmp_path / f"model-{number}.safetensors"
        tiny.write(path, path.stem, seed=number + 10, resolution=8 * 2 ** (number % 3))
        opened(qtbot, live_window, path)
        assert (document.recipe.a, document.recipe.psi) == (seeds, 0.5)
    for _ in range(6):
        live_window.undo()
    until_shown(qtbot, live_window)
    assert pixels(live_window) == first


def test_steps_of_a_restored_history_get_their_pictures_when_they_are_seen(
    qtbot: QtBot, settings: Settings, tiny_model: Path
) -> None:
    info = app.native.read_info(tiny_model)
    document = Document(OpenModel(info, tiny_model), opening.opening(info))
    for psi in (0.1, 0.2, 0.3):
        document.apply(f"psi {psi}", edits.with_psi(document.recipe, psi))
    session.write(session.dumps(session_of(document)), settings.session_file)
    window = app.opened_window(settings, None, lambda: app.make_engine("cpu", "auto"))
    qtbot.addWidget(window)
    window.show()
    window.start()
    until_shown(qtbot, window)
    panel = window.findChild(HistoryPanel)
    assert window.document is not None
    steps = window.document.history.steps
    assert len(steps) == 4
    qtbot.waitUntil(lambda: all(panel._steps.has_picture(step.recipe) for step in steps))
