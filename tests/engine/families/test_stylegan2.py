"""StyleGAN2 beside its numbers (tests/conformance/stylegan2_*.py): what headers say, growing, switches, refusals."""

import copy
import time

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelFileError
from engine.families import family

STYLEGAN2 = family("stylegan2")
TINY = {"resolution": 32, "z_dim": 16, "w_dim": 16, "mapping_layers": 2, "channel_base": 256, "channel_max": 16}
OF_G_ALONE = ("z_dim", "w_dim")
GROWING = {"architecture": "growing"}


def filled(module, seed=0):
    """Every tensor random, none of them without effect."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            tensor.normal_(0, 1 if name.endswith(("weight", "const")) else 0.3)
    return module.eval()


def generator(**changes):
    return filled(STYLEGAN2.build_generator(TINY | changes)).requires_grad_(False)


def discriminator(**changes):
    kept = {k: v for k, v in TINY.items() if k not in OF_G_ALONE}
    return filled(STYLEGAN2.build_discriminator(kept | changes))


def some_ws(G, n=2):
    return torch.randn(n, G.num_ws, 16, generator=torch.Generator().manual_seed(n))


def pictures(n=4, channels=3, resolution=32):
    return torch.randn(n, channels, resolution, resolution, generator=torch.Generator().manual_seed(n))


# --- what a header says

common = {
    "resolution": st.sampled_from([8, 16, 32]),
    "channels": st.sampled_from([1, 3, 4]),
    "classes": st.sampled_from([0, 1, 3]),
    "channel_base": st.sampled_from([32, 256]),
    "channel_min": st.sampled_from([1, 5]),
    "channel_decay": st.sampled_from([1.0, 0.7]),
    "activation": st.sampled_from(["lrelu", "relu", "swish"]),
    "embed_features": st.sampled_from([None, 5]),
    "layer_features": st.sampled_from([None, 7]),
    "lod": st.sampled_from([0, 0.4, 1]),
}
generators = st.fixed_dictionaries(
    common
    | {
        "mapping_layers": st.integers(1, 3),
        "architecture": st.sampled_from(["orig", "skip", "resnet", "growing"]),
        "use_noise": st.booleans(),
        "w_avg": st.booleans(),
        "label_input": st.sampled_from(["embedded", "concatenated"]),
    }
)
discriminators = st.fixed_dictionaries(
    common
    | {
        "mapping_layers": st.integers(0, 3),
        "architecture": st.sampled_from(["orig", "skip", "resnet", "growing", "msg"]),
        "label_output": st.sampled_from(["projection", "per_class"]),
        "cmap_dim": st.sampled_from([None, 0, 6]),
        "dense_features": st.sampled_from([None, 9]),
        "mbstd_channels": st.sampled_from([0, 1]),
        "freeze_layers": st.sampled_from([0, 2, 50]),
    }
)


def possible(drawn):
    """Only growing networks have a level of detail."""
    return drawn if drawn["architecture"] == "growing" else drawn | {"lod": 0}


@given(drawn=generators)
@settings(max_examples=60)
def test_description_names_every_tensor_and_counts_what_is_trained(drawn):
    chosen = TINY | possible(drawn)
    told, G = STYLEGAN2.describe(chosen), STYLEGAN2.build_generator(chosen)
    assert {k: tuple(t.shape) for k, t in G.state_dict().items()} == dict(told.tensors)
    assert told.parameters == sum(p.numel() for p in G.parameters())
    assert len(told.layers) == G.num_ws == 1 + max(slot for step in G.steps for slot in step.slots)
    assert [(n.index, n.name) for n in told.noise] == [(s.noise, s.name) for s in G.steps if s.noise is not None]
    assert told.features.truncation is (G.w_avg is not None)
    assert told.features.stored_noise is bool(told.noise)


@given(drawn=discriminators)
@settings(max_examples=60)
def test_discriminator_tensors_are_named_and_give_a_score_for_each_picture(drawn):
    chosen = {k: v for k, v in TINY.items() if k not in OF_G_ALONE} | possible(drawn)
    if not drawn["mapping_layers"]:  # what is embedded is compared as it is
        chosen["embed_features"] = None
    told, D = STYLEGAN2.discriminator_tensors(chosen), STYLEGAN2.build_discriminator(chosen)
    assert {k: tuple(t.shape) for k, t in D.state_dict().items()} == dict(told)
    labels = torch.nn.functional.one_hot(torch.arange(2) % drawn["classes"]).float() if drawn["classes"] else None
    labels = None if labels is None else torch.nn.functional.pad(labels, (0, drawn["classes"] - labels.shape[1]))
    assert D(pictures(2, drawn["channels"], drawn["resolution"]), labels).shape == (2, 1)


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ({"channel_base": 32768}, "config-f"),
        ({"channel_base": 16384}, "config-e"),
        ({"channel_base": 16384, "architecture": "orig"}, "config-e-orig"),
        ({"channel_base": 16384, "architecture": "resnet"}, "config-e-resnet"),
        ({"channel_base": 16384, "architecture": "growing", "lod": 2.5}, "config-b/c/d"),
        ({"channel_base": 32768, "architecture": "growing"}, ""),
        ({"channel_base": 8192}, ""),
        ({"mapping_layers": 2}, ""),
        ({"activation": "relu"}, ""),
        ({"channel_min": 64}, ""),
    ],
)
def test_published_configurations_are_recognised(chosen, name):
    assert STYLEGAN2.describe({"resolution": 1024} | chosen).config == name


def test_a_growing_model_shows_only_the_layers_that_it_uses():
    told = STYLEGAN2.describe(TINY | GROWING | {"lod": 1.4})
    assert [layer.label for layer in told.layers] == ["4", "8", "8", "16", "16", "rgb"]
    assert {n.resolution for n in told.noise} == {4, 8, 16}
    assert told.resolution == 32
    assert told.tensors == STYLEGAN2.describe(TINY | GROWING).tensors


@pytest.mark.parametrize(
    "wrong",
    [{"resolution": 48}, {"resolution": 2048}, {"w_dim": 0}, {"channel_base": 2**40}, {"architecture": "x"},
     {"resample_filter": [float("nan")]}, {"conv_clamp": -1}, {"classes": True}, {"unheard": 1}, {"z_dim": "512"},
     {"architecture": "msg"}, {"lod": 1}, {"architecture": "growing", "lod": 4.5, "resolution": 64}, {"w_avg": 1},
     {"architecture": "growing", "lod": float("nan")}, {"label_input": "x"}, {"activation": ["lrelu"]}, {"lod": "0"},
     {"mapping_layers": 10**5000}, {"channels": [[1]] * 9}, {"channel_min": 513}, {"mapping_layers": 0}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ModelFileError):
        STYLEGAN2.describe(wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"resolution": 4}, {"mbstd_channels": 3}, {"mbstd_group": 0}, {"label_output": "x"}, {"freeze_layers": -1},
     {"dense_features": 0}, {"cmap_dim": 2**20}, {"z_dim": 512}, {"lod": 0.5},
     {"classes": 2, "mapping_layers": 0, "embed_features": 5}],
)  # fmt: skip
def test_impossible_settings_of_a_discriminator_are_refused(wrong):
    with pytest.raises(ModelFileError):
        STYLEGAN2.discriminator_tensors(wrong)


# --- switches


def test_labels_that_are_concatenated_are_normalised_with_the_latent():
    G = generator(classes=3, label_input="concatenated")
    z, c = torch.randn(2, 16), torch.eye(3)[:2]
    torch.testing.assert_close(G.map(z * 5, c), G.map(z, c / 5), rtol=1e-4, atol=1e-4)
    embedded = generator(classes=3)
    torch.testing.assert_close(embedded.map(z * 5, c), embedded.map(z, c), rtol=1e-4, atol=1e-4)


def test_scores_by_class_are_chosen_by_the_label():
    D = discriminator(classes=3, label_output="per_class", mbstd_channels=0).requires_grad_(False)
    image = pictures(1)
    singly = torch.cat([D(image, torch.eye(3)[i : i + 1]) for i in range(3)])
    assert singly.unique().numel() == 3
    torch.testing.assert_close(
        D(image, torch.tensor([[0.2, 0.3, 0.5]])), (singly * torch.tensor([[0.2], [0.3], [0.5]])).sum()[None, None]
    )


def test_frozen_layers_keep_their_names_and_are_not_trained():
    free, frozen = discriminator(), discriminator(freeze_layers=3)
    assert free.state_dict().keys() == frozen.state_dict().keys()
    before = copy.deepcopy(frozen.state_dict())
    optimiser = torch.optim.Adam(frozen.parameters(), lr=0.1)
    frozen(pictures()).mean().backward()
    optimiser.step()
    same = {name for name, t in frozen.state_dict().items() if torch.equal(t, before[name])}
    still = {f"b32.{layer}.{kind}" for layer in ("fromrgb", "conv0", "conv1") for kind in ("weight", "bias")}
    assert same == still
    torch.testing.assert_close(discriminator(freeze_layers=3)(pictures()), free(pictures()))


def test_huge_settings_are_refused_at_once():
    began = time.perf_counter()
    with pytest.raises(ModelFileError):
        STYLEGAN2.describe({"resolution": 10**9, "mapping_layers": 10**9, "channel_base": 10**12})
    assert time.perf_counter() - began < 0.5
