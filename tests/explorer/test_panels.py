"""The panels on a document without engine: every control makes its edit and shows every recipe in silence."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine import edits, recipe_json
from engine.family import ModelInfo
from engine.recipe import Mix, Noise, NoiseSetting, PlanePoint, Recipe, SavedLatent, Seed, Source, vector
from explorer import timeline_edits
from explorer.controls.fader import Fader
from explorer.controls.seed import SeedField
from explorer.controls.segmented import Segmented
from explorer.controls.value_slider import ValueSlider
from explorer.document import Document, OpenModel
from explorer.panels.history import HistoryPanel
from explorer.panels.mix import MixPanel, moved_together
from explorer.panels.noise import NoisePanel
from explorer.panels.sources import SourcesPanel
from explorer.panels.truncation import TruncationPanel

from . import fakes, hands
from .hands import shown

P = TypeVar("P", bound=QWidget)
PANELS = [SourcesPanel, TruncationPanel, NoisePanel, MixPanel, HistoryPanel]
MODELS = {
    "64": fakes.model_info(64),
    "1024": fakes.model_info(1024),
    "no noise": fakes.model_info(64, noise=False, stored_noise=False),
    "no mapping": fakes.model_info(32, mapping=False, truncation=False, layer_styles=False),
    "classes": fakes.model_info(64, classes=4),
}


def part(panel: QWidget, kind: type[P], name: str) -> P:
    """A control by its object name."""
    found = panel.findChild(kind, name)
    assert found is not None, name
    return found


def labels(document: Document) -> list[str]:
    return [step.label for step in document.history.steps[1:]]


def recipes_for(info: ModelInfo) -> list[Recipe]:
    """Recipes of every kind that the model can show."""
    start = edits.with_model(Recipe(), info)
    rows = len(info.layers)
    saved = SavedLatent("ws", vector([0.5] * (rows * info.w_dim), (rows, info.w_dim)))
    noise = Noise(tuple((r, NoiseSetting(2**32 - 1, 1.2345)) for r in info.noise_resolutions))
    return [
        start,
        replace(start, psi=-1.0),
        replace(start, psi=37.7, cutoff=0),
        replace(start, psi=0.123456, cutoff=rows),
        replace(start, cutoff=3, noise=noise),
        replace(start, mix=Mix(0.123456, tuple((i % 5) / 4 if i % 3 else None for i in range(rows)), "z", "linear")),
        replace(start, a=Source(PlanePoint(3.25, -7.5)), b=Source(saved)),
        replace(start, a=Source(Seed(2**32 - 1), (0.5,) * info.classes)),
    ]


@pytest.mark.parametrize("kind", PANELS)
@pytest.mark.parametrize("model", MODELS)
def test_showing_a_recipe_edits_nothing(qtbot: QtBot, kind: type[QWidget], model: str) -> None:
    document = fakes.document(MODELS[model])
    shown(qtbot, kind(document))
    for number, recipe in enumerate(recipes_for(MODELS[model])):
        document.apply(f"recipe {number}", recipe)
        assert document.recipe == recipe
    while document.history.can_undo:
        document.undo()
    steps = len(document.history.steps)
    while document.history.can_redo:
        document.redo()
    assert len(document.history.steps) == steps


@pytest.mark.parametrize("kind", PANELS)
def test_another_model_rebuilds_the_panel_and_undo_returns_to_the_old_one(qtbot: QtBot, kind: type[QWidget]) -> None:
    document = fakes.document(fakes.model_info(64))
    panel = shown(qtbot, kind(document), 1024 if kind is MixPanel else 240)
    other = fakes.model_info(1024, classes=3, content_id="4567")
    document.open_model(OpenModel(other, fakes.path(other)), edits.with_model(document.recipe, other), "Open other")
    QApplication.sendPostedEvents()
    if kind is MixPanel:
        assert panel.findChild(Fader, "layer_17") is not None
    if kind is NoisePanel:
        assert panel.findChild(SeedField, "noise_seed_1024") is not None
    document.undo()
    qtbot.waitUntil(lambda: panel.findChild(QWidget, "layer_17") is None)
    qtbot.waitUntil(lambda: panel.findChild(QWidget, "noise_seed_1024") is None)
    qtbot.waitUntil(lambda: panel.findChild(QWidget, "class_a") is None)


@pytest.mark.parametrize("kind", PANELS)
@pytest.mark.parametrize("model", MODELS)
def test_every_control_has_a_tool_tip_and_a_name_for_who_cannot_see_it(qtbot: QtBot, kind, model: str) -> None:
    panel = shown(qtbot, kind(fakes.document(MODELS[model])))
    for control in panel.findChildren(QWidget):
        inner = control.parent().inherits("QAbstractSpinBox") or control.inherits("QScrollBar")
        if inner or not isinstance(control, (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QLineEdit)):
            continue
        if control.isVisibleTo(panel):
            assert control.toolTip(), control
            assert control.accessibleName() or getattr(control, "text", str)(), control


@pytest.mark.parametrize("kind", PANELS[:-1])
def test_tab_reaches_every_control(qtbot: QtBot, kind: type[QWidget]) -> None:
    panel = shown(qtbot, kind(fakes.document(fakes.model_info(64, classes=3))), 1024, 900)
    wanted = {
        control
        for control in panel.findChildren(QWidget)
        if control.isVisibleTo(panel) and control.isEnabled() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        if control.focusProxy() is None
    }
    reached: list[QWidget | None] = []
    for _ in range(200):
        QTest.keyClick(QApplication.focusWidget() or panel, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    unreached = {c for c in wanted - set(reached) if not (isinstance(c, QAbstractButton) and c.group() is not None)}
    assert not unreached


# truncation


def test_a_psi_drag_is_one_step_with_the_last_value(qtbot: QtBot) -> None:
    document = fakes.document()
    psi = part(shown(qtbot, TruncationPanel(document)), ValueSlider, "psi")
    hands.drag(psi.rail, 0.7, 0.2, 0.9)
    assert len(document.history.steps) == 2
    assert document.recipe.psi == psi.value()
    assert labels(document)[0].startswith("psi ")
    document.undo()
    assert psi.value() == document.recipe.psi == 0.7


def test_psi_opens_at_what_the_model_says(qtbot: QtBot) -> None:
    info = replace(fakes.model_info(), opening=recipe_json.to_dict(Recipe(psi=0.55)))
    psi = part(shown(qtbot, TruncationPanel(fakes.document(info))), ValueSlider, "psi")
    assert psi.default == 0.55


OPENING = Recipe(a=Source(Seed(7)), b=Source(Seed(8)), mix=Mix(space="w", blend="linear"))


@pytest.mark.parametrize("name", ["a", "b"])
@pytest.mark.parametrize("latent", [Seed(99), PlanePoint(0.5, 2.25)])
def test_a_source_is_reset_to_what_the_model_opens_with(qtbot: QtBot, name: Literal["a", "b"], latent) -> None:
    info = replace(fakes.model_info(), opening=recipe_json.to_dict(OPENING))
    document = fakes.document(info)
    document.apply("start", edits.with_model(OPENING, info))
    seed = part(shown(qtbot, SourcesPanel(document)), SeedField, f"seed_{name}")
    assert not seed.dot.isVisible()
    for reset in (seed.dot.click, lambda: QTest.keyClick(seed.box, Qt.Key.Key_Delete)):
        document.apply("elsewhere", edits.with_latent(document.recipe, name, latent))
        assert seed.dot.isVisible()
        hands.focus(qtbot, seed.box)
        reset()
        assert document.recipe.source(name) == OPENING.source(name)
        assert not seed.dot.isVisible()
    hands.focus(qtbot, seed.box)
    QTest.keyClick(seed.box, Qt.Key.Key_Delete)  # nothing to reset: the seed stays
    assert seed.box.text() == str(OPENING.source(name).latent.seed)  # type: ignore[union-attr]


def test_space_and_blend_are_reset_by_dot_and_by_delete(qtbot: QtBot) -> None:
    info = replace(fakes.model_info(), opening=recipe_json.to_dict(OPENING))
    document = fakes.document(info)
    panel = shown(qtbot, MixPanel(document), 1024)
    document.apply("start", edits.with_model(OPENING, info))
    for name, other in (("space", "z"), ("blend", "even")):
        switch = part(panel, Segmented, name)
        button = switch.findChildren(QAbstractButton)[0]
        for reset in (switch.dot.click, lambda button=button: QTest.keyClick(button, Qt.Key.Key_Delete)):
            assert not switch.dot.isVisible()
            with_other = edits.with_space if name == "space" else edits.with_blend
            document.apply("other", with_other(document.recipe, other))  # type: ignore[operator]
            assert switch.dot.isVisible()
            reset()
            assert document.recipe.mix == OPENING.mix


def test_the_end_of_the_cutoff_is_all(qtbot: QtBot) -> None:
    document = fakes.document()
    cutoff = part(shown(qtbot, TruncationPanel(document)), ValueSlider, "cutoff")
    assert cutoff.field.text() == "all"
    cutoff.rail.setFocus()
    QTest.keyClick(cutoff.rail, Qt.Key.Key_Left)
    assert document.recipe.cutoff == 9
    QTest.keyClick(cutoff.rail, Qt.Key.Key_End)
    assert document.recipe.cutoff is None
    QTest.keyClick(cutoff.rail, Qt.Key.Key_Home)
    assert document.recipe.cutoff == 0


def test_psi_says_why_it_has_no_effect(qtbot: QtBot) -> None:
    panel = shown(qtbot, TruncationPanel(fakes.document(MODELS["no mapping"])))
    for name in ("psi", "cutoff"):
        slider = part(panel, ValueSlider, name)
        assert not slider.isEnabled()
        assert "w_avg" in slider.rail.toolTip()


def test_the_cutoff_rests_where_all_layers_get_one_style(qtbot: QtBot) -> None:
    panel = shown(qtbot, TruncationPanel(fakes.document(fakes.model_info(64, layer_styles=False))))
    assert part(panel, ValueSlider, "psi").isEnabled()
    assert "one style" in part(panel, ValueSlider, "cutoff").rail.toolTip()


# sources


def test_seeds_of_both_sources_are_typed_rolled_and_swapped(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, SourcesPanel(document))
    a, b = (part(panel, SeedField, f"seed_{name}") for name in "ab")
    assert (a.value(), b.value()) == (1234, 98)
    a.box.setFocus()
    a.box.selectAll()
    QTest.keyClicks(a.box, "77")
    QTest.keyClick(a.box, Qt.Key.Key_Return)
    assert document.recipe.a.latent == Seed(77)
    b.dice.click()
    assert document.recipe.b.latent == Seed(b.value())
    rolled = b.value()
    part(panel, QAbstractButton, "swap").click()
    assert (a.value(), b.value()) == (rolled, 77)
    assert labels(document) == ["seed A 77", f"seed B {rolled}", "swap A and B"]


def test_roll_both_leaves_a_locked_source_alone(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, SourcesPanel(document))
    part(panel, QAbstractButton, "lock_a").click()
    assert document.locks == {"source a"}
    part(panel, QAbstractButton, "roll_sources").click()
    assert document.recipe.a.latent == Seed(1234)
    assert document.recipe.b.latent != Seed(98)


def test_a_source_that_is_no_seed_says_what_it_is(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, SourcesPanel(document))
    document.apply("point", edits.with_latent(document.recipe, "a", PlanePoint(1.5, 2)))
    document.apply("latent", edits.with_latent(document.recipe, "b", SavedLatent("w", vector([0.0] * 128))))
    words = [part(panel, SeedField, f"seed_{name}").box.placeholderText() for name in "ab"]
    assert words == ["1.50, 2.00", "saved W latent"]


def test_classes_are_picked_only_where_a_model_has_them(qtbot: QtBot) -> None:
    assert shown(qtbot, SourcesPanel(fakes.document())).findChild(QWidget, "class_a") is None
    document = fakes.document(MODELS["classes"])
    panel = shown(qtbot, SourcesPanel(document))
    picker = part(panel, QWidget, "class_b")
    assert picker.currentText() == "kind 0"
    picker.setFocus()
    QTest.keyClick(picker, Qt.Key.Key_Down)
    assert document.recipe.b.classes == (0, 1, 0, 0)
    assert labels(document) == ["class B kind 1"]
    document.apply("blend", edits.with_classes(document.recipe, "b", (0.5, 0.5, 0, 0)))
    assert picker.currentIndex() == -1


def test_a_thumbnail_of_any_shape_is_shown(qtbot: QtBot) -> None:
    panel = shown(qtbot, SourcesPanel(fakes.document()))
    before = panel.grab().toImage()
    for size in ((64, 64), (30, 90), (1, 1)):
        image = QImage(*size, QImage.Format.Format_RGB888)
        image.fill(Qt.GlobalColor.white)
        panel.set_thumbnail("a", image)
        panel.set_thumbnail("b", image)
    assert panel.grab().toImage() != before


# noise


def test_noise_of_one_resolution_is_rolled_and_scaled(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, NoisePanel(document))
    seed, strength = part(panel, SeedField, "noise_seed_32"), part(panel, ValueSlider, "noise_strength_32")
    assert (seed.value(), seed.box.placeholderText()) == (None, "trained")
    seed.dice.click()
    strength.rail.setFocus()
    QTest.keyClick(strength.rail, Qt.Key.Key_Home)
    assert document.recipe.noise.settings == ((32, NoiseSetting(seed.value(), 0.0)),)
    assert labels(document)[1] == "noise 32x32 strength 0.00"
    seed.dot.click()
    strength.dot.click()
    assert document.recipe.noise == Noise()


def test_reroll_all_respects_locks_and_is_one_step(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, NoisePanel(document))
    part(panel, QAbstractButton, "noise_lock_16").click()
    assert document.locks == {"noise 16"}
    part(panel, QAbstractButton, "reroll_noise").click()
    assert [resolution for resolution, _ in document.recipe.noise.settings] == [4, 8, 32, 64]
    assert labels(document) == ["lock noise 16x16", "re-roll noise"]
    document.apply("strength", edits.with_noise_strength(document.recipe, 8, 0.5))
    part(panel, QAbstractButton, "reset_noise").click()
    assert document.recipe.noise == Noise()


def test_the_circle_goes_through_the_seed_that_is_chosen_and_undo_takes_it_back(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, NoisePanel(document))
    circle = part(panel, SeedField, "circle_seed")
    assert not circle.isEnabled()
    assert "choose circling noise" in circle.toolTip()
    timeline_edits.set_noise(document, "circle")
    assert circle.isEnabled()
    circle.box.setFocus()
    circle.box.selectAll()
    QTest.keyClicks(circle.box, "77")
    QTest.keyClick(circle.box, Qt.Key.Key_Return)
    assert document.timeline.noise_seed == 77
    assert labels(document)[-1] == "noise circle through 77"
    QTest.keyClick(circle.box, Qt.Key.Key_R)
    document.undo()
    assert circle.value() == 77
    circle.dot.click()
    assert document.timeline.noise_seed == 1
    document.undo()
    document.undo()
    document.undo()
    assert not circle.isEnabled()
    assert circle.value() == 1


def test_a_lock_that_was_set_elsewhere_is_shown(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, NoisePanel(document))
    document.set_lock("noise 8", True)
    assert part(panel, QAbstractButton, "noise_lock_8").isChecked()


def test_resolutions_without_noise_stay_and_say_why(qtbot: QtBot) -> None:
    document = fakes.document(MODELS["no noise"])
    panel = shown(qtbot, NoisePanel(document))
    for resolution in (4, 8, 16, 32, 64):
        seed = part(panel, SeedField, f"noise_seed_{resolution}")
        assert not seed.box.isEnabled()
        assert "no noise inputs" in seed.box.toolTip()
    assert not part(panel, QAbstractButton, "reroll_noise").isEnabled()


def test_strength_rests_while_a_model_without_stored_maps_has_no_seed(qtbot: QtBot) -> None:
    document = fakes.document(fakes.model_info(64, stored_noise=False))
    panel = shown(qtbot, NoisePanel(document))
    seed, strength = part(panel, SeedField, "noise_seed_16"), part(panel, ValueSlider, "noise_strength_16")
    assert seed.box.placeholderText() == "none"
    assert "without noise maps" in strength.rail.toolTip()
    seed.dice.click()
    assert strength.isEnabled()
    assert "16x16" in strength.rail.toolTip()


def test_noise_on_a_circle_says_between_which_maps_and_a_seed_leaves_it(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, NoisePanel(document))
    seed, other = part(panel, SeedField, "noise_seed_16"), part(panel, SeedField, "noise_seed_32")
    recipe = edits.with_noise(document.recipe, 16, NoiseSetting(7, 1.0, 9, 0.1))
    document.apply("circle", edits.with_noise(recipe, 32, NoiseSetting(None, 1.0, 9, 0.1)))
    assert (seed.value(), seed.box.placeholderText()) == (None, "7 \u2192 9")
    assert (other.value(), other.box.placeholderText()) == (None, "trained \u2192 9")
    assert "0.10 of the way round the circle through the noise of 7 and of 9" in seed.box.toolTip()
    assert seed.dot.isVisible()
    other.dot.click()
    assert (document.recipe.noise.at(32), other.box.placeholderText()) == (NoiseSetting(), "trained")
    seed.box.setFocus()
    QTest.keyClicks(seed.box, "7")
    QTest.keyClick(seed.box, Qt.Key.Key_Return)
    assert document.recipe.noise.at(16) == NoiseSetting(7)
    assert (seed.value(), "circle" in seed.box.toolTip()) == (7, False)


def test_a_panel_whose_part_of_the_recipe_stays_is_not_shown_anew(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = fakes.document()
    told: list[str] = []
    for kind in (SourcesPanel, TruncationPanel, NoisePanel):
        monkeypatch.setattr(kind, "show_recipe", lambda panel, recipe: told.append(type(panel).__name__))
    panels = [kind(document) for kind in (SourcesPanel, TruncationPanel, NoisePanel)]
    for panel in panels:
        qtbot.addWidget(panel)
    told.clear()
    document.apply("mix", edits.with_master(document.recipe, 0.5))
    assert told == []
    document.apply("noise", edits.with_noise_seed(document.recipe, 8, 1))
    document.apply("psi", edits.with_psi(document.recipe, 0.1))
    document.apply("a", edits.with_seed(document.recipe, "a", 5))
    assert told == ["NoisePanel", "TruncationPanel", "SourcesPanel"]
    other = fakes.model_info(1024, content_id="4567")
    document.open_model(OpenModel(other, fakes.path(other)), edits.with_model(document.recipe, other), "open")
    assert len(told) == 6  # built anew, with the same values


# desk


@pytest.fixture
def desk(qtbot: QtBot) -> MixPanel:
    return shown(qtbot, MixPanel(fakes.document()), 1024, 180)


def test_the_master_is_the_interpolation_and_hollow_faders_follow_it(desk: MixPanel) -> None:
    hands.drag(desk.master, 0.5)
    assert desk.document.recipe.mix.t == pytest.approx(0.5, abs=0.01)
    layer = part(desk, Fader, "layer_3")
    assert layer.number() == desk.master.number()
    assert not layer.by_hand()
    assert len(desk.document.history.steps) == 2


def test_a_layer_that_was_moved_is_filled_and_stays_while_the_master_moves(desk: MixPanel) -> None:
    layer = part(desk, Fader, "layer_5")
    hands.drag(layer, 0.8)
    hands.drag(desk.master, 0.3)
    assert layer.by_hand()
    assert layer.number() == pytest.approx(0.8, abs=0.01)
    assert [desk.document.recipe.mix.follows(i) for i in range(10)] == [i != 5 for i in range(10)]
    assert labels(desk.document)[0].startswith("mix 32x32 layer")


def test_double_click_lets_a_layer_follow_again(desk: MixPanel) -> None:
    layer = part(desk, Fader, "layer_5")
    hands.drag(layer, 0.8)
    hands.double_click(layer, 0.8)
    assert desk.document.recipe.mix == Mix()
    assert not layer.by_hand()


def test_double_click_on_the_master_brings_a_back(desk: MixPanel) -> None:
    hands.drag(desk.master, 0.6)
    hands.double_click(desk.master, 0.6)
    assert desk.document.recipe.mix.t == 0


def test_a_group_moves_its_layers_together_in_one_step(desk: MixPanel) -> None:
    document, group = desk.document, part(desk, Fader, "group_middle")
    hands.drag(part(desk, Fader, "layer_4"), 0.4)
    hands.drag(group, 0.5, 1.0, 0.55)
    shares = [document.recipe.mix.share(i) for i in range(4, 8)]
    assert sum(shares) / 4 == pytest.approx(group.number(), abs=0.01)
    assert shares[0] > shares[1] == shares[2] == shares[3] > 0
    assert len(document.history.steps) == 3
    assert [document.recipe.mix.follows(i) for i in range(10)] == [not 4 <= i < 8 for i in range(10)]
    hands.drag(group, 1.0)
    assert [document.recipe.mix.share(i) for i in range(4, 8)] == [1.0] * 4
    hands.double_click(group, 1.0)
    assert document.recipe.mix == Mix()


def test_a_group_drag_that_comes_back_finds_the_old_shares(desk: MixPanel) -> None:
    group = part(desk, Fader, "group_coarse")
    hands.drag(part(desk, Fader, "layer_0"), 0.4)
    before = desk.document.recipe.mix.share(0)
    start = group.share()
    hands.press(group, start)
    for share in (1.0, 0.0, start):
        hands.move(group, share)
    hands.release(group, start)
    assert desk.document.recipe.mix.share(0) == pytest.approx(before, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0, 1))
def test_moving_together_meets_the_mean_keeps_the_order_and_stays_inside(shares: list[float], mean: float) -> None:
    moved = moved_together(shares, mean)
    assert sum(moved) / len(moved) == pytest.approx(mean, abs=1e-6)
    assert all(0 <= share <= 1 for share in moved)
    order = sorted(range(len(shares)), key=shares.__getitem__)
    assert all(moved[i] <= moved[j] + 1e-9 for i, j in pairwise(order))


def test_all_follow_the_master_at_a_click(desk: MixPanel) -> None:
    hands.drag(part(desk, Fader, "group_fine"), 0.8)
    button = part(desk, QAbstractButton, "follow_all")
    button.click()
    assert desk.document.recipe.mix == Mix()
    assert not button.isEnabled()


def test_space_and_blend_are_edits(desk: MixPanel) -> None:
    for name, value in (("blend", "linear"), ("space", "z")):
        switch = part(desk, Segmented, name)
        switch.findChildren(QAbstractButton)[1].click()
        assert switch.value() == value
    assert (desk.document.recipe.mix.space, desk.document.recipe.mix.blend) == ("z", "linear")
    assert labels(desk.document) == ["linear blend", "mix in Z"]


def test_the_blend_rests_in_z_and_the_space_where_a_source_has_no_z(desk: MixPanel) -> None:
    document, space, blend = desk.document, part(desk, Segmented, "space"), part(desk, Segmented, "blend")
    document.apply("in z", edits.with_space(document.recipe, "z"))
    assert "sphere" in blend.toolTip()
    assert not blend.isEnabled()
    document.apply("whole point", edits.with_latent(document.recipe, "a", PlanePoint(3.0, -2.0)))
    assert space.isEnabled()
    for latent in (PlanePoint(1.5, 2), SavedLatent("w", vector([0.0] * 128))):
        document.apply("between", edits.with_latent(document.recipe, "a", latent))
        assert "Source A has no z" in space.toolTip()
        assert space.value() == "w"
        assert blend.isEnabled()
    document.apply("seed", edits.with_seed(document.recipe, "a", 5))
    assert space.value() == "z"
    assert space.isEnabled()


def test_a_number_typed_on_a_fader_is_its_share(qtbot: QtBot, desk: MixPanel) -> None:
    layer = part(desk, Fader, "layer_2")
    layer.setFocus()
    QTest.keyClick(layer, Qt.Key.Key_0)
    field = part(desk, QAbstractSpinBox, "share")
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, ".25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert desk.document.recipe.mix.shares == (None, None, 0.25)


def test_left_and_right_walk_along_the_desk(qtbot: QtBot, desk: MixPanel) -> None:
    desk.master.setFocus()
    for name in ("group_coarse", "group_middle", "group_fine", "layer_0", "layer_1"):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
        assert QApplication.focusWidget().objectName() == name
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Left)
    assert QApplication.focusWidget().objectName() == "layer_0"


def test_a_desk_of_eighteen_layers_fits_into_1024_pixels(qtbot: QtBot) -> None:
    desk = shown(qtbot, MixPanel(fakes.document(MODELS["1024"])), 1024, 160)
    assert desk.minimumSizeHint().width() <= 1024
    faders = [part(desk, Fader, f"layer_{i}") for i in range(18)]
    places = [fader.mapTo(desk, QPoint(0, 0)).x() for fader in faders]
    assert all(fader.width() >= 14 for fader in faders)
    assert all(x + faders[0].width() - 1 <= y for x, y in pairwise(places))
    widest = max(fader.fontMetrics().horizontalAdvance(fader.caption) for fader in faders)
    assert min(fader.width() for fader in faders) >= widest


def test_a_model_of_one_style_keeps_its_faders_and_says_why_they_rest(qtbot: QtBot) -> None:
    desk = shown(qtbot, MixPanel(fakes.document(MODELS["no mapping"])), 1024, 160)
    assert desk.master.isEnabled()
    for name in ("group_coarse", "layer_0"):
        fader = part(desk, Fader, name)
        assert not fader.isEnabled()
        assert "one style" in fader.toolTip()
    assert "no mapping network" in part(desk, Segmented, "space").toolTip()
    assert part(desk, Segmented, "space").value() == "z"
    assert not part(desk, Segmented, "blend").isEnabled()


def test_the_reason_of_a_resting_fader_outlives_the_next_recipe(qtbot: QtBot) -> None:
    desk = shown(qtbot, MixPanel(fakes.document(MODELS["no mapping"])), 1024, 160)
    desk.document.apply("mix", edits.with_master(desk.document.recipe, 0.4))
    assert "one style" in part(desk, Fader, "layer_0").toolTip()


# history


def test_the_history_lists_every_step_and_a_click_returns_to_it(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, HistoryPanel(document))
    for psi in (0.1, 0.2, 0.3):
        document.apply(f"psi {psi}", edits.with_psi(document.recipe, psi))
    rows = [panel.model().index(row, 0) for row in range(panel.model().rowCount())]
    assert [row.data() for row in rows] == ["psi 0.3", "psi 0.2", "psi 0.1", "Open"]
    qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=panel.visualRect(rows[2]).center())
    assert document.recipe.psi == 0.1
    assert document.history.can_redo
    document.apply("psi 0.9", edits.with_psi(document.recipe, 0.9))
    assert panel.model().rowCount() == 3
    assert panel.currentIndex().data() == "psi 0.9"


def test_pictures_stay_with_their_steps(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, HistoryPanel(document))
    picture = QImage(64, 64, QImage.Format.Format_RGB888)
    picture.fill(Qt.GlobalColor.white)
    panel.set_thumbnail(0, picture)
    for psi in (0.1, 0.2):
        document.apply(f"psi {psi}", edits.with_psi(document.recipe, psi))
    shown_pictures = [panel.model().index(row, 0).data(Qt.ItemDataRole.DecorationRole) is not None for row in range(3)]
    assert shown_pictures == [False, False, True]
    assert not panel.grab().isNull()


def test_a_file_name_in_a_step_is_no_html_in_its_tool_tip(qtbot: QtBot) -> None:
    document = fakes.document()
    panel = shown(qtbot, HistoryPanel(document))
    document.apply("open <b>x</b>.png", edits.with_psi(document.recipe, 0.1))
    assert panel.model().index(0, 0).data() == "open <b>x</b>.png"
    assert panel.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "open &lt;b&gt;x&lt;/b&gt;.png"
