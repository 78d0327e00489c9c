"""The window closes in whatever it is doing: status 0, soon, nothing half-written, and the newest edit is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer import session
from explorer.settings import Settings

from . import tiny_model as tiny
from .closings import STATES

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 5.0  # from the wish to close to the end of the process
OFTEN = {"film"}  # in every run; the others by hand, with the fifty quits of test_stress.py
ASKED = {"grid", "film"}


@pytest.mark.parametrize(
    "state",
    [pytest.param(state, marks=[] if state in OFTEN else pytest.mark.stress) for state in STATES],
)
def test_the_window_closes_whatever_it_is_doing(state: str, home: Path, tiny_model: Path, tmp_path: Path) -> None:
    out, own = tmp_path / "out", tmp_path / "tmp"
    out.mkdir()
    own.mkdir()
    tiny.write(out / "other.safetensors", "other", seed=5)
    before = {path.name for path in out.iterdir()} | {"bad.pkl"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.explorer.closings", str(tiny_model), state, str(out)],
        cwd=ROOT,
        env={**os.environ, "STYLESCOPE_HOME": str(home), "TMPDIR": str(own)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    ended = time.time()
    said = [line for line in done.stderr.splitlines() if "plugin does not support" not in line]
    assert (done.returncode, said) == (0, [])
    told = json.loads(done.stdout)
    assert told["asked"] == (state in ASKED)
    print(f"\n{state}: {ended - told['began']:.2f} s")
    assert ended - told["began"] < SECONDS
    assert {path.name for path in out.iterdir()} <= before
    assert not [path for path in own.rglob("*") if path.is_file()]
    kept = session.read(Settings(home).session_file)
    assert kept.recipe.psi == 0.123
    assert sorted(path.name for path in home.rglob("*tmp*")) == []
