"""StyleGAN networks of the public TensorFlow programs -> ours. numpy and the standard library only.

Two programs hold them: StyleGAN's own, and StyleGAN2's as its configuration A. Both feed fused up-convolutions with the
kernel as it is stored; ours is its mirror image, so that it means the same in every layer (see engine.nn.fused_scale).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.families import tables
from engine.families.foreign import Converted, Foreign, Role
from engine.families.stylegan import settings as s
from engine.families.tables import Table, layer

ROLES: Mapping[str, Role] = {"G_style": "G", "D_basic": "D"}
FUSED_FROM = 128  # pixels of an up-convolution's result: fused_scale "auto"

# Arguments of the TensorFlow functions -> our settings; absent ones have the value that is our default as well.
COMMON = {
    "resolution": "resolution",
    "num_channels": "channels",
    "label_size": "classes",
    "fmap_max": "channel_max",
    "fmap_decay": "channel_decay",
    "nonlinearity": "activation",
    "use_wscale": "use_equalised",
}
GENERATOR = {
    "latent_size": "z_dim",
    "dlatent_size": "w_dim",
    "mapping_layers": "mapping_layers",
    "mapping_fmaps": "layer_features",
    "mapping_lrmul": "mapping_lr_multiplier",
    "mapping_nonlinearity": "mapping_activation",
    "normalize_latents": "normalise_latents",
    "use_styles": "use_styles",
    "const_input_layer": "const_input",
    "use_noise": "use_noise",
    "use_pixel_norm": "use_pixel_norm",
    "use_instance_norm": "use_instance_norm",
}


def recognise(foreign: Foreign) -> Role | None:
    """The role of a network of this family, None for any other."""
    return ROLES.get(foreign.kind) if foreign.dialect == "tf" else None


def convert(foreign: Foreign) -> Converted:
    """Our settings and tensors. Raises ModelFileError where names or shapes are not those that the settings say."""
    role, settings = ROLES[foreign.kind], settings_of(foreign)
    if role == "G":
        G = s.generator_settings(settings)
        shapes, table = s.generator_tensors(G), _generator_table(G, foreign.settings)
    else:
        D = s.discriminator_settings(settings)
        shapes, table = s.discriminator_tensors(D), _discriminator_table(D)
    left_out = "(G_synthesis/)?lod" + ("" if "mapping.w_avg" in table else "|dlatent_avg")
    return tables.converted(foreign, "StyleGAN", role, settings, table, shapes, left_out)


def settings_of(foreign: Foreign) -> dict[str, Any]:
    """Our settings, unchecked."""
    return _generator(foreign) if ROLES[foreign.kind] == "G" else _discriminator(foreign)


def _generator(foreign: Foreign) -> dict[str, Any]:
    common = _common(foreign, {"num_channels": 3, "resolution": 1024})
    truncation = foreign.settings.get("truncation_psi", 0.7) is not None
    return common | tables.renamed(foreign, GENERATOR) | {"truncation": truncation}


def _discriminator(foreign: Foreign) -> dict[str, Any]:
    given = foreign.settings
    group, channels = given.get("mbstd_group_size", 4), given.get("mbstd_num_features", 1)
    alone = group in (0, 1)  # no groups, no statistic
    minibatch = {"mbstd_group": 4 if alone else group, "mbstd_channels": 0 if alone else channels}
    return _common(foreign, {"num_channels": 1, "resolution": 32}) | minibatch


def _common(foreign: Foreign, defaults: Mapping[str, int]) -> dict[str, Any]:
    given = foreign.settings
    base, taps = given.get("fmap_base", 8192), given.get("blur_filter", [1, 2, 1])
    renamed = tables.renamed(foreign, COMMON, defaults)
    lod = "G_synthesis/lod" if "G_synthesis/lod" in foreign.arrays else "lod"
    fixed = given.get("structure") == "fixed"  # such networks pay no heed to it
    level = 0.0 if fixed else tables.level_of_detail(foreign, lod, renamed["resolution"])
    return renamed | {
        "channel_base": 2 * base if isinstance(base, int) else base,
        "blur_filter": list(taps) if isinstance(taps, (list, tuple)) else taps or [],
        "lod": level,
    }


def _generator_table(settings: s.GeneratorSettings, arguments: Mapping[str, Any]) -> Table:
    table = {"mapping.w_avg": ("dlatent_avg", "")} if settings.truncation else {}
    if settings.classes:
        table["mapping.embed"] = ("G_mapping/LabelConcat/weight", "IO")
    for i in range(settings.mapping_layers):
        table |= layer(f"mapping.fc{i}", f"G_mapping/Dense{i}", "IO")
    for i, (name, r) in enumerate(s.styled_layers(settings, 0)):
        table |= _styled_layer(settings, i, name, r, _is_fused(arguments, r))
    for r in settings.block_resolutions:
        theirs = f"G_synthesis/ToRGB_lod{int(math.log2(settings.resolution // r))}"
        table |= layer(f"synthesis.b{r}.torgb", theirs)
    return table


def _styled_layer(settings: s.GeneratorSettings, index: int, name: str, r: int, fused: bool) -> Table:
    kind = name.partition(".")[2]
    their_kind = {"input": "Const" if settings.const_input else "Dense", "conv": "Conv", "conv0": "Conv0_up"}
    ours, theirs = f"synthesis.{name}", f"G_synthesis/{r}x{r}/{their_kind.get(kind, 'Conv1')}"
    layout = "IO" if kind == "input" else "~HWIO" if kind == "conv0" and fused else "HWIO"
    table = layer(ours, theirs, layout)
    if kind == "input" and settings.const_input:
        del table[f"{ours}.weight"]
        table[f"{ours}.const"] = (f"{theirs}/const", "")
    if settings.use_noise:
        table[f"{ours}.epilogue.noise_strength"] = (f"{theirs}/Noise/weight", "")
        table[f"{ours}.epilogue.noise_const"] = (f"G_synthesis/noise{index}", "")
    if settings.use_styles:
        table |= layer(f"{ours}.epilogue.affine", f"{theirs}/StyleMod", "IO")  # both: scales, then shifts
    return table


def _discriminator_table(settings: s.DiscriminatorSettings) -> Table:
    table = layer("b4.conv", "4x4/Conv") | layer("b4.fc", "4x4/Dense0", "IO") | layer("b4.out", "4x4/Dense1", "IO")
    for r in settings.block_resolutions[1:]:
        table |= layer(f"b{r}.conv0", f"{r}x{r}/Conv0") | layer(f"b{r}.conv1", f"{r}x{r}/Conv1_down")
    for r in settings.block_resolutions:
        table |= layer(f"b{r}.fromrgb", f"FromRGB_lod{int(math.log2(settings.resolution // r))}")
    return table


def _is_fused(arguments: Mapping[str, Any], resolution: int) -> bool:
    """Whether the program computes the up-convolution to `resolution` fused."""
    fused = arguments.get("fused_scale", "auto")
    return resolution >= FUSED_FROM if fused == "auto" else bool(fused)
