"""Where other explorers of latent spaces fail: each test is a situation in which a program of its kind stops, lies,
freezes or forgets. The window must not. Everything is done as a hand does it, in the real window.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMargins, QPointF
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from engine import edits, latents
from engine.export import film_file
from engine.export.film import Film
from engine.export.job import Job
from engine.picture import RECIPE_KEY, Picture
from engine.recipe import PlanePoint, Recipe, SavedLatent, Seed, Source
from engine.renderer import MAX_MODELS, Renderer
from explorer import answers, app, latent_work, previews, session
from explorer.controls.segmented import Segmented
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document
from explorer.gallery import Gallery
from explorer.panels.history import HistoryPanel
from explorer.settings import Settings
from explorer.window import GALLERY, Window

from . import hands
from . import tiny_model as tiny
from .conftest import pixels, until_shown
from .fake_renderer import FakeRenderer
from .test_commands import drop, sentence, until_told

DATA = Path(__file__).resolve().parents[1] / "data" / "pickles" / "torch"
ROOT = Path(__file__).resolve().parents[2]
PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


def document_of(window: Window) -> Document:
    assert window.document is not None
    return window.document


def rested(qtbot: QtBot, window: Window) -> None:
    """Wait until the canvas is right, nothing more will be asked for, and the render thread has answered all of it."""
    queue, live, history = window.queue, window.live, window.findChild(HistoryPanel)
    assert queue is not None
    assert live is not None
    assert history is not None
    until_shown(qtbot, window)
    timers = live._rest, history._rest, queue._hold
    asked = lambda: any(t.isActive() for t in timers) or any(view.waiting for view in queue._views)  # noqa: E731
    qtbot.waitUntil(lambda: not asked())
    answers: list[int] = []
    recipe = document_of(window).recipe
    queue.compute("rested", recipe, lambda *_: 1, answers.append)  # of the lowest rank, so served last
    qtbot.waitUntil(lambda: bool(answers))


# --- Collapse any panel during animation or drag: nothing stops, nothing raises.


def test_closing_any_panel_during_an_animation_or_a_drag_stops_nothing(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    """DragGAN crashes, Autolume's animation stops with the panel that started it."""
    view = window.stage.canvas_view
    assert view.walk is not None
    view._animate.click()
    slider = window.findChild(ValueSlider, "psi")
    assert slider is not None
    for name, dock in window.docks.items():
        walked = document.recipe.a.latent
        hands.press(slider.rail, slider.rail.share())
        hands.move(slider.rail, 0.3)
        dock.close() if dock.isVisible() else dock.show()
        hands.move(slider.rail, 0.6)
        hands.release(slider.rail, 0.6)
        assert document.recipe.psi == pytest.approx(0.8, abs=0.03), name
        dock.toggleViewAction().trigger()
        qtbot.waitUntil(lambda walked=walked: document.recipe.a.latent != walked)  # type: ignore[misc]  # it walks on
        assert view.walk.animated, name
    view.walk.animate(False)
    until_shown(qtbot, window)
    assert sentence(window) == ""


# --- Load a missing file, create it, Retry.


def retry(window: Window) -> None:
    """Press it in the error bar, which is gone until there is something new to say."""
    trouble = window.stage.error_bar.trouble
    assert trouble is not None
    dict(trouble.actions)["Retry"]()
    assert sentence(window) == ""


def test_a_file_that_was_missing_opens_on_retry_once_it_is_there(
    qtbot: QtBot, live_window: Window, tiny_model: Path, tmp_path: Path
) -> None:
    """NVIDIA's visualizer keeps the exception of the first attempt until it is restarted."""
    path = tmp_path / "later.safetensors"
    tiny.write(tmp_path / "made.safetensors", "later", seed=5, resolution=16)
    live_window.commands.open(path)
    assert "later.safetensors" in until_told(qtbot, live_window)
    whole = (tmp_path / "made.safetensors").read_bytes()
    path.write_bytes(whole[:-100])  # there, but still being written: refused for another reason
    retry(live_window)
    assert "later.safetensors" in until_told(qtbot, live_window)
    path.write_bytes(whole)
    retry(live_window)
    qtbot.waitUntil(lambda: document_of(live_window).model.path == path)
    until_shown(qtbot, live_window)
    assert sentence(live_window) == ""


