"""A picture that resumes from the last one equals a fresh one, bit for bit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import edits
from engine.errors import ModelFileError
from engine.families import FAMILIES, family
from engine.family import Features, ModelInfo
from engine.model import Model
from engine.plan import resolve
from engine.recipe import Mix, Recipe, Seed, Source
from engine.synthesizer import Stopped, Synthesizer
from tests.engine.fakes import CPU, TINY, fake_model, tensors_of
from tests.strategies import edited, recipes

KINDS = [{}, {"architecture": "resnet"}, {"architecture": "orig", "classes": 2}, {"use_noise": False, "channels": 1}]


def real_model(name="stylegan2", **kind):
    """A small model of a real family with random weights."""
    chosen = TINY | kind
    description = family(name).describe(chosen)
    generator = family(name).build_generator(chosen)
    tensors = tensors_of(chosen, 1, name)
    generator.load_state_dict({k.removeprefix("G_ema."): torch.from_numpy(v) for k, v in tensors.items()})
    generator.eval().requires_grad_(False)
    known = {f: getattr(description, f) for f in ModelInfo.__dataclass_fields__ if hasattr(description, f)}
    info = ModelInfo(name="tiny", family=name, networks=("G_ema",), content_id="tiny", **known)
    return Model(info, generator, CPU)


def frozen_model():
    """As the renderer has it, with a layer wide enough for Winograd's convolution."""
    model = real_model(resolution=16, channel_base=1024, channel_max=64)
    model.generator.freeze()
    assert any(getattr(layer, "points", None) is not None for layer in model.generator.modules())
    return model


MODELS = [fake_model(), *(real_model(**kind) for kind in KINDS), frozen_model()]


def fresh(recipe, model):
    return Synthesizer(model).run(resolve(recipe, model))


@pytest.mark.parametrize("model", MODELS, ids=["fake", "skip", "resnet", "orig", "no noise", "frozen"])
@given(data=st.data())
@settings(max_examples=25)
def test_incremental_equals_fresh_bit_for_bit(model, data):
    synthesizer = Synthesizer(model)
    recipe = data.draw(recipes(model.info))
    for _ in range(3):
        image = synthesizer.run(resolve(recipe, model))
        assert torch.equal(image, fresh(recipe, model))
        recipe = data.draw(st.one_of(edited(recipe, model.info), recipes(model.info)))


def test_only_steps_behind_the_first_difference_are_run():
    model = fake_model()
    synthesizer = Synthesizer(model)
    recipe = Recipe()
    synthesizer.run(resolve(recipe, model))
    model.generator.ran.clear()
    synthesizer.run(resolve(recipe, model))
    assert (model.generator.ran, synthesizer.first) == ([], 3)
    synthesizer.run(resolve(edits.with_noise_seed(recipe, 8, 5), model))
    assert (model.generator.ran, synthesizer.first) == ([1, 2], 1)


def test_rerolled_noise_leaves_earlier_states_untouched():
    model = MODELS[1]
    synthesizer = Synthesizer(model)
    synthesizer.run(resolve(Recipe(), model))
    before = synthesizer.states
    synthesizer.run(resolve(edits.with_noise_seed(Recipe(), 16, 3), model))
    first = synthesizer.first
    assert model.generator.steps[first].name == "b16.conv0"
    assert all(old is new for old, new in zip(before[:first], synthesizer.states[:first], strict=True))
    assert not torch.equal(before[-1].image, synthesizer.states[-1].image)


@pytest.mark.parametrize("model", MODELS[1:4])
def test_nothing_is_written_into_kept_states(model):
    synthesizer = Synthesizer(model)
    synthesizer.run(resolve(Recipe(), model))
    kept = [(s.x, s.image, s.shortcut) for s in synthesizer.states]
    copies = [[None if t is None else t.clone() for t in tensors] for tensors in kept]
    for number in range(2, 6):
        synthesizer.run(resolve(edits.with_share(Recipe(), [number % 4], 0.5), model))
    for tensors, copied in zip(kept, copies, strict=True):
        for tensor, copy in zip(tensors, copied, strict=True):
            assert tensor is None or torch.equal(tensor, copy)


def test_a_stopped_pass_is_taken_up_where_it_was_left():
    model = fake_model()
    synthesizer = Synthesizer(model)
    plan = resolve(Recipe(mix=Mix(t=0.5)), model)
    answers = iter([False, False, True])
    with pytest.raises(Stopped):
        synthesizer.run(plan, lambda: next(answers))
    assert model.generator.ran == [0, 1]
    image = synthesizer.run(plan)
    assert model.generator.ran == [0, 1, 2]
    assert torch.equal(image, fresh(Recipe(mix=Mix(t=0.5)), model))


def test_a_pass_stopped_at_once_for_another_recipe_does_no_harm():
    model = fake_model()
    synthesizer = Synthesizer(model)
    synthesizer.run(resolve(Recipe(), model))
    with pytest.raises(Stopped):
        synthesizer.run(resolve(Recipe(a=Source(Seed(5))), model), lambda: True)
    assert torch.equal(synthesizer.run(resolve(Recipe(), model)), fresh(Recipe(), model))


def test_forgetting_frees_the_states():
    model = fake_model()
    synthesizer = Synthesizer(model)
    synthesizer.run(resolve(Recipe(), model))
    synthesizer.forget()
    assert synthesizer.states == ()
    synthesizer.run(resolve(Recipe(), model))
    assert synthesizer.first == 0


def test_a_map_that_the_model_does_not_store_is_no_noise():
    model = fake_model()
    quiet = fake_model(stored_noise=False)
    quiet.generator.maps = model.generator.maps
    assert not torch.equal(fresh(Recipe(), model), fresh(Recipe(), quiet))


def test_every_family_that_is_named_is_there():
    assert all(family(name).name == name for name in FAMILIES)
    with pytest.raises(ModelFileError, match="os"):
        family("os")
    assert Features.__dataclass_fields__.keys() >= {"mapping", "truncation"}
