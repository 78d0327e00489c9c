"""Many pictures at once, as on CUDA: the same pictures, in order, with fewer at once when memory runs out."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import batch
from engine.errors import RenderError
from engine.recipe import ModelRef, Noise, NoiseSetting, Recipe, Seed, Source
from engine.renderer import Renderer, Stopped
from tests.engine.fakes import write_model
from tests.strategies import recipes

SAME = 1  # grey levels that batched kernels may differ by


def by_eights(model_file):
    """A renderer that works as on CUDA."""
    renderer = Renderer("cpu")
    renderer.load(model_file)
    renderer._many.at_once = 8
    return renderer


def some(count, **parts):
    return [Recipe(a=Source(Seed(i)), **parts) for i in range(count)]


@given(data=st.data())
@settings(max_examples=10)
def test_a_batch_gives_the_pictures_of_single_renders(data, renderer, model_file):
    wanted = data.draw(st.lists(recipes(renderer.info), min_size=1, max_size=11))
    found = list(by_eights(model_file).render_many(wanted))
    assert [picture.recipe for picture in found] == wanted
    for picture, recipe in zip(found, wanted, strict=True):
        assert np.abs(picture.pixels.astype(int) - renderer.render(recipe).pixels).max() <= SAME


def test_noise_that_differs_within_a_batch_stays_with_its_picture(renderer, model_file):
    noises = [None, NoiseSetting(3), NoiseSetting(4, 0.5), NoiseSetting(strength=0.0)]
    wanted = [Recipe(noise=Noise(((8, noise),)) if noise else Noise()) for noise in noises]
    for picture in by_eights(model_file).render_many(wanted):
        assert np.abs(picture.pixels.astype(int) - renderer.render(picture.recipe).pixels).max() <= SAME


def test_one_by_one_is_bit_equal(renderer):
    for picture in renderer.render_many(some(5)):
        assert (picture.pixels == renderer.render(picture.recipe).pixels).all()
    for numbers, recipe in zip(renderer.render_many_floats(some(3)), some(3), strict=True):
        assert (numbers == renderer.render_float(recipe)).all()


def test_recipes_are_taken_when_they_are_needed(renderer, model_file):
    for subject, ahead in ((renderer, 1), (by_eights(model_file), 9)):
        taken = []
        pictures = subject.render_many(taken.append(i) or recipe for i, recipe in enumerate(some(40)))
        for n in range(20):
            next(pictures)
            assert len(taken) <= n + ahead


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("CUDA error: out of memory")]
)
def test_out_of_memory_halves_the_batch_and_goes_on(error, model_file, monkeypatch):
    sizes, run = [], batch.run

    def small(plans, model, stop=None):
        sizes.append(len(plans))
        if len(plans) > 2:
            raise error
        return run(plans, model, stop)

    monkeypatch.setattr(batch, "run", small)
    renderer = by_eights(model_file)
    assert [picture.recipe for picture in renderer.render_many(some(11))] == some(11)
    assert sizes == [8, 4, 2, 2, 2, 2, 2, 1]
    assert len(list(renderer.render_many(some(4)))) == 4
    assert sizes[8:] == [2, 2], "what fits is remembered"


def test_not_even_one_fits(model_file, monkeypatch):
    def none(plans, model, stop=None):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(batch, "run", none)
    with pytest.raises(RenderError, match="not enough memory"):
        list(by_eights(model_file).render_many(some(3)))


def test_a_batch_is_stopped_between_steps(model_file):
    asked = []

    def stop():
        asked.append(True)
        return len(asked) == 4

    with pytest.raises(Stopped):
        list(by_eights(model_file).render_many(some(8), stop=stop))
    assert len(asked) == 4


def test_a_batch_holds_pictures_of_one_model(model_file, tmp_path):
    content_id = write_model(tmp_path / "other.safetensors", seed=5, name="other")
    renderer = by_eights(model_file)
    first = renderer.info.content_id
    renderer.load(tmp_path / "other.safetensors")
    refs = [ModelRef("", first), ModelRef("", content_id)]
    wanted = [Recipe(refs[i // 2 % 2], a=Source(Seed(i))) for i in range(8)]
    assert [picture.provenance.content_id for picture in renderer.render_many(wanted)] == [
        ref.content_id for ref in refs for _ in range(2)
    ] * 2


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
def test_cuda_batches_give_the_pictures_of_the_cpu(renderer, model_file):
    cuda = Renderer("cuda", "float32")
    cuda.load(model_file)
    for picture in cuda.render_many(some(40)):
        assert np.abs(picture.pixels.astype(int) - renderer.render(picture.recipe).pixels).max() <= SAME
