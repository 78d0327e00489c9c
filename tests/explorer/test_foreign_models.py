"""Models of other programs in the window: every kind opens, is told of, is left and come back to."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.export import description
from engine.export.film import Film
from engine.export.grid import Grid
from engine.files import opening as files
from engine.recipe import Recipe, Seed, Source
from explorer import app, session
from explorer.document import Document
from explorer.panels.model import BREAK, ModelPanel
from explorer.session import session_of
from explorer.settings import Settings
from explorer.window import Window
from tests.engine.files import large_model

from . import tiny_model as tiny
from .conftest import document_of, pixels, until_shown
from .test_commands import drop, sentence, until_told
from .test_switching import SWITCHES, resident

DATA = Path(__file__).resolve().parents[1] / "data" / "pickles"
FILES = sorted(path for path in DATA.glob("*/*.pkl") if not re.match("sg3|.*_proto", path.name))
OTHERS = sorted(DATA.glob("torch/sg3*.pkl"))
PROGAN, STYLEGAN = DATA / "tf" / "progan_tiny.pkl", DATA / "tf" / "stylegan_tiny.pkl"
STYLEGAN2, CLASSES = DATA / "tf" / "stylegan2_tiny.pkl", DATA / "tf" / "stylegan2ada_tiny_cond.pkl"
EVIL = "<b>evil</b> & <img src='file:///x'>"


def opened(qtbot: QtBot, window: Window, path: Path) -> Document:
    """Drop a model and wait for its picture."""
    assert drop(window, path)
    document = document_of(window)
    qtbot.waitUntil(lambda: window.commands._patience.task is None)
    assert sentence(window) == ""
    assert document.model.path == path
    until_shown(qtbot, window)
    return document


def value(window: Window, name: str) -> str:
    """What the model panel says."""
    window.docks["model"].raise_()
    widget = window.docks["model"].findChild(QWidget, f"value_{name.replace(' ', '_')}")
    assert isinstance(widget, (QLabel, QLineEdit))
    return widget.text()


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which files were read, and by which threads."""
    seen: list[tuple[str, str]] = []
    read = files.read

    def told(path: Path, *rest: object, **named: object) -> files.ModelData:
        seen.append((Path(path).name, threading.current_thread().name))
        return read(path, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "read", told)
    return seen


def test_every_genuine_file_opens_by_a_drop_and_undo_goes_all_the_way_back(
    qtbot: QtBot, live_window: Window, readers: list[tuple[str, str]]
) -> None:
    document = document_of(live_window)
    document.apply("psi 0.50", edits.with_psi(document.recipe, 0.5))
    document.apply("mix", edits.with_share(document.recipe, [0, 9], 0.75))
    until_shown(qtbot, live_window)
    first, start, seeds = pixels(live_window), document.history.position, document.recipe.a.latent
    seen = []
    for path in FILES:
        opened(qtbot, live_window, path)
        info = document.info
        assert (document.recipe.a.latent, document.recipe.psi) == (seeds, 0.5)
        assert len(document.recipe.mix.shares) <= len(info.layers)
        assert live_window.stage.canvas.image.width() == info.resolution
        assert value(live_window, "content id") == info.content_id
        assert value(live_window, "family") == info.family
        assert value(live_window, "sha256") == info.sha256 != ""
        assert value(live_window, "file") == str(path)
        assert path.name in value(live_window, "origin").replace(BREAK, "")
        assert value(live_window, "licence") == "none stated"
        assert ("conditional" in value(live_window, "classes")) == (info.classes == 0)
        assert live_window.settings.recent[0] == path
        seen.append((info.content_id, pixels(live_window)))
    assert {info.family for info in (model.info for model in document.models.values())} == {
        "progan",
        "stylegan",
        "stylegan2",
    }
    for content_id, picture in reversed(seen):
        assert document.recipe.model.content_id == content_id
        until_shown(qtbot, live_window)
        assert pixels(live_window) == picture
        live_window.undo()
    assert document.history.position == start
    until_shown(qtbot, live_window)
    assert pixels(live_window) == first
    assert len(readers) > len(FILES)  # some had to be read again
    assert {thread for _, thread in readers} == {"render"}


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_stylegan3_is_refused_by_its_name(qtbot: QtBot, live_window: Window, path: Path) -> None:
    document = document_of(live_window)
    history, before, recent = document.history, pixels(live_window), live_window.settings.recent
    drop(live_window, path)
    said = until_told(qtbot, live_window)
    assert path.name in said
    assert "StyleGAN3" in said
    assert (document.history, pixels(live_window), live_window.settings.recent) == (history, before, recent)


