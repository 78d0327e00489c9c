"""The renderer: pictures of recipes, models that come and go, errors in words."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import edits, latents
from engine.errors import DeviceError, ModelFileError, ModelNotFoundError, RenderError
from engine.recipe import Mix, ModelRef, Noise, NoiseSetting, Push, Recipe, Seed, Source, vector
from engine.renderer import Renderer, Stopped
from tests.engine.fakes import write_model
from tests.strategies import edited, recipes


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for seed in range(4):
        write_model(folder / f"{seed}.safetensors", seed=seed, name=f"tiny {seed}")
    write_model(folder / "classes.safetensors", classes=3, channels=4)
    return folder


@pytest.fixture
def renderer(files):
    renderer = Renderer("cpu")
    renderer.load(files / "0.safetensors")
    return renderer


def recipe_of(renderer, **parts):
    return edits.with_model(Recipe(**parts), renderer.info)


def test_a_picture_is_the_rounded_output_with_its_recipe(renderer):
    recipe = recipe_of(renderer)
    picture, numbers = renderer.render(recipe), renderer.render_float(recipe)
    assert numbers.dtype == np.float32
    assert numbers.shape == (3, 16, 16)
    expected = (numbers * 127.5 + 128).clip(0, 255).astype(np.uint8)
    assert (picture.pixels == expected.transpose(1, 2, 0)).all()
    assert picture.recipe == recipe
    assert not picture.pixels.flags.writeable
    made = picture.provenance
    assert (made.program, made.model) == (f"Stylescope {engine.__version__}", "tiny 0")
    assert (made.device, made.dtype, made.content_id) == ("cpu", "float32", renderer.info.content_id)


def test_the_reference_formula_gives_the_same_picture(renderer, files):
    """Without plan, synthesizer and caches: the generator called as in the paper."""
    generator = renderer._models[renderer.info.content_id].model.generator
    z = torch.from_numpy(latents.z_of_seed(5, 16))[None]
    with torch.inference_mode():
        w = generator.map(z, None)
        ws = (generator.w_avg + 0.7 * (w - generator.w_avg))[:, None].expand(-1, 6, -1)
        expected = generator.synthesize(ws)[0].numpy()
    found = renderer.render_float(recipe_of(renderer, a=Source(Seed(5)), psi=0.7))
    assert found == pytest.approx(expected, abs=1e-4)


@given(data=st.data())
@settings(max_examples=20)
def test_the_order_of_renders_does_not_matter(files, data):
    renderer, other = Renderer("cpu"), Renderer("cpu")
    info = renderer.load(files / "0.safetensors")
    other.load(files / "0.safetensors")
    first = data.draw(recipes(info))
    second = data.draw(edited(first, info))
    renderer.render(first)
    renderer.render(recipe_of(renderer), remember=False)
    assert (renderer.render(second).pixels == other.render(second).pixels).all()


def test_figures_say_what_was_computed_again(renderer):
    recipe = recipe_of(renderer)
    renderer.render(recipe)
    assert (renderer.last.first_step, renderer.last.first_name, renderer.last.reused_to) == (0, "b4.conv1", 0)
    renderer.render(edits.with_noise_seed(recipe, 16, 1))
    assert (renderer.last.first_name, renderer.last.reused_to) == ("b16.conv0", 8)
    renderer.render(edits.with_noise_seed(recipe, 16, 1))
    assert (renderer.last.first_name, renderer.last.reused_to) == ("", 16)
    assert renderer.last.ms > 0


def test_a_picture_in_between_disturbs_nothing(renderer):
    recipe = recipe_of(renderer)
    renderer.render(recipe)
    before = renderer.last
    renderer.render(edits.with_seed(recipe, "a", 9), remember=False)
    assert renderer.last is before
    renderer.render(recipe)
    assert renderer.last.first_name == ""


def test_a_superseded_picture_is_given_up(renderer):
    with pytest.raises(Stopped):
        renderer.render(recipe_of(renderer), stop=lambda: True)


def test_models_come_and_go_and_come_back(renderer, files):
    pictures = {}
    for number in (0, 1, 2, 3, 0):
        info = renderer.load(files / f"{number}.safetensors")
        recipe = edits.with_model(Recipe(), info)
        pixels = renderer.render(recipe).pixels
        assert (pictures.setdefault(number, (recipe, pixels))[1] == pixels).all()
    assert len(renderer._models) == 2
    for recipe, pixels in pictures.values():  # those that had to make room are opened again
        assert (renderer.render(recipe).pixels == pixels).all()
        assert renderer.info.content_id == recipe.model.content_id


def test_only_the_shown_model_holds_states(renderer, files):
    renderer.render(recipe_of(renderer))
    first = renderer.info.content_id
    renderer.load(files / "1.safetensors")
    assert renderer._models[first].states == ()
    renderer.render(recipe_of(renderer))
    renderer.forget()
    assert all(s.states == () for s in renderer._models.values())


def test_a_file_that_was_read_is_not_read_again_until_it_changes(tmp_path, monkeypatch):
    path = tmp_path / "m.safetensors"
    first = write_model(path, seed=1)
    renderer = Renderer("cpu")
    renderer.load(path)
    with monkeypatch.context() as patch:
        patch.setattr("engine.files.native.read", None)
        assert renderer.load(path).content_id == first
    second = write_model(path, seed=2, name="a longer name")
    assert renderer.load(path).content_id == second


def test_a_failed_load_leaves_the_models_as_they_were(renderer, tmp_path):
    recipe = recipe_of(renderer)
    before = renderer.render(recipe).pixels
    (tmp_path / "bad.safetensors").write_bytes(b"junk")
    with pytest.raises(ModelFileError):
        renderer.load(tmp_path / "bad.safetensors")
    with pytest.raises(ModelNotFoundError):
        renderer.load(tmp_path / "none")
    assert (renderer.render(recipe).pixels == before).all()


def test_a_recipe_without_its_model_is_refused(renderer):
    with pytest.raises(RenderError, match="lost one is not loaded"):
        renderer.render(Recipe(ModelRef("lost one", "abc")))
    with pytest.raises(RenderError, match="not loaded"):
        Renderer("cpu").render(Recipe())


def test_a_recipe_without_content_id_is_for_the_model_at_hand(renderer):
    assert (renderer.render(Recipe()).pixels == renderer.render(recipe_of(renderer)).pixels).all()


def test_conditional_models_take_class_weights(files):
    renderer = Renderer("cpu")
    info = renderer.load(files / "classes.safetensors")
    pixels = [
        renderer.render(edits.with_model(Recipe(a=Source(Seed(1), classes)), info)).pixels
        for classes in ((), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    ]
    assert pixels[0].shape == (16, 16, 4)
    assert (pixels[0] == pixels[1]).all()
    assert (pixels[1] != pixels[2]).any()


def test_raw_pictures_are_those_of_the_recipes(renderer):
    z = np.stack([latents.z_of_seed(seed, 16) for seed in (3, 4)])
    noise = Noise(((8, NoiseSetting(5)),))
    raw = renderer.render_raw(z=z, psi=0.5, cutoff=2, noise=noise)
    assert raw.shape == (2, 3, 16, 16)
    recipe = recipe_of(renderer, a=Source(Seed(4)), psi=0.5, cutoff=2, noise=noise, mix=Mix(blend="linear"))
    assert (raw[1] == renderer.render_float(recipe)).all()
    ws = renderer._models[renderer.info.content_id].model.w(z[0], ())[None].repeat(6, axis=0)
    assert (renderer.render_raw(ws=ws[None]) == renderer.render_raw(z=z[:1])).all()
    assert renderer.render_raw(z=z[:0]).shape == (0, 3, 16, 16)
    with pytest.raises(RenderError):
        renderer.render_raw(z=z, ws=ws)


def test_numbers_that_are_not_finite_are_no_picture(renderer):
    push = Push("far", vector([3e38] * 16), 1000.0)
    with pytest.raises(RenderError, match="finite"):
        renderer.render(recipe_of(renderer, pushes=(push,)))
    renderer.render(recipe_of(renderer))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), "not enough memory"),
        (torch.OutOfMemoryError("CUDA out of memory"), "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "not enough memory"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "failed"),
    ],
)
def test_errors_of_the_device_are_said_in_words(renderer, monkeypatch, error, says):
    recipe = recipe_of(renderer)
    expected = renderer.render(recipe).pixels
    model = renderer._models[renderer.info.content_id].model

    def fails(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(model.generator, "run", fails)
        with pytest.raises(RenderError, match=says):
            renderer.render(edits.with_seed(recipe, "a", 77))
    assert renderer._models[renderer.info.content_id].states == ()
    assert (renderer.render(recipe).pixels == expected).all()


def test_errors_of_the_program_are_not_hidden(renderer, monkeypatch):
    model = renderer._models[renderer.info.content_id].model
    monkeypatch.setattr(model.generator, "picture", lambda state: [][0])
    with pytest.raises(IndexError):
        renderer.render(recipe_of(renderer))


def test_networks_of_a_file_can_be_chosen(files):
    renderer = Renderer("cpu")
    with pytest.raises(ModelFileError, match="no network G"):
        renderer.load(files / "0.safetensors", "G")
    assert renderer.load(files / "0.safetensors", "G_ema").name == "tiny 0"


@pytest.mark.parametrize("dtype", ["bfloat16"])
def test_low_precision_is_near_the_full_one(files, renderer, dtype):
    low = Renderer("cpu", dtype)
    low.load(files / "0.safetensors")
    recipe = recipe_of(renderer)
    full, half = renderer.render_float(recipe), low.render_float(recipe)
    assert (full != half).any()
    assert np.abs(full - half).mean() < 0.05 * full.std()
    assert "bfloat16" in low.render(recipe).provenance.notes


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:0", "cuda:-1", "", "mps:0", "cuda:9999"])
def test_devices_that_are_none_are_refused(device):
    with pytest.raises(DeviceError):
        Renderer(device)


def test_unknown_precisions_are_refused():
    with pytest.raises(DeviceError, match="float64"):
        Renderer("cpu", "float64")


@pytest.mark.gpu
def test_cuda_in_float32_equals_the_cpu(files, renderer):
    cuda = Renderer("cuda", "float32")
    info = cuda.load(files / "0.safetensors")
    for seed in range(4):
        recipe = edits.with_noise_seed(edits.with_model(Recipe(a=Source(Seed(seed))), info), 8, seed)
        expected, found = renderer.render_float(recipe), cuda.render_float(recipe)
        assert np.abs(expected - found).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.gpu
@given(data=st.data())
@settings(max_examples=20)
def test_incremental_equals_fresh_on_cuda(files, data):
    for dtype in ("float32", "float16"):
        renderer, other = Renderer("cuda", dtype), Renderer("cuda", dtype)
        info = renderer.load(files / "0.safetensors")
        other.load(files / "0.safetensors")
        first = data.draw(recipes(info))
        second = data.draw(edited(first, info))
        renderer.render(first)
        assert (renderer.render_float(second) == other.render_float(second)).all()
