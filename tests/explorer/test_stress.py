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
from pytestqt.qtbot import QtBot

from engine import edits
from explorer.window import Window

from .conftest import until_shown

pytestmark = pytest.mark.stress
ROOT = Path(__file__).resolve().parents[2]

QUITS = """
import sys
import time
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
    def close():
        print(time.time(), flush=True)
        window.close()
    QTimer.singleShot(int(sys.argv[2]), close)
    return window
app.opened_window = opened
sys.exit(app.run(sys.argv[1], device="cpu"))
"""


SECONDS = 5.0  # that a close may take


def test_fifty_quits_at_random_instants_end_with_status_0(home: Path, tiny_model: Path) -> None:
    draw, taken = random.Random(0), []
    for _ in range(50):
        instant = draw.randrange(5000)
        done = subprocess.run(
            [sys.executable, "-c", QUITS, str(tiny_model), str(instant)],
            cwd=ROOT,
            env={**os.environ, "STYLESCOPE_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        ended = time.time()
        assert (done.returncode, done.stderr) == (0, ""), instant
        taken.append(ended - float(done.stdout))
    print(f"\nfrom the wish to close to the end: median {sorted(taken)[25]:.2f} s, at most {max(taken):.2f} s")
    assert max(taken) < SECONDS


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
