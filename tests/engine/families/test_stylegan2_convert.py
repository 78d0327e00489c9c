"""Networks of other programs become ours, or are refused in one sentence. Numbers of whole programs are compared in
tests/conformance; here the layouts are written down a second time, the other way round."""

import dataclasses
import time
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelFileError
from engine.families import family
from engine.families.foreign import Foreign
from engine.families.stylegan2 import convert_rosinality
from engine.families.stylegan2.tensors import generator_tensors
from engine.nn.fir import setup_filter
from tests.conformance import tf
from tests.engine.fakes import tensors_of
from tests.engine.families.bent import bent

STYLEGAN2 = family("stylegan2")
TINY = {"resolution": 16, "channel_base": 128, "channel_max": 16}
OF_G = {"z_dim": 12, "w_dim": 10, "mapping_layers": 2}


def ours(**changes):
    """Random tensors of a generator of ours."""
    return {k.removeprefix("G_ema."): v for k, v in tensors_of(TINY | OF_G | changes, 3).items()}


def ours_of_D(**changes):
    torch.manual_seed(4)
    return {k: v.numpy() for k, v in STYLEGAN2.build_discriminator(TINY | changes).state_dict().items()}


def same(converted, expected):
    assert converted.tensors.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(converted.tensors[name], array, atol=1e-6, err_msg=name)


# --- PyTorch programs of NVIDIA


def torch_G(nested=True, tensors=None, attributes=None, **changes):
    synthesis = {"channel_base": 128, "channel_max": 16} | changes
    common = {"z_dim": 12, "w_dim": 10, "c_dim": 0, "img_resolution": 16, "img_channels": 3}
    kwargs = common | {"mapping_kwargs": {"num_layers": 2}} | ({"synthesis_kwargs": synthesis} if nested else synthesis)
    arrays = (tensors or ours()) | {"synthesis.b8.resample_filter": setup_filter([1, 3, 3, 1]).numpy()}
    return Foreign(dialect="torch", kind="Generator", settings=kwargs, arrays=arrays, attributes=attributes or {})


def torch_D(tensors=None, attributes=None, **changes):
    kwargs = {"c_dim": 0, "img_resolution": 16, "img_channels": 3, "channel_base": 128, "channel_max": 16} | changes
    arrays = tensors or ours_of_D()
    return Foreign(dialect="torch", kind="Discriminator", settings=kwargs, arrays=arrays, attributes=attributes or {})


@pytest.mark.parametrize(
    ("given", "clamp"),
    [
        (torch_G(), None),
        (torch_G(conv_clamp=5), 5),
        (torch_G(nested=False), 256),
        (torch_G(nested=False, conv_clamp=None), None),
        (torch_G(nested=False, attributes={"synthesis.b4.conv1.conv_clamp": 7}), 7),
        (torch_D(), 256),
        (torch_D(attributes={"b16.conv1.conv_clamp": None}), None),
    ],
)
def test_the_clamp_is_that_of_the_layers_else_of_the_program(given, clamp):
    assert STYLEGAN2.convert(given).settings.get("conv_clamp") == clamp


@pytest.mark.parametrize("nested", [True, False])
def test_torch_names_are_ours(nested):
    same(STYLEGAN2.convert(torch_G(nested)), ours())


def test_a_torch_generator_that_tracked_no_mean_has_no_truncation():
    tensors = {k: v for k, v in ours().items() if k != "mapping.w_avg"}
    converted = STYLEGAN2.convert(torch_G(tensors=tensors))
    assert not STYLEGAN2.describe(converted.settings).features.truncation


def test_frozen_layers_stay_frozen():
    converted = STYLEGAN2.convert(torch_D(block_kwargs={"freeze_layers": 2}))
    D = STYLEGAN2.build_discriminator(converted.settings)
    assert "b16.conv0.weight" not in dict(D.named_parameters())
    assert "b16.conv1.weight" in dict(D.named_parameters())


def test_a_filter_that_is_not_the_one_of_the_arguments_is_refused():
    with pytest.raises(ModelFileError, match="filter"):
        STYLEGAN2.convert(torch_G(resample_filter=[1, 2, 1]))


# --- TensorFlow programs of NVIDIA (their numbers are in tests/conformance/stylegan2_tf.py)


def tf_G(**changes):
    description = tf.load("stylegan2_small_G")[0]
    given = tf.foreign(description, "G2_label5")
    return dataclasses.replace(given, settings=given.settings | changes)


def tf_D(**changes):
    description = tf.load("stylegan2_small_D")[0]
    given = tf.foreign(description, "D1_label5", {"lod": 1.5})
    return dataclasses.replace(given, settings=given.settings | changes)


def test_tensorflow_ada_embeds_its_labels():
    given = tf_G()
    arrays = {k: v for k, v in given.arrays.items() if "LabelConcat" not in k}
    arrays |= {"G_mapping/LabelEmbed/weight": np.ones((5, 32), np.float32)}
    arrays |= {"G_mapping/LabelEmbed/bias": np.zeros(32, np.float32)}
    converted = STYLEGAN2.convert(dataclasses.replace(given, arrays=arrays, version=5))
    assert "label_input" not in converted.settings
    assert converted.tensors["mapping.embed.weight"].shape == (32, 5)


