"""Constructor settings of StyleGAN2's networks, checked. Standard library only.

What makes the paper's configurations (table 1): B, C and D are the growing networks (`architecture` "growing",
`channel_base` 16384) and differ in training alone; E is skip generator and resnet discriminator of the same widths, F
the same at `channel_base` 32768. A is StyleGAN.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.errors import ModelFileError, clipped

GENERATORS = ("orig", "skip", "resnet", "growing")  # StyleGAN2 paper, figure 7, and its growing networks
DISCRIMINATORS = (*GENERATORS, "msg")
ACTIVATIONS = ("lrelu", "relu", "swish")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """What generator and discriminator have in common."""

    resolution: int = 64  # of the picture: a power of two, 4..1024
    channels: int = 3  # of the picture
    classes: int = 0  # 0: not conditional
    mapping_layers: int = 8
    embed_features: int | None = None  # of the label embedding; None: as wide as what the mapping gives
    layer_features: int | None = None  # of the hidden mapping layers; None: as wide as what the mapping gives
    mapping_lr_multiplier: float = 0.01
    channel_base: int = 32768  # features at resolution R: channel_base / R, within channel_min and channel_max
    channel_max: int = 512
    channel_min: int = 1
    channel_decay: float = 1.0  # features fall with R^decay
    activation: str = "lrelu"  # of the convolutions; mapping networks have leaky ReLU
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None  # activations are clipped to +-this
    lod: float = 0.0  # of growing networks: see engine.nn.growing

    def __post_init__(self) -> None:
        _check_int(self.resolution, "resolution", 4, 1024)
        _check(self.resolution & (self.resolution - 1) == 0, "resolution", self.resolution)
        _check_int(self.channels, "channels", 1, 4)
        _check_int(self.classes, "classes", 0, 65536)
        _check_int(self.mapping_layers, "mapping_layers", 0, 64)
        for name in ("embed_features", "layer_features"):
            if getattr(self, name) is not None:
                _check_int(getattr(self, name), name, 1, 8192)
        _check_float(self.mapping_lr_multiplier, "mapping_lr_multiplier", 1e-6, 100)
        _check_int(self.channel_base, "channel_base", 1, 2**20)
        _check_int(self.channel_max, "channel_max", 1, 4096)
        _check_int(self.channel_min, "channel_min", 1, self.channel_max)
        _check_float(self.channel_decay, "channel_decay", 0, 4)
        _check(self.activation in ACTIVATIONS, "activation", self.activation)
        taps = self.resample_filter
        good = isinstance(taps, tuple) and 1 <= len(taps) <= 64 and all(_is_finite(t) for t in taps)
        _check(good and abs(sum(taps)) > 1e-6, "resample_filter", taps)
        if self.conv_clamp is not None:
            _check_float(self.conv_clamp, "conv_clamp", 1e-6, 1e6)

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.resolution)) + 1))

    @property
    def resolution_in_use(self) -> int:
        """The highest resolution whose layers count: below `resolution` while a network grows."""
        return self.resolution >> math.floor(self.lod)

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution, of 2 and more."""
        wanted = int(self.channel_base / 2 / (resolution / 2) ** self.channel_decay)
        return min(max(wanted, self.channel_min), self.channel_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a generator."""

    z_dim: int = 512
    w_dim: int = 512
    label_input: str = "embedded"  # dense layer, normalised apart from z; "concatenated": matrix, normalised with z
    w_avg: bool = True  # the mean of w is known: without it there is no truncation
    architecture: str = "skip"
    use_noise: bool = True

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)  # super() does not know the class that slots=True makes
        _check(self.architecture in GENERATORS, "architecture", self.architecture)
        _check_int(self.z_dim, "z_dim", 1, 8192)
        _check_int(self.w_dim, "w_dim", 1, 8192)
        _check_int(self.mapping_layers, "mapping_layers", 1, 64)
        _check(self.label_input in ("embedded", "concatenated"), "label_input", self.label_input)
        _check(isinstance(self.w_avg, bool), "w_avg", self.w_avg)
        _check(isinstance(self.use_noise, bool), "use_noise", self.use_noise)
        _check_lod(self)

    @property
    def num_ws(self) -> int:
        """Rows of `ws`: 2 log2(resolution) - 2, of the resolution in use."""
        return 2 * int(math.log2(self.resolution_in_use)) - 2

    @property
    def embed_width(self) -> int:
        """Width of the embedded label; 0: there is none."""
        if not self.classes:
            return 0
        return self.embed_features or (self.z_dim if self.label_input == "concatenated" else self.w_dim)

    @property
    def colour_resolutions(self) -> tuple[int, ...]:
        """The resolutions that have a toRGB."""
        return self.block_resolutions if self.architecture in ("skip", "growing") else (self.resolution,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a discriminator. The mapping is that of labels."""

    architecture: str = "resnet"
    label_output: str = "projection"  # on the mapped label; "per_class": one score a class, that of the label counts
    cmap_dim: int | None = None  # width of the mapped label; None: the features at 4x4
    dense_features: int | None = None  # of the last but one layer; None: the features at 4x4
    mbstd_group: int | None = 4  # None: the whole batch
    mbstd_channels: int = 1  # 0: no minibatch standard deviation
    freeze_layers: int = 0  # so many layers, from the highest resolution on, are not trained (Freeze-D, Mo 2020)

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)
        _check(self.architecture in DISCRIMINATORS, "architecture", self.architecture)
        _check(self.resolution >= 8, "resolution", self.resolution)
        _check(self.label_output in ("projection", "per_class"), "label_output", self.label_output)
        if self.cmap_dim is not None:
            _check_int(self.cmap_dim, "cmap_dim", 0, 8192)
        if self.dense_features is not None:
            _check_int(self.dense_features, "dense_features", 1, 8192)
        if self.mbstd_group is not None:
            _check_int(self.mbstd_group, "mbstd_group", 1, 4096)
        _check_int(self.mbstd_channels, "mbstd_channels", 0, 64)
        if self.mbstd_channels:
            _check(self.features(4) % self.mbstd_channels == 0, "mbstd_channels", self.mbstd_channels)
        if self.label_width and not self.mapping_layers:  # then the embedded label is the mapped one
            _check(self.embed_width == self.label_width, "embed_features", self.embed_features)
        _check_int(self.freeze_layers, "freeze_layers", 0, 64)
        _check_lod(self)

    @property
    def colour_resolutions(self) -> tuple[int, ...]:
        """The resolutions that have a fromRGB."""
        return self.block_resolutions if self.architecture in ("skip", "growing") else (self.resolution,)

    @property
    def extra_inputs(self) -> int:
        """Channels beside the features that a block below the highest resolution reads: its picture (MSG)."""
        return self.channels if self.architecture == "msg" else 0

    @property
    def label_width(self) -> int:
        """Width of the mapped label; 0: labels are not mapped."""
        if not self.classes or self.label_output != "projection":
            return 0
        return self.features(4) if self.cmap_dim is None else self.cmap_dim

    @property
    def embed_width(self) -> int:
        """Width of the embedded label."""
        return self.embed_features or self.label_width

    @property
    def outputs(self) -> int:
        """Numbers that the last layer gives."""
        return self.label_width or (self.classes if self.label_output == "per_class" else 0) or 1


