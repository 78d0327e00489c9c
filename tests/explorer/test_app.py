"""How the program starts and ends: what is imported when, what is shown first, with which status it ends."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits, library, picture, recipe_json
from engine.errors import DeviceError
from engine.picture import Picture
from explorer import app, display, opening, session, theme
from explorer.document import Document, OpenModel
from explorer.session import session_of
from explorer.settings import Settings

from . import tiny_model as tiny
from .fake_renderer import FakeRenderer, pixels_of

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "pickles" / "tf"


def run_python(code: str, home: Path, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, as a user starts it."""
    env = {**os.environ, "STYLESCOPE_HOME": str(home), "OMP_NUM_THREADS": "1", **environ}
    env.pop("PYTHONWARNINGS", None)
    return subprocess.run(
        [sys.executable, "-c", code, *args], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )


def keep(settings: Settings, document: Document, image: QImage | None = None) -> None:
    """What a window leaves behind."""
    session.write(session.dumps(session_of(document)), settings.session_file)
    settings.set_session_picture(document.recipe, image)


def test_importing_the_window_brings_neither_torch_nor_numpy_nor_pyqtgraph(home: Path) -> None:
    code = "import sys, explorer.app; print(sorted({'torch', 'numpy', 'pyqtgraph', 'PIL'} & set(sys.modules)))"
    done = run_python(code, home)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


STANDS = """
import sys
from PySide6.QtWidgets import QApplication
from explorer import app
from explorer.settings import Settings, home
qt = QApplication([])
app.theme.apply(qt, True)
window = app.opened_window(Settings(home()), sys.argv[1], lambda: app.make_engine("cpu", "auto"))
window.show()
for _ in range(20):
    qt.processEvents()
print(sorted({"torch", "numpy", "pyqtgraph", "PIL"} & set(sys.modules)))
unseen = ("explorer.dialogs.", "explorer.exports", "explorer.panels.exports", "explorer.panels.model", "engine.export.")
unseen += ("explorer.controls.finder", "explorer.controls.class_weights", "explorer.views.mix_", "explorer.views.map_")
unseen += ("explorer.views.tiles", "explorer.views.noise_study", "explorer.views.variations")
print(sorted(name for name in sys.modules if name.startswith(unseen)))
print(window.isVisible(), window.stage.canvas.image.width(), window.chip.text().split()[0])
print(len(window.document.info.layers))
"""


def test_window_and_stored_picture_stand_before_torch_and_before_what_nobody_sees(home: Path, tiny_model: Path) -> None:
    recipe = opening.opening(app.native.read_info(tiny_model))
    stored = tiny_model.with_suffix(".png")
    picture.save_png(Picture(pixels_of(recipe), recipe), stored)
    try:
        done = run_python(STANDS, home, str(tiny_model))
    finally:
        stored.unlink()
    assert done.stdout.splitlines() == ["[]", "[]", "True 32 tiny-64", "10"], done.stderr


SCALED = """
import sys
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QApplication, QWidget
from explorer import theme
from explorer.canvas import Canvas
from explorer.worker import qimage
qt = QApplication([])
theme.apply(qt, True)
outer = QWidget()
outer.resize(420, 330)
canvas = Canvas(outer)
canvas.setGeometry(7, 5, 401, 301)  # so that it begins between two device pixels
board = np.random.RandomState(0).randint(0, 256, (30, 30, 3)).astype(np.uint8)
canvas.show_picture(qimage(board))
outer.show()
canvas.set_crisp(True)
for zoom in (1, 9):
    canvas.zoom_to(zoom)
    shot = outer.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(shot.constBits()), np.uint8).reshape(shot.height(), shot.bytesPerLine())
    shades = rows[:, : 3 * shot.width()].reshape(shot.height(), shot.width(), 3)
    wanted = board.repeat(zoom, axis=0).repeat(zoom, axis=1)[: 20 * zoom, : 20 * zoom]
    ratio = canvas.devicePixelRatioF()
    x, y = (round(round(at * ratio) + o) for at, o in zip((7, 5), map(round, canvas.view.origin)))
    found = [
        (dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
        if np.array_equal(shades[y + dy : y + dy + len(wanted), x + dx : x + dx + len(wanted)], wanted)
    ]
    print(ratio, zoom, len(found) == 1)
"""


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2"])
def test_pixels_are_exact_whatever_the_systems_scaling(home: Path, scale: str) -> None:
    done = run_python(SCALED, home, QT_SCALE_FACTOR=scale)
    ratio = float(scale)
    assert done.stdout.splitlines() == [f"{ratio} 1 True", f"{ratio} 9 True"], done.stderr


