"""StyleGAN2 checkpoints of rosinality's program (.pt): state dictionaries without arguments; the shapes tell them.

Weights are stored with unit deviation as ours are, with an axis of length 1 before the others. Style biases hold
their 1, up-convolutions are laid out as ours. A mean of w is there only where someone computed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from engine.errors import ModelFileError
from engine.families.foreign import Foreign, Role
from engine.families.stylegan2.settings import DiscriminatorSettings, GeneratorSettings
from engine.families.stylegan2.tensors import noise_layers
from engine.families.tables import REMEDY, Table

LEFT_OUT = r".*\.kernel"  # filters: ours are made from the settings


def role(foreign: Foreign) -> Role | None:
    """By names: there is no other mark."""
    if {"input.input", "style.1.weight", "conv1.conv.modulation.weight"} <= foreign.arrays.keys():
        return "G"
    return "D" if {"final_linear.0.weight", "convs.0.0.weight"} <= foreign.arrays.keys() else None


def generator(foreign: Foreign) -> tuple[GeneratorSettings, Table]:
    """Settings and table of a generator. Raises ModelFileError."""
    blocks = _count(foreign, r"convs\.\d+\.conv\.weight") // 2
    features = {4: _axis(foreign, "conv1.conv.weight", 1)}
    features |= {8 << i: _axis(foreign, f"convs.{2 * i}.conv.weight", 1) for i in range(min(blocks, 9))}
    base, maximum = _widths(features)
    settings = GeneratorSettings(
        resolution=4 << blocks,
        channels=_axis(foreign, "to_rgb1.conv.weight", 1),
        z_dim=_axis(foreign, "style.1.weight", 1),
        w_dim=_axis(foreign, "conv1.conv.modulation.weight", 1),
        mapping_layers=_count(foreign, r"style\.\d+\.weight"),
        channel_base=base,
        channel_max=maximum,
        resample_filter=_taps(foreign, "convs.0.conv.blur.kernel"),
        w_avg="latent_avg" in foreign.arrays,
    )
    return settings, _generator_table(settings)


def discriminator(foreign: Foreign) -> tuple[DiscriminatorSettings, Table]:
    """Settings and table of a discriminator. Raises ModelFileError."""
    blocks = _count(foreign, r"convs\.\d+\.conv2\.1\.weight")
    resolution = 4 << min(blocks, 9)
    features = {resolution: _axis(foreign, "convs.0.0.weight", 0)}
    features |= {resolution >> i: _axis(foreign, f"convs.{i}.conv2.1.weight", 0) for i in range(1, min(blocks, 9) + 1)}
    base, maximum = _widths(features)
    settings = DiscriminatorSettings(
        resolution=4 << blocks,
        channels=_axis(foreign, "convs.0.0.weight", 1),
        channel_base=base,
        channel_max=maximum,
        resample_filter=_taps(foreign, "convs.1.conv2.0.kernel"),
    )
    return settings, _discriminator_table(settings)


def _count(foreign: Foreign, pattern: str) -> int:
    """How many names are like this; at most 64, which is more than any network has."""
    return min(sum(re.fullmatch(pattern, name) is not None for name in foreign.arrays), 64)


def _axis(foreign: Foreign, name: str, axis: int) -> int:
    shape = np.shape(foreign.arrays[name]) if name in foreign.arrays else ()
    if len(shape) <= axis:
        raise ModelFileError(f"the StyleGAN2 network has no proper array {name!r}", REMEDY)
    return int(shape[axis])


def _widths(features: Mapping[int, int]) -> tuple[int, int]:
    """(channel_base, channel_max) of the features at each resolution."""
    highest, maximum = max(features), max(features.values())
    narrowed = [r for r, count in features.items() if count < maximum]
    at = max(narrowed, default=highest)
    return features[at] * at, maximum


def _taps(foreign: Foreign, name: str) -> tuple[float, ...]:
    """The filter of a network, whose kernel is its outer product times a gain."""
    if name not in foreign.arrays:
        return (1.0, 3.0, 3.0, 1.0)
    kernel = np.asarray(foreign.arrays[name], np.float64)
    if kernel.ndim != 2 or not 1 <= len(kernel) <= 64 or abs(kernel.sum()) < 1e-6:
        raise ModelFileError(f"the filter {name!r} is no matrix of weights", REMEDY)
    taps = kernel.sum(axis=0) / kernel.sum()
    if not np.allclose(np.outer(taps, taps) * kernel.sum(), kernel, atol=1e-5):
        raise ModelFileError(f"the filter {name!r} is not the same in both directions", REMEDY)
    usual = len(taps) == 4 and np.allclose(taps * 8, [1, 3, 3, 1], atol=1e-5)
    return (1.0, 3.0, 3.0, 1.0) if usual else tuple(float(t) for t in taps)


def _generator_table(s: GeneratorSettings) -> Table:
    table: Table = {"synthesis.b4.const": ("input.input", "")}
    if s.w_avg:
        table["mapping.w_avg"] = ("latent_avg", "")
    for i in range(s.mapping_layers):
        table |= _layer(f"mapping.fc{i}", f"style.{i + 1}", f"style.{i + 1}.bias")
    for i, (name, _) in enumerate(noise_layers(s)):  # one for every styled convolution, in order
        ours, theirs = f"synthesis.{name}", "conv1" if i == 0 else f"convs.{i - 1}"
        table |= _styled(ours, theirs, f"{theirs}.activate.bias")
        table[f"{ours}.noise_strength"] = (f"{theirs}.noise.weight", "")
        table[f"{ours}.noise_const"] = (f"noises.noise_{i}", "")
    for i, r in enumerate(s.block_resolutions):
        theirs = f"to_rgbs.{i - 1}" if i else "to_rgb1"
        table |= _styled(f"synthesis.b{r}.torgb", theirs, f"{theirs}.bias")
    return table


def _discriminator_table(s: DiscriminatorSettings) -> Table:
    table = _layer(f"b{s.resolution}.fromrgb", "convs.0.0", "convs.0.1.bias")
    for i, r in enumerate(reversed(s.block_resolutions[1:]), 1):
        table |= _layer(f"b{r}.conv0", f"convs.{i}.conv1.0", f"convs.{i}.conv1.1.bias")
        table |= _layer(f"b{r}.conv1", f"convs.{i}.conv2.1", f"convs.{i}.conv2.2.bias")
        table[f"b{r}.skip.weight"] = (f"convs.{i}.skip.1.weight", "")
    table |= _layer("b4.conv", "final_conv.0", "final_conv.1.bias")
    table |= _layer("b4.fc", "final_linear.0", "final_linear.0.bias")
    return table | _layer("b4.out", "final_linear.1", "final_linear.1.bias")


def _layer(ours: str, theirs: str, bias: str) -> Table:
    return {f"{ours}.weight": (f"{theirs}.weight", ""), f"{ours}.bias": (bias, "")}


def _styled(ours: str, theirs: str, bias: str) -> Table:
    table = _layer(ours, f"{theirs}.conv", bias)
    table[f"{ours}.affine.weight"] = (f"{theirs}.conv.modulation.weight", "")
    table[f"{ours}.affine.bias"] = (f"{theirs}.conv.modulation.bias", "")
    return table
