"""ProGAN networks of the public TensorFlow programs -> ours. numpy and the standard library only.

There are two such programs: ProGAN's own ("networks"), and the copy in StyleGAN's code base ("networks_progan"). They
differ in two things: the axes of fused up-convolutions, and whether a discriminator with labels has logits for them.
Both feed fused up-convolutions with the kernel as it is stored; ours is its mirror image (see engine.nn.fused_scale).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import ModelFileError
from engine.families import tables
from engine.families.checks import is_number, shown
from engine.families.foreign import Converted, Foreign, Role
from engine.families.progan import settings as s
from engine.families.tables import Table, layer

ROLES: Mapping[str, Role] = {"G_paper": "G", "D_paper": "D"}

# Arguments of the TensorFlow functions -> our settings, and their defaults there where ours are others. Arguments with
# a rule of their own are not here.
COMMON = {
    "resolution": "resolution",
    "num_channels": "channels",
    "fmap_decay": "channel_decay",
    "use_wscale": "use_equalised",
    "fused_scale": "fused_scale",
}
GENERATOR = {
    "label_size": "classes",
    "normalize_latents": "normalise_latents",
    "use_pixelnorm": "use_pixel_norm",
    "pixelnorm_epsilon": "pixel_norm_eps",
    "use_leakyrelu": "use_leaky_relu",
}
DEFAULTS = {"resolution": 32, "num_channels": 1}


def recognise(foreign: Foreign) -> Role | None:
    """The role of a network of this family, None for any other."""
    return ROLES.get(foreign.kind) if foreign.dialect == "tf" else None


def convert(foreign: Foreign) -> Converted:
    """Our settings and tensors. Raises ModelFileError where names or shapes are not those that the settings say."""
    role = ROLES[foreign.kind]
    settings = _generator(foreign) if role == "G" else _discriminator(foreign)
    if role == "G":
        G = s.generator_settings(settings)
        shapes, table = s.generator_tensors(G), _generator_table(G, _up_layout(foreign, G))
    else:
        D = s.discriminator_settings(settings)
        shapes, table = s.discriminator_tensors(D), _discriminator_table(D)
    return tables.converted(foreign, "ProGAN", role, settings, table, shapes, left_out="lod")


def _generator(foreign: Foreign) -> dict[str, Any]:
    given = foreign.settings.get("latent_size") is not None
    features = min(_whole(foreign, "fmap_base", 8192), _whole(foreign, "fmap_max", 512))  # of 2x2
    latent = _whole(foreign, "latent_size", 0) if given else features
    return _common(foreign) | tables.renamed(foreign, GENERATOR) | {"z_dim": latent}


def _discriminator(foreign: Foreign) -> dict[str, Any]:
    group = _whole(foreign, "mbstd_group_size", 4)
    scores_only = _shape(foreign, "4x4/Dense1/bias") == (1,)  # in "networks_progan", whatever the labels
    return _common(foreign) | {
        "classes": 0 if scores_only else foreign.settings.get("label_size", 0),
        "mbstd_group": group if group > 1 else 4,
        "mbstd_channels": 1 if group > 1 else 0,
    }


def _common(foreign: Foreign) -> dict[str, Any]:
    renamed = tables.renamed(foreign, COMMON, DEFAULTS)
    return renamed | {
        "channel_base": 2 * _whole(foreign, "fmap_base", 8192),
        "channel_max": _whole(foreign, "fmap_max", 512),
        "lod": tables.level_of_detail(foreign, "lod", renamed["resolution"]),
    }


def _whole(foreign: Foreign, name: str, default: int) -> int:
    """An argument that ours is calculated from; what is copied is checked with our settings."""
    value = foreign.settings.get(name, default)
    if not is_number(value) or value != int(value):
        raise ModelFileError(f"the argument {name} of the ProGAN network is {shown(value)}", tables.REMEDY)
    return int(value)


def _shape(foreign: Foreign, name: str) -> tuple[int, ...]:
    """() for a variable that is not there: that is refused later."""
    return np.shape(foreign.arrays[name]) if name in foreign.arrays else ()


def _up_layout(foreign: Foreign, settings: s.GeneratorSettings) -> str:
    """The axes of fused up-convolutions: seen where a layer has more inputs than outputs, else known by the module.

    Where neither tells, ProGAN's own program is the likelier source.
    """
    if not settings.fused_scale:
        return "HWIO"
    for r in settings.block_resolutions[1:]:
        inputs, outputs = settings.features(r // 2), settings.features(r)
        if inputs != outputs:
            shape = _shape(foreign, f"{r}x{r}/Conv0_up/weight")
            return "~HWIO" if shape[2:] == (inputs, outputs) else "~HWOI"
    return "~HWIO" if foreign.module == "networks_progan" else "~HWOI"


def _generator_table(settings: s.GeneratorSettings, up: str) -> Table:
    table = layer("b4.dense", "4x4/Dense", "IO") | layer("b4.conv", "4x4/Conv")
    for r in settings.block_resolutions[1:]:
        table |= layer(f"b{r}.conv0", f"{r}x{r}/{'Conv0_up' if settings.fused_scale else 'Conv0'}", up)
        table |= layer(f"b{r}.conv1", f"{r}x{r}/Conv1")
    for r in settings.block_resolutions:
        table |= layer(f"b{r}.torgb", f"ToRGB_lod{int(math.log2(settings.resolution // r))}")
    return table


def _discriminator_table(settings: s.DiscriminatorSettings) -> Table:
    table = layer("b4.conv", "4x4/Conv") | layer("b4.fc", "4x4/Dense0", "IO") | layer("b4.out", "4x4/Dense1", "IO")
    for r in settings.block_resolutions[1:]:
        table |= layer(f"b{r}.conv0", f"{r}x{r}/Conv0")
        table |= layer(f"b{r}.conv1", f"{r}x{r}/{'Conv1_down' if settings.fused_scale else 'Conv1'}")
    for r in settings.block_resolutions:
        table |= layer(f"b{r}.fromrgb", f"FromRGB_lod{int(math.log2(settings.resolution // r))}")
    return table
