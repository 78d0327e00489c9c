"""The timeline's view: every edit is one undo step, frames are kept within bounds, everything goes by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.recipe import Recipe, Seed
from engine.timeline.value import EMPTY, Timeline
from explorer import timeline_edits
from explorer.document import Document, OpenModel
from explorer.views.timeline_frames import Frames
from explorer.views.timeline_lanes import levels
from explorer.views.timeline_paint import ranges
from explorer.views.timeline_player import Player
from explorer.views.timeline_scale import Scale
from explorer.views.timeline_view import TimelineView
from explorer.window import Window

from . import fakes
from .fake_renderer import FakeRenderer, pixels_of

Key, CTRL, ALT, SHIFT = Qt.Key, *(getattr(Qt.KeyboardModifier, f"{n}Modifier") for n in ("Control", "Alt", "Shift"))
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def engine(engine: FakeRenderer) -> FakeRenderer:
    """It knows w, too: numbers drawn by seed."""
    info = next(iter(engine.models.values()))

    def styles(recipe: Recipe) -> np.ndarray:
        seed = recipe.a.latent.seed if isinstance(recipe.a.latent, Seed) else 0
        w = recipe.psi * np.random.RandomState(seed).randn(info.w_dim).astype(np.float32)
        return np.repeat(w[None].astype(np.float32), len(info.layers), axis=0)

    engine.info, engine.styles = info, styles  # type: ignore[attr-defined]
    return engine


@pytest.fixture
def view(qtbot: QtBot, window: Window) -> TimelineView:
    window.resize(1280, 800)
    window.stage.turn_to("timeline")
    found = window.stage.pages.currentWidget()
    assert isinstance(found, TimelineView)
    return found


def press(view: QWidget, name: str) -> None:
    button = view.findChild(QAbstractButton, f"timeline_{name}")
    assert button is not None
    assert button.isEnabled(), button.toolTip()
    button.click()


def keyed(view: TimelineView, document: Document, count: int = 3) -> None:
    """Keyframes of other seeds and psis, a second apart."""
    for number in range(count):
        recipe = edits.with_psi(edits.with_seed(document.recipe, "a", number), 0.2 * number)
        document.apply(f"seed {number}", recipe)
        press(view, "add")


def filled(qtbot: QtBot, view: TimelineView) -> None:
    qtbot.waitUntil(lambda: len(view.frames.ready) == view.player.timeline.frames)


def mouse(view: TimelineView, kind: QEvent.Type, place: QPointF) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
    strip = view.strip
    event = QMouseEvent(kind, place, QPointF(strip.mapToGlobal(place.toPoint())), button, held, NONE)
    QApplication.sendEvent(strip, event)


def drag(view: TimelineView, *places: QPointF) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, places[0])
    for place in places[1:]:
        mouse(view, QEvent.Type.MouseMove, place)
    mouse(view, QEvent.Type.MouseButtonRelease, places[-1])


def times(document: Document) -> list[float]:
    return [round(key.time, 3) for key in document.timeline.keys]


# keyframes


def test_keyframes_are_added_one_behind_the_other_and_each_is_one_undo_step(
    view: TimelineView, document: Document
) -> None:
    keyed(view, document)
    assert times(document) == [0, 1, 2]
    assert view.player.time == 2
    assert [key.recipe.a.latent for key in document.timeline.keys] == [Seed(0), Seed(1), Seed(2)]
    document.undo()
    assert times(document) == [0, 1]
    document.undo()
    document.undo()
    assert times(document) == [0]
    for _ in range(3):
        document.redo()
    assert times(document) == [0, 1, 2]


def test_a_keyframe_is_added_where_the_playhead_is(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    view.player.move_to(0.4)
    press(view, "add")
    assert times(document) == [0, 0.4, 1, 2]
    assert view.strip.at == 1


def test_k_keeps_a_keyframe_from_any_other_view(window: Window, document: Document) -> None:
    action = next(a for _, a in window.actions_.all if a.text() == "&Add a keyframe")
    action.trigger()
    document.apply("psi", edits.with_psi(document.recipe, 0.1))
    action.trigger()
    assert times(document) == [0, 1]
    assert window.stage.current == "canvas"
    assert document.history.undo_label == "keyframe at 1.00 s"


def test_the_menu_plays_and_loops_the_timeline_in_its_view(window: Window, document: Document) -> None:
    for psi in (0.1, 0.2):
        document.apply("psi", edits.with_psi(document.recipe, psi))
        timeline_edits.append(document)
    actions = {action.text(): action for _, action in window.actions_.all}
    actions["&Loop the timeline"].trigger()
    assert document.timeline.loop
    assert window.stage.current == "timeline"
    actions["&Play the timeline, or stop"].trigger()
    view = window.stage.pages.currentWidget()
    assert isinstance(view, TimelineView)
    assert view.player.playing
    window.stage.turn_to("canvas")
    assert not view.player.playing


def test_tools_act_on_the_keyframe_at_the_playhead_and_say_why_where_there_is_none(
    view: TimelineView, document: Document
) -> None:
    keyed(view, document)
    view.player.move_to(0.5)
    button = view.findChild(QAbstractButton, "timeline_delete")
    assert button is not None
    assert not button.isEnabled()
    assert "no keyframe" in button.toolTip()
    view.player.move_to(1.0)
    press(view, "duplicate")
    assert times(document) == [0, 1, 1.5, 2]
    assert document.timeline.keys[1].recipe == document.timeline.keys[2].recipe
    press(view, "delete")
    assert times(document) == [0, 1, 2]
    view.player.move_to(1.0)
    document.apply("psi", edits.with_psi(document.recipe, 0.77))
    press(view, "update")
    assert document.timeline.keys[1].recipe.psi == 0.77


def test_a_click_on_a_keyframe_makes_it_the_picture(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    drag(view, view.strip.diamond(1))
    assert document.recipe == document.timeline.keys[1].recipe
    assert view.player.time == 1
    assert document.history.undo_label == "keyframe at 1.00 s"


def test_a_keyframe_is_dragged_in_time_in_one_undo_step(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    steps, x = len(document.history.steps), view.strip.scale.x
    start = view.strip.diamond(1)
    drag(view, start, QPointF(x(1.2), start.y()), QPointF(x(1.5), start.y()), QPointF(x(1.6), start.y()))
    assert times(document) == [0, pytest.approx(1.6, abs=0.04), 2]
    assert len(document.history.steps) == steps + 1
    assert view.strip.at == 1
    document.undo()
    assert times(document) == [0, 1, 2]


def test_a_keyframe_that_undo_takes_out_of_the_hand_is_not_moved(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    place = view.strip.diamond(2)
    mouse(view, QEvent.Type.MouseButtonPress, place)
    document.undo()
    assert times(document) == [0, 1]
    mouse(view, QEvent.Type.MouseMove, place - QPointF(40, 0))
    mouse(view, QEvent.Type.MouseButtonRelease, place - QPointF(40, 0))
    assert times(document) == [0, 1]
    document.redo()
    assert times(document) == [0, 1, 2]


def test_anywhere_else_the_playhead_follows_the_hand(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    before = document.history
    x = view.strip.scale.x
    drag(view, QPointF(x(0.5), 5), QPointF(x(0.8), 5))
    assert view.player.time == pytest.approx(0.8, abs=0.04)
    assert document.history == before


def test_everything_on_the_strip_goes_by_keyboard(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    strip = view.strip
    QTest.keyClick(strip, Key.Key_Home)
    assert view.player.frame == 0
    QTest.keyClick(strip, Key.Key_Right)
    QTest.keyClick(strip, Key.Key_Right, SHIFT)
    assert view.player.frame == 11
    QTest.keyClick(strip, Key.Key_Right, CTRL)
    assert view.player.time == 1
    assert "keyframe 2 of 3" in strip.accessibleDescription()
    QTest.keyClick(strip, Key.Key_Left, ALT)
    assert times(document) == [0, pytest.approx(1 - 1 / 30, abs=1e-3), 2]
    QTest.keyClick(strip, Key.Key_Return)
    assert document.recipe.a.latent == Seed(1)
    QTest.keyClick(strip, Key.Key_Delete)
    assert times(document) == [0, 2]
    QTest.keyClick(strip, Key.Key_End)
    assert view.player.time == 2
    QTest.keyClick(strip, Key.Key_Left, CTRL)
    assert view.player.frame == 0
    QTest.keyClick(strip, Key.Key_Space)
    assert view.player.playing
    QTest.keyClick(strip, Key.Key_Space)
    assert not view.player.playing


def test_curves_loop_rate_duration_and_noise_are_edits_like_any_other(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    assert set(view.lanes.rows) == {"a", "psi"}
    choice, _ = view.lanes.rows["psi"]
    choice.edited.emit(3)
    assert document.timeline.curve("psi") == "hold"
    press(view, "loop")
    assert document.timeline.loop
    assert document.timeline.seconds == 3
    view.tools._seconds.edited.emit(4.5, 901)
    view.tools._fps.edited.emit(24, 902)
    view.tools._noise.edited.emit(1)
    timeline = document.timeline
    assert (timeline.seconds, timeline.fps, timeline.noise) == (4.5, 24, "circle")
    for _ in range(5):
        document.undo()
    assert document.timeline == Timeline(keys=timeline.keys, seconds=2.0)
    assert view.tools._fps.value() == 30


def test_what_a_timeline_shows_before_it_has_keyframes_says_what_to_do(view: TimelineView, document: Document) -> None:
    for name in ("play", "loop", "export"):
        button = view.findChild(QAbstractButton, f"timeline_{name}")
        assert button is not None
        assert not button.isEnabled()
        assert "K keeps" in button.toolTip()
    assert not view.grab().isNull()
    press(view, "add")
    assert not view.grab().isNull()


# frames


def test_every_frame_is_made_and_its_picture_is_that_of_its_recipe(
    qtbot: QtBot, view: TimelineView, document: Document
) -> None:
    keyed(view, document, 2)
    filled(qtbot, view)
    for frame in (0, 7, 30):
        recipe, image = view.frames.recipe(frame), view.frames.image(frame)
        assert recipe is not None
        assert image is not None
        assert image.pixelColor(0, 0).getRgb()[:3] == tuple(pixels_of(recipe)[0, 0])
    assert view.frames.recipe(30) == document.timeline.keys[1].recipe
    view.player.move(7)
    assert view.picture.words == "frame 7"
    assert view.picture.image == view.frames.image(7)


def test_frames_that_an_edit_leaves_as_they_were_are_not_made_again(
    qtbot: QtBot, view: TimelineView, document: Document
) -> None:
    keyed(view, document)
    timeline_edits.set_curve(document, "a", "linear")
    timeline_edits.set_curve(document, "psi", "linear")
    filled(qtbot, view)
    before = {frame: view.frames.image(frame) for frame in range(30)}
    arrived: list[int] = []
    view.frames.arrived.connect(arrived.append)
    timeline_edits.move(document, 2, 1.5, None)
    filled(qtbot, view)
    assert min(arrived) > 30
    assert all(view.frames.image(frame) == image for frame, image in before.items())


def test_the_pictures_in_memory_are_bounded_and_those_after_the_playhead_stay(
    qtbot: QtBot, window: Window, document: Document
) -> None:
    assert window.queue is not None
    limit = 10 * 32 * 32 * 4
    frames = Frames(document, window.queue, window, limit=limit)
    recipes = [edits.with_psi(document.recipe, psi) for psi in (0.1, 0.9)]
    timeline = Timeline().appended(recipes[0]).appended(recipes[1]).with_loop(True)
    frames.show(timeline)
    frames.aim(50, 128)
    wanted = {(50 + step) % timeline.frames for step in range(10)}
    qtbot.waitUntil(lambda: wanted <= frames.ready)
    assert frames.bytes <= limit
    frames.aim(20, 128)
    wanted = {20 + step for step in range(10)}
    qtbot.waitUntil(lambda: wanted <= frames.ready)
    assert frames.bytes <= limit


def test_a_hidden_timeline_asks_for_nothing(
    qtbot: QtBot, view: TimelineView, window: Window, document: Document
) -> None:
    keyed(view, document)
    window.stage.turn_to("canvas")
    document.apply("psi", edits.with_psi(document.recipe, 0.33))
    assert not view.frames._wishes.waiting
    assert not view.wishes.waiting
    window.stage.turn_to("timeline")
    filled(qtbot, view)


def test_while_the_hand_changes_the_picture_it_is_seen_instead_of_the_frame(
    qtbot: QtBot, view: TimelineView, document: Document
) -> None:
    keyed(view, document)
    view.player.move(3)
    document.apply("psi", edits.with_psi(document.recipe, 0.55))
    qtbot.waitUntil(lambda: view.picture.words == "picture" and not view.wishes.waiting)
    assert view.picture.image.pixelColor(0, 0).getRgb()[:3] == tuple(pixels_of(document.recipe)[0, 0])
    view.player.move(4)
    qtbot.waitUntil(lambda: view.picture.words == "frame 4")


def test_enter_between_keyframes_makes_the_frame_the_picture(
    qtbot: QtBot, view: TimelineView, document: Document
) -> None:
    keyed(view, document)
    filled(qtbot, view)
    QTest.keyClick(view.strip, Key.Key_Left)
    assert view.strip.at is None
    QTest.keyClick(view.strip, Key.Key_Return)
    assert document.recipe == view.frames.recipe(view.player.frame)
    assert document.history.undo_label.startswith("frame at 1.9")


def test_a_double_click_makes_the_frame_the_picture(qtbot: QtBot, view: TimelineView, document: Document) -> None:
    keyed(view, document)
    view.player.move(12)
    qtbot.waitUntil(lambda: view.frames.recipe(12) is not None)
    QTest.mouseDClick(view.picture, LEFT)
    assert document.recipe == view.frames.recipe(12)
    press(view, "add")
    assert document.timeline.keys[1].recipe == document.recipe


def test_another_model_keeps_the_keyframes_and_undo_brings_back_the_old_ones(
    view: TimelineView, document: Document, other_model: OpenModel
) -> None:
    keyed(view, document)
    before = document.timeline
    document.open_model(other_model, edits.with_model(document.recipe, other_model.info), "open")
    assert {key.recipe.model.content_id for key in document.timeline.keys} == {other_model.info.content_id}
    assert [key.recipe.psi for key in document.timeline.keys] == [key.recipe.psi for key in before.keys]
    document.undo()
    assert document.timeline == before


# the playhead


class Clock:
    ms = 0

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def played(qtbot: QtBot) -> Callable[[Timeline], tuple[Player, Clock]]:
    def make(timeline: Timeline) -> tuple[Player, Clock]:
        clock = Clock()
        player = Player(clock=clock)
        player.show(timeline)
        player.play()
        return player, clock

    return make


def three(loop: bool) -> Timeline:
    return Timeline(fps=Fraction(10)).appended(Recipe()).appended(Recipe(psi=0.1)).with_loop(loop)


def test_it_plays_by_the_clock_and_skips_frames_that_are_late(played: Callable) -> None:
    player, clock = played(three(loop=True))
    for ms, frame in ((0, 0), (100, 1), (449, 4), (2000, 0), (2350, 3)):
        clock.ms = ms
        player.look()
        assert player.frame == frame
    assert player.playing


def test_an_open_timeline_stops_at_its_end_and_begins_again(played: Callable) -> None:
    player, clock = played(three(loop=False))
    clock.ms = 5000
    player.look()
    assert player.frame == 10
    assert not player.playing
    player.play()
    assert player.frame == 0


@given(st.floats(0.1, 3600), st.integers(300, 3000), st.floats(0, 1))
def test_a_place_on_the_strip_is_an_instant_and_back(seconds: float, width: int, share: float) -> None:
    scale = Scale(seconds, width)
    assert scale.time(scale.x(share * seconds)) == pytest.approx(share * seconds, abs=1e-6 * seconds)
    assert scale.step / seconds * scale.pixels >= 50 or scale.step == 600


def test_runs_of_frames_become_bars() -> None:
    assert ranges({3, 1, 2, 7, 9, 8}) == [(1, 3), (7, 9)]
    assert ranges(()) == []


def test_lanes_draw_numbers_as_they_are_and_anything_else_up_and_down() -> None:
    info = fakes.model_info(64)
    timeline = EMPTY
    for seed, psi in ((1, 0.0), (2, 0.25), (2, 1.0)):
        timeline = timeline.appended(edits.with_seed(Recipe(psi=psi), "a", seed))
    assert levels(timeline, "psi", info) == [0, 0.25, 1]
    assert levels(timeline, "a", info) == [0, 1, 1]
    assert timeline_edits.moving(timeline) == ("a", "psi")


# export


def test_the_export_button_opens_the_dialog_at_the_timeline(
    view: TimelineView, window: Window, document: Document
) -> None:
    keyed(view, document)
    press(view, "loop")
    press(view, "export")
    dialog = window.commands._export
    assert dialog is not None
    assert dialog.page.title == "Timeline"
    assert dialog.job is not None, dialog.note.text()
    assert dialog.job.what.timeline == document.timeline  # type: ignore[union-attr]
    assert dialog.job.what.frames == 90  # type: ignore[union-attr]
    dialog.page.put({"fps": "15", "format": ".gif"})
    dialog.refresh()
    assert dialog.job.what.frames == 45  # type: ignore[union-attr]
    document.undo()
    document.undo()
    document.undo()
    dialog.refresh()
    document.apply_timeline("none", EMPTY)
    dialog.refresh()
    assert dialog.job is None
    assert "keyframes" in dialog.note.text()
    dialog.close()


def test_everything_has_a_name_and_a_tip(view: TimelineView, document: Document) -> None:
    keyed(view, document)
    for button in view.findChildren(QAbstractButton):
        if button.objectName().startswith("timeline_"):
            assert button.accessibleName()
            assert button.toolTip()
    for choice, _ in view.lanes.rows.values():
        assert choice.accessibleName()
        assert choice.toolTip()
    for field in (view.tools._fps, view.tools._seconds, view.tools._noise):
        assert field.accessibleName()
        assert field.toolTip()
