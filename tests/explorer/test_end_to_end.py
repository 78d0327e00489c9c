"""Every control group through the real window and the real engine: the picture changes where it should, only there."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from engine.network import State
from engine.recipe import Seed
from engine.renderer import Renderer
from engine.synthesizer import Synthesizer
from explorer.controls.fader import Fader
from explorer.controls.seed import SeedField
from explorer.controls.segmented import Segmented
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document
from explorer.window import Window
from explorer.worker import qimage

from . import hands
from .conftest import PATIENCE, pixels, until_shown

W = TypeVar("W", bound=QWidget)


class Hand:
    """Moves controls of the window by their names, and waits for the picture."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        assert window.document is not None
        self.qtbot, self.window = qtbot, window
        self.document: Document = window.document

    def find(self, kind: type[W], name: str) -> W:
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    def shown(self) -> bytes:
        """The picture, once it is that of the document."""
        until_shown(self.qtbot, self.window)
        return pixels(self.window)

    def slide(self, name: str, *shares: float) -> bytes:
        hands.drag(self.find(ValueSlider, name).rail, *shares)
        return self.shown()

    def fade(self, name: str, *shares: float) -> bytes:
        hands.drag(self.find(Fader, name), *shares)
        return self.shown()

    def press(self, name: str) -> bytes:
        self.find(QAbstractButton, name).click()
        return self.shown()

    def seed(self, name: str, seed: int) -> bytes:
        box = self.find(SeedField, name).box
        box.take(seed)
        return self.shown()

    def choose(self, name: str, value: str) -> bytes:
        switch = self.find(Segmented, name)
        switch._group.button(switch._values.index(value)).click()
        return self.shown()

    def undo(self) -> bytes:
        self.window.actions_.undo.trigger()
        return self.shown()

    @property
    def synthesizer(self) -> Synthesizer:
        """What the render thread keeps; only looked at while it rests."""
        engine = self.window.worker._engine
        assert isinstance(engine, Renderer)
        return engine._models[self.document.info.content_id]

    @property
    def states(self) -> tuple[State, ...]:
        return self.synthesizer.states

    def first_step(self, wanted: str) -> int:
        """Index of a step by its name."""
        return next(i for i, step in enumerate(self.synthesizer.model.generator.steps) if step.name == wanted)


@pytest.fixture
def hand(qtbot: QtBot, live_window: Window) -> Hand:
    return Hand(qtbot, live_window)


def kept(before: tuple[State, ...], after: tuple[State, ...]) -> int:
    """How many of the first states are the very same objects."""
    return next((i for i, (b, a) in enumerate(zip(before, after, strict=True)) if b is not a), len(before))


# --- noise


def test_rerolling_noise_at_32_leaves_the_activations_of_earlier_steps_untouched(hand: Hand) -> None:
    picture, before = hand.shown(), hand.states
    hand.find(SeedField, "noise_seed_32").dice.click()
    assert hand.shown() != picture
    assert kept(before, hand.states) == hand.first_step("b32.conv0")
    assert [r for r, _ in hand.document.recipe.noise.settings] == [32]
    assert hand.window.status_line.reused.text() == "reused to 16x16"


def test_the_noise_strength_of_64_acts_on_64_only(hand: Hand) -> None:
    picture, before = hand.shown(), hand.states
    assert hand.slide("noise_strength_64", 0.0) != picture
    assert kept(before, hand.states) == hand.first_step("b64.conv0")
    assert hand.undo() == picture


def test_rerolling_all_noise_leaves_what_is_locked(hand: Hand) -> None:
    hand.seed("noise_seed_16", 5)
    hand.find(SeedField, "noise_seed_16").lock.click()
    picture = hand.shown()
    assert hand.press("reroll_noise") != picture
    assert hand.document.recipe.noise.at(16).seed == 5
    assert all(hand.document.recipe.noise.at(r).seed is not None for r in (4, 8, 32, 64))
    assert hand.undo() == picture