def test_a_damaged_file_opens_on_retry_once_it_is_mended(qtbot: QtBot, live_window: Window, tmp_path: Path) -> None:
    document, path = document_of(live_window), tmp_path / "mended.pkl"
    history = document.history
    path.write_bytes(STYLEGAN.read_bytes()[:-500])
    drop(live_window, path)
    assert "mended.pkl" in until_told(qtbot, live_window)
    assert document.history == history
    shutil.copy(STYLEGAN, path)
    trouble = live_window.stage.error_bar.trouble
    assert trouble is not None
    dict(trouble.actions)["Retry"]()
    qtbot.waitUntil(lambda: document.info.family == "stylegan")
    assert sentence(live_window) == ""
    until_shown(qtbot, live_window)


@pytest.mark.slow
def test_opening_a_full_size_file_shows_how_far_it_is_and_is_given_up_at_once(
    qtbot: QtBot, live_window: Window, tmp_path: Path
) -> None:
    path = tmp_path / "full.pkl"
    path.write_bytes(large_model.snapshot(1024, "G,D,G_ema"))
    try:
        document = document_of(live_window)
        history, before, recent = document.history, pixels(live_window), live_window.settings.recent
        live_window.commands._patience.setInterval(1)
        drop(live_window, path)
        qtbot.waitUntil(lambda: "%" in live_window.status_line.summary.text())
        task = live_window.commands._patience.task
        assert task is not None
        assert 0 < task.done < 1
        began = time.monotonic()
        QTest.keyClick(live_window, Qt.Key.Key_Escape)
        assert "cancelled" in live_window.status_line.summary.text()
        document.apply("psi 0.10", edits.with_psi(document.recipe, 0.1))
        until_shown(qtbot, live_window)
        print(f"given up and painting again after {time.monotonic() - began:.2f} s at {task.done:.0%}")
        live_window.undo()
        until_shown(qtbot, live_window)
        assert (document.history.steps[:1], pixels(live_window)) == (history.steps, before)
        assert (sentence(live_window), live_window.settings.recent) == ("", recent)
    finally:
        path.unlink()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_after_twenty_pickles_is_that_after_three(qtbot: QtBot, live_window: Window, tmp_path: Path) -> None:
    paths = [tmp_path / f"model-{resolution}.pkl" for resolution in (8, 16, 32)]  # full width: 40 to 80 MB each
    for path in paths:
        path.write_bytes(large_model.snapshot(int(path.stem[6:]), "G_ema"))
    after = []
    for path in [*paths * 6, *paths[1:]]:  # two models are kept: the last two are those after three switches
        opened(qtbot, live_window, path)
        after.append(resident())
    assert len(after) == SWITCHES
    for path in paths:
        path.unlink()  # pytest would keep them for days
    print(f"resident: {after[2] / 2**20:.0f} MiB after 3 switches, {after[-1] / 2**20:.0f} MiB after {SWITCHES}")
    assert after[-1] <= 1.1 * after[2]


