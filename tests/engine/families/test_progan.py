"""ProGAN beside its numbers (tests/conformance/progan.py): growing, conversion, training, refusals."""

import math

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.families import family
from engine.families.foreign import Foreign
from engine.nn.equalised import EqualisedConvolution, EqualisedLinear
from tests.conformance import tf

PROGAN = family("progan")
TINY = {"resolution": 32, "z_dim": 16, "channel_base": 256, "channel_max": 16}


def generator(seed=0, **changes):
    torch.manual_seed(seed)
    return PROGAN.build_generator(TINY | changes).eval().requires_grad_(False)


def discriminator(seed=0, **changes):
    torch.manual_seed(seed)
    kept = {k: v for k, v in TINY.items() if k != "z_dim"}
    return PROGAN.build_discriminator(kept | changes)


def latents(n, width=16):
    return torch.randn(n, width, generator=torch.Generator().manual_seed(n))


# --- what a header says


def test_the_published_network_has_a_name_and_no_other_has():
    assert PROGAN.describe({}).config == "paper"
    assert PROGAN.describe({"lod": 1}).config == ""


@pytest.mark.parametrize(
    "wrong",
    [{"resolution": 48}, {"resolution": 2048}, {"z_dim": 0}, {"channel_base": 8}, {"channel_decay": 9.0},
     {"lod": -0.5}, {"lod": float("nan")}, {"lod": 9, "resolution": 16}, {"lod": True}, {"classes": -1},
     {"use_pixel_norm": 1}, {"pixel_norm_eps": -1}, {"unheard": 1}, {"mbstd_group": 4}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ModelFileError):
        PROGAN.describe(wrong)


# --- growing


@pytest.mark.parametrize(
    ("lod", "layers"),
    [(3, "4 dense, 4 conv, 4 torgb"), (2, "4 dense, 4 conv, 8 conv0, 8 conv1, 8 torgb"),
     (2.5, "4 dense, 4 conv, 4 torgb, 8 conv0, 8 conv1, 8 torgb")],
)  # fmt: skip
def test_only_the_steps_that_matter_at_a_lod_exist(lod, layers):
    G = generator(lod=lod)
    assert ", ".join(step.name.removeprefix("b").replace(".", " ") for step in G.steps) == layers
    G.lod = 0.0
    assert G.steps == generator(lod=0.0).steps


@pytest.mark.parametrize("lod", [0.0, 0.7, 1.0, 2.2, 3.0])
def test_gradients_reach_the_layers_in_use_and_no_others(lod):
    G, D = generator().requires_grad_(True), discriminator()
    G.lod = D.lod = lod
    D(G(latents(4))).sum().backward()
    lowest = 32 >> math.floor(lod)
    coloured = {lowest, lowest // 2} if lod % 1 else {lowest}
    for network in (G, D):
        for name, parameter in network.named_parameters():
            resolution, layer = int(name.split(".")[0][1:]), name.split(".")[1]
            used = resolution in coloured if "rgb" in layer else resolution <= lowest
            assert (parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)) == used, name


# --- training


def test_scores_and_label_logits_come_from_one_pass():
    D = discriminator(classes=4)
    image = torch.randn(4, 3, 32, 32)
    scores, labels = D.scores_and_labels(image)
    assert (scores.shape, labels.shape) == ((4, 1), (4, 4))
    assert torch.equal(D(image, torch.eye(4)), scores)


def test_equalised_weights_make_the_same_network_as_plain_ones_of_the_same_size():
    equalised, plain = generator(classes=2), generator(classes=2, use_equalised=False)
    for ours, theirs in zip(equalised.modules(), plain.modules(), strict=True):
        if isinstance(ours, EqualisedLinear | EqualisedConvolution):
            theirs.weight.copy_(ours.weight * ours.weight_gain)
    torch.testing.assert_close(plain(latents(2), torch.eye(2)), equalised(latents(2), torch.eye(2)))


# --- conversion


def given_network(name="G_fused", **changes):
    """A foreign network of the reference whose parts can be replaced."""
    foreign = tf.foreign(tf.load("progan_small")[0], name)
    parts = {"dialect": "tf", "kind": foreign.kind, "module": foreign.module}
    parts |= {"settings": foreign.settings, "arrays": dict(foreign.arrays)}
    return Foreign(**parts | changes)


def test_only_the_networks_of_this_family_are_recognised():
    empty = {"settings": {}, "arrays": {}}
    roles = {
        kind: PROGAN.recognise(Foreign(dialect="tf", kind=kind, **empty)) for kind in ("G_paper", "D_paper", "G_style")
    }
    assert roles == {"G_paper": "G", "D_paper": "D", "G_style": None}
    assert PROGAN.recognise(Foreign(dialect="torch", kind="G_paper", **empty)) is None


@pytest.mark.parametrize("module", ["", "networks", "networks_progan"])
@pytest.mark.parametrize("features", [(8, 8), (8, 4)])
def test_axes_of_fused_up_convolutions_are_told_by_their_shape_or_else_by_their_module(module, features):
    """The same network in the layouts of the two programs."""
    i, o = features
    random = np.random.RandomState(0)
    names = {
        "4x4/Dense": (5, 16 * i),
        "4x4/Conv": (3, 3, i, i),
        "8x8/Conv0_up": (3, 3, i, o),
        "8x8/Conv1": (3, 3, o, o),
    }
    names |= {"ToRGB_lod1": (1, 1, i, 3), "ToRGB_lod0": (1, 1, o, 3)}
    arrays = {f"{name}/weight": random.randn(*shape).astype(np.float32) for name, shape in names.items()}
    arrays |= {f"{n}/bias": np.zeros(i if n == "4x4/Dense" else shape[-1], np.float32) for n, shape in names.items()}
    kwargs = {"resolution": 8, "num_channels": 3, "latent_size": 5, "fmap_base": 4 * o, "fmap_max": i}
    up = "8x8/Conv0_up/weight"
    for theirs in ("networks", "networks_progan"):
        told = module == theirs or i != o or (module == "" and theirs == "networks")
        if told:
            laid_out = arrays | {up: arrays[up].swapaxes(2, 3) if theirs == "networks" else arrays[up]}
            foreign = Foreign(dialect="tf", kind="G_paper", module=module, settings=kwargs, arrays=laid_out)
            found = PROGAN.convert(foreign).tensors["b8.conv0.weight"]
            assert (found == arrays[up][::-1, ::-1].transpose(3, 2, 0, 1)).all()


def test_arguments_that_are_absent_have_the_defaults_of_the_public_program():
    description, _ = tf.load("progan_1024")
    shapes = {key: shape for key, shape, *_ in description["networks"]["G"]["weights"]}
    arrays = {key: np.broadcast_to(np.float32(0), shape) for key, shape in shapes.items()}  # takes no memory
    kwargs = description["networks"]["G"]["kwargs"] | {"unheard": 5, "structure": None, "dtype": "float32"}
    found = PROGAN.convert(Foreign(dialect="tf", kind="G_paper", settings=kwargs, arrays=arrays))
    assert PROGAN.describe(found.settings).config == "paper"


def test_a_discriminator_without_label_logits_has_no_classes_whatever_its_labels():
    foreign = given_network("D_fused", settings=given_network("D_fused").settings | {"label_size": 5})
    assert PROGAN.convert(foreign).settings["classes"] == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a, k: a.pop("8x8/Conv1/bias"), "no array '8x8/Conv1/bias'"),
        (lambda a, k: a.update(more=np.zeros(3, np.float32)), "unknown array 'more'"),
        (lambda a, k: a.update({"4x4/Conv/bias": np.zeros(5, np.float32)}), "4x4/Conv/bias has shape"),
        (lambda a, k: a.update({"4x4/Conv/bias": np.zeros((1, 5), np.float32)}), "4x4/Conv/bias has shape"),
        (lambda a, k: a.update({"lod": np.float32(-1)}), "level of detail"),
        (lambda a, k: a.update({"lod": np.zeros(3)}), "level of detail"),
        (lambda a, k: k.update(resolution=64), "array"),
        (lambda a, k: k.update(resolution="big"), "resolution"),
        (lambda a, k: k.update(fmap_base="big"), "fmap_base"),
        (lambda a, k: k.update(fmap_base=512), "shape"),
        (lambda a, k: k.update(fmap_base=256.5), "fmap_base"),
        (lambda a, k: k.update(fmap_base=float("inf")), "fmap_base"),
        (lambda a, k: k.update(fmap_max=None), "fmap_max"),
        (lambda a, k: k.update(latent_size=[1]), "latent_size"),
        (lambda a, k: k.update(fused_scale=False), "array"),
        (lambda a, k: k.update(fused_scale="auto"), "fused_scale"),
        (lambda a, k: k.update(label_size=2), "4x4/Dense/weight"),
    ],
)  # fmt: skip
def test_networks_that_are_not_what_they_say_are_refused_with_a_sentence(change, says):
    foreign = given_network()
    arrays, kwargs = dict(foreign.arrays), dict(foreign.settings)
    change(arrays, kwargs)
    with pytest.raises(ModelFileError, match=says) as refusal:
        PROGAN.convert(given_network(arrays=arrays, settings=kwargs))
    assert refusal.value.remedy
    assert len(str(refusal.value)) < 300
