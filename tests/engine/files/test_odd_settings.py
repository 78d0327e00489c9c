"""Settings out of files are guesses until the tensors agree: whatever they say, a network comes out or a sentence."""

import dataclasses
import json
import random
import time
from pathlib import Path

import pytest

from engine.errors import StylescopeError
from engine.files import conversion, nvidia_tf, nvidia_torch, torch_stream, unpickle, vocabulary
from engine.files.source import Damage

FOLDER = Path(__file__).parents[2] / "data" / "pickles"
FILES = ["tf/progan_tiny", "tf/stylegan_tiny", "tf/stylegan2_tiny_revised", "tf/stylegan2ada_tiny_cond"]
FILES += ["torch/sg2ada_cond_gray_recent", "torch/sg2_from_sg3_tiny"]
ODD = [None, True, False, 0, 1, -1, 3, 17, 64, 2**16, 2**31 - 1, 2**62, -(2**62), 0.5, -0.5, 1e30, "", "linear"]
ODD += ["os.system", [], [1], [1, 3, 3, 1], [1] * 1000, ["a"], [[1]], {}, {"num_layers": 10**9}, {"a": {"b": 1}}]
WORDS = """latent_size dlatent_size mapping_layers mapping_fmaps mapping_lrmul fmap_base fmap_max fmap_decay fmap_min
    label_size resolution num_channels blur_filter const_input_layer structure mbstd_group_size mbstd_num_features
    architecture nonlinearity resample_kernel use_wscale fused_scale z_dim w_dim c_dim img_resolution img_channels
    num_layers embed_features layer_features resample_filter activation conv_clamp freeze_layers mbstd_num_channels
    cmap_dim normalize_latents use_instance_norm use_noise channel_base channel_max mapping_kwargs synthesis_kwargs
    block_kwargs epilogue_kwargs lr_multiplier"""
NAMES = WORDS.split()
TIMES = 250  # for each network
SECONDS = 2  # of processor time


def networks(file):
    """(role, network) of a file."""
    path = FOLDER / f"{file}.pkl"
    value = unpickle.load(memoryview(path.read_bytes()), vocabulary.of_nvidia(torch_stream.load_storage))
    found = (nvidia_tf if file.startswith("tf") else nvidia_torch).contents(value, path.stat().st_size).networks
    return [("G", found["G_ema"]()), ("D", found["D"]())]


def changed(foreign, numbers):
    """The network with some of its settings and arrays exchanged."""
    settings, arrays = dict(foreign.settings), dict(foreign.arrays)
    for _ in range(numbers.choice((1, 1, 2, 3))):
        settings[numbers.choice([*settings, *NAMES])] = numbers.choice(ODD)
    for name, value in settings.items():
        if isinstance(value, dict) and numbers.random() < 0.2:
            settings[name] = {**value, numbers.choice(NAMES): numbers.choice(ODD)}
    if numbers.random() < 0.2:
        name, other = numbers.choice(list(arrays)), numbers.choice(list(arrays))
        arrays[name] = numbers.choice([arrays[name].reshape(-1), arrays[other], arrays[name][None]])
    return dataclasses.replace(foreign, settings=settings, arrays=arrays)


@pytest.mark.parametrize("file", FILES)
def test_odd_settings_make_a_network_or_a_sentence(file):
    numbers, made, refused = random.Random(3), 0, 0
    for role, foreign in networks(file):
        for _ in range(TIMES):
            odd = changed(foreign, numbers)
            began = time.process_time()
            try:
                family, converted = conversion.converted(odd, role)
                shapes = (
                    family.describe(converted.settings).tensors
                    if role == "G"
                    else family.discriminator_tensors(converted.settings)
                )
                conversion.checked(converted, shapes)
                json.dumps(dict(converted.settings), allow_nan=False)
                made += 1
            except (Damage, StylescopeError) as error:
                refused += bool(error.what)
            assert time.process_time() - began < SECONDS
    assert made + refused == 2 * TIMES
    assert made > 10
    assert refused > 100
