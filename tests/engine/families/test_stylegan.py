"""StyleGAN's networks beyond the reference numbers of tests/conformance: files, steps, descriptions, gradients."""

import dataclasses

import numpy as np
import pytest
import torch

from engine import edits
from engine.errors import ModelFileError, RenderError
from engine.families import family
from engine.families.foreign import Foreign
from engine.family import ModelInfo
from engine.model import Model
from engine.plan import resolve
from engine.recipe import Mix, Recipe, Seed, Source
from engine.synthesizer import Synthesizer
from tests.conformance import tf
from tests.engine.fakes import CPU

STYLEGAN = family("stylegan")
TINY = {
    "resolution": 16, "z_dim": 8, "w_dim": 8, "mapping_layers": 2, "layer_features": 8, "channel_base": 128,
    "channel_max": 8,
}  # fmt: skip
OLD = {
    "mapping_layers": 0, "truncation": False, "use_styles": False, "const_input": False, "use_noise": False,
    "use_instance_norm": False, "use_pixel_norm": True,
}  # fmt: skip
KINDS = {
    "A": OLD | {"blur_filter": []},
    "B": OLD,
    "C": {"use_noise": False, "const_input": False},
    "D": {"use_noise": False},
    "F": {},
    "fading": {"resolution": 32, "lod": 1.4},
    "classes": {"classes": 3},
    "baseline with classes": OLD | {"classes": 2, "w_dim": 16},
    "gray, relu": {"channels": 1, "activation": "relu", "blur_filter": [1, 3, 3, 1], "use_equalised": False},
}


def generator(kind, seed=1):
    """A tiny generator all of whose tensors have an effect."""
    torch.manual_seed(seed)
    G = STYLEGAN.build_generator(TINY | KINDS[kind])
    for name, tensor in G.state_dict().items():
        if name.endswith(("w_avg", "noise_strength", "const", "bias")):
            tensor.normal_(0, 0.3)
    return G.eval().requires_grad_(False)


def model(kind):
    description = STYLEGAN.describe(TINY | KINDS[kind])
    known = {f: getattr(description, f) for f in ModelInfo.__dataclass_fields__ if hasattr(description, f)}
    info = ModelInfo(name="tiny", family="stylegan", networks=("G_ema",), content_id="tiny", **known)
    return Model(info, generator(kind), CPU)


def picture(recipe, of):
    return Synthesizer(of).run(resolve(recipe, of))


# --- files


def foreign(name="F", **changed):
    made = tf.foreign(tf.load("stylegan_small")[0], name)
    return dataclasses.replace(made, settings=made.settings | changed)


def test_arguments_that_do_not_shape_a_network_are_passed_over():
    plain = STYLEGAN.convert(foreign())
    more = STYLEGAN.convert(foreign(style_mixing_prob=0.9, dtype="float32", dlatent_avg_beta=0.995, structure="auto"))
    assert more.settings == plain.settings


def test_a_network_of_fixed_structure_pays_no_heed_to_its_level_of_detail():
    given = tf.foreign(tf.load("stylegan_small")[0], "F", {"lod": 1.5})
    assert STYLEGAN.convert(given).settings["lod"] == 1.5
    fixed = dataclasses.replace(given, settings={**given.settings, "structure": "fixed"})
    assert STYLEGAN.convert(fixed).settings["lod"] == 0


@pytest.mark.parametrize(
    "changed",
    [{"resolution": 64}, {"fmap_max": 16}, {"use_noise": False}, {"use_styles": 1}, {"mapping_layers": 9},
     {"label_size": 2}, {"blur_filter": [[1, 2]]}, {"fmap_base": None}, {"nonlinearity": "elu"}, {"dlatent_size": 33},
     {"resolution": None}, {"resolution": 2}],
)  # fmt: skip
def test_a_network_whose_arrays_do_not_fit_its_arguments_is_refused(changed):
    with pytest.raises(ModelFileError):
        STYLEGAN.convert(foreign(**changed))


