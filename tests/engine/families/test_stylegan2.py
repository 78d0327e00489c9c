"""StyleGAN2's networks equal the public implementation: ws, activations of every step, pictures, scores, counts."""

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.families import family
from tests import reference

STYLEGAN2 = family("stylegan2")
SMALL = (
    "skip", "resnet", "orig", "skip_map2", "cond", "cond_embed", "clamp", "resnet_clamp", "gray16", "nonoise", "filter",
)  # fmt: skip


def settings_of(kwargs):
    """Our settings for the constructor arguments of the reference."""
    mapping, synthesis = kwargs.get("mapping_kwargs", {}), kwargs.get("synthesis_kwargs", {})
    ours = {
        "resolution": kwargs["img_resolution"],
        "channels": kwargs["img_channels"],
        "z_dim": kwargs["z_dim"],
        "w_dim": kwargs["w_dim"],
        "classes": kwargs["c_dim"],
        "mapping_layers": mapping.get("num_layers", 8),
    }
    ours |= {k: mapping[k] for k in ("embed_features", "layer_features") if k in mapping}
    names = ("channel_base", "channel_max", "architecture", "use_noise", "conv_clamp", "resample_filter")
    return ours | {k: synthesis[k] for k in names if k in synthesis}


def discriminator_settings_of(kwargs):
    epilogue, mapping = kwargs.get("epilogue_kwargs", {}), kwargs.get("mapping_kwargs", {})
    ours = {
        "resolution": kwargs["img_resolution"],
        "channels": kwargs["img_channels"],
        "classes": kwargs["c_dim"],
        "architecture": kwargs.get("architecture", "resnet"),
        "mapping_layers": mapping.get("num_layers", 8),
        "mbstd_group": epilogue.get("mbstd_group_size", 4),
        "mbstd_channels": epilogue.get("mbstd_num_channels", 1),
    }
    return ours | {k: kwargs[k] for k in ("channel_base", "channel_max", "cmap_dim", "conv_clamp") if k in kwargs}


def generator(name):
    description, arrays = reference.case(f"sg2_gen_{name}")
    return reference.fill(STYLEGAN2.build_generator(settings_of(description["kwargs"]))), description, arrays


@pytest.mark.parametrize("name", SMALL)
def test_small_generators_equal_the_reference(name):
    G, description, arrays = generator(name)
    with torch.inference_mode():
        for c in description["cases"]:
            ws = torch.from_numpy(arrays[c["ws"]])
            batch = G.synthesize(ws, c["noise_mode"])
            singly = torch.cat([G.synthesize(row[None], c["noise_mode"]) for row in ws])
            assert reference.error(batch, arrays[c["image"]]) < reference.SMALL_NETWORKS
            assert reference.error(singly, arrays[c["image"]]) < reference.SMALL_NETWORKS


@pytest.mark.parametrize("name", ["skip", "skip_map2", "cond", "cond_embed", "gray16"])
def test_mapping_and_truncation_equal_the_reference(name):
    G, description, arrays = generator(name)
    c = torch.from_numpy(arrays["c"]) if "c" in arrays else None
    with torch.inference_mode():
        w = G.map(torch.from_numpy(arrays["z"]), c)
        for case in description["cases"]:
            if case["ws"].startswith("ws"):
                ws = G.broadcast(w).clone()
                below = case["truncation_cutoff"] or G.num_ws
                ws[:, :below] = G.w_avg.lerp(ws[:, :below], case["truncation_psi"])
                assert reference.error(ws, arrays[case["ws"]]) < reference.WS


def state_is_sum(name, step):
    return name == "resnet" and step.name.endswith("conv1") and step.resolution > 4


@pytest.mark.parametrize(("name", "expected"), [("skip", 11), ("resnet", 7)])
def test_every_step_of_the_synthesis_equals_the_reference(name, expected):
    G, _, arrays = generator(name)
    ws = torch.from_numpy(arrays["ws0"][:1])
    compared = 0
    with torch.inference_mode():
        state = G.start(ws)
        for i, step in enumerate(G.steps):
            state = G.run(i, state, ws, None if step.noise is None else G.stored_noise(step.noise))
            block, layer = step.name.split(".")
            # A torgb step leaves x alone; with residual blocks conv1's state has the branch in it.
            named = {} if layer == "torgb" or state_is_sum(name, step) else {f"inter_{block}_{layer}": state.x}
            if step.name == [s for s in G.steps if s.resolution == step.resolution][-1].name:
                named |= {f"inter_block{step.resolution}_x": state.x, f"inter_block{step.resolution}_img": state.image}
            for key, value in named.items():
                if key in arrays:
                    assert reference.error(value, arrays[key]) < reference.SMALL_NETWORKS, key
                    compared += 1
    assert compared == expected


