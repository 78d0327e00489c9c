"""Where other explorers of latent spaces fail: nothing that somebody else hands on can run."""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from pytestqt.qtbot import QtBot

from engine import edits
from engine.picture import RECIPE_KEY
from explorer import session
from explorer.gallery import Gallery
from explorer.settings import Settings
from explorer.window import GALLERY, Window

from .conftest import document_of, rested
from .test_commands import drop, sentence, until_told

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