def test_only_its_own_networks_are_recognised():
    def role(kind, dialect="tf"):
        return STYLEGAN.recognise(Foreign(dialect=dialect, kind=kind, settings={}, arrays={}))

    assert (role("G_style"), role("D_basic")) == ("G", "D")
    assert {role("G_main"), role("G_paper"), role("D_stylegan2"), role("G_style", "torch"), role("")} == {None}


# --- descriptions


def test_published_configurations_are_named():
    names = {kind: STYLEGAN.describe(KINDS[kind]).config for kind in "ABCDF"}
    assert names == {kind: f"config-{kind.lower()}" for kind in "ABCDF"}
    assert STYLEGAN.describe({"resolution": 256, "channels": 1}).config == "config-f"
    for other in ({"channel_base": 32768}, {"mapping_layers": 2}, {"use_pixel_norm": True}):
        assert STYLEGAN.describe(other).config == ""


def test_the_published_generator_has_26_2_million_parameters():
    assert STYLEGAN.describe({}).parameters == 26_219_627


@pytest.mark.parametrize(
    "wrong",
    [{"resolution": 48}, {"resolution": 2048}, {"w_dim": 0}, {"channel_base": 256}, {"activation": []}, {"lod": 9},
     {"lod": float("nan")}, {"blur_filter": [1, -1]}, {"blur_filter": "121"}, {"blur_filter": None}, {"classes": True},
     {"unheard": 1}, {"z_dim": "512"}, {"mapping_layers": 0, "w_dim": 256}, {"use_noise": 1}, {"channel_decay": 1e9}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ModelFileError):
        STYLEGAN.describe(wrong)


# --- steps and levels of detail


@pytest.mark.parametrize(
    ("lod", "resolution", "steps"), [(0, 32, 9), (0.4, 32, 10), (1, 16, 7), (2.5, 8, 6), (3, 4, 3)]
)
def test_a_level_of_detail_leaves_out_what_it_does_not_need(lod, resolution, steps):
    chosen = TINY | {"resolution": 32, "lod": lod}
    told, whole = STYLEGAN.describe(chosen), STYLEGAN.describe(chosen | {"lod": 0})
    G = STYLEGAN.build_generator(chosen)
    assert (max(step.resolution for step in G.steps), len(G.steps)) == (resolution, steps)
    assert told.layers == tuple(layer for layer in whole.layers if layer.resolution <= resolution)
    assert told.noise == tuple(noise for noise in whole.noise if noise.resolution <= resolution)
    assert (told.tensors, told.resolution) == (whole.tensors, whole.resolution)
    image = G(torch.randn(1, 8))
    size = 32 // resolution
    assert image.shape == (1, 3, 32, 32)
    assert torch.equal(image, image[:, :, ::size, ::size].repeat_interleave(size, 2).repeat_interleave(size, 3))


# --- what a recipe means here


MODELS = {kind: model(kind) for kind in KINDS}
SEEDS = Recipe(a=Source(Seed(1)), b=Source(Seed(2)), mix=Mix(blend="linear"))


def test_layers_are_mixed_one_by_one():
    its = MODELS["F"]
    mixed = resolve(edits.with_share(SEEDS, [4, 5], 1.0), its)
    a, b = resolve(SEEDS, its), resolve(edits.with_master(SEEDS, 1), its)
    assert np.array_equal(mixed.ws, np.concatenate([a.ws[:4], b.ws[4:]]))
    synthesizer = Synthesizer(its)
    synthesizer.run(a)
    synthesizer.run(mixed)
    assert its.generator.steps[synthesizer.first].name == "b16.conv0"


def test_truncation_draws_the_slots_below_the_cutoff_to_the_mean():
    its = MODELS["F"]
    full = resolve(SEEDS, its).ws
    drawn = resolve(edits.with_cutoff(edits.with_psi(SEEDS, 0.5), 4), its).ws
    np.testing.assert_allclose(drawn[:4], (full[:4] + its.w_avg) / 2, atol=1e-6)
    assert np.array_equal(drawn[4:], full[4:])


def test_a_model_of_one_slot_has_no_desk_and_no_truncation():
    its = MODELS["B"]
    assert len(its.info.layers) == 1
    features = its.info.features
    assert (features.layer_styles, features.truncation, features.mapping) == (False, False, False)
    turned = edits.with_psi(edits.with_share(SEEDS, [0], 1.0), 0.3)
    assert torch.equal(picture(turned, its), picture(SEEDS, its))
    w = resolve(SEEDS, its).ws
    assert w.shape == (1, 8)
    assert np.square(w).mean() == pytest.approx(1, abs=1e-5)  # w is the normalised z
    assert not torch.equal(picture(edits.with_master(SEEDS, 0.5), its), picture(SEEDS, its))


def test_traditional_input_is_fed_the_first_slot():
    its = MODELS["C"]
    assert its.generator.steps[0].slots == (0,)
    changed = edits.with_share(SEEDS, [0], 1.0)
    first = its.generator.run(
        0, its.generator.start(torch.zeros(1)), torch.from_numpy(resolve(SEEDS, its).ws)[None], None
    )
    other = its.generator.run(
        0, its.generator.start(torch.zeros(1)), torch.from_numpy(resolve(changed, its).ws)[None], None
    )
    assert not torch.equal(first.x, other.x)


def test_noise_enters_where_it_is_said_to():
    its = MODELS["F"]
    synthesizer = Synthesizer(its)
    synthesizer.run(resolve(SEEDS, its))
    silent = synthesizer.run(resolve(edits.with_noise_strength(SEEDS, 8, 0), its))
    assert its.generator.steps[synthesizer.first].name == "b8.conv0"
    assert not torch.equal(silent, picture(SEEDS, its))
    assert MODELS["D"].info.noise == ()


def test_classes_move_the_latent():
    its = MODELS["classes"]
    ws = [resolve(Recipe(a=Source(Seed(1), tuple(np.eye(3)[i]))), its).ws for i in range(3)]
    assert not np.array_equal(ws[0], ws[1])
    assert np.array_equal(resolve(Recipe(a=Source(Seed(1))), its).ws, ws[0])  # none named: the first
    with pytest.raises(RenderError):
        resolve(Recipe(a=Source(Seed(1), (1.0, 0.0))), its)


# --- training


@pytest.mark.parametrize("kind", ["B", "F", "fading", "gray, relu"])
def test_every_weight_in_use_is_trained(kind):
    G = generator(kind).requires_grad_(True)
    ws = G.broadcast(G.map(torch.randn(3, 8)))
    G.synthesize(ws, "random").square().mean().backward()
    used = [n for n, p in G.named_parameters() if p.grad is not None and bool(p.grad.any())]
    idle = {n for n, _ in G.named_parameters()} - set(used)
    shown = {s.name for s in G.steps}
    assert all(n.startswith("synthesis.") and ".".join(n.split(".")[1:3]) not in shown for n in idle), sorted(idle)


# --- configuration A is ProGAN


def as_stylegan(given):
    """ProGAN's generator in StyleGAN's code base, as the StyleGAN network with all that is new switched off."""
    arrays = {k if k == "lod" else f"G_synthesis/{k}": v for k, v in given.arrays.items()}
    arrays["dlatent_avg"] = np.zeros(32, np.float32)
    arguments = {
        "use_styles": False, "use_pixel_norm": True, "use_instance_norm": False, "mapping_layers": 0,
        "truncation_psi": None, "const_input_layer": False, "use_noise": False, "blur_filter": None,
        "latent_size": 32, "dlatent_size": 32, "fused_scale": True,
    }  # fmt: skip
    arrays = {k.replace("/Conv0/", "/Conv0_up/"): v for k, v in arrays.items()}
    return Foreign(dialect="tf", kind="G_style", settings=arguments | given.settings, arrays=arrays)


@pytest.mark.parametrize("name", ["P_G_fused/lod0", "P_G_fused/lod1.7", "P_G_sep/lod0", "P_G_sep/lod1.7"])
def test_configuration_a_is_progan(name):
    description, arrays = tf.load("stylegan_D_small")
    case = description["cases"][name]
    G = tf.network("stylegan", as_stylegan(tf.foreign(description, case["network"], case["set"])))
    (z,) = tf.inputs(case, arrays, "latents")
    for compared in tf.images(case, arrays, G(z)):
        assert compared.error <= compared.tolerance
