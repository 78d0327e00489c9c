"""Sessions: what is kept comes back, whole; what somebody else made up is refused in one sentence."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine import asides, edits, open_model
from engine.errors import StylescopeError
from engine.family import ModelInfo
from engine.files import native
from engine.recipe import Recipe
from engine.timeline.value import Timeline
from explorer import app, history, opening, session, timeline_edits
from explorer.document import Document, OpenModel
from explorer.history import History, Step
from explorer.keeper import Keeper, RunMark
from explorer.session import Session, session_of
from explorer.settings import Settings
from explorer.views.mix_grid import MixGridView
from explorer.window import Window
from tests import strategies

from . import tiny_model as tiny
from .conftest import pixels, until_shown


@pytest.fixture(scope="session")
def known(tiny_model: Path) -> OpenModel:
    return OpenModel(native.read_info(tiny_model), tiny_model)


@pytest.fixture
def worked(known: OpenModel) -> Document:
    """A document with five steps, at the last but one."""
    document = Document(known, opening.opening(known.info))
    document.set_lock("noise 32", True)
    for psi in (0.1, 0.2, 0.3):
        document.apply(f"psi {psi}", edits.with_psi(document.recipe, psi))
    document.undo()
    return document


ASIDE = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_comes_back(known: OpenModel, data: st.DataObject) -> None:
    recipes = data.draw(st.lists(strategies.recipes(known.info), min_size=1, max_size=4, unique=True))
    labels = st.text('psi 0.5 <b>"\\ äß模型', max_size=30)
    fitted = [edits.with_model(recipe, known.info) for recipe in recipes]
    timelines = [Timeline(), reduce(Timeline.appended, fitted, Timeline(loop=True))]
    values = st.dictionaries(st.sampled_from(["mix_grid", "locks", 'ä"\\']), ASIDE, max_size=3)
    steps = tuple(
        Step(
            data.draw(labels),
            r,
            timeline=data.draw(st.sampled_from(timelines)),
            asides=asides.changed(asides.NONE, data.draw(values)),
        )
        for r in fitted
    )
    position = data.draw(st.integers(0, len(steps) - 1))
    before = Session(
        History(steps, position),
        {known.info.content_id: known},
    )
    after = session.loads(session.dumps(before))
    assert after == before
    assert after.model == known


def test_a_model_is_described_from_its_settings_alone(known: OpenModel, worked: Document) -> None:
    after = session.loads(session.dumps(session_of(worked)))
    assert after.model.info == known.info


@pytest.mark.parametrize("kind", ["progan", "stylegan-lod", "stylegan-a", "classes"])
def test_models_of_every_family_come_back(tmp_path: Path, kind: str) -> None:
    path = tiny.write_kind(tmp_path, kind)
    info = native.read_info(path)
    document = Document(OpenModel(info, path), opening.opening(info))
    assert session.loads(session.dumps(session_of(document))).model == document.model


def test_of_a_long_history_the_steps_about_the_present_one_are_kept(known: OpenModel) -> None:
    start = opening.opening(known.info)
    steps = tuple(Step(f"psi {n}", edits.with_psi(start, n / 1000)) for n in range(3000))
    long = Session(History(steps, 2000), {known.info.content_id: known})
    after = session.loads(session.dumps(long)).history
    assert after.present == steps[2000].recipe
    assert len(after.steps) <= 2 * session.KEPT
    assert after.position == session.KEPT - 1


def damaged(text: str, **changes: Any) -> str:
    data = json.loads(text)
    data.update(changes)
    return json.dumps(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"stylescope_session": 99},
        {"stylescope_session": True},
        {"position": -1},
        {"position": 10**9},
        {"position": None},
        {"steps": []},
        {"steps": {}},
        {"steps": [{"label": 5}]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}}]},
        {"models": []},
        {"models": [5]},
        {"models": [{"family": "stylegan9", "networks": ["G"], "settings": {}}]},
        {"models": [{"family": "stylegan2", "networks": ["G"], "settings": {"resolution": 10**9}}]},
        {"models": [{"family": "stylegan2", "networks": ["G"], "settings": {"resolution": "x" * 10**6}}]},
        {"models": [{"family": "../../etc", "networks": ["G"], "settings": {}}]},
        {"models": [{"family": "stylegan2", "networks": [[]], "settings": {}}]},
        {"locks": "all"},
        {"gallery": {}},
        {"gallery": [5]},
        {"gallery": [{"name": "x", "recipe": {"stylescope": 1, "psi": "much"}}]},
        {"timelines": {}},
        {"timelines": [5]},
        {"timelines": [{"stylescope_timeline": 2}]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}, "timeline": 0}]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}, "timeline": True}]},
        {"asides": {}},
        {"asides": [5]},
        {"asides": [["x"]]},
        {"asides": [[5, 1]]},
        {"asides": [["x", None]]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}, "asides": 0}]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}, "asides": [9]}]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}, "asides": [-1]}]},
        {"steps": [{"label": "x", "recipe": {"stylescope": 1}, "asides": [True]}]},
    ],
)
def test_what_is_made_up_is_refused_in_one_sentence(worked: Document, changes: dict[str, Any]) -> None:
    text = session.dumps(session_of(worked))
    with pytest.raises(StylescopeError) as refused:
        session.loads(damaged(text, **changes))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_session_of_a_newer_program_is_refused_by_name(worked: Document, tmp_path: Path) -> None:
    path = tmp_path / "theirs.stylescope.json"
    path.write_text(damaged(session.dumps(session_of(worked)), stylescope_session=2))
    with pytest.raises(StylescopeError, match=r"theirs\.stylescope\.json is a session of a newer"):
        session.read(path)


def test_a_session_without_a_timeline_as_older_programs_wrote_it_is_read(worked: Document) -> None:
    data = json.loads(session.dumps(session_of(worked)))
    del data["timelines"]
    assert session.loads(json.dumps(data)).history == replace(worked.history, steps=worked.history.steps)


def test_a_timeline_is_written_once_however_many_steps_show_it(worked: Document) -> None:
    timeline_edits.append(worked)
    for psi in range(20):
        worked.apply("psi", edits.with_psi(worked.recipe, psi / 20))
    text = session.dumps(session_of(worked))
    assert len(json.loads(text)["timelines"]) == 1
    assert session.loads(text).history.timeline == worked.timeline


def test_what_a_view_keeps_aside_is_written_once_however_many_steps_have_it(worked: Document) -> None:
    worked.apply_aside("grid", "mix_grid", ["a source" * 1000])
    for psi in range(200):
        worked.apply("psi", edits.with_psi(worked.recipe, psi / 200))
        worked.apply_aside("distance", "variations", {"distance": psi / 200})
    text = session.dumps(session_of(worked))
    assert text.count("a source" * 1000) == 1
    assert session.loads(text).history == replace(worked.history, steps=worked.history.steps)


def test_asides_that_are_long_and_ever_new_leave_out_the_oldest_steps(
    worked: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.session.MAX_TEXT", 20_000)
    for number in range(50):
        worked.apply_aside("grid", "mix_grid", [number, "x" * 1000])
    text = session.dumps(session_of(worked))
    assert len(text) < 30_000
    assert session.loads(text).history.asides == worked.history.asides


def as_written_before(document: Document, **others: Any) -> str:
    """A session of a program that kept locks and asides beside the history, one for all steps."""
    data = json.loads(session.dumps(session_of(document)))
    for step in data["steps"]:
        step.pop("asides", None)
    del data["asides"]
    return json.dumps(data | others)


def test_an_older_session_opens_with_its_locks_and_its_mix_grid_at_every_step(worked: Document) -> None:
    grid = {"a": [{"seed": 5}], "b": [{"seed": 6}], "layers": [0]}
    after = session.loads(as_written_before(worked, locks=["noise 8"], mix_grid=grid))
    document = Document.restored(after.history, after.models.values())
    for position in range(len(after.history.steps)):
        document.jump(position)
        assert document.locks == {"noise 8"}
        assert document.aside("mix_grid") == grid


@pytest.mark.parametrize("depth", [*range(880, 1000, 8), 5000])
@pytest.mark.parametrize("older", [True, False])
def test_what_is_nested_deeply_is_refused_or_read_and_written(
    worked: Document, tmp_path: Path, depth: int, older: bool
) -> None:
    nested, text = "[" * depth + "]" * depth, session.dumps(session_of(worked))
    text = text.replace('"asides":[', f'"asides":[["x",{nested}],', 1) if not older else as_written_before(worked)
    text = text if not older else f'{text[:-1]},"mix_grid":{nested}}}'
    try:
        read = session.loads(text)
    except StylescopeError:
        return
    document = Document.restored(read.history, read.models.values())
    kept = document.aside("mix_grid" if older else "x")
    assert kept is None or isinstance(kept, list)
    session.write(session.dumps(session_of(document)), tmp_path / "again.json")


def test_text_that_utf8_cannot_say_is_kept_all_the_same(worked: Document, tmp_path: Path) -> None:
    worked.apply_aside("view", "\ud800", {"\udfff": "\ud801"})
    worked.set_lock("\ud802", True)
    session.write(session.dumps(session_of(worked)), tmp_path / "odd.json")
    after = session.read(tmp_path / "odd.json")
    assert len(after.history.asides) == 2


def test_entries_of_other_programs_are_no_part_of_the_history(worked: Document) -> None:
    others = {f"aa{number}": "x" * 1000 for number in range(500)}
    read = session.loads(as_written_before(worked, locks=["noise 8"], **others))
    assert [name for name, _ in read.history.asides] == ["locks"]


def test_what_is_too_long_to_be_of_a_view_is_refused(worked: Document) -> None:
    text = session.dumps(session_of(worked)).replace('"asides":[', f'"asides":[["x","{"y" * 3 * 2**20}"],', 1)
    with pytest.raises(StylescopeError, match="aside"):
        session.loads(text)


def test_an_older_session_without_any_of_that_opens_too(worked: Document) -> None:
    after = session.loads(as_written_before(worked, locks=[]))
    assert after.history.asides == asides.NONE
    assert [step.recipe for step in after.history.steps] == [step.recipe for step in worked.history.steps]


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(StylescopeError):
        session.loads(text)


# histories that follow each other

RECIPES = [Recipe(psi=number / 4) for number in range(5)]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_a_history_behind_another_shows_its_present_and_undoes_to_the_other(
    many: int, at: int, more: int, place: int
) -> None:
    first = History(tuple(Step("a", RECIPES[n]) for n in range(many + 1)), min(at, many))
    second = History(tuple(Step("b", RECIPES[4 - n]) for n in range(more + 1)), min(place, more))
    both = first.followed_by(second)
    assert both.present == second.present
    while both.can_undo and both.steps[both.position].label == "b":
        both = both.undone()
    assert both.present == first.present


def test_too_long_histories_together_lose_their_oldest_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LIMIT", 3)
    first = History(tuple(Step("a", RECIPES[n]) for n in range(3)), 2)
    second = History((Step("b", RECIPES[3]), Step("b", RECIPES[4])), 1)
    both = first.followed_by(second)
    assert [step.recipe.psi for step in both.steps] == [0.5, 0.75, 1.0]
    assert both.present.psi == 1.0


# keeping by itself


def test_a_change_is_on_the_disk_some_seconds_later(
    qtbot: QtBot, worked: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(worked, tmp_path / "s.json", lambda: session_of(worked))
    keeper._timer.setInterval(1)
    with qtbot.waitSignal(keeper.kept):
        worked.redo()
    assert session.read(tmp_path / "s.json").history == worked.history
    with qtbot.waitSignal(keeper.kept):
        worked.set_lock("source a", True)
    kept = session.read(tmp_path / "s.json")
    assert Document.restored(kept.history, kept.models.values()).locks == {"noise 32", "source a"}
    with qtbot.waitSignal(keeper.kept):
        worked.apply_aside("distance", "variations", {"distance": 0.5})
    assert session.read(tmp_path / "s.json").history == worked.history


def test_what_cannot_be_kept_is_told_once(qtbot: QtBot, worked: Document, tmp_path: Path) -> None:
    keeper = Keeper(worked, tmp_path / "missing" / "s.json", lambda: session_of(worked))
    told: list[str] = []
    keeper.failed.connect(told.append)
    assert not keeper.flush()
    assert not keeper.flush()
    qtbot.waitUntil(lambda: len(told) == 1)
    (tmp_path / "missing").mkdir()
    assert keeper.flush()
    assert session.read(tmp_path / "missing" / "s.json").history == worked.history


def test_a_run_that_ended_by_force_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "running"
    for text, found in (("999999999", True), ("1", False), ("x", False)):
        path.write_text(text)
        mark = RunMark(path)
        mark.begin()
        assert mark.found == found
        mark.end()
        assert not path.exists()


# in the window


def test_after_a_crash_the_next_start_is_where_the_last_one_was(
    qtbot: QtBot, live_window: Window, settings: Settings
) -> None:
    """Nothing is said to the window that it ends: what lies on the disk is all there is."""
    document = live_window.document
    assert document is not None
    assert live_window.keeper is not None
    live_window.keeper._timer.setInterval(1)
    with qtbot.waitSignal(live_window.keeper.kept):
        document.apply("psi 0.25", edits.with_psi(document.recipe, 0.25))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for path in settings.folder.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        again = app.opened_window(Settings(copy), None, lambda: app.make_engine("cpu", "auto"))
        qtbot.addWidget(again)
        again.show()
        again.start()
        until_shown(qtbot, again)
        assert again.document is not None
        assert [s.label for s in again.document.history.steps] == [s.label for s in document.history.steps]
        assert again.document.recipe == document.recipe
        until_shown(qtbot, live_window)
        assert pixels(again) == pixels(live_window)
        again.close()


def test_a_saved_session_opens_behind_the_present_history(
    qtbot: QtBot, window: Window, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.set_lock("noise 8", True)
    document.apply("psi 0.40", edits.with_psi(document.recipe, 0.4))
    saved = document.history
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(tmp_path / "mine"), ""))
    # The fake engine's models have no settings that their family would take.
    monkeypatch.setattr(open_model, "from_dict", lambda entry: document.model)
    window.commands.choose_save_session()
    path = tmp_path / f"mine{session.SUFFIX}"
    document.apply("psi 0.90", edits.with_psi(document.recipe, 0.9))
    document.set_lock("noise 8", False)
    before = document.recipe
    window.commands.open(path)
    qtbot.waitUntil(lambda: document.recipe == saved.present)
    assert document.locks == {"noise 8"}
    assert [s.label for s in document.history.steps][-3:] == [s.label for s in saved.steps]
    for _ in saved.steps:
        window.undo()
    assert document.recipe == before


def test_a_saved_session_holds_timeline_gallery_and_mix_grid(
    qtbot: QtBot, window: Window, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_model, "from_dict", lambda entry: document.model)
    assert window.gallery is not None
    window.gallery.like("mine", document.recipe, QImage(8, 8, QImage.Format.Format_RGB888))
    timeline_edits.append(document)
    window.stage.turn_to("mix-grid")
    grid = window.stage.pages.currentWidget()
    assert isinstance(grid, MixGridView)
    beginning = grid.axes
    grid._set("test", grid.axes.removed("a", 0))
    axes, timeline = grid.axes, document.timeline
    path = tmp_path / f"mine{session.SUFFIX}"
    window.commands.save_session(path)
    window.gallery.delete(window.gallery.items[0])
    grid._set("test", grid.axes.removed("b", 0))
    document.apply_timeline("none", Timeline())
    window.commands.open(path)
    qtbot.waitUntil(lambda: document.timeline == timeline)
    assert grid.axes == axes
    window.undo()
    assert grid.axes == beginning
    window.redo()
    assert grid.axes == axes
    assert [item.name for item in window.gallery.items] == ["mine"]
    before = len(document.history.steps)
    window.commands.open(path)
    qtbot.waitUntil(lambda: len(document.history.steps) > before)
    assert len(window.gallery.items) == 1


def test_what_the_window_keeps_by_itself_holds_the_timeline_too(
    qtbot: QtBot, window: Window, document: Document, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_model, "from_dict", lambda entry: document.model)
    assert window.keeper is not None
    window.keeper._timer.setInterval(1)
    with qtbot.waitSignal(window.keeper.kept):
        timeline_edits.append(document)
    with qtbot.waitSignal(window.keeper.kept):
        document.apply_aside("grid", "mix_grid", {"a": []})
    kept = settings.session()
    assert kept is not None
    assert kept.history.timeline == document.timeline
    assert kept.history.asides == (("mix_grid", '{"a":[]}'),)


def test_a_session_can_be_pasted_and_dropped_as_a_file(
    qtbot: QtBot, window: Window, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_model, "from_dict", lambda entry: document.model)
    text = session.dumps(session_of(document))
    start = document.recipe
    document.apply("psi 0.90", edits.with_psi(document.recipe, 0.9))
    QGuiApplication.clipboard().setText(text)
    window.actions_.paste.trigger()
    qtbot.waitUntil(lambda: document.recipe == start)
    document.apply("psi 0.80", edits.with_psi(document.recipe, 0.8))
    (tmp_path / "s.txt").write_text(text)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "s.txt"))])
    QGuiApplication.clipboard().setMimeData(data)
    window.actions_.paste.trigger()
    qtbot.waitUntil(lambda: document.recipe == start)


@pytest.mark.parametrize("part", ["step", "liked"])
def test_a_bad_recipe_in_a_session_is_said_with_the_name_of_the_file(
    window: Window, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(open_model, "from_dict", lambda entry: document.model)
    data = json.loads(session.dumps(session_of(document)))
    bad = {"stylescope": 1, "psi": "high"}
    if part == "step":
        data["steps"][0]["recipe"] = bad
    else:
        data["gallery"] = [{"name": "mine", "recipe": bad}]
    path = tmp_path / f"spoiled{session.SUFFIX}"
    path.write_text(json.dumps(data))
    with pytest.raises(StylescopeError, match=path.name):
        session.read(path)


def test_a_session_whose_model_is_not_at_hand_asks_for_it(
    qtbot: QtBot, window: Window, document: Document, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    info: ModelInfo = replace(document.info, content_id="f" * 32, name="elsewhere")
    model = OpenModel(info, tmp_path / "gone.safetensors")
    recipe = edits.with_model(Recipe(), info)
    window.commands.open(Session(history.begun(recipe), {info.content_id: model}))
    bar = window.stage.error_bar
    qtbot.waitUntil(lambda: bar.trouble is not None and "elsewhere" in bar.trouble.sentence)
    assert "Choose model ..." in dict(bar.trouble.actions)  # type: ignore[union-attr]
    assert document.recipe.model.content_id != info.content_id