def generator_settings(data: Mapping[str, Any]) -> GeneratorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(DiscriminatorSettings, data)


def plain(settings: NetworkSettings) -> dict[str, Any]:
    """Settings as JSON can hold them: those that are not as their default, and always the sizes."""
    always = (
        "resolution",
        "channels",
        "channel_base",
        "channel_max",
        "z_dim",
        "w_dim",
        "mapping_layers",
        "architecture",
    )
    values = {f.name: (getattr(settings, f.name), f.default) for f in dataclasses.fields(settings)}
    kept = {name: value for name, (value, default) in values.items() if value != default or name in always}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def _made(kind: type[T], data: Mapping[str, Any]) -> T:
    known = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(k) for k in data if k not in known)
    if unknown:
        raise ModelFileError(f"unknown network setting {clipped(repr(unknown[0]), 60)}", "update Stylescope")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    return kind(**values)


def _check(good: bool, name: str, value: object) -> None:
    if not good:
        raise ModelFileError(f"network setting {name} is {_shown(value)}", "the file is damaged or made up")


def _shown(value: object) -> str:
    """A few characters of a value that may be huge: a number of many digits, a list that holds itself many times."""
    if isinstance(value, str):
        return clipped(repr(value[:40]), 40)
    if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 10**30):
        return repr(value)
    return f"a huge or unfit {type(value).__name__}"


def _check_int(value: object, name: str, low: int, high: int) -> None:
    _check(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high, name, value)


def _check_float(value: object, name: str, low: float, high: float) -> None:
    _check(_is_finite(value) and low <= float(str(value)) <= high, name, value)


def _check_lod(s: GeneratorSettings | DiscriminatorSettings) -> None:
    """Growing networks alone have one, down to 4x4."""
    _check_float(s.lod, "lod", 0, math.log2(s.resolution) - 2 if s.architecture == "growing" else 0)


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30