CLOSES = """
import sys
from PySide6.QtCore import Qt, QTimer
from explorer import app
from engine import edits
when = sys.argv[2]
made = app.opened_window
def opened(*args, **kwargs):
    window = made(*args, **kwargs)
    if when == "at once":
        QTimer.singleShot(0, window.close)
    elif when == "while torch is imported":
        QTimer.singleShot(250, window.close)
    else:
        def drag(answer):
            document = window.document
            for step in range(40):
                document.apply("psi", edits.with_psi(document.recipe, step / 40))
            QTimer.singleShot(1, window.close)
        window.live.shown.connect(drag, Qt.ConnectionType.SingleShotConnection)
    return window
app.opened_window = opened
sys.exit(app.run(sys.argv[1], device="cpu"))
"""


@pytest.mark.parametrize("when", ["at once", "while torch is imported", "while rendering"])
def test_closing_the_window_ends_with_status_0(home: Path, tiny_model: Path, when: str) -> None:
    done = run_python(CLOSES, home, str(tiny_model), when)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    session = Settings(home).session()
    assert session is not None
    assert session.model.path == tiny_model
    assert not Settings(home).run_mark.exists()


INTERRUPTED = """
import os, signal, sys
from PySide6.QtCore import QTimer
from explorer import app
made = app.opened_window
def opened(*args, **kwargs):
    window = made(*args, **kwargs)
    window.live.shown.connect(lambda _: os.kill(os.getpid(), signal.SIGINT))
    return window
app.opened_window = opened
sys.exit(app.run(sys.argv[1], device="cpu"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_closes_the_window_with_status_130(home: Path, tiny_model: Path) -> None:
    done = run_python(INTERRUPTED, home, str(tiny_model))
    assert (done.returncode, done.stderr) == (130, "")
    assert Settings(home).session() is not None


EARLY = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts tests in the background has it ignored
class Hand:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Hand())
runpy.run_path("main.py", run_name="__main__")
"""
BEGINNING, QT, WINDOW, OPENING = "engine", "PySide6.QtWidgets", "explorer.window", "engine.families.stylegan2"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("imported", [BEGINNING, QT, WINDOW, OPENING])
def test_ctrl_c_during_the_start_ends_it_with_status_130_and_without_a_word(home: Path, imported: str) -> None:
    done = run_python(EARLY, home, imported)
    assert (done.returncode, done.stderr, done.stdout) == (130, "", "")
    assert not Settings(home).run_mark.exists()


FORCED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton
from explorer import app
made = app.opened_window
def opened(*args, **kwargs):
    window = made(*args, **kwargs)
    def look():
        bar = window.stage.error_bar
        found = "" if bar.trouble is None else bar.trouble.sentence
        print(found, len(window.document.history.steps))
        if "restore" not in sys.argv:
            window.close()
            return
        def restored():
            print(len(window.document.history.steps), window.document.recipe.psi, bar.trouble)
            window.close()
        window.document.history_changed.connect(lambda: QTimer.singleShot(0, restored))
        next(b for b in bar.findChildren(QPushButton) if b.text() == "Restore").click()
    QTimer.singleShot(0, look)
    return window