def test_the_part_tells_the_kind_of_synthesis_where_the_arguments_do_not():
    given = tf.foreign(tf.load("stylegan2_small_G")[0], "Grev", {"lod": 0.5})
    part = Foreign(dialect="tf", kind=given.settings["synthesis_func"], settings={}, arrays={})
    kept = {k: v for k, v in given.settings.items() if k != "synthesis_func"}
    converted = STYLEGAN2.convert(dataclasses.replace(given, settings=kept, parts={"synthesis": part}))
    assert (converted.settings["architecture"], converted.settings["lod"]) == ("growing", 0.5)


def test_arguments_that_are_not_known_do_no_harm():
    same(STYLEGAN2.convert(tf_G(fused_modconv=False, dlatent_avg_beta=0.9)), STYLEGAN2.convert(tf_G()).tensors)


def test_what_would_compute_something_else_is_refused():
    for wrong in ({"normalize_latents": False}, {"mapping_nonlinearity": "relu"}, {"nonlinearity": "tanh"}):
        with pytest.raises(ModelFileError):
            STYLEGAN2.convert(tf_G(**wrong))


# --- rosinality's program


def rosinality_G(mean=True, tensors=None, blocks=("b4", "b8", "b16")):
    """A generator of ours as that program names and shapes it."""
    tensors = tensors or ours()
    kernel = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64 * 4
    arrays = {"input.input": tensors["synthesis.b4.const"][None], "to_rgbs.0.upsample.kernel": kernel}
    for i in range(sum(k.startswith("mapping.fc") for k in tensors) // 2):
        arrays |= {f"style.{i + 1}.{kind}": tensors[f"mapping.fc{i}.{kind}"] for kind in ("weight", "bias")}
    layers = {"conv1": "b4.conv1", "to_rgb1": "b4.torgb"}
    for i, block in enumerate(blocks[1:]):
        layers |= {f"convs.{2 * i}": f"{block}.conv0", f"convs.{2 * i + 1}": f"{block}.conv1"}
        layers[f"to_rgbs.{i}"] = f"{block}.torgb"
        arrays[f"convs.{2 * i}.conv.blur.kernel"] = kernel
    for theirs, name in layers.items():
        layer = {k.rpartition(f"{name}.")[2]: v for k, v in tensors.items() if f".{name}." in k}
        arrays[f"{theirs}.conv.weight"] = layer["weight"][None]
        arrays[f"{theirs}.conv.modulation.weight"] = layer["affine.weight"]
        arrays[f"{theirs}.conv.modulation.bias"] = layer["affine.bias"]
        if "torgb" in name:
            arrays[f"{theirs}.bias"] = layer["bias"][None, :, None, None]
        else:
            i = 0 if theirs == "conv1" else int(theirs.removeprefix("convs.")) + 1
            arrays[f"{theirs}.activate.bias"] = layer["bias"]
            arrays[f"{theirs}.noise.weight"] = layer["noise_strength"][None]
            arrays[f"noises.noise_{i}"] = layer["noise_const"][None, None]
    if mean:
        arrays["latent_avg"] = tensors["mapping.w_avg"]
    return Foreign(dialect="rosinality", kind="Generator", settings={}, arrays=arrays)


def rosinality_D():
    tensors = ours_of_D()
    arrays = {"convs.0.0.weight": tensors["b16.fromrgb.weight"], "convs.0.1.bias": tensors["b16.fromrgb.bias"]}
    for i, r in ((1, 16), (2, 8)):
        for theirs, kind in (("conv1.0.weight", "conv0.weight"), ("conv1.1.bias", "conv0.bias")):
            arrays[f"convs.{i}.{theirs}"] = tensors[f"b{r}.{kind}"]
        for theirs, kind in (("conv2.1.weight", "conv1.weight"), ("conv2.2.bias", "conv1.bias")):
            arrays[f"convs.{i}.{theirs}"] = tensors[f"b{r}.{kind}"]
        arrays[f"convs.{i}.skip.1.weight"] = tensors[f"b{r}.skip.weight"]
        arrays[f"convs.{i}.conv2.0.kernel"] = arrays[f"convs.{i}.skip.0.kernel"] = np.full((4, 4), 1 / 16, np.float32)
    for theirs, kind in (("final_conv.0", "conv"), ("final_linear.0", "fc"), ("final_linear.1", "out")):
        arrays[f"{theirs}.weight"] = tensors[f"b4.{kind}.weight"]
        arrays[("final_conv.1" if kind == "conv" else theirs) + ".bias"] = tensors[f"b4.{kind}.bias"]
    return Foreign(dialect="rosinality", kind="Discriminator", settings={}, arrays=arrays)


def test_a_rosinality_generator_becomes_ours():
    converted = STYLEGAN2.convert(rosinality_G())
    same(converted, ours())
    assert converted.settings == TINY | OF_G | {"channels": 3, "architecture": "skip"}


def test_without_a_mean_of_w_a_rosinality_generator_has_no_truncation():
    converted = STYLEGAN2.convert(rosinality_G(mean=False))
    assert converted.settings["w_avg"] is False
    assert not STYLEGAN2.describe(converted.settings).features.truncation
    assert STYLEGAN2.build_generator(converted.settings).w_avg is None


def test_a_rosinality_discriminator_becomes_ours_with_the_filter_that_it_carries():
    converted = STYLEGAN2.convert(rosinality_D())
    same(converted, ours_of_D())
    assert converted.settings["resample_filter"] == [0.25] * 4


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("size", [32, 64, 256, 1024])
def test_the_widths_of_rosinality_networks_are_read_from_their_shapes(multiplier, size):
    expected = STYLEGAN2.describe({"resolution": size, "channel_base": 16384 * multiplier}).tensors
    weightless = {name: np.broadcast_to(np.float32(0), shape) for name, shape in expected.items()}
    blocks = [f"b{2**i}" for i in range(2, size.bit_length())]
    read, table = convert_rosinality.generator(rosinality_G(tensors=weightless, blocks=blocks))
    assert generator_tensors(read) == expected
    assert table.keys() == expected.keys()


# --- refusals

KINDS = {"torch G": torch_G, "torch D": torch_D, "tf G": tf_G, "tf D": tf_D}
EVERY = {name: make() for name, make in KINDS.items()} | {"ros G": rosinality_G(), "ros D": rosinality_D()}
JUNK = st.sampled_from(
    [None, True, -1, 0, 2.5, 7, 10**5000, 2**40, "x", "", [], [[1]], {}, {"a": 1}, float("nan"), 1e300]
)


@pytest.mark.parametrize("given", EVERY.values(), ids=EVERY.keys())
def test_every_dialect_makes_what_its_settings_say(given):
    converted = STYLEGAN2.convert(given)
    assert STYLEGAN2.recognise(given) == converted.role
    told = STYLEGAN2.describe(converted.settings).tensors if converted.role == "G" else None
    told = told or STYLEGAN2.discriminator_tensors(converted.settings)
    assert {k: v.shape for k, v in converted.tensors.items()} == dict(told)
    assert all(v.dtype == np.float32 and v.flags.writeable for v in converted.tensors.values())
    tf.built("stylegan2", converted)


@pytest.mark.parametrize("given", EVERY.values(), ids=EVERY.keys())
@given(data=st.data())
@settings(max_examples=40)
def test_a_missing_surplus_or_bent_array_is_refused(given, data):
    wrong = bent(data, given)
    if STYLEGAN2.recognise(wrong) is not None:
        with pytest.raises(ModelFileError):
            STYLEGAN2.convert(wrong)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=80)