# --- Move the FFT/gain slider: 0 network calls. The families of today have neither; what only changes how a picture is
# shown here is zoom, crispness, comparing, appearance and layout.


@pytest.fixture
def calls(engine: FakeRenderer, monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """Every picture that the engine is asked for, small ones too."""
    asked: list[Recipe] = []
    render = engine.render

    def counted(recipe: Recipe, **rest: Any) -> Picture:
        asked.append(recipe)
        return render(recipe, **rest)

    monkeypatch.setattr(engine, "render", counted)
    return asked


def test_what_only_changes_how_a_picture_is_shown_calls_no_network(
    qtbot: QtBot, calls: list[Recipe], window: Window, document: Document
) -> None:
    """NVIDIA's visualizer, its fork and Autolume run mapping and synthesis again for a change of gain."""
    view, canvas = window.stage.canvas_view, window.stage.canvas
    view.choose("wipe")
    qtbot.waitUntil(lambda: not view.wipe.pinned.isNull())
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    rested(qtbot, window)
    before = len(calls)
    assert before > 0
    for _ in range(3):
        hands.turn(canvas, 1)
    window.actions_.crisp.trigger()
    window.actions_.fit.trigger()
    middle = QPointF(canvas.rect().center())
    hands.mouse(canvas, PRESS, middle)
    for x in range(50):
        hands.mouse(canvas, MOVE, middle + QPointF(x, 0))
    hands.mouse(canvas, RELEASE, middle + QPointF(50, 0))
    modes = window.findChild(Segmented, "comparison")
    assert modes is not None
    for button in modes._group.buttons():
        button.click()
        canvas.grab()
    window.actions_.dark.trigger()
    window.actions_.dark.trigger()
    window.docks["history"].close()
    window.resize(window.width() - 40, window.height() - 30)
    rested(qtbot, window)
    assert len(calls) == before
    document.apply("psi", edits.with_psi(document.recipe, 0.4))
    rested(qtbot, window)
    assert len(calls) > before  # the count counts


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


# --- Save latent -> load latent -> identical pixels.


def test_what_is_saved_is_loaded_with_identical_pixels(qtbot: QtBot, live_window: Window, home: Path) -> None:
    """DragGAN writes .npy and reads with torch.load: it cannot open its own files."""
    document = document_of(live_window)
    assert live_window.queue is not None
    found: list[Source] = []
    mixed = edits.with_share(edits.with_master(document.recipe, 0.4), [2, 3], 0.9)
    document.apply("no round number", edits.with_psi(document.recipe, 0.6180339887))
    live_window.queue.compute("w", mixed, latent_work.as_source, found.append)
    qtbot.waitUntil(lambda: bool(found))
    latent = found[0].latent
    assert isinstance(latent, SavedLatent)  # numbers, not a seed
    document.apply("a point by value", edits.with_latent(document.recipe, "a", latent))
    until_shown(qtbot, live_window)
    kept, shown = document.recipe, pixels(live_window)
    ways = {
        "text": lambda: live_window.actions_.paste.trigger(),
        "picture": lambda: drop(live_window, home / "kept.png"),
        "gallery": lambda: live_window.commands.open(Gallery(home / GALLERY).items[0].recipe),
        "session": lambda: drop(live_window, home / "kept.stylescope.json"),
    }
    live_window.actions_.copy_recipe.trigger()
    with qtbot.waitSignal(live_window.worker.saved):
        live_window.commands.save(home / "kept.png")
    button = live_window.findChild(QAbstractButton, "like")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: (home / GALLERY).exists())
    live_window.commands.save_session(home / "kept.stylescope.json")
    for name, load in ways.items():
        document.apply("elsewhere", edits.with_seed(document.recipe, "a", 99))
        until_shown(qtbot, live_window)
        assert pixels(live_window) != shown
        load()
        qtbot.waitUntil(lambda: document.recipe == kept)
        until_shown(qtbot, live_window)
        assert pixels(live_window) == shown, name


