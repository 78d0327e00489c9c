"""Smaller pictures on the way, and a quicker precision: neither leaves a trace in the whole picture."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import device, edits, quick
from engine.network import State
from engine.pace import KEPT, SHARE, Pace
from engine.plan import resolve
from engine.quick import LEAST_GAIN, MOST_LEVELS, Trial
from engine.recipe import Recipe, Seed, Source
from engine.renderer import Renderer
from engine.synthesizer import Stopped, Synthesizer
from tests.engine.fakes import write_model
from tests.engine.test_synthesizer import real_model
from tests.strategies import edited, recipes

SKIP, RESIDUAL, PLAIN = real_model(), real_model(architecture="resnet"), real_model(resolution=32)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    write_model(path)
    return path


@pytest.fixture
def renderer(file):
    renderer = Renderer("cpu")
    renderer.load(file)
    return renderer


def recipe_of(renderer, **parts):
    return edits.with_model(Recipe(**parts), renderer.info)


@given(data=st.data())
@settings(max_examples=25)
def test_a_picture_after_previews_equals_a_fresh_one_bit_for_bit(data):
    synthesizer = Synthesizer(SKIP)
    recipe = data.draw(recipes(SKIP.info))
    for _ in range(3):
        stop_at = data.draw(st.sampled_from([4, 8, 16, None]))
        plan = resolve(recipe, SKIP)
        image = synthesizer.run(plan, stop_at=stop_at)
        assert torch.equal(image, Synthesizer(SKIP).run(plan, stop_at=stop_at))
        assert image.shape[-1] == (stop_at or 16)
        recipe = data.draw(st.one_of(st.just(recipe), edited(recipe, SKIP.info)))
    plan = resolve(recipe, SKIP)
    assert torch.equal(synthesizer.run(plan), Synthesizer(SKIP).run(plan))


@given(seed=st.integers(0, 1000), colour=st.floats(-1, 1))
@settings(max_examples=10)
def test_where_nothing_has_detail_a_preview_is_the_whole_picture(seed, colour):
    generator, features = PLAIN.generator, PLAIN.generator.settings.features(16)
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(1, features, 1, 1, generator=random).expand(-1, -1, 16, 16)
    ws = torch.randn(1, len(PLAIN.info.layers), PLAIN.info.w_dim, generator=random)
    begun = State(x, torch.full((1, 3, 16, 16), colour))
    state, steps = begun, Synthesizer(PLAIN).stops[16]
    with torch.inference_mode():
        for step in range(steps, len(generator.steps)):
            state = generator.run(step, state, ws, None)
        preview = generator.preview(steps, begun, ws)
    middle = generator.picture(state)[..., 16:17, 16:17]  # borders are no plain area
    torch.testing.assert_close(preview[..., 8:9, 8:9], middle, rtol=1e-4, atol=1e-4)


def test_a_preview_shows_the_styles_of_layers_to_come():
    one, other = Recipe(b=Source(Seed(1))), edits.with_share(Recipe(b=Source(Seed(1))), [5], 1.0)
    whole, preview = ([Synthesizer(SKIP).run(resolve(r, SKIP), stop_at=at) for r in (one, other)] for at in (None, 4))
    assert not torch.equal(*whole)
    assert not torch.equal(*preview)


def test_the_whole_picture_goes_on_where_the_preview_ended():
    synthesizer, plan = Synthesizer(SKIP), resolve(Recipe(), SKIP)
    synthesizer.run(plan, stop_at=8)
    kept = synthesizer.states
    synthesizer.run(plan)
    assert synthesizer.first == len(kept)
    assert all(old is new for old, new in zip(kept, synthesizer.states, strict=False))


def test_a_preview_of_what_is_there_computes_nothing_and_throws_nothing_away():
    synthesizer, plan = Synthesizer(SKIP), resolve(Recipe(), SKIP)
    synthesizer.run(plan)
    synthesizer.run(plan, stop_at=8)
    assert synthesizer.first == synthesizer.end
    synthesizer.run(plan)
    assert synthesizer.first == len(plan.steps)


@pytest.mark.parametrize(("pixels", "size"), [(1, 4), (5, 8), (8, 8), (9, 16), (1000, 16)])
def test_pixels_that_are_enough_are_the_next_resolution(pixels, size):
    assert Synthesizer(SKIP).run(resolve(Recipe(), SKIP), stop_at=pixels).shape[-1] == size


def test_a_network_without_output_skips_is_always_whole():
    plan = resolve(Recipe(), RESIDUAL)
    assert torch.equal(Synthesizer(RESIDUAL).run(plan, stop_at=4), Synthesizer(RESIDUAL).run(plan))


def test_the_time_of_a_pass_is_the_sum_of_the_medians_of_its_steps():
    pace = Pace([8, 8])
    assert pace.forecast(0, 2) is None
    for ms in (50, 1, 2, 3):
        for step in range(2):
            pace.note(step, ms)
    assert KEPT == 3
    assert pace.forecast(0, 2) == 4  # the first, of 50, was dropped
    assert pace.forecast(1, 2) == 2
    assert pace.forecast(2, 2) == 0


def test_the_time_of_a_preview_is_that_of_its_steps_and_of_making_it():
    pace = Pace([4, 8, 16])
    for step, ms in enumerate((1, 10, 100)):
        assert pace.forecast(0, 1) is None  # later ones never ran, and there was no preview
        pace.note(step, ms)
    assert pace.forecast(0, 1) == 1 + SHARE * (10 / 4 + 100 / 16)
    assert pace.forecast(1, 1) == SHARE * (10 / 4 + 100 / 16)
    pace.note_preview(1, 3)
    assert pace.forecast(0, 1) == 1 + 3
    assert pace.forecast(0, 2) == 11 + SHARE * 100 / 4
    assert pace.forecast(0, 3) == 111


def test_nothing_is_offered_before_times_are_known(renderer):
    assert renderer.offers(recipe_of(renderer)) == ()


def test_offered_is_what_shows_the_change(renderer):
    recipe = recipe_of(renderer)
    renderer.render(recipe)
    assert {o.resolution for o in renderer.offers(edits.with_seed(recipe, "a", 9))} == {4, 8, 16}
    last = len(renderer.info.layers) - 1  # styles of layers to come show in every preview, noise of theirs does not
    assert {o.resolution for o in renderer.offers(edits.with_share(recipe, [last], 0.5))} == {4, 8, 16}
    fine = renderer.offers(edits.with_noise_seed(recipe, 16, 9))
    assert {o.resolution for o in fine} == {16}
    assert fine[0].ms < max(o.ms for o in renderer.offers(edits.with_seed(recipe, "a", 9)))
    (same,) = renderer.offers(recipe)
    assert (same.resolution, same.ms) == (16, 0)


def test_what_a_smaller_picture_hid_is_still_offered_as_a_change(renderer):
    recipe = recipe_of(renderer)
    renderer.render(recipe)
    other = edits.with_seed(recipe, "a", 9)
    renderer.render(other, stop_at=8)
    assert renderer.last.resolution == 8
    (whole,) = renderer.offers(other)
    assert whole.resolution == 16
    assert (renderer.render(other).pixels == Renderer.render(fresh(renderer), other).pixels).all()


def fresh(renderer):
    another = Renderer("cpu")
    another.load(renderer._shelf._paths[renderer.info.content_id][0])
    return another


# --- the quicker precision


def test_bfloat16_is_worth_it_when_it_is_measured_to_be_quicker_and_near():
    assert Trial(ms=100, quick_ms=40, levels=MOST_LEVELS).worth
    assert not Trial(ms=100, quick_ms=40, levels=MOST_LEVELS + 1).worth
    assert not Trial(ms=100, quick_ms=90, levels=None).worth


def test_a_processor_without_bfloat16_has_nothing_to_try(renderer, monkeypatch):
    monkeypatch.setattr(device, "has_bfloat16", lambda: False)
    assert renderer.try_quick(recipe_of(renderer)) is None
    renderer.render(recipe_of(renderer))
    assert not any(offer.quick for offer in renderer.offers(edits.with_psi(recipe_of(renderer), 0.5)))


@pytest.mark.parametrize(("seconds", "faster"), [(2.0, False), (1 / LEAST_GAIN + 0.01, False), (0.4, True)])
def test_speed_is_decided_by_measuring_and_not_by_the_processors_word(renderer, monkeypatch, seconds, faster):
    monkeypatch.setattr(device, "has_bfloat16", lambda: True)
    model = renderer.model(recipe_of(renderer).model)
    twin = quick.twin(model)
    plan = resolve(recipe_of(renderer), model)
    with monkeypatch.context() as patch:
        ticks = iter([t for _ in range(3) for each in (1.0, seconds) for t in (0.0, each)])
        patch.setattr(quick, "time", type("Clock", (), {"perf_counter": staticmethod(lambda: next(ticks))}))
        trial = quick.tried(model, twin, plan)
    assert (trial.levels is not None) == faster


def test_moving_pictures_in_bfloat16_leave_the_picture_at_rest_as_it_is(renderer, monkeypatch):
    monkeypatch.setattr(device, "has_bfloat16", lambda: True)
    monkeypatch.setattr(quick, "tried", lambda *_: Trial(ms=100, quick_ms=40, levels=2))
    recipe = recipe_of(renderer)
    assert renderer.try_quick(recipe).worth
    renderer.render(recipe)
    moving = [edits.with_psi(recipe, n / 5) for n in range(5)]
    for step in moving:
        rough = renderer.render(step, quick=True)
        assert (renderer.last.dtype, rough.provenance.dtype) == ("bfloat16", "bfloat16")
    assert any(offer.quick for offer in renderer.offers(edits.with_psi(recipe, 0.33)))
    whole = renderer.render(moving[-1])
    assert renderer.last.dtype == "float32"
    assert (whole.pixels == fresh(renderer).render(moving[-1]).pixels).all()
    assert (whole.pixels.astype(int) - rough.pixels).any()


def test_a_trial_happens_once_and_is_asked_for_again_when_it_was_given_up(renderer, monkeypatch):
    monkeypatch.setattr(device, "has_bfloat16", lambda: True)
    with pytest.raises(Stopped):
        renderer.try_quick(recipe_of(renderer), stop=lambda: True)
    trial = renderer.try_quick(recipe_of(renderer))
    assert trial is not None
    assert renderer.try_quick(recipe_of(renderer, a=Source(Seed(5)))) is trial


def test_errors_are_counted_in_grey_levels():
    image = torch.zeros(1, 3, 4, 4)
    assert quick.largest_error(image, image + 2 / 127.5) == 2
    assert quick.largest_error(image + 5, image + 9) == 0  # both white


def test_weights_that_are_frozen_give_the_same_picture():
    model = real_model()
    plan = resolve(Recipe(a=Source(Seed(3))), model)
    before = Synthesizer(model).run(plan)
    model.generator.freeze()
    torch.testing.assert_close(Synthesizer(model).run(plan), before, rtol=1e-5, atol=1e-6)
