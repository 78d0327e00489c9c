"""Long series, run by hand (`pytest -m stress tests/explorer`). Their figures go into docs/reliability.md."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QElapsedTimer
from pytestqt.qtbot import QtBot

from engine import edits
from explorer.history import new_gesture
from explorer.window import Window

from .conftest import until_shown

pytestmark = pytest.mark.stress
ROOT = Path(__file__).resolve().parents[2]

QUITS = """
import sys
from PySide6.QtCore import QTimer
from explorer import app
from engine import edits
made = app.opened_window
def opened(*args, **kwargs):
    window = made(*args, **kwargs)
    def drag(answer):
        document = window.document
        document.apply("psi", edits.with_psi(document.recipe, (document.recipe.psi + 0.01) % 1))
    window.live.shown.connect(drag)
    QTimer.singleShot(int(sys.argv[2]), window.close)
    return window
app.opened_window = opened
sys.exit(app.run(sys.argv[1], device="cpu"))
"""


def test_fifty_quits_at_random_instants_end_with_status_0(home: Path, tiny_model: Path) -> None:
    draw, slowest = random.Random(0), 0.0
    for _ in range(50):
        instant = draw.randrange(5000)
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", QUITS, str(tiny_model), str(instant)],
            cwd=ROOT,
            env={**os.environ, "STYLESCOPE_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, ""), instant
        slowest = max(slowest, time.perf_counter() - began - instant / 1000)
    print(f"\nstart and end took at most {slowest:.1f} s")


def test_ten_thousand_edits_keep_the_window_awake(qtbot: QtBot, live_window: Window) -> None:
    document = live_window.document
    assert document is not None
    gesture, longest, gap = new_gesture(), 0, QElapsedTimer()
    began = time.perf_counter()
    for number in range(10_000):
        document.apply("psi", edits.with_psi(document.recipe, number % 997 / 997), gesture)
        gap.restart()
        QCoreApplication.processEvents()
        longest = max(longest, gap.elapsed())
    seconds = time.perf_counter() - began
    until_shown(qtbot, live_window)
    print(f"\n{10_000 / seconds:.0f} edits a second, longest turn of the loop {longest} ms")
    assert longest < 250
    assert len(document.history.steps) == 2


def test_ten_thousand_pictures_take_no_more_memory_than_five_hundred(qtbot: QtBot, live_window: Window) -> None:
    document = live_window.document
    assert document is not None
    resident = 0
    for number in range(10_000):
        document.apply("seed", edits.with_seed(document.recipe, "a", number), 1)
        until_shown(qtbot, live_window)
        if number == 500:
            gc.collect()
            resident = _resident()
    grown = _resident() - resident
    print(f"\ngrown by {grown / 1e6:.1f} MB")
    assert grown < 20e6


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
