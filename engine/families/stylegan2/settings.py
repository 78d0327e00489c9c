"""Constructor settings of StyleGAN2's networks, checked, and what they say about a network. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from engine.errors import ModelFileError, clipped
from engine.family import Description, Features, LayerInfo, NoiseInfo

ARCHITECTURES = ("orig", "skip", "resnet")  # StyleGAN2 paper, figure 7
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings:
    """All that decides the shape and arithmetic of a generator."""

    resolution: int = 64  # of the picture: a power of two, 4..1024
    channels: int = 3  # of the picture
    z_dim: int = 512
    w_dim: int = 512
    classes: int = 0  # 0: not conditional
    mapping_layers: int = 8
    embed_features: int | None = None  # of the label embedding; None: w_dim
    layer_features: int | None = None  # of the hidden mapping layers; None: w_dim
    channel_base: int = 32768  # features at resolution R: min(channel_base / R, channel_max)
    channel_max: int = 512
    architecture: str = "skip"
    use_noise: bool = True
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None  # activations are clipped to +-this

    def __post_init__(self) -> None:
        _check_common(self.resolution, self.channels, self.classes, self.channel_base, self.channel_max)
        _check(self.architecture in ARCHITECTURES, "architecture", self.architecture)
        for name in ("z_dim", "w_dim"):
            _check_int(getattr(self, name), name, 1, 8192)
        _check_int(self.mapping_layers, "mapping_layers", 1, 64)
        for name in ("embed_features", "layer_features"):
            if getattr(self, name) is not None:
                _check_int(getattr(self, name), name, 1, 8192)
        _check(isinstance(self.use_noise, bool), "use_noise", self.use_noise)
        _check_filter_and_clamp(self.resample_filter, self.conv_clamp)

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.resolution)) + 1))

    @property
    def num_ws(self) -> int:
        """Rows of `ws`: 2 log2(resolution) - 2."""
        return 2 * int(math.log2(self.resolution)) - 2

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution."""
        return min(self.channel_base // resolution, self.channel_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorSettings:
    """All that decides the shape and arithmetic of a discriminator."""

    resolution: int = 64
    channels: int = 3
    classes: int = 0
    channel_base: int = 32768
    channel_max: int = 512
    architecture: str = "resnet"
    cmap_dim: int | None = None  # width of the mapped label; None: the features at 4x4
    mapping_layers: int = 8  # of the label mapping
    mbstd_group: int | None = 4  # None: the whole batch
    mbstd_channels: int = 1  # 0: no minibatch standard deviation
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None

    def __post_init__(self) -> None:
        _check_common(self.resolution, self.channels, self.classes, self.channel_base, self.channel_max)
        _check(self.architecture in ARCHITECTURES, "architecture", self.architecture)
        if self.cmap_dim is not None:
            _check_int(self.cmap_dim, "cmap_dim", 0, 8192)
        _check_int(self.mapping_layers, "mapping_layers", 1, 64)
        if self.mbstd_group is not None:
            _check_int(self.mbstd_group, "mbstd_group", 1, 4096)
        _check_int(self.mbstd_channels, "mbstd_channels", 0, 64)
        _check_filter_and_clamp(self.resample_filter, self.conv_clamp)

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution."""
        return min(self.channel_base // resolution, self.channel_max)


def generator_settings(data: Mapping[str, Any]) -> GeneratorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(DiscriminatorSettings, data)


def describe(s: GeneratorSettings) -> Description:
    """What the window and the file reader need to know of a generator, without building it."""
    tensors = dict(_mapping_tensors(s)) | dict(_synthesis_tensors(s))
    buffers = sum(math.prod(shape) for name, shape in tensors.items() if name.endswith(("w_avg", "noise_const")))
    noise = tuple(NoiseInfo(index=i, resolution=r, name=n) for i, (n, r) in enumerate(noise_layers(s)))
    return Description(
        config=_config_name(s),
        resolution=s.resolution,
        channels=s.channels,
        z_dim=s.z_dim,
        w_dim=s.w_dim,
        classes=s.classes,
        layers=tuple(_layers(s)),
        noise=noise,
        features=Features(
            mapping=True,
            truncation=True,
            layer_styles=True,
            stored_noise=s.use_noise,
            preview=s.architecture == "skip",
        ),
        tensors=tensors,
        parameters=sum(map(math.prod, tensors.values())) - buffers,
    )


def noise_layers(s: GeneratorSettings) -> list[tuple[str, int]]:
    """(name, resolution) of every layer with a noise input, in order."""
    if not s.use_noise:
        return []
    names = ((f"b{r}.conv{i}", r) for r in s.block_resolutions for i in (0, 1))
    return [(name, r) for name, r in names if name != "b4.conv0"]


def _layers(s: GeneratorSettings) -> list[LayerInfo]:
    resolutions = [4] + [r for r in s.block_resolutions[1:] for _ in (0, 1)]
    layers = [LayerInfo(index=i, resolution=r, label=str(r)) for i, r in enumerate(resolutions)]
    return [*layers, LayerInfo(index=len(layers), resolution=s.resolution, label="rgb")]


def _config_name(s: GeneratorSettings) -> str:
    published = (
        s.channel_max == 512 and s.z_dim == s.w_dim == 512 and s.mapping_layers == 8 and s.architecture == "skip"
    )
    return {32768: "config-f", 16384: "config-e"}.get(s.channel_base, "") if published else ""


def _mapping_tensors(s: GeneratorSettings) -> list[tuple[str, tuple[int, ...]]]:
    embed = (s.embed_features or s.w_dim) if s.classes else 0
    widths = [s.z_dim + embed, *[s.layer_features or s.w_dim] * (s.mapping_layers - 1), s.w_dim]
    tensors: list[tuple[str, tuple[int, ...]]] = [("mapping.w_avg", (s.w_dim,))]
    if s.classes:
        tensors += [("mapping.embed.weight", (embed, s.classes)), ("mapping.embed.bias", (embed,))]
    for i in range(s.mapping_layers):
        tensors += [(f"mapping.fc{i}.weight", (widths[i + 1], widths[i])), (f"mapping.fc{i}.bias", (widths[i + 1],))]
    return tensors


def _synthesis_tensors(s: GeneratorSettings) -> list[tuple[str, tuple[int, ...]]]:
    tensors: list[tuple[str, tuple[int, ...]]] = [("synthesis.b4.const", (s.features(4), 4, 4))]
    for r in s.block_resolutions:
        block, o = f"synthesis.b{r}", s.features(r)
        i = o if r == 4 else s.features(r // 2)
        for layer, inputs in [("conv1", o)] if r == 4 else [("conv0", i), ("conv1", o)]:
            tensors += _styled(f"{block}.{layer}", inputs, o, 3, s.w_dim)
            if s.use_noise:
                tensors += [(f"{block}.{layer}.noise_strength", ()), (f"{block}.{layer}.noise_const", (r, r))]
        if r == s.resolution or s.architecture == "skip":
            tensors += _styled(f"{block}.torgb", o, s.channels, 1, s.w_dim)
        if r > 4 and s.architecture == "resnet":
            tensors.append((f"{block}.skip.weight", (o, i, 1, 1)))
    return tensors


def _styled(name: str, i: int, o: int, kernel: int, w_dim: int) -> list[tuple[str, tuple[int, ...]]]:
    return [
        (f"{name}.weight", (o, i, kernel, kernel)),
        (f"{name}.bias", (o,)),
        (f"{name}.affine.weight", (i, w_dim)),
        (f"{name}.affine.bias", (i,)),
    ]


def _made(kind: type[T], data: Mapping[str, Any]) -> T:
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(k) for k in data if k not in known)
    if unknown:
        raise ModelFileError(f"unknown network setting {clipped(repr(unknown[0]), 60)}", "update Stylescope")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    return kind(**values)


def _check(good: bool, name: str, value: object) -> None:
    if not good:
        raise ModelFileError(f"network setting {name} is {clipped(repr(value), 40)}", "the file is damaged or made up")


def _check_int(value: object, name: str, low: int, high: int) -> None:
    _check(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high, name, value)


def _check_common(resolution: int, channels: int, classes: int, base: int, maximum: int) -> None:
    _check_int(resolution, "resolution", 4, 1024)
    _check(resolution & (resolution - 1) == 0, "resolution", resolution)
    _check_int(channels, "channels", 1, 4)
    _check_int(classes, "classes", 0, 65536)
    _check_int(base, "channel_base", resolution, 2**20)
    _check_int(maximum, "channel_max", 1, 4096)


def _check_filter_and_clamp(taps: object, clamp: object) -> None:
    good = isinstance(taps, tuple) and 1 <= len(taps) <= 64 and all(_is_finite(t) for t in taps)
    _check(good and isinstance(taps, tuple) and abs(sum(taps)) > 1e-6, "resample_filter", taps)
    _check(clamp is None or (_is_finite(clamp) and 0 < float(str(clamp)) < 1e6), "conv_clamp", clamp)


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30