@pytest.mark.parametrize("name", SMALL)
def test_description_names_every_tensor_and_counts_parameters(name):
    G, description, _ = generator(name)
    told = STYLEGAN2.describe(settings_of(description["kwargs"]))
    assert {k: tuple(t.shape) for k, t in G.state_dict().items()} == dict(told.tensors)
    assert told.parameters == sum(p.numel() for p in G.parameters()) == description["counts"]["parameters"]
    assert len(told.layers) == G.num_ws == description["num_ws"]
    assert [n.index for n in told.noise] == [s.noise for s in G.steps if s.noise is not None]


def discriminators():
    description, _ = reference.case("sg2_disc")
    return [n for n, d in description["networks"].items() if "block_kwargs" not in d["kwargs"]]


@pytest.mark.parametrize("name", discriminators())
def test_discriminators_equal_the_reference(name):
    description, arrays = reference.case("sg2_disc")
    network = description["networks"][name]
    D = reference.fill(STYLEGAN2.build_discriminator(discriminator_settings_of(network["kwargs"])))
    assert sum(p.numel() for p in D.parameters()) == network["counts"]["parameters"]
    for c in (c for c in description["cases"] if c["network"] == name):
        labels = torch.from_numpy(arrays[c["labels"]][: c["batch"]]) if c["labels"] else None
        with torch.inference_mode():
            scores = D(torch.from_numpy(arrays[c["image"]][: c["batch"]]), labels)
        assert reference.error(scores, arrays[c["logits"]]) < reference.SMALL_NETWORKS


def check_full_size(tag):
    description, arrays = reference.case("sg2_full")
    c = next(c for c in description["cases"] if c["tag"] == tag)
    G = reference.fill(STYLEGAN2.build_generator(settings_of(c["kwargs"])))
    assert sum(p.numel() for p in G.parameters()) == c["counts"]["parameters"]
    with torch.inference_mode():
        z = torch.from_numpy(np.random.RandomState(0).randn(1, 512).astype(np.float32))
        ws = G.broadcast(G.w_avg.lerp(G.map(z), c["truncation_psi"]))
        picture = G.synthesize(ws)[0]
    assert reference.error(ws, arrays[f"{tag}_ws"]) < reference.WS
    size = picture.shape[1] // 64
    small = torch.nn.functional.avg_pool2d(picture[None], size)[0]
    assert reference.error(small, arrays[f"{tag}_avg64"]) < reference.FULL_NETWORKS
    for crop in c["crops"]:
        part = picture[:, crop["top"] : crop["top"] + 64, crop["left"] : crop["left"] + 64]
        assert reference.error(part, arrays[crop["array"]]) < reference.FULL_NETWORKS


def test_full_size_generator_at_256_equals_the_reference():
    check_full_size("f256")


@pytest.mark.slow
@pytest.mark.parametrize("tag", ["auto256", "f512", "f1024"])
def test_other_full_size_generators_equal_the_reference(tag):
    check_full_size(tag)


@pytest.mark.parametrize(
    "wrong",
    [{"resolution": 48}, {"resolution": 2048}, {"w_dim": 0}, {"channel_base": 2**40}, {"architecture": "x"},
     {"resample_filter": [float("nan")]}, {"conv_clamp": -1}, {"classes": True}, {"unheard": 1}, {"z_dim": "512"}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ModelFileError):
        STYLEGAN2.describe(wrong)


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["skip", "resnet", "cond"])
def test_cuda_equals_the_cpu(name):
    G, _, arrays = generator(name)
    ws = torch.from_numpy(arrays["ws0"])
    with torch.inference_mode():
        on_cpu = G.synthesize(ws)
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
        on_gpu = G.cuda().synthesize(ws.cuda()).cpu()
    assert reference.error(on_gpu, on_cpu.numpy()) < 1e-4
