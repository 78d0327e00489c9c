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
from typing import Any

from engine.families.checks import check, check_bools, check_choice, check_filter, check_number, check_whole, made
from engine.families.sizes import Sizes

GENERATORS = ("orig", "skip", "resnet", "growing")  # StyleGAN2 paper, figure 7, and its growing networks
DISCRIMINATORS = (*GENERATORS, "msg")
ACTIVATIONS = ("lrelu", "relu", "swish")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings(Sizes):
    """What generator and discriminator have in common. Only growing networks have a `lod`."""

    resolution: int = 64
    channel_base: int = 32768
    channel_min: int = 1
    mapping_layers: int = 8
    embed_features: int | None = None  # of the label embedding; None: as wide as what the mapping gives
    layer_features: int | None = None  # of the hidden mapping layers; None: as wide as what the mapping gives
    mapping_lr_multiplier: float = 0.01
    activation: str = "lrelu"  # of the convolutions; mapping networks have leaky ReLU
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None  # activations are clipped to +-this

    def __post_init__(self) -> None:
        check_whole(self, "channel_min", 1, 4096)
        Sizes.__post_init__(self)  # super() does not know the class that slots=True makes
        check(self.channel_min <= self.channel_max, "channel_min", self.channel_min)
        check_whole(self, "mapping_layers", 0, 64)
        check_whole(self, "embed_features", 1, 8192, or_none=True)
        check_whole(self, "layer_features", 1, 8192, or_none=True)
        check_number(self, "mapping_lr_multiplier", 1e-6, 100)
        check_choice(self, "activation", ACTIVATIONS)
        check_filter(self, "resample_filter", 1)
        check_number(self, "conv_clamp", 1e-6, 1e6, or_none=True)

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution of 2 and more."""
        return min(max(Sizes.features(self, resolution), self.channel_min), self.channel_max)


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
        NetworkSettings.__post_init__(self)
        check_choice(self, "architecture", GENERATORS)
        check(self.architecture == "growing" or not self.lod, "lod", self.lod)
        check_whole(self, "z_dim", 1, 8192)
        check_whole(self, "w_dim", 1, 8192)
        check_whole(self, "mapping_layers", 1, 64)
        check_choice(self, "label_input", ("embedded", "concatenated"))
        check_bools(self, "w_avg", "use_noise")

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
        check_choice(self, "architecture", DISCRIMINATORS)
        check(self.architecture == "growing" or not self.lod, "lod", self.lod)
        check(self.resolution >= 8, "resolution", self.resolution)
        check_choice(self, "label_output", ("projection", "per_class"))
        check_whole(self, "cmap_dim", 0, 8192, or_none=True)
        check_whole(self, "dense_features", 1, 8192, or_none=True)
        check_whole(self, "mbstd_group", 1, 4096, or_none=True)
        check_whole(self, "mbstd_channels", 0, 64)
        check(self.features(4) % max(self.mbstd_channels, 1) == 0, "mbstd_channels", self.mbstd_channels)
        if self.label_width and not self.mapping_layers:  # then the embedded label is the mapped one
            check(self.embed_width == self.label_width, "embed_features", self.embed_features)
        check_whole(self, "freeze_layers", 0, 64)

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
    return made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return made(DiscriminatorSettings, data)


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