app.opened_window = opened
sys.exit(app.run(None, device="cpu"))
"""


OFFER = "The last session ended unexpectedly."


def test_what_a_run_that_ended_by_force_left_is_offered_until_it_is_restored(
    home: Path, settings: Settings, tiny_model: Path
) -> None:
    info = app.native.read_info(tiny_model)
    document = Document(OpenModel(info, tiny_model), opening.opening(info))
    document.apply("psi 0.10", edits.with_psi(document.recipe, 0.1))
    keep(settings, document)
    settings.run_mark.write_text("999999999")  # no such process
    done = run_python(FORCED, home)
    assert (done.returncode, done.stdout) == (0, f"{OFFER} 1\n"), done.stderr  # not shown unasked
    assert settings.rescued_file.exists()
    done = run_python(FORCED, home, "restore")  # nobody answered: offered again
    assert (done.returncode, done.stdout) == (0, f"{OFFER} 1\n3 0.1 None\n"), done.stderr
    assert not settings.rescued_file.exists()
    assert run_python(FORCED, home).stdout == " 3\n"  # and kept as any session


FAULT = """
import sys
from PySide6.QtCore import QTimer
from explorer import app
made = app.opened_window
def opened(*args, **kwargs):
    window = made(*args, **kwargs)
    def fault():
        raise KeyError("<b>x</b>")
    QTimer.singleShot(0, fault)
    def look():
        print(window.isVisible(), window.stage.error_bar.trouble.sentence)
        window.close()
    QTimer.singleShot(300, look)
    return window
