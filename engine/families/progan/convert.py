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
import numpy.typing as npt

from engine.errors import ModelFileError, clipped
from engine.families.foreign import Converted, Foreign, Role
from engine.families.progan import settings as s

Array = npt.NDArray[Any]
Table = dict[str, tuple[str, str]]  # our name -> (foreign name, layout)

ROLES: Mapping[str, Role] = {"G_paper": "G", "D_paper": "D"}
REMEDY = "the file is damaged or of another program"

# What foreign axes are called, in their order -> the axes of ours. Kernels marked with ~ are mirrored.
LAYOUTS = {
    "O": (0,),
    "IO": (1, 0),  # dense
    "HWIO": (3, 2, 0, 1),
    "~HWIO": (3, 2, 0, 1),  # fused up-convolution of "networks_progan"
    "~HWOI": (2, 3, 0, 1),  # fused up-convolution of "networks"
}
# Arguments of the TensorFlow functions -> (our setting, default there). Those with a rule of their own are not here.
COMMON = {
    "resolution": ("resolution", 32),
    "num_channels": ("channels", 1),
    "fmap_decay": ("channel_decay", 1.0),
    "use_wscale": ("use_equalised", True),
    "fused_scale": ("fused_scale", True),
}
GENERATOR = {
    "label_size": ("classes", 0),
    "normalize_latents": ("normalise_latents", True),
    "use_pixelnorm": ("use_pixel_norm", True),
    "pixelnorm_epsilon": ("pixel_norm_eps", 1e-8),
    "use_leakyrelu": ("use_leaky_relu", True),
}


def recognise(foreign: Foreign) -> Role | None:
    """The role of a network of this family, None for any other."""
    return ROLES.get(foreign.kind) if foreign.dialect == "tf" else None


def convert(foreign: Foreign) -> Converted:
    """Our settings and tensors. Raises ModelFileError where names or shapes are not those that the settings say."""
    role = ROLES[foreign.kind]
    settings = _generator(foreign) if role == "G" else _discriminator(foreign)
    if role == "G":
        checked = s.generator_settings(settings)
        expected, table = s.generator_tensors(checked), _generator_table(checked, _up_layout(foreign, checked))
    else:
        made = s.discriminator_settings(settings)
        expected, table = s.discriminator_tensors(made), _discriminator_table(made)
    missing = sorted({theirs for theirs, _ in table.values()} - foreign.arrays.keys())
    surplus = sorted(foreign.arrays.keys() - {theirs for theirs, _ in table.values()} - {"lod"})
    if missing or surplus:
        state = "has no variable" if missing else "has an unknown variable"
        raise ModelFileError(f"the ProGAN network {state} {clipped(repr((missing + surplus)[0]), 80)}", REMEDY)
    tensors = {ours: _laid_out(foreign.arrays[theirs], layout, theirs) for ours, (theirs, layout) in table.items()}
    for ours, (theirs, _) in table.items():
        if tensors[ours].shape != expected[ours]:
            have, need = list(tensors[ours].shape), list(expected[ours])
            what = f"the variable {clipped(theirs, 80)} makes a tensor of shape {have}, its settings say {need}"
            raise ModelFileError(what, REMEDY)
    return Converted(role=role, settings=settings, tensors=tensors)


def _generator(foreign: Foreign) -> dict[str, Any]:
    given = foreign.settings.get("latent_size") is not None
    latent = _whole(foreign, "latent_size", 0) if given else min(_base(foreign), _maximum(foreign))  # features at 2x2
    return _common(foreign) | _renamed(foreign, GENERATOR) | {"z_dim": latent}


def _discriminator(foreign: Foreign) -> dict[str, Any]:
    group = _whole(foreign, "mbstd_group_size", 4)
    scores_only = _shape(foreign, "4x4/Dense1/bias") == (1,)  # in "networks_progan", whatever the labels
    return _common(foreign) | {
        "classes": 0 if scores_only else foreign.settings.get("label_size", 0),
        "mbstd_group": group if group > 1 else 4,
        "mbstd_channels": 1 if group > 1 else 0,
    }


def _common(foreign: Foreign) -> dict[str, Any]:
    settings = {"channel_base": 2 * _base(foreign), "channel_max": _maximum(foreign), "lod": _lod(foreign)}
    return _renamed(foreign, COMMON) | settings


def _base(foreign: Foreign) -> int:
    return _whole(foreign, "fmap_base", 8192)


def _maximum(foreign: Foreign) -> int:
    return _whole(foreign, "fmap_max", 512)


def _renamed(foreign: Foreign, names: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    return {ours: foreign.settings.get(theirs, default) for theirs, (ours, default) in names.items()}


def _whole(foreign: Foreign, name: str, default: int) -> int:
    """An argument that ours is calculated from; what is copied is checked with our settings."""
    value = foreign.settings.get(name, default)
    if not isinstance(value, int | float) or value != value // 1:
        raise ModelFileError(f"the argument {name} of the ProGAN network is {clipped(repr(value), 40)}", REMEDY)
    return int(value)


def _shape(foreign: Foreign, name: str) -> tuple[int, ...]:
    """() for a variable that is not there: that is refused later."""
    return foreign.arrays[name].shape if name in foreign.arrays else ()


def _lod(foreign: Foreign) -> float:
    """The level of detail, as far as there is one: growing ends at 4x4."""
    lod = np.asarray(foreign.arrays.get("lod", 0.0))
    if lod.shape != () or lod < 0:
        raise ModelFileError("the level of detail of the ProGAN network is no number from 0 up", REMEDY)
    return min(float(lod), math.log2(max(_whole(foreign, "resolution", 32), 4)) - 2)


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
    table = _layer("b4.dense", "4x4/Dense", "IO") | _layer("b4.conv", "4x4/Conv")
    for r in settings.block_resolutions[1:]:
        table |= _layer(f"b{r}.conv0", f"{r}x{r}/{'Conv0_up' if settings.fused_scale else 'Conv0'}", up)
        table |= _layer(f"b{r}.conv1", f"{r}x{r}/Conv1")
    for r in settings.block_resolutions:
        table |= _layer(f"b{r}.torgb", f"ToRGB_lod{int(math.log2(settings.resolution // r))}")
    return table


def _discriminator_table(settings: s.DiscriminatorSettings) -> Table:
    table = _layer("b4.conv", "4x4/Conv") | _layer("b4.fc", "4x4/Dense0", "IO") | _layer("b4.out", "4x4/Dense1", "IO")
    for r in settings.block_resolutions[1:]:
        table |= _layer(f"b{r}.conv0", f"{r}x{r}/Conv0")
        table |= _layer(f"b{r}.conv1", f"{r}x{r}/{'Conv1_down' if settings.fused_scale else 'Conv1'}")
    for r in settings.block_resolutions:
        table |= _layer(f"b{r}.fromrgb", f"FromRGB_lod{int(math.log2(settings.resolution // r))}")
    return table


def _layer(ours: str, theirs: str, layout: str = "HWIO") -> Table:
    return {f"{ours}.weight": (f"{theirs}/weight", layout), f"{ours}.bias": (f"{theirs}/bias", "O")}


def _laid_out(array: Array, layout: str, name: str) -> npt.NDArray[np.float32]:
    axes = LAYOUTS[layout]
    if array.ndim != len(axes):
        raise ModelFileError(f"the variable {clipped(name, 80)} has {array.ndim} axes, not {len(axes)}", REMEDY)
    turned = array[::-1, ::-1] if layout.startswith("~") else array
    return np.ascontiguousarray(turned.transpose(axes), dtype=np.float32)