def test_a_file_that_vanished_behind_undo_is_told_and_returns_with_retry(
    qtbot: QtBot, live_window: Window, tmp_path: Path
) -> None:
    path = tmp_path / "gone.pkl"
    shutil.copy(PROGAN, path)
    document = opened(qtbot, live_window, path)
    before = pixels(live_window)
    for other in (STYLEGAN, STYLEGAN2):  # there is room for two
        opened(qtbot, live_window, other)
    path.rename(tmp_path / "elsewhere")
    live_window.undo()
    live_window.undo()
    assert "gone.pkl" in until_told(qtbot, live_window)
    (tmp_path / "elsewhere").rename(path)
    trouble = live_window.stage.error_bar.trouble
    assert trouble is not None
    dict(trouble.actions)["Retry"]()
    until_shown(qtbot, live_window)
    assert (document.model.path, pixels(live_window)) == (path, before)


def start(qtbot: QtBot, settings: Settings, target: str | None) -> Window:
    window = app.opened_window(settings, target, lambda: app.make_engine("cpu", "auto"))
    qtbot.addWidget(window)
    window.show()
    window.start()
    return window


def test_a_session_whose_last_model_is_a_pickle_comes_back_after_a_restart(
    qtbot: QtBot, settings: Settings, live_window: Window, readers: list[tuple[str, str]]
) -> None:
    document = opened(qtbot, live_window, CLASSES)
    document.apply("psi 0.25", edits.with_psi(document.recipe, 0.25))
    until_shown(qtbot, live_window)
    before, steps = pixels(live_window), document.history.steps
    live_window.close()
    readers.clear()
    again = start(qtbot, settings, None)
    assert document_of(again).history.steps == steps
    assert value(again, "content id") == document.info.content_id
    until_shown(qtbot, again)
    assert pixels(again) == before
    assert {thread for _, thread in readers} == {"render"}


@pytest.mark.parametrize("path", [PROGAN, STYLEGAN2], ids=lambda path: path.stem)
def test_a_pickle_on_the_command_line_opens_in_the_window(qtbot: QtBot, settings: Settings, path: Path) -> None:
    window = start(qtbot, settings, str(path))
    qtbot.waitUntil(lambda: window.document is not None and window.document.model.path == path)
    until_shown(qtbot, window)
    assert sentence(window) == ""
    assert settings.recent[0] == path


def test_a_foreign_model_is_opened_again_from_the_recent_list(qtbot: QtBot, live_window: Window) -> None:
    document = opened(qtbot, live_window, STYLEGAN)
    opened(qtbot, live_window, PROGAN)
    menu = live_window.chip.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == STYLEGAN.name).trigger()
    qtbot.waitUntil(lambda: document.model.path == STYLEGAN)
    until_shown(qtbot, live_window)


# what else is dropped


def described(path: Path) -> tuple[Film | Grid | list[Recipe], Recipe]:
    """A film, grid or list for a model, and the recipe it begins with."""
    model = edits.with_model(Recipe(psi=0.4), files.read_info(path))
    a, b = Source(Seed(5)), Source(Seed(6))
    begins = edits.with_source(edits.with_source(model, "a", a), "b", b)
    return Film(kind="interpolation", base=model, paths=((a, b),), frames=4), begins


