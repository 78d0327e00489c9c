"""StyleGAN networks of the public TensorFlow programs -> ours. numpy and the standard library only.

Two programs hold them: StyleGAN's own, and StyleGAN2's as its configuration A. Both feed fused up-convolutions with the
kernel as it is stored; ours is its mirror image, so that it means the same in every layer (see engine.nn.fused_scale).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFileError, clipped
from engine.families.foreign import Converted, Foreign, Role
from engine.families.stylegan import settings as s

Array = npt.NDArray[Any]
Table = dict[str, tuple[str, str]]  # our name -> (foreign name, layout)

ROLES: Mapping[str, Role] = {"G_style": "G", "D_basic": "D"}
REMEDY = "the file is damaged or of another program"
FUSED_FROM = 128  # pixels of an up-convolution's result: fused_scale "auto"

# What foreign axes are called, in their order -> where ours are found there, behind axes of length 1.
LAYOUTS = {
    "O": (0,),
    "IO": (1, 0),  # dense
    "HWIO": (3, 2, 0, 1),
    "~HWIO": (3, 2, 0, 1),  # fused up-convolution: mirrored
    "1OHW": (0, 1, 2, 3),  # the constant
    "11HW": (0, 1, 2, 3),  # a noise map
}
# Arguments of the TensorFlow functions -> our settings; absent ones have the value that is our default as well.
COMMON = {
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
        checked = s.generator_settings(settings)
        expected, table = s.generator_tensors(checked), _generator_table(checked, foreign.settings)
    else:
        made = s.discriminator_settings(settings)
        expected, table = s.discriminator_tensors(made), _discriminator_table(made)
    unused = {"lod", "G_synthesis/lod"} | (set() if "mapping.w_avg" in table else {"dlatent_avg"})
    missing = sorted({theirs for theirs, _ in table.values()} - foreign.arrays.keys())
    surplus = sorted(foreign.arrays.keys() - {theirs for theirs, _ in table.values()} - unused)
    if missing or surplus:
        state = "has no variable" if missing else "has an unknown variable"
        raise ModelFileError(f"the StyleGAN network {state} {clipped(repr((missing + surplus)[0]), 80)}", REMEDY)
    tensors = {
        ours: _laid_out(foreign.arrays[theirs], layout, expected[ours], theirs)
        for ours, (theirs, layout) in table.items()
    }
    return Converted(role=role, settings=settings, tensors=tensors)


def settings_of(foreign: Foreign) -> dict[str, Any]:
    """Our settings, unchecked."""
    return _generator(foreign) if ROLES[foreign.kind] == "G" else _discriminator(foreign)


def _generator(foreign: Foreign) -> dict[str, Any]:
    common = _common(foreign, {"num_channels": 3, "resolution": 1024})
    truncation = foreign.settings.get("truncation_psi", 0.7) is not None
    return common | _renamed(foreign, GENERATOR) | {"truncation": truncation}


def _discriminator(foreign: Foreign) -> dict[str, Any]:
    given = foreign.settings
    group, channels = given.get("mbstd_group_size", 4), given.get("mbstd_num_features", 1)
    alone = group in (0, 1)  # no groups, no statistic
    minibatch = {"mbstd_group": 4 if alone else group, "mbstd_channels": 0 if alone else channels}
    return _common(foreign, {"num_channels": 1, "resolution": 32}) | minibatch


def _common(foreign: Foreign, defaults: Mapping[str, int]) -> dict[str, Any]:
    given = defaults | foreign.settings  # type: ignore[operator]
    base, taps = given.get("fmap_base", 8192), given.get("blur_filter", [1, 2, 1])
    return _renamed(foreign, COMMON) | {
        "resolution": given["resolution"],
        "channels": given["num_channels"],
        "channel_base": 2 * base if isinstance(base, int) else base,
        "blur_filter": list(taps) if isinstance(taps, (list, tuple)) else taps or [],
        "lod": _lod(foreign, given["resolution"]),
    }


def _renamed(foreign: Foreign, names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: foreign.settings[theirs] for theirs, ours in names.items() if theirs in foreign.settings}


def _lod(foreign: Foreign, resolution: object) -> float:
    """The level of detail, as far as there is one: growing ends at 4x4. "Fixed" networks pay no heed to it."""
    lod = np.asarray(foreign.arrays.get("G_synthesis/lod", foreign.arrays.get("lod", 0.0)))
    if lod.shape != () or lod.dtype.kind != "f" or not lod >= 0:
        raise ModelFileError("the level of detail of the StyleGAN network is no number from 0 up", REMEDY)
    if foreign.settings.get("structure") == "fixed" or not isinstance(resolution, int) or resolution < 4:
        return 0.0  # a wrong resolution is refused with the other settings
    return min(float(lod), math.log2(resolution) - 2)


def _generator_table(settings: s.GeneratorSettings, arguments: Mapping[str, Any]) -> Table:
    table = {"mapping.w_avg": ("dlatent_avg", "O")} if settings.truncation else {}
    if settings.classes:
        table["mapping.embed"] = ("G_mapping/LabelConcat/weight", "IO")
    for i in range(settings.mapping_layers):
        table |= _layer(f"mapping.fc{i}", f"G_mapping/Dense{i}", "IO")
    for i, (name, r) in enumerate(s.styled_layers(settings, 0)):
        table |= _styled_layer(settings, i, name, r, _is_fused(arguments, r))
    for r in settings.block_resolutions:
        theirs = f"G_synthesis/ToRGB_lod{int(math.log2(settings.resolution // r))}"
        table |= _layer(f"synthesis.b{r}.torgb", theirs)
    return table


def _styled_layer(settings: s.GeneratorSettings, index: int, name: str, r: int, fused: bool) -> Table:
    kind = name.partition(".")[2]
    their_kind = {"input": "Const" if settings.const_input else "Dense", "conv": "Conv", "conv0": "Conv0_up"}
    ours, theirs = f"synthesis.{name}", f"G_synthesis/{r}x{r}/{their_kind.get(kind, 'Conv1')}"
    layout = "IO" if kind == "input" else "~HWIO" if kind == "conv0" and fused else "HWIO"
    table = _layer(ours, theirs, layout)
    if kind == "input" and settings.const_input:
        del table[f"{ours}.weight"]
        table[f"{ours}.const"] = (f"{theirs}/const", "1OHW")
    if settings.use_noise:
        table[f"{ours}.epilogue.noise_strength"] = (f"{theirs}/Noise/weight", "O")
        table[f"{ours}.epilogue.noise_const"] = (f"G_synthesis/noise{index}", "11HW")
    if settings.use_styles:
        table |= _layer(f"{ours}.epilogue.affine", f"{theirs}/StyleMod", "IO")  # both: scales, then shifts
    return table


def _discriminator_table(settings: s.DiscriminatorSettings) -> Table:
    table = _layer("b4.conv", "4x4/Conv") | _layer("b4.fc", "4x4/Dense0", "IO") | _layer("b4.out", "4x4/Dense1", "IO")
    for r in settings.block_resolutions[1:]:
        table |= _layer(f"b{r}.conv0", f"{r}x{r}/Conv0") | _layer(f"b{r}.conv1", f"{r}x{r}/Conv1_down")
    for r in settings.block_resolutions:
        table |= _layer(f"b{r}.fromrgb", f"FromRGB_lod{int(math.log2(settings.resolution // r))}")
    return table


def _layer(ours: str, theirs: str, layout: str = "HWIO") -> Table:
    return {f"{ours}.weight": (f"{theirs}/weight", layout), f"{ours}.bias": (f"{theirs}/bias", "O")}


def _is_fused(arguments: Mapping[str, Any], resolution: int) -> bool:
    """Whether the program computes the up-convolution to `resolution` fused."""
    fused = arguments.get("fused_scale", "auto")
    return resolution >= FUSED_FROM if fused == "auto" else bool(fused)


def _laid_out(array: Array, layout: str, shape: tuple[int, ...], name: str) -> npt.NDArray[np.float32]:
    """A foreign array as our tensor of `shape`. Raises ModelFileError where it is none."""
    axes = LAYOUTS[layout]
    padded = (1,) * layout.count("1") + shape
    need = tuple(padded[axes.index(axis)] for axis in range(len(axes)))
    if np.shape(array) != need or array.dtype.kind != "f":
        what = f"the variable {clipped(name, 80)} is {array.dtype} of shape {list(np.shape(array))}"
        raise ModelFileError(f"{what}, its settings say float of {list(need)}", REMEDY)
    turned = array[::-1, ::-1] if layout.startswith("~") else array
    return np.ascontiguousarray(turned.transpose(axes).reshape(shape), dtype=np.float32)
