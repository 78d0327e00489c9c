"""StyleGAN2 and StyleGAN2-ADA in TensorFlow: names, layouts and the defaults of their network functions.

The two differ for conditional networks: the first concatenates a label through a matrix and scores each class, ADA
embeds it and projects on it (`LabelEmbed`). Growing networks number their colour layers by level of detail.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import ModelFileError
from engine.families.foreign import Foreign, Role
from engine.families.stylegan2.settings import DiscriminatorSettings, GeneratorSettings
from engine.families.stylegan2.tensors import noise_layers
from engine.families.tables import Table, layer, level_of_detail

ROLES: Mapping[str, Role] = {"G_main": "G", "D_stylegan2": "D", "D_stylegan": "D", "D_main": "D"}
# Counters, and noise maps of networks that do not use them.
LEFT_OUT = r"(G_synthesis/)?lod|dlatent_avg|G_synthesis/noise\d+"
REMEDY = "it cannot be opened here"


def role(foreign: Foreign) -> Role | None:
    """By the name of the function; a generator also by its modulated convolutions."""
    known = ROLES.get(foreign.kind)
    if known == "G" and "G_synthesis/4x4/Conv/mod_weight" not in foreign.arrays:
        return None
    return known


def generator(foreign: Foreign) -> tuple[GeneratorSettings, Table]:
    """Settings and table of a generator. Raises ModelFileError."""
    given = foreign.settings
    _refuse(given.get("normalize_latents", True) is not True, "its latents are not normalised")
    _refuse(given.get("mapping_nonlinearity", "lrelu") != "lrelu", "its mapping network has no leaky ReLUs")
    growing = _synthesis_kind(foreign).endswith("revised")
    w_dim = given.get("dlatent_size", 512)
    embedded = "G_mapping/LabelEmbed/weight" in foreign.arrays or not given.get("label_size")
    settings = GeneratorSettings(
        **_common(foreign, "G_synthesis/lod" if growing else ""),
        z_dim=given.get("latent_size", 512),
        w_dim=w_dim,
        mapping_layers=given.get("mapping_layers", 8),
        mapping_lr_multiplier=given.get("mapping_lrmul", 0.01),
        layer_features=_unless(given.get("mapping_fmaps", w_dim if foreign.version == 5 else 512), w_dim),
        embed_features=_unless(_columns(foreign, "G_mapping/LabelEmbed/weight"), w_dim),
        label_input="embedded" if embedded else "concatenated",
        architecture="growing" if growing else given.get("architecture", "skip"),
        use_noise=given.get("use_noise", True),
        w_avg="dlatent_avg" in foreign.arrays,
    )
    return settings, generator_table(settings)


def discriminator(foreign: Foreign) -> tuple[DiscriminatorSettings, Table]:
    """Settings and table of a discriminator. Raises ModelFileError."""
    given = foreign.settings
    is_ada, growing = foreign.kind == "D_main", foreign.kind == "D_stylegan"
    group = given.get("mbstd_group_size", None if is_ada else 4)
    grouped = is_ada or not isinstance(group, int) or group > 1
    common = _common(foreign, "lod" if growing else "")
    settings = DiscriminatorSettings(
        **common,
        **(_label_mapping(foreign) if is_ada and common["classes"] else {}),
        label_output="per_class" if common["classes"] and not is_ada else "projection",
        architecture="growing" if growing else given.get("architecture", "resnet"),
        mbstd_group=group if grouped else 4,
        mbstd_channels=given.get("mbstd_num_features", 1) if grouped else 0,
        dense_features=_columns(foreign, "4x4/Dense0/weight"),
    )
    if settings.dense_features == settings.features(4):
        settings = dataclasses.replace(settings, dense_features=None)
    return settings, discriminator_table(settings)


def _label_mapping(foreign: Foreign) -> dict[str, Any]:
    """ADA's discriminator maps labels; the first StyleGAN2's scores each class."""
    return {
        "mapping_layers": foreign.settings.get("mapping_layers", 0),
        "mapping_lr_multiplier": foreign.settings.get("mapping_lrmul", 0.1),
        "cmap_dim": _columns(foreign, "Output/weight"),
        "embed_features": _columns(foreign, "LabelEmbed/weight"),
        "layer_features": foreign.settings.get("mapping_fmaps"),
    }


def _common(foreign: Foreign, lod: str) -> dict[str, Any]:
    """What both networks take. lod: name of the variable, "" for networks that do not grow."""
    given = foreign.settings
    base, taps = given.get("fmap_base", 16384), given.get("resample_kernel", [1, 3, 3, 1])
    resolution = given.get("resolution", 1024)
    return {
        "resolution": resolution,
        "channels": given.get("num_channels", 3),
        "classes": given.get("label_size", 0),
        "channel_base": 2 * base if isinstance(base, int) else base,
        "channel_max": given.get("fmap_max", 512),
        "channel_min": given.get("fmap_min", 1),
        "channel_decay": given.get("fmap_decay", 1.0),
        "activation": given.get("nonlinearity", "lrelu"),
        "resample_filter": (1.0, 1.0) if taps is None else tuple(taps) if isinstance(taps, (list, tuple)) else taps,
        "conv_clamp": given.get("conv_clamp"),
        "lod": level_of_detail(foreign, lod, resolution) if lod else 0.0,
    }


def _synthesis_kind(foreign: Foreign) -> str:
    part = foreign.parts.get("synthesis")
    named = foreign.settings.get("synthesis_func", "") if part is None else part.kind
    return named if isinstance(named, str) else ""


def _columns(foreign: Foreign, name: str) -> int | None:
    """Outputs of a dense layer [I, O], None where there is no such layer."""
    shape = np.shape(foreign.arrays[name]) if name in foreign.arrays else ()
    return shape[1] if len(shape) == 2 else None


def _unless(value: Any, usual: Any) -> Any:
    return None if value == usual else value


def _refuse(bad: bool, what: str) -> None:
    if bad:
        raise ModelFileError(f"this StyleGAN2 network is not of a known kind: {what}", REMEDY)


def generator_table(s: GeneratorSettings) -> Table:
    """What each tensor of a generator is there."""
    return _mapping_table(s) | _synthesis_table(s)


def _mapping_table(s: GeneratorSettings) -> Table:
    table: Table = {"mapping.w_avg": ("dlatent_avg", "")} if s.w_avg else {}
    if s.classes and s.label_input == "concatenated":
        table["mapping.embed.weight"] = ("G_mapping/LabelConcat/weight", "IO")
    elif s.classes:
        table |= layer("mapping.embed", "G_mapping/LabelEmbed", "IO")
    for i in range(s.mapping_layers):
        table |= layer(f"mapping.fc{i}", f"G_mapping/Dense{i}", "IO")
    return table


def _synthesis_table(s: GeneratorSettings) -> Table:
    table: Table = {"synthesis.b4.const": ("G_synthesis/4x4/Const/const", "")}
    noise = {name: i for i, (name, _) in enumerate(noise_layers(s))}
    for r in s.block_resolutions:
        block, theirs = f"synthesis.b{r}", f"G_synthesis/{r}x{r}"
        if r > 4:
            table |= _styled(f"{block}.conv0", f"{theirs}/Conv0_up", "~HWIO", noise.get(f"b{r}.conv0"))
        table |= _styled(
            f"{block}.conv1", f"{theirs}/Conv1" if r > 4 else f"{theirs}/Conv", "HWIO", noise.get(f"b{r}.conv1")
        )
        if r in s.colour_resolutions:
            name = f"G_synthesis/ToRGB_lod{_level(s, r)}" if s.architecture == "growing" else f"{theirs}/ToRGB"
            table |= _styled(f"{block}.torgb", name, "HWIO", None)
        if r > 4 and s.architecture == "resnet":
            table[f"{block}.skip.weight"] = (f"{theirs}/Skip/weight", "HWIO")
    return table


def discriminator_table(s: DiscriminatorSettings) -> Table:
    """What each tensor of a discriminator is there."""
    table = layer("b4.conv", "4x4/Conv") | layer("b4.fc", "4x4/Dense0", "IO") | layer("b4.out", "Output", "IO")
    for r in s.block_resolutions:
        if r in s.colour_resolutions:
            name = f"FromRGB_lod{_level(s, r)}" if s.architecture == "growing" else f"{r}x{r}/FromRGB"
            table |= layer(f"b{r}.fromrgb", name)
        if r > 4:
            table |= layer(f"b{r}.conv0", f"{r}x{r}/Conv0") | layer(f"b{r}.conv1", f"{r}x{r}/Conv1_down")
            if s.architecture == "resnet":
                table[f"b{r}.skip.weight"] = (f"{r}x{r}/Skip/weight", "HWIO")
    if s.label_width:
        table |= layer("mapping.embed", "LabelEmbed", "IO")
        for i in range(s.mapping_layers):
            table |= layer(f"mapping.fc{i}", f"Mapping{i}", "IO")
    return table


def _level(s: GeneratorSettings | DiscriminatorSettings, resolution: int) -> int:
    return int(math.log2(s.resolution // resolution))


def _styled(ours: str, theirs: str, layout: str, noise: int | None) -> Table:
    table = layer(ours, theirs, layout)
    table |= {
        f"{ours}.affine.weight": (f"{theirs}/mod_weight", "IO"),
        f"{ours}.affine.bias": (f"{theirs}/mod_bias", "+1"),
    }
    if noise is not None:
        table[f"{ours}.noise_strength"] = (f"{theirs}/noise_strength", "")
        table[f"{ours}.noise_const"] = (f"G_synthesis/noise{noise}", "")
    return table