def test_made_up_arguments_are_refused_or_change_nothing(kind, data):
    known = [
        *EVERY[kind].settings,
        "fmap_max",
        "fmap_min",
        "fmap_decay",
        "mapping_layers",
        "mapping_fmaps",
        "resample_kernel",
    ]
    known += ["mapping_lrmul", "conv_clamp", "mbstd_group_size", "mbstd_num_features", "synthesis_func", "block_kwargs"]
    known += ["epilogue_kwargs", "cmap_dim", "architecture", "use_noise", "channel_max", "num_fp16_res", "dlatent_size"]
    settings = dict(EVERY[kind].settings)
    for name in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)):
        settings[name] = data.draw(JUNK)
    try:
        converted = STYLEGAN2.convert(dataclasses.replace(EVERY[kind], settings=settings))
    except ModelFileError:
        return
    assert converted.tensors.keys() == STYLEGAN2.convert(EVERY[kind]).tensors.keys()


@pytest.mark.parametrize(
    "given",
    [tf_G(resolution=1024, fmap_base=2**18, fmap_max=4096), tf_D(resolution=1024, fmap_max=4096, fmap_base=2**18),
     torch_G(channel_base=2**20, channel_max=4096), torch_D(img_resolution=1024, channel_max=4096)],
)  # fmt: skip
def test_huge_arguments_are_refused_before_anything_is_built(given):
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(ModelFileError):
        STYLEGAN2.convert(given)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "given",
    [
        Foreign(dialect="tf", kind="G_style", settings={}, arrays={"G_synthesis/4x4/Conv/weight": np.ones(1)}),
        Foreign(dialect="tf", kind="G_main", settings={}, arrays={}),
        Foreign(dialect="tf", kind="D_basic", settings={}, arrays={}),
        Foreign(dialect="torch", kind="Generator", settings={}, arrays={"synthesis.input.weight": np.ones(1)}),
        Foreign(dialect="torch", kind="AugmentPipe", settings={}, arrays={"b4.out.weight": np.ones(1)}),
        Foreign(dialect="rosinality", kind="Generator", settings={}, arrays={"convs.0.0.weight": np.ones(1)}),
        Foreign(dialect="x", kind="Generator", settings={}, arrays={}),
    ],
)
def test_networks_of_other_families_are_not_taken(given):
    assert STYLEGAN2.recognise(given) is None
    with pytest.raises(ModelFileError):
        STYLEGAN2.convert(given)