# --- Same seed/psi/noise equals NVIDIA's gen_images.py (fp32, at most 1 grey level).


@pytest.mark.parametrize("number", [0, 1])
def test_a_pickle_of_nvidia_shows_the_picture_that_its_own_program_makes(
    qtbot: QtBot, live_window: Window, number: int
) -> None:
    """Autolume shows G where NVIDIA's program shows G_ema. Here: z and psi 0.7 with the stored noise."""
    with np.load(DATA / "pickles_expected.npz") as arrays:
        z = arrays["sg2ada_tiny_z"][number]
        theirs, raw = (to_grey_levels(arrays[f"sg2ada_tiny_{name}_img"][number]) for name in ("G_ema", "G"))
    assert drop(live_window, DATA / "sg2ada_tiny.pkl")
    document = document_of(live_window)
    qtbot.waitUntil(lambda: document.model.path == DATA / "sg2ada_tiny.pkl")
    recipe = edits.with_latent(edits.with_psi(document.recipe, 0.7), "a", SavedLatent("z", latents.saved(z)))
    document.apply("their z", recipe)
    until_shown(qtbot, live_window)
    ours = np.frombuffer(pixels(live_window), np.uint8).reshape(16, 16, 4)[..., :3].astype(int)
    assert np.abs(ours - theirs).max() <= 1
    assert np.abs(ours - raw).max() > 10  # the wrong network would be seen


def to_grey_levels(image: np.ndarray) -> np.ndarray:
    """[3, H, W] in -1..1 as gen_images.py writes it: [H, W, 3] in 0..255."""
    return (image.transpose(1, 2, 0) * 127.5 + 128).clip(0, 255).astype(np.uint8).astype(int)


# --- Flick a slider fast on a slow model: last picture = last value; slider back to 0 = start picture.