@pytest.mark.parametrize("kind", ["film", "grid", "list", "recipe"])
def test_json_of_the_export_brings_its_first_recipe_and_its_model(
    qtbot: QtBot, live_window: Window, tmp_path: Path, kind: str
) -> None:
    document = opened(qtbot, live_window, STYLEGAN)
    live_window.undo()
    film, begins = described(STYLEGAN)
    assert isinstance(film, Film)
    (a, b), base = film.paths[0], film.base
    grid = Grid(kind="mixing", base=base, sources=(a,), sources_b=(b,), layers=(0, 1))
    what = {"film": film, "grid": grid, "list": [begins, film.base], "recipe": [begins]}[kind]
    path = tmp_path / "work.json"
    text = description.dumps(what) if kind != "recipe" else description.short(begins)
    path.write_text(json.dumps(json.loads(text), indent=2), encoding="utf-8-sig")  # as an editor leaves it
    drop(live_window, path)
    qtbot.waitUntil(lambda: document.recipe == begins or bool(sentence(live_window)))
    assert sentence(live_window) == ""
    assert document.model.path == STYLEGAN
    until_shown(qtbot, live_window)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("film.json", b'{"stylescope_film": 1}'),
        ("film.json", b'{ "stylescope_film": 9, "kind": "interpolation"}'),
        ("recipe.json", b'{\n "stylescope": 1, "psi": NaN}'),
        ("recipe.json", b'{"stylescope": 1, "a": "\xff"}'),
        ("film.mp4", b"\0\0\0\x18ftypisom" + bytes(90)),
        ("film.webm", b"\x1aE\xdf\xa3" + bytes(90)),
    ],
)
def test_bad_descriptions_are_refused_by_their_files_name(
    qtbot: QtBot, live_window: Window, tmp_path: Path, name: str, content: bytes
) -> None:
    history = document_of(live_window).history
    (tmp_path / name).write_bytes(content)
    drop(live_window, tmp_path / name)
    said = until_told(qtbot, live_window)
    assert said.startswith(name) or f" {name} " in said
    assert "Something went wrong" not in said
    assert document_of(live_window).history == history


# text out of files


def rich(window: Window) -> list[str]:
    """What Qt would show as HTML, and holds tags of the file's."""
    found = []
    for widget in window.findChildren(QWidget):
        texts = [widget.toolTip(), widget.whatsThis()]
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            texts.append(widget.text())
        found += [f"{type(widget).__name__} {widget.objectName()}: {text}" for text in texts if "<b>evil" in text]
    return found


def test_words_of_a_file_are_never_taken_for_html(qtbot: QtBot, live_window: Window, tmp_path: Path) -> None:
    path = tmp_path / "evil.safetensors"
    names = tuple(f"{EVIL} {number}" for number in range(3))
    tiny.write(path, EVIL, class_names=names, resolution=16, classes=3)
    document = opened(qtbot, live_window, path)
    document.apply("class", edits.with_source(document.recipe, "a", Source(Seed(3), (0.5, 0.5, 0.0))))
    until_shown(qtbot, live_window)
    assert value(live_window, "name") == EVIL
    assert rich(live_window) == []


def test_a_long_name_does_not_push_the_model_panels_buttons_out_of_sight(
    qtbot: QtBot, live_window: Window, tmp_path: Path
) -> None:
    path = tmp_path / f"{'a_name_without_an_end_' * 8}.pkl"
    shutil.copy(PROGAN, path)
    opened(qtbot, live_window, path)
    live_window.docks["model"].raise_()
    panel = live_window.docks["model"].findChild(ModelPanel)
    qtbot.waitUntil(panel.isVisible)
    assert panel.widget().minimumSizeHint().width() <= panel.viewport().width()
    assert value(live_window, "name").replace(BREAK, "").startswith("a_name_without_an_end_")


def test_a_sentence_quotes_little_of_a_files_name(qtbot: QtBot, live_window: Window, tmp_path: Path) -> None:
    path = tmp_path / f"<b>{'n' * 200}.pkl"
    path.write_bytes(b"\x80\x04cposix\nsystem\n" + bytes(100))
    drop(live_window, path)
    said = until_told(qtbot, live_window)
    assert max(map(len, re.findall("n+", said))) <= 120
    assert " - " in said
    assert live_window.stage.error_bar.findChild(QLabel, "sentence").textFormat() == Qt.TextFormat.PlainText


def test_a_session_file_with_a_pickle_opens_where_the_pickle_was_never_seen(
    qtbot: QtBot, live_window: Window, settings: Settings, tmp_path: Path
) -> None:
    document = opened(qtbot, live_window, PROGAN)
    path = tmp_path / "mine.stylescope.json"
    session.write(session.dumps(session_of(document)), path)
    opened(qtbot, live_window, STYLEGAN)
    drop(live_window, path)
    qtbot.waitUntil(lambda: document.model.path == PROGAN)
    until_shown(qtbot, live_window)
