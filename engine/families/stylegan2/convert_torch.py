"""StyleGAN2 of the PyTorch programs StyleGAN2-ADA and StyleGAN3: our tensors have their names and layouts.

StyleGAN2-ADA nests the arguments of the synthesis network, StyleGAN3's program lays them beside the others and has
other defaults. Where a file tells the attributes of its layers they decide; arithmetic in float16 is a choice of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFileError, clipped
from engine.families.foreign import Foreign, Role
from engine.families.stylegan2.settings import DiscriminatorSettings, GeneratorSettings, NetworkSettings
from engine.families.stylegan2.tensors import discriminator_tensors, generator_tensors
from engine.families.tables import Table

LEFT_OUT = r"(.*\.)?resample_filter"  # checked against the settings, from which ours are made
STYLEGAN3_CLAMP = 256  # default of conv_clamp in StyleGAN3's program
REMEDY = "it cannot be opened here"


def role(foreign: Foreign) -> Role | None:
    """By class and names: StyleGAN3's generator has the same class, its discriminator is this one."""
    if foreign.kind == "Generator" and "synthesis.b4.const" in foreign.arrays:
        return "G"
    if foreign.kind == "Discriminator" and "b4.out.weight" in foreign.arrays:
        return "D"
    return None


def generator(foreign: Foreign) -> tuple[GeneratorSettings, Table]:
    """Settings and table of a generator. Raises ModelFileError."""
    given, mapping = foreign.settings, _nested(foreign.settings, "mapping_kwargs")
    flat = "synthesis_kwargs" not in given
    synthesis = given if flat else _nested(given, "synthesis_kwargs")
    settings = GeneratorSettings(
        **_common(foreign, synthesis, synthesis, mapping, STYLEGAN3_CLAMP if flat else None),
        z_dim=given.get("z_dim", 512),
        w_dim=given.get("w_dim", 512),
        architecture=synthesis.get("architecture", "skip"),
        use_noise=synthesis.get("use_noise", True),
        w_avg="mapping.w_avg" in foreign.arrays,
    )
    return settings, _checked(foreign, settings, generator_tensors(settings))


def discriminator(foreign: Foreign) -> tuple[DiscriminatorSettings, Table]:
    """Settings and table of a discriminator. Raises ModelFileError."""
    given, mapping = foreign.settings, _nested(foreign.settings, "mapping_kwargs")
    block, end = _nested(given, "block_kwargs"), _nested(given, "epilogue_kwargs")
    if end.get("activation", "lrelu") != block.get("activation", "lrelu"):
        raise ModelFileError("the blocks and the end of this discriminator have different activations", REMEDY)
    settings = DiscriminatorSettings(
        **_common(foreign, given, block, mapping, STYLEGAN3_CLAMP),
        architecture=given.get("architecture", "resnet"),
        cmap_dim=given.get("cmap_dim"),
        mbstd_group=end.get("mbstd_group_size", 4),
        mbstd_channels=end.get("mbstd_num_channels", 1),
        freeze_layers=block.get("freeze_layers", 0),
    )
    return settings, _checked(foreign, settings, discriminator_tensors(settings))


def _common(
    foreign: Foreign,
    network: Mapping[str, Any],
    layers: Mapping[str, Any],
    mapping: Mapping[str, Any],
    clamp: float | None,  # where neither attributes nor arguments tell
) -> dict[str, Any]:
    given, taps = foreign.settings, layers.get("resample_filter", [1, 3, 3, 1])
    if mapping.get("activation", "lrelu") != "lrelu":
        raise ModelFileError("the mapping network of this StyleGAN2 has no leaky ReLUs", REMEDY)
    attributes = [v for k, v in foreign.attributes.items() if k.endswith("conv1.conv_clamp")]
    return {
        "resolution": given.get("img_resolution"),
        "channels": given.get("img_channels"),
        "classes": given.get("c_dim", 0),
        "channel_base": network.get("channel_base", 32768),
        "channel_max": network.get("channel_max", 512),
        "activation": layers.get("activation", "lrelu"),
        "resample_filter": (1.0,) if taps is None else tuple(taps) if isinstance(taps, (list, tuple)) else taps,
        "conv_clamp": attributes[0] if attributes else network.get("conv_clamp", clamp),
        "mapping_layers": mapping.get("num_layers", 8),
        "embed_features": mapping.get("embed_features"),
        "layer_features": mapping.get("layer_features"),
        "mapping_lr_multiplier": mapping.get("lr_multiplier", 0.01),
    }


def _nested(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = given.get(name) or {}
    if not isinstance(inner, Mapping):
        raise ModelFileError(f"the argument {name} of this network is no dictionary", "the file is damaged or made up")
    return inner


def _checked(foreign: Foreign, settings: NetworkSettings, tensors: Mapping[str, tuple[int, ...]]) -> Table:
    """Each tensor under its own name, if the filters that the file carries are those of the settings."""
    taps = np.array(settings.resample_filter, np.float64)
    f = taps / taps.sum() if len(taps) >= 8 else np.outer(taps, taps) / taps.sum() ** 2
    for name, array in foreign.arrays.items():
        if name.endswith("resample_filter") and array.any() and not _equal(array, f):
            raise ModelFileError(f"the filter {clipped(name, 60)} is not that of the network's arguments", REMEDY)
    return {name: (name, "") for name in tensors}


def _equal(array: npt.NDArray[Any], f: npt.NDArray[np.float64]) -> bool:
    return np.shape(array) == f.shape and bool(np.allclose(array, f, atol=1e-6))