def test_without_noise_strength_the_noise_seed_means_nothing(hand: Hand) -> None:
    picture = hand.slide("noise_strength_32", 0.0)
    assert hand.seed("noise_seed_32", 1) == picture
    assert hand.seed("noise_seed_32", 2) == picture


# --- the desk


def test_moving_a_fine_fader_keeps_the_inputs_of_coarse_and_middle_layers(hand: Hand) -> None:
    picture, before = hand.shown(), hand.states
    inputs = list(hand.synthesizer._inputs)
    assert hand.fade("layer_8", 0.5, 1.0) != picture
    steps = hand.synthesizer.model.generator.steps
    first = next(i for i, step in enumerate(steps) if 8 in step.slots)
    assert first > 0
    assert hand.synthesizer._inputs[:first] == inputs[:first]
    assert kept(before, hand.states) == first
    assert hand.undo() == picture


def test_a_coarse_fader_changes_the_picture_from_its_layer_on(hand: Hand) -> None:
    picture, before = hand.shown(), hand.states
    assert hand.fade("layer_2", 1.0) != picture
    steps = hand.synthesizer.model.generator.steps
    assert kept(before, hand.states) == next(i for i, step in enumerate(steps) if 2 in step.slots)


def test_mix_1_everywhere_is_source_b(hand: Hand) -> None:
    mixed = hand.fade("master", 0.3, 1.0)
    b = hand.document.recipe.b.latent
    assert isinstance(b, Seed)
    hand.undo()
    assert hand.seed("seed_a", b.seed) == mixed


def test_every_layer_at_b_by_hand_is_source_b_too(hand: Hand) -> None:
    mixed = hand.fade("master", 1.0)
    hand.undo()
    for group in ("coarse", "middle", "fine"):
        last = hand.fade(f"group_{group}", 1.0)
    assert last == mixed
    assert hand.document.recipe.mix.t == 0


def test_layers_that_follow_move_with_the_master_and_one_set_by_hand_stays(hand: Hand) -> None:
    hand.fade("layer_0", 0.25)
    hand.fade("master", 0.75)
    mix = hand.document.recipe.mix
    assert mix.share(0) == pytest.approx(0.25, abs=0.02)
    assert {mix.share(layer) for layer in range(1, 10)} == {mix.t}
    hand.press("follow_all")
    assert hand.document.recipe.mix.share(0) == mix.t


def test_space_and_blend_matter_between_the_sources_and_not_at_them(hand: Hand) -> None:
    at_a = hand.shown()
    assert hand.choose("blend", "linear") == at_a
    assert hand.choose("space", "z") == at_a
    between = hand.fade("master", 0.5)
    in_w = hand.choose("space", "w")
    assert len({at_a, between, in_w, hand.choose("blend", "even")}) == 4


# --- truncation and sources


def test_psi_0_is_the_same_picture_for_all_seeds(hand: Hand) -> None:
    mean = hand.slide("psi", 1 / 3)
    assert hand.document.recipe.psi == 0
    for seed in (1, 2, 3_000_000_000):
        assert hand.seed("seed_a", seed) == mean
    assert hand.fade("master", 0.5) == mean


def test_the_cutoff_leaves_the_layers_below_it_alone(hand: Hand) -> None:
    picture, before = hand.shown(), hand.states
    assert hand.slide("cutoff", 0.4) != picture
    assert hand.document.recipe.cutoff == 4
    steps = hand.synthesizer.model.generator.steps
    assert kept(before, hand.states) == next(i for i, step in enumerate(steps) if max(step.slots) >= 4)
    assert hand.undo() == picture


def test_swapping_shows_source_b_and_swapping_again_returns(hand: Hand) -> None:
    at_a = hand.shown()
    at_b = hand.press("swap")
    assert at_b != at_a
    assert hand.press("swap") == at_a
    assert hand.fade("master", 1.0) == at_b