app.opened_window = opened
sys.exit(app.run(None, device="cpu"))
"""


def test_a_slot_that_raises_is_told_logged_and_survived(home: Path) -> None:
    done = run_python(FAULT, home)
    assert done.returncode == 0
    assert done.stdout.startswith("True Something went wrong inside Stylescope (KeyError: '<b>x</b>')")
    assert "KeyError" in (home / "log.txt").read_text()


def test_without_a_display_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DeviceError, match=r"no display .* main.py image"):
        display.check_display()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_a_display_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.setattr(display, "_check_plugin", lambda: None)
    with pytest.raises(DeviceError, match=r":987 does not answer"):
        display.check_display()


def test_garbage_is_looked_for_again_even_where_the_engine_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(device: str, dtype: str) -> None:
        assert not gc.isenabled()
        raise MemoryError

    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(app, "_made_engine", fails)
    with pytest.raises(MemoryError):
        app.make_engine("cpu", "auto")
    assert gc.isenabled()


def test_the_last_session_comes_back_with_its_picture(
    qtbot: QtBot, settings: Settings, tiny_model: Path, engine: FakeRenderer
) -> None:
    info = app.native.read_info(tiny_model)
    recipe = edits.with_psi(opening.opening(info), 0.33)
    image = QImage(32, 32, QImage.Format.Format_RGB888)
    image.fill(0)
    keep(settings, Document(OpenModel(info, tiny_model), recipe), image)
    window = app.opened_window(Settings(settings.folder), None, lambda: engine)
    qtbot.addWidget(window)
    assert window.document is not None
    assert window.document.recipe == recipe
    assert window.document.info == info
    assert window.stage.canvas.image.width() == 32


def test_a_session_whose_model_is_gone_is_passed_over(settings: Settings, tiny_model: Path, tmp_path: Path) -> None:
    info = app.native.read_info(tiny_model)
    keep(settings, Document(OpenModel(info, tmp_path / "gone.safetensors"), opening.opening(info)))
    assert settings.session() is not None
    assert app.from_session(settings.session()) is None


def test_a_session_whose_model_was_replaced_is_passed_over(
    settings: Settings, tiny_model: Path, tmp_path: Path
) -> None:
    info = app.native.read_info(tiny_model)
    path = tmp_path / "other.safetensors"
    tiny.write(path, "other", seed=5, resolution=8)
    keep(settings, Document(OpenModel(info, path), opening.opening(info)))
    assert app.from_session(settings.session()) is None


@pytest.mark.parametrize("name", ["foreign.pkl", "foreign.safetensors"])
def test_a_session_on_a_model_of_another_program_comes_back_whatever_its_file_is_called(
    settings: Settings, tiny_model: Path, tmp_path: Path, name: str
) -> None:
    info, path = app.native.read_info(tiny_model), tmp_path / name
    keep(settings, Document(OpenModel(info, path), opening.opening(info)))
    path.write_bytes((DATA / "progan_tiny.pkl").read_bytes())
    assert app.from_session(settings.session()) is not None
    for other in (b"", b"words", b"\x1f\x8b\x08 compressed"):
        path.write_bytes(other)
        assert app.from_session(settings.session()) is None


def test_a_target_is_a_step_behind_the_history_of_the_last_session(
    qtbot: QtBot, settings: Settings, tiny_model: Path, engine: FakeRenderer, tmp_path: Path
) -> None:
    info = app.native.read_info(tiny_model)
    document = Document(OpenModel(info, tiny_model), opening.opening(info))
    document.apply("psi 0.10", edits.with_psi(document.recipe, 0.1))
    keep(settings, document)
    other = tmp_path / "other.safetensors"
    tiny.write(other, "other", seed=5, resolution=8)
    window = app.opened_window(Settings(settings.folder), str(other), lambda: engine)
    qtbot.addWidget(window)
    assert window.document is not None
    assert [step.label for step in window.document.history.steps] == ["Open", "psi 0.10", "open other.safetensors"]
    assert window.document.info.resolution == 8
    window.undo()
    assert window.document.info == info


def test_a_session_as_target_brings_its_history(
    qtbot: QtBot, settings: Settings, tiny_model: Path, engine: FakeRenderer, tmp_path: Path
) -> None:
    info = app.native.read_info(tiny_model)
    document = Document(OpenModel(info, tiny_model), opening.opening(info))
    document.apply("psi 0.10", edits.with_psi(document.recipe, 0.1))
    document.undo()
    target = tmp_path / "mine.stylescope.json"
    session.write(session.dumps(session_of(document)), target)
    window = app.opened_window(settings, str(target), lambda: engine)
    qtbot.addWidget(window)
    assert window.document is not None
    assert window.document.history == document.history
    assert window.document.history.can_redo


def test_a_stored_picture_of_another_recipe_is_not_shown(settings: Settings, tiny_model: Path) -> None:
    recipe = opening.opening(app.native.read_info(tiny_model))
    image = QImage(32, 32, QImage.Format.Format_RGB888)
    image.fill(0)
    settings.set_session_picture(edits.with_psi(recipe, 0.1), image)
    assert app.stored_picture(recipe, tiny_model, settings) is None


def test_a_target_that_is_no_model_is_told_in_the_window(
    qtbot: QtBot, settings: Settings, engine: FakeRenderer, tmp_path: Path
) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("words")
    window = app.opened_window(settings, str(target), lambda: engine)
    qtbot.addWidget(window)
    window.start()
    qtbot.waitUntil(lambda: window.stage.error_bar.trouble is not None)
    assert "is not a model" in window.stage.error_bar.trouble.sentence  # type: ignore[union-attr]


def test_a_picture_as_target_brings_its_recipe(
    qtbot: QtBot, settings: Settings, tiny_model: Path, engine: FakeRenderer, tmp_path: Path
) -> None:
    recipe = edits.with_psi(opening.opening(app.native.read_info(tiny_model)), 0.21)
    target = tiny_model.parent / "picture.png"
    picture.save_png(Picture(pixels_of(recipe), recipe), target)
    window = app.opened_window(settings, str(target), lambda: engine)
    qtbot.addWidget(window)
    assert window.document is not None
    assert recipe_json.dumps(window.document.recipe) == recipe_json.dumps(recipe)


def test_the_stored_picture_of_a_bundled_model_is_that_of_its_opening_recipe() -> None:
    stored = [path.with_suffix(".png") for path in library.bundled().values() if path.with_suffix(".png").exists()]
    if not stored:
        pytest.skip("no bundled model has a stored picture yet")
    for path in stored:
        model = path.with_suffix(".safetensors")
        recipe = opening.opening(app.native.read_info(model))
        assert picture.read_recipe(path) == recipe
        engine = app.make_engine("cpu", "float32")
        engine.load(model)
        shown, made = picture.read_pixels(path).astype(int), engine.render(recipe).pixels
        assert np.abs(shown - made).max() <= 1  # processors and their threads round differently


def test_the_window_follows_the_system_unless_a_look_was_chosen(
    qapp: QApplication, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wears_dark = theme.wears_dark
    monkeypatch.setattr(theme, "wears_dark", lambda of, look: look != "system" and wears_dark(of, look))
    try:
        app._follow_system(qapp, settings)
        assert theme.tokens() == theme.LIGHT
        settings.look = "dark"
        theme.apply_look(qapp, "dark")
        app._follow_system(qapp, settings)
        assert theme.tokens() == theme.DARK
    finally:
        theme.apply(qapp, dark=True)