def test_a_slider_that_is_flicked_on_a_slow_model_ends_at_its_last_value_and_finds_its_start_again(
    qtbot: QtBot, live_window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """StyleFlow loses the last value while its thread runs, and edits that are taken back leave a trace."""
    monkeypatch.setattr(previews, "BUDGET", 0.0)  # nothing is quick enough: while the hand moves, previews are shown
    render, go, made = Renderer.render, threading.Event(), list[Recipe]()

    def slow(self: Renderer, recipe: Recipe, **rest: Any) -> Picture:
        go.wait(60)  # until the hand is done, though the window hears every move
        made.append(recipe)
        return render(self, recipe, **rest)

    document = document_of(live_window)
    rested(qtbot, live_window)
    start, first = pixels(live_window), document.recipe
    slider, live = live_window.findChild(ValueSlider, "psi"), live_window.live
    assert slider is not None
    assert live is not None
    monkeypatch.setattr(Renderer, "render", slow)
    rest = slider.rail.share()
    hands.press(slider.rail, rest)
    for number in range(20):
        wish = live._wanted
        for fast in range(10):
            hands.move(slider.rail, 0.2 + 0.6 * ((10 * number + fast) % 50) / 50)
        qtbot.waitUntil(lambda wish=wish: live._wanted != wish)  # type: ignore[misc]  # the engine is asked again
    hands.move(slider.rail, 0.9)
    hands.release(slider.rail, 0.9)
    assert document.recipe.psi == pytest.approx(1.7, abs=0.02)  # of -1..2; no move was too fast for it
    go.set()
    until_shown(qtbot, live_window)
    assert len({recipe.psi for recipe in made}) <= 3  # what was overtaken was not made
    assert pixels(live_window) == as_shown(document) != start
    hands.drag(slider.rail, 0.1, 0.95, rest)
    slider.edited.emit(first.psi, 0)  # exactly the value, not the nearest pixel of the slider
    until_shown(qtbot, live_window)
    assert pixels(live_window) == start
    document.apply("a late layer", edits.with_share(first, [6], 0.9))  # the network goes on from its middle
    until_shown(qtbot, live_window)
    assert pixels(live_window) == as_shown(document) != start
    document.undo()
    until_shown(qtbot, live_window)
    assert pixels(live_window) == start


def as_shown(document: Document) -> bytes:
    """The picture of a document as a fresh engine makes it, in the canvas's format."""
    fresh = Renderer("cpu")
    fresh.load(document.model.path)
    opaque = np.full((64, 64, 1), 255, np.uint8)
    return np.concatenate([fresh.render(document.recipe).pixels, opaque], axis=2).tobytes()


# --- Open six models in a row: memory bounded.


def test_six_models_in_a_row_leave_no_more_networks_than_are_kept(
    qtbot: QtBot, live_window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NVIDIA's visualizer keeps every network that was ever opened."""
    monkeypatch.setattr(answers, "BUDGET", 0.0)  # a slow machine: each is a candidate for a quicker precision, too
    engine, networks = live_window.worker._engine, []
    assert isinstance(engine, Renderer)
    for number in range(6):
        path = tmp_path / f"model-{number}.safetensors"
        tiny.write(path, path.stem, seed=number, resolution=16)
        live_window.commands.open(path)
        qtbot.waitUntil(lambda path=path: document_of(live_window).model.path == path)  # type: ignore[misc]
        until_shown(qtbot, live_window)
        networks.append(weakref.ref(next(reversed(engine._models.values())).model.generator))
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


# --- Shared preset cannot run code.

_events: list[str] = []  # what Python's own audit saw while it was asked to look
_looking = threading.Event()


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _looking.is_set():
        return
    evaluated = event == "exec" and "__import__" in getattr(args[0], "co_names", ())  # as the texts below would
    if evaluated or event in ("pickle.find_class", "os.system", "subprocess.Popen", "marshal.loads"):
        _events.append(f"{event} {str(args)[:80]}")


@pytest.fixture
def audit() -> Iterator[list[str]]:
    """Pickles that name something, texts that are evaluated, programs that are started."""
    if not _events and not getattr(_audit, "hooked", False):
        sys.addaudithook(_audit)  # for the rest of the process: Python takes none back
        _audit.hooked = True  # type: ignore[attr-defined]
    _events.clear()
    _looking.set()
    yield _events
    _looking.clear()


class _Bomb:
    """What runs when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.path),))


def test_nothing_that_is_shared_can_run_code(
    qtbot: QtBot, live_window: Window, home: Path, tmp_path: Path, audit: list[str]
) -> None:
    """Autolume loads presets with pickle and evaluates texts that come with them."""
    rested(qtbot, live_window)
    document = document_of(live_window)
    fired = tmp_path / "fired"
    code = f"__import__('os').mkdir({str(fired)!r})"
    bomb = pickle.dumps({"stylescope_gallery": 1, "stylescope_session": 1, "items": [], "steps": _Bomb(fired)})
    text = session.dumps(session.session_of(document))
    evil_number = json.loads(text)
    evil_number["steps"][0]["recipe"]["psi"] = code
    evil_label = json.loads(text)
    evil_label["steps"][0]["label"] = f"<script>{code}</script>{{{code}}}"
    picture = tmp_path / "picture.png"
    writer = QImageWriter(str(picture))
    writer.setText(RECIPE_KEY, code)
    assert writer.write(QImage(16, 16, QImage.Format.Format_RGB888))
    files = {
        "gallery.json": bomb,
        "session.stylescope.json": bomb,
        "model.safetensors": bomb,
        "model.pkl": bomb,
        "recipe.json": code.encode(),
        "number.stylescope.json": json.dumps(evil_number).encode(),
        "picture.png": picture.read_bytes(),
    }
    before = document.recipe
    audit.clear()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        assert drop(live_window, tmp_path / name), name
        assert until_told(qtbot, live_window), name
        live_window.stage.error_bar.dismiss()
        assert document.recipe == before, name
    live_window.docks["gallery"].widget().import_from(tmp_path / "gallery.json")  # type: ignore[attr-defined]
    assert "gallery.json" in sentence(live_window)
    live_window.stage.error_bar.dismiss()
    QGuiApplication.clipboard().setText(code)
    live_window.actions_.paste.trigger()
    assert sentence(live_window)
    live_window.stage.error_bar.dismiss()
    (tmp_path / "label.stylescope.json").write_text(json.dumps(evil_label))
    document.apply("psi 0.11", edits.with_psi(before, 0.11))
    live_window.commands.open(tmp_path / "label.stylescope.json")  # a fine session but for its words: they stay words
    qtbot.waitUntil(lambda: document.history.steps[-1].label.startswith("<script>"))
    rested(qtbot, live_window)
    folder = tmp_path / "home of somebody else"  # a whole one that is handed on is read at the next start
    folder.mkdir()
    for name in (Settings(folder).session_file.name, GALLERY):
        (folder / name).write_bytes(bomb)
    assert Settings(folder).session() is None
    assert Gallery(folder / GALLERY).items == ()
    assert audit == []
    assert not fired.exists()
    pickle.loads(pickle.dumps(_Bomb(fired)))  # the bomb is one, and the audit sees it
    assert fired.exists()
    assert any(event.startswith("pickle.find_class") for event in audit)
    audit.clear()
    assert eval(code.replace("mkdir", "path.exists"))
    assert audit


# --- Quit and reopen: models, layout, state, undo history present.


def test_after_quitting_everything_is_where_it_was(
    qtbot: QtBot, live_window: Window, settings: Settings, tmp_path: Path
) -> None:
    """NVIDIA's visualizer, GANSpace, DragGAN and SeFa start from nothing each time."""
    other = tmp_path / "other.safetensors"
    tiny.write(other, "other", seed=9, resolution=32)
    drop(live_window, other)
    document = document_of(live_window)
    qtbot.waitUntil(lambda: document.model.path == other)
    document.apply("psi 0.25", edits.with_psi(document.recipe, 0.25))
    document.apply("noise 16x16", edits.with_noise_seed(document.recipe, 16, 5))
    document.set_lock("noise 8", True)
    until_shown(qtbot, live_window)
    button = live_window.findChild(QAbstractButton, "like")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: (settings.folder / GALLERY).exists())
    window_size = live_window.size().shrunkBy(QMargins(0, 0, 30, 30))
    live_window.resize(window_size)
    live_window.docks["history"].close()
    live_window.stage.turn_to("map")
    live_window.stage.turn_to("canvas")
    live_window.stage.turn_to("noise-study")
    shown, history = pixels(live_window), document.history
    recent = settings.recent
    live_window.close()
    again = app.opened_window(Settings(settings.folder), None, lambda: app.make_engine("cpu", "auto"))
    qtbot.addWidget(again)
    again.show()
    again.start()
    found = document_of(again)
    assert again.size() == window_size
    assert again.docks["history"].isHidden()
    assert again.stage.current == "noise-study"
    assert found.history.steps == history.steps
    assert found.history.position == history.position
    assert found.locks == {"noise 8"}
    assert found.model.path == other
    assert Settings(settings.folder).recent == recent
    assert recent[0] == other
    assert [item.recipe for item in Gallery(settings.folder / GALLERY).items] == [history.present]
    again.stage.turn_to("canvas")
    until_shown(qtbot, again)
    assert pixels(again) == shown
    for _ in range(found.history.position):
        again.undo()
    until_shown(qtbot, again)
    assert found.info.resolution == 64  # the model before it, too