def test_source_b_is_not_heard_while_all_faders_stand_at_a(hand: Hand) -> None:
    picture, before = hand.shown(), hand.states
    assert hand.seed("seed_b", 7) == picture
    assert kept(before, hand.states) == len(before)


def test_rolling_both_sources_leaves_the_locked_one(hand: Hand) -> None:
    picture = hand.shown()
    hand.find(SeedField, "seed_a").lock.click()
    b = hand.document.recipe.b
    assert hand.press("roll_sources") == picture
    assert hand.document.recipe.b != b


# --- the whole


def test_undo_returns_identical_pixels_step_by_step(hand: Hand) -> None:
    shown = [hand.shown()]
    shown.append(hand.slide("psi", 0.9))
    shown.append(hand.seed("seed_a", 99))
    shown.append(hand.fade("layer_5", 0.6))
    shown.append(hand.press("reroll_noise"))
    for picture in reversed(shown[:-1]):
        assert hand.undo() == picture


def test_a_flick_of_200_values_ends_at_the_last_and_is_one_step(hand: Hand) -> None:
    hand.shown()
    shares = [(1 + number) / 201 for number in range(200)]
    last = hand.slide("psi", *shares)
    assert len(hand.document.history.steps) == 2
    fresh = Renderer("cpu")
    fresh.load(hand.document.model.path)
    picture = fresh.render(hand.document.recipe)
    image = qimage(picture.pixels)
    assert last == bytes(image.convertToFormat(image.Format.Format_RGBA8888).constBits())


def test_thumbnails_leave_what_the_next_drag_resumes_from(hand: Hand) -> None:
    assert hand.window.live is not None
    hand.shown()
    thumbnail = hand.window.live.source_thumbnail
    with hand.qtbot.waitSignals([thumbnail, thumbnail], timeout=PATIENCE):
        hand.seed("seed_a", 31)
        before = hand.states
    assert kept(before, hand.states) == len(before)


def test_a_saved_picture_opens_with_identical_pixels(hand: Hand, tmp_path: Path) -> None:
    hand.slide("psi", 0.8)
    hand.fade("layer_3", 0.7)
    hand.seed("noise_seed_8", 11)
    saved, recipe = hand.shown(), hand.document.recipe
    with hand.qtbot.waitSignal(hand.window.worker.saved, timeout=PATIENCE):
        hand.window.commands.save(tmp_path / "picture.png")
    hand.press("swap")
    hand.window.commands.open(tmp_path / "picture.png")
    hand.qtbot.waitUntil(lambda: hand.document.recipe == recipe)
    assert hand.shown() == saved


def test_a_damaged_model_is_told_and_the_picture_stays(hand: Hand, tmp_path: Path) -> None:
    before, history = hand.shown(), hand.document.history
    data = bytearray(hand.document.model.path.read_bytes())
    data[-100] ^= 0xFF
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(data)
    hand.window.commands.open(damaged)
    hand.qtbot.waitUntil(lambda: hand.window.stage.error_bar.trouble is not None)
    assert "damaged.safetensors" in hand.window.stage.error_bar.trouble.sentence  # type: ignore[union-attr]
    assert hand.document.history == history
    assert hand.seed("seed_b", 3) == before


def test_another_model_opens_with_the_same_seeds_and_undo_returns(hand: Hand, tmp_path: Path) -> None:
    from . import tiny_model

    tiny_model.write(tmp_path / "small.safetensors", "small-16", seed=1, resolution=16, channels=1)
    before = hand.slide("psi", 0.8)
    hand.window.commands.open(tmp_path / "small.safetensors")
    hand.qtbot.waitUntil(lambda: hand.document.info.resolution == 16)
    assert len(hand.shown()) == 16 * 16 * 4
    assert len([f for f in hand.window.findChildren(Fader) if f.objectName().startswith("layer_")]) >= 6
    assert hand.undo() == before
