"""Where other explorers of latent spaces fail: recordings, memory, what lies between seeds, bare machines."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine import edits
from engine.export import film_file
from engine.export.film import Film
from engine.export.job import Job
from engine.picture import Picture
from engine.recipe import PlanePoint, Recipe, Seed, Source
from engine.renderer import MAX_MODELS, Renderer
from explorer import answers, latent_work
from explorer.window import Window

from . import tiny_model as tiny
from .conftest import document_of, until_shown

ROOT = Path(__file__).resolve().parents[2]


# --- Record 5 s of a still image: file lasts 5 s, memory flat, Stop returns at once.


def test_five_seconds_of_a_still_picture_last_five_seconds_and_hold_few_frames(
    qtbot: QtBot, live_window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Autolume queues only frames that differ, keeps all of them, and encodes after Stop."""
    alive: list[int] = []
    made, frames = Renderer.render, _Counted()
    monkeypatch.setattr(film_file, "BELT_BYTES", 8 * 64 * 64 * 3)  # so that the bound is met by small frames, too
    monkeypatch.setattr(Renderer, "render", lambda self, *a, **k: frames.count(made(self, *a, **k), alive))
    still = Film(kind="interpolation", paths=((Source(Seed(7)), Source(Seed(7))),), frames=60, fps=Fraction(12))
    out = tmp_path / "still.mp4"
    document = document_of(live_window)
    export = live_window.exports.add(Job(what=still, out=out), document.model)
    qtbot.waitUntil(lambda: not export.open)
    assert export.state == "done", export.details
    with av.open(str(out)) as file:
        stream = file.streams.video[0]
        assert sum(1 for _ in file.decode(stream)) == 60
        assert float(stream.duration * stream.time_base) == pytest.approx(5.0)
    assert len(alive) >= 60  # all of them were made, and not at once:
    assert max(alive) <= 8 + 8  # those that wait, and those in hand


class _Counted:
    """How many pictures are alive at a time."""

    def __init__(self) -> None:
        self._lock, self._now = threading.Lock(), 0

    def count(self, picture: Picture, seen: list[int]) -> Picture:
        with self._lock:
            self._now += 1
            seen.append(self._now)
        weakref.finalize(picture.pixels, self._gone)
        return picture

    def _gone(self) -> None:
        with self._lock:
            self._now -= 1


def test_stopping_a_recording_returns_at_once_and_leaves_nothing(
    qtbot: QtBot, live_window: Window, tmp_path: Path
) -> None:
    still = Film(kind="interpolation", paths=((Source(Seed(7)), Source(Seed(7))),), frames=100_000)
    export = live_window.exports.add(Job(what=still, out=tmp_path / "long.mp4"), document_of(live_window).model)
    qtbot.waitUntil(lambda: export.done > 3)
    live_window.exports.cancel(export)
    qtbot.waitUntil(lambda: not live_window.exports.busy, timeout=5000)  # of the hour that the film would have taken
    assert export.state == "cancelled"
    assert list(tmp_path.glob("*long*")) == []


# --- Open six models in a row: memory bounded.


def test_six_models_in_a_row_leave_no_more_networks_than_are_kept(
    qtbot: QtBot, live_window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NVIDIA's visualizer keeps every network that was ever opened."""
    monkeypatch.setattr(answers, "BUDGET", 0.0)  # a slow machine: each is a candidate for a quicker precision, too
    engine = live_window.worker._engine
    networks: list[weakref.ref[Any]] = []
    assert isinstance(engine, Renderer)
    for number in range(6):
        path = tmp_path / f"model-{number}.safetensors"
        tiny.write(path, path.stem, seed=number, resolution=16)
        live_window.commands.open(path)
        qtbot.waitUntil(lambda path=path: document_of(live_window).model.path == path)  # type: ignore[misc]
        until_shown(qtbot, live_window)
        networks += [weakref.ref(kept.model.generator) for kept in list(engine._models.values())]
    gc.collect()
    assert len({id(network()) for network in networks if network() is not None}) == len(engine._models) == MAX_MODELS
    assert MAX_MODELS < 6


# --- Half-way between two seeds |w - w_avg| >= 0.95 of the ends.


def test_half_way_between_seeds_is_as_far_from_the_mean_as_the_seeds(qtbot: QtBot, live_window: Window) -> None:
    """Blending four seeds linearly, as NVIDIA's visualizer does, leaves 0.71 of it on an edge, 0.50 in the middle."""
    document = document_of(live_window)
    assert live_window.queue is not None
    found: dict[object, float] = {}

    def distance(engine: Any, recipe: Recipe, stop: object) -> float:
        model = latent_work.model_of(engine, recipe)
        w = latent_work.mixed_ws(engine, recipe)[0]
        return float(np.linalg.norm(w - np.asarray(model.w_avg)))

    def ask(x: float, y: float) -> float:
        recipe = edits.with_latent(document.recipe, "a", PlanePoint(x, y))
        assert live_window.queue is not None
        live_window.queue.compute((x, y), recipe, distance, lambda d: found.__setitem__((x, y), d))
        qtbot.waitUntil(lambda: (x, y) in found)
        return found[x, y]

    assert document.recipe.mix.blend == "even"  # what the window opens with
    for x, y in ((3, 5), (60, 0), (98, 41)):
        corners = [ask(x + dx, y + dy) for dx in (0, 1) for dy in (0, 1)]
        for place, ends in (((0.5, 0.5), corners), ((0.5, 0.0), corners[::2]), ((0.0, 0.5), corners[:2])):
            assert ask(x + place[0], y + place[1]) >= 0.95 * np.mean(ends)


# --- No nvcc, no OpenGL, no CUDA, offscreen: first image appears.

BARE = """
import sys
FORBIDDEN = {"OpenGL", "glfw", "imgui", "moderngl", "cupy", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"}
started = []
def watch(event, args):
    if event == "import" and args[0] in FORBIDDEN | {"torch.utils.cpp_extension"}:
        raise ImportError(args[0])
    if event in ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"):
        started.append(args[0])
sys.addaudithook(watch)
from PySide6.QtWidgets import QApplication
from explorer import app
made = app.opened_window
def opened(*args, **kwargs):
    window = made(*args, **kwargs)
    window.live.shown.connect(lambda answer: (print(answer.image.width(), started), window.close()))
    window.worker.failed.connect(lambda failed: (print(failed.error), window.close()))
    return window
app.opened_window = opened
sys.exit(app.run(sys.argv[1]))
"""


@pytest.mark.slow
def test_without_compiler_opengl_and_cuda_the_first_picture_appears(home: Path, tiny_model: Path) -> None:
    """NVIDIA's visualizer and GANSpace refuse to start."""
    bare = {
        "PATH": "",
        "CUDA_VISIBLE_DEVICES": "",
        "QT_QPA_PLATFORM": "offscreen",
        "STYLESCOPE_HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
        "HOME": str(home),
    }
    command = [sys.executable, "-c", BARE, str(tiny_model)]
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout.splitlines()[:1]) == (0, ["64 []"]), done.stderr
