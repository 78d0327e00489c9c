"""Fixtures of the window's tests: a throw-away home, a window on a fake engine, a window on a real one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["STYLESCOPE_FONT"] = "bundled"  # widths do not depend on the machine

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.recipe import Recipe
from explorer import app, opening, theme
from explorer.document import Document, OpenModel
from explorer.panels.history import HistoryPanel
from explorer.settings import Settings
from explorer.window import Window
from explorer.worker import Worker

from . import tiny_model as tiny
from .fake_renderer import FakeRenderer, model_info

PATIENCE = 60_000  # ms: torch is imported by the first test that renders, perhaps beside a training run


class PatientBot(QtBot):
    """A QtBot that waits longer than five seconds: a machine may be busy, and no wait here is meant to run out."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture(scope="session", autouse=True)
def themed(qapp: QApplication) -> None:
    theme.apply(qapp, dark=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, session and log of this test alone."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("STYLESCOPE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    left = [t for t in threading.enumerate() if t.name == "render"]
    assert not left, "a render thread outlives its test"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home)


@pytest.fixture
def engine() -> Iterator[FakeRenderer]:
    """A fake engine that knows two models."""
    fake = FakeRenderer()
    for name, resolution in (("fake-32", 32), ("other-64", 64)):
        fake.models[Path(f"/models/{name}.safetensors")] = model_info(name, resolution)
    yield fake
    fake.gate.set()


@pytest.fixture
def model(engine: FakeRenderer) -> OpenModel:
    path, info = next(iter(engine.models.items()))
    return OpenModel(info, path)


@pytest.fixture
def other_model(engine: FakeRenderer) -> OpenModel:
    path, info = list(engine.models.items())[1]
    return OpenModel(info, path)


@pytest.fixture
def document(model: OpenModel) -> Document:
    return Document(model, opening.opening(model.info))


@pytest.fixture
def recipe(model: OpenModel) -> Recipe:
    """What the first model opens with."""
    return opening.opening(model.info)


@pytest.fixture
def worker(engine: FakeRenderer) -> Iterator[Worker]:
    """A render thread on the fake engine, not started."""
    made = Worker(lambda: engine)
    yield made
    engine.gate.set()
    assert made.stop()


@pytest.fixture
def window(qtbot: QtBot, settings: Settings, engine: FakeRenderer, document: Document) -> Window:
    """The whole window on the fake engine, with its first picture in it."""
    made = Window(settings, lambda: engine)
    qtbot.addWidget(made)
    made.adopt(document)
    made.show()
    made.start()
    assert made.live is not None
    qtbot.waitUntil(lambda: made.live is not None and made.live.up_to_date)
    return made


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a real StyleGAN2 of 64x64 and random weights."""
    path = tmp_path_factory.mktemp("models") / "tiny-64.safetensors"
    tiny.write(path)
    return path


@pytest.fixture
def live_window(qtbot: QtBot, settings: Settings, tiny_model: Path) -> Window:
    """The whole window on the real engine, its first picture in it."""
    made = app.opened_window(settings, str(tiny_model), lambda: app.make_engine("cpu", "auto"))
    qtbot.addWidget(made)
    made.show()
    made.start()
    until_shown(qtbot, made)
    return made


@pytest.fixture
def empty_window(qtbot: QtBot, settings: Settings, engine: FakeRenderer) -> Window:
    """The window without any model."""
    made = Window(settings, lambda: engine)
    qtbot.addWidget(made)
    made.show()
    made.start()
    return made


def until_shown(qtbot: QtBot, window: Window) -> None:
    """Wait until the canvas shows the document's recipe."""
    qtbot.waitUntil(lambda: window.live is not None and window.live.up_to_date)


def pixels(window: Window) -> bytes:
    """The canvas's picture as bytes."""
    image = window.stage.canvas.image.convertToFormat(window.stage.canvas.image.Format.Format_RGBA8888)
    return bytes(image.constBits())


def document_of(window: Window) -> Document:
    """The document of a window that has one."""
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
