"""Constructor settings of ProGAN's networks, checked, and what they say about a network. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from engine.errors import ModelFileError, clipped
from engine.family import Description, Features, LayerInfo

Tensors = dict[str, tuple[int, ...]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """What generator and discriminator have in common."""

    resolution: int = 1024  # of the picture at lod 0: a power of two, 4..1024
    channels: int = 3  # of the picture
    classes: int = 0  # 0: not conditional
    channel_base: int = 16384  # features at resolution R: min(channel_base / R, channel_max)
    channel_max: int = 512
    channel_decay: float = 1.0  # features fall with R^decay
    use_equalised: bool = True  # equalised learning rate (section 4.1)
    fused_scale: bool = True  # convolve and resample in one pass; D then takes means before its ReLU, not after
    lod: float = 0.0  # how many upper resolutions are not in use yet, fractions fade: see engine.nn.growing

    def __post_init__(self) -> None:
        _check_int(self.resolution, "resolution", 4, 1024)
        _check(self.resolution & (self.resolution - 1) == 0, "resolution", self.resolution)
        _check_int(self.channels, "channels", 1, 4)
        _check_int(self.classes, "classes", 0, 65536)
        _check_int(self.channel_base, "channel_base", 4, 2**20)
        _check_int(self.channel_max, "channel_max", 1, 4096)
        _check_float(self.channel_decay, "channel_decay", 0, 4)
        _check(self.features(self.resolution) >= 1, "channel_base", self.channel_base)
        _check_bools(self, "use_equalised", "fused_scale")
        _check_float(self.lod, "lod", 0, math.log2(self.resolution) - 2)

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.resolution)) + 1))

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution (of 2 and more: the dense layer of D counts as 2x2)."""
        return min(int(self.channel_base / 2 / (resolution / 2) ** self.channel_decay), self.channel_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a generator."""

    z_dim: int = 512
    normalise_latents: bool = True  # to unit mean square, labels included
    use_pixel_norm: bool = True  # section 4.2
    pixel_norm_eps: float = 1e-8
    use_leaky_relu: bool = True  # False: ReLU

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)  # super() does not know the class that slots=True makes
        _check_int(self.z_dim, "z_dim", 1, 8192)
        _check_bools(self, "normalise_latents", "use_pixel_norm", "use_leaky_relu")
        _check_float(self.pixel_norm_eps, "pixel_norm_eps", 0, 1)

    @property
    def w_dim(self) -> int:
        """Width of what the first layer reads: latent and label."""
        return self.z_dim + self.classes


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a discriminator. `classes` are label logits beside the score."""

    mbstd_group: int | None = 4  # None: the whole batch
    mbstd_channels: int = 1  # 0: no minibatch standard deviation

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)
        if self.mbstd_group is not None:
            _check_int(self.mbstd_group, "mbstd_group", 1, 4096)
        _check_int(self.mbstd_channels, "mbstd_channels", 0, 1)


def generator_settings(data: Mapping[str, Any]) -> GeneratorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(DiscriminatorSettings, data)


def describe(s: GeneratorSettings) -> Description:
    """What the window and the file reader need to know of a generator, without building it."""
    tensors = generator_tensors(s)
    return Description(
        config="paper" if s == GeneratorSettings() else "",
        resolution=s.resolution,
        channels=s.channels,
        z_dim=s.z_dim,
        w_dim=s.w_dim,
        classes=s.classes,
        layers=(LayerInfo(index=0, resolution=4, label="4"),),  # the latent enters the first layer and no other
        noise=(),
        features=Features(
            mapping=False,
            truncation=False,
            layer_styles=False,
            stored_noise=False,
            preview=False,  # the lower toRGBs were last trained when their resolution was the highest
        ),
        tensors=tensors,
        parameters=sum(map(math.prod, tensors.values())),
    )


def generator_tensors(s: GeneratorSettings) -> Tensors:
    """Every tensor of a generator; those of resolutions that `lod` leaves out as well."""
    tensors: Tensors = {}
    for r in s.block_resolutions:
        o = s.features(r)
        if r == 4:
            tensors |= {"b4.dense.weight": (16 * o, s.w_dim), "b4.dense.bias": (o,)} | _convolution("b4.conv", o, o, 3)
        else:
            tensors |= _convolution(f"b{r}.conv0", s.features(r // 2), o, 3) | _convolution(f"b{r}.conv1", o, o, 3)
        tensors |= _convolution(f"b{r}.torgb", o, s.channels, 1)
    return tensors


def discriminator_tensors(s: DiscriminatorSettings) -> Tensors:
    """Every tensor of a discriminator."""
    tensors: Tensors = {}
    for r in reversed(s.block_resolutions):
        i, o = s.features(r), s.features(r // 2)
        tensors |= _convolution(f"b{r}.fromrgb", s.channels, i, 1)
        if r > 4:
            tensors |= _convolution(f"b{r}.conv0", i, i, 3) | _convolution(f"b{r}.conv1", i, o, 3)
        else:
            tensors |= _convolution("b4.conv", i + s.mbstd_channels, i, 3)
            tensors |= {"b4.fc.weight": (o, 16 * i), "b4.fc.bias": (o,)}
            tensors |= {"b4.out.weight": (1 + s.classes, o), "b4.out.bias": (1 + s.classes,)}
    return tensors


def _convolution(name: str, i: int, o: int, kernel: int) -> Tensors:
    return {f"{name}.weight": (o, i, kernel, kernel), f"{name}.bias": (o,)}


def _made(kind: type[T], data: Mapping[str, Any]) -> T:
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(k) for k in data if k not in known)
    if unknown:
        raise ModelFileError(f"unknown network setting {clipped(repr(unknown[0]), 60)}", "update Stylescope")
    return kind(**data)


def _check(good: bool, name: str, value: object) -> None:
    if not good:
        raise ModelFileError(f"network setting {name} is {clipped(repr(value), 40)}", "the file is damaged or made up")


def _check_int(value: object, name: str, low: int, high: int) -> None:
    _check(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high, name, value)


def _check_float(value: object, name: str, low: float, high: float) -> None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
    _check(good, name, value)


def _check_bools(settings: object, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        _check(isinstance(value, bool), name, value)
