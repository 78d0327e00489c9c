"""Constructor settings of StyleGAN's networks, checked, and what they say about a network. Standard library only.

The paper's configurations (arXiv 1812.04948, table 1) are switches of one generator: A has none of what is new, B blurs
where it resamples, C has the mapping network and styles, D a learned constant as its input, E noise, F is E trained
with style mixing. StyleGAN2's configuration A is F, its large form F at `channel_base` 32768.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from engine.errors import ModelFileError, clipped
from engine.family import Description, Features, LayerInfo, NoiseInfo

ACTIVATIONS = ("lrelu", "relu")
BUFFERS = ("w_avg", "noise_const")  # last parts of the names of tensors that are not trained
Tensors = dict[str, tuple[int, ...]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """What generator and discriminator have in common."""

    resolution: int = 1024  # of the picture: a power of two, 4..1024
    channels: int = 3  # of the picture
    classes: int = 0  # 0: not conditional
    channel_base: int = 16384  # features at resolution R: min(channel_base / R, channel_max)
    channel_max: int = 512
    channel_decay: float = 1.0  # features fall with R^decay
    activation: str = "lrelu"
    use_equalised: bool = True  # equalised learning rate
    blur_filter: tuple[float, ...] = (1.0, 2.0, 1.0)  # behind up- and before down-convolutions; empty: none
    lod: float = 0.0  # 0 .. log2(resolution) - 2, level of detail: see engine.nn.growing

    def __post_init__(self) -> None:
        _check_int(self.resolution, "resolution", 4, 1024)
        _check(self.resolution & (self.resolution - 1) == 0, "resolution", self.resolution)
        _check_int(self.channels, "channels", 1, 4)
        _check_int(self.classes, "classes", 0, 65536)
        _check_int(self.channel_base, "channel_base", 1, 2**20)
        _check_int(self.channel_max, "channel_max", 1, 4096)
        _check_float(self.channel_decay, "channel_decay", 0, 4)
        _check(self.features(self.resolution) >= 1, "channel_base", self.channel_base)
        _check(self.activation in ACTIVATIONS, "activation", self.activation)
        _check_bools(self, "use_equalised")
        taps = self.blur_filter
        _check(isinstance(taps, tuple) and len(taps) <= 64, "blur_filter", taps)
        for tap in taps:
            _check_float(tap, "blur_filter", -1e6, 1e6)
        _check(not taps or abs(sum(taps)) > 1e-6, "blur_filter", taps)  # it is scaled to a sum of 1
        _check_float(self.lod, "lod", 0, math.log2(self.resolution) - 2)

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.resolution)) + 1))

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution of 2 and more (D's dense layer counts as 2x2)."""
        return min(int(self.channel_base / 2 / (resolution / 2) ** self.channel_decay), self.channel_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a generator."""

    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 8  # 0: w is z (and the embedded label), normalised
    layer_features: int = 512  # of the hidden mapping layers
    mapping_lr_multiplier: float = 0.01
    mapping_activation: str = "lrelu"
    normalise_latents: bool = True  # to unit mean square, the embedded label included
    truncation: bool = True  # the mean of w is kept
    use_styles: bool = True  # every layer is styled by its row of ws
    const_input: bool = True  # False: a dense layer makes 4x4 maps of the first row of ws
    use_noise: bool = True
    use_instance_norm: bool = True
    use_pixel_norm: bool = False

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)  # super() does not know the class that slots=True makes
        for name in ("z_dim", "w_dim", "layer_features"):
            _check_int(getattr(self, name), name, 1, 8192)
        _check_int(self.mapping_layers, "mapping_layers", 0, 64)
        _check_float(self.mapping_lr_multiplier, "mapping_lr_multiplier", 1e-6, 1e3)
        _check(self.mapping_activation in ACTIVATIONS, "mapping_activation", self.mapping_activation)
        _check_bools(self, "normalise_latents", "truncation", "use_styles", "const_input", "use_noise")
        _check_bools(self, "use_instance_norm", "use_pixel_norm")
        _check(self.mapping_layers > 0 or self.w_dim == self.mapping_inputs, "w_dim", self.w_dim)

    @property
    def mapping_inputs(self) -> int:
        """Width of what the mapping network reads: z and, as wide, the embedded label."""
        return self.z_dim * 2 if self.classes else self.z_dim

    @property
    def uses_w(self) -> bool:
        """Whether anything reads ws: without styles only the traditional input does."""
        return self.use_styles or not self.const_input


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a discriminator."""

    mbstd_group: int | None = 4  # None: the whole batch
    mbstd_channels: int = 1  # 0: no minibatch standard deviation

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)
        if self.mbstd_group is not None:
            _check_int(self.mbstd_group, "mbstd_group", 1, 4096)
        _check_int(self.mbstd_channels, "mbstd_channels", 0, 64)
        _check(self.features(4) % max(self.mbstd_channels, 1) == 0, "mbstd_channels", self.mbstd_channels)


def generator_settings(data: Mapping[str, Any]) -> GeneratorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return _made(DiscriminatorSettings, data)


def describe(s: GeneratorSettings) -> Description:
    """What the window and the file reader need to know of a generator, without building it.

    Layers that `lod` leaves out have tensors, but no style slots and no noise inputs; all others keep their numbers.
    """
    tensors = generator_tensors(s)
    layers = styled_layers(s, s.lod)
    slots = layers if s.use_styles else layers[:1]
    return Description(
        config=_config_name(s),
        resolution=s.resolution,
        channels=s.channels,
        z_dim=s.z_dim,
        w_dim=s.w_dim,
        classes=s.classes,
        layers=tuple(LayerInfo(index=i, resolution=r, label=str(r)) for i, (_, r) in enumerate(slots)),
        noise=tuple(NoiseInfo(index=i, resolution=r, name=n) for i, (n, r) in enumerate(layers if s.use_noise else [])),
        features=Features(
            mapping=s.mapping_layers > 0,
            truncation=s.truncation and s.uses_w,
            layer_styles=s.use_styles,
            stored_noise=s.use_noise,
            preview=False,  # the lower toRGBs were last trained when their resolution was the highest
        ),
        tensors=tensors,
        parameters=sum(math.prod(shape) for name, shape in tensors.items() if not name.endswith(BUFFERS)),
    )


def styled_layers(s: GeneratorSettings, lod: float) -> list[tuple[str, int]]:
    """(name, resolution) of the layers that count at `lod`, in order. Layer i reads row i of ws and noise input i."""
    highest = s.resolution >> math.floor(lod)
    names = {r: ("input", "conv") if r == 4 else ("conv0", "conv1") for r in s.block_resolutions if r <= highest}
    return [(f"b{r}.{name}", r) for r, pair in names.items() for name in pair]


def generator_tensors(s: GeneratorSettings) -> Tensors:
    """Every tensor of a generator; those of layers that `lod` leaves out as well."""
    widths = [s.mapping_inputs, *[s.layer_features] * (s.mapping_layers - 1), s.w_dim]
    tensors: Tensors = {"mapping.w_avg": (s.w_dim,)} if s.truncation else {}
    if s.classes:
        tensors["mapping.embed"] = (s.z_dim, s.classes)
    for i in range(s.mapping_layers):
        tensors |= {f"mapping.fc{i}.weight": (widths[i + 1], widths[i]), f"mapping.fc{i}.bias": (widths[i + 1],)}
    for name, r in styled_layers(s, 0):
        tensors |= {f"synthesis.{name}.{part}": shape for part, shape in _layer_tensors(s, name, r).items()}
    for r in s.block_resolutions:
        tensors |= _convolution(f"synthesis.b{r}.torgb", s.features(r), s.channels, 1)
    return tensors


def discriminator_tensors(s: DiscriminatorSettings) -> Tensors:
    """Every tensor of a discriminator; those of layers that `lod` leaves out as well."""
    tensors: Tensors = {}
    for r in reversed(s.block_resolutions):
        i, o = s.features(r), s.features(r // 2)
        tensors |= _convolution(f"b{r}.fromrgb", s.channels, i, 1)
        if r > 4:
            tensors |= _convolution(f"b{r}.conv0", i, i, 3) | _convolution(f"b{r}.conv1", i, o, 3)
        else:
            tensors |= _convolution("b4.conv", i + s.mbstd_channels, i, 3)
            tensors |= {"b4.fc.weight": (o, 16 * i), "b4.fc.bias": (o,)}
            tensors |= {"b4.out.weight": (max(s.classes, 1), o), "b4.out.bias": (max(s.classes, 1),)}
    return tensors


def _layer_tensors(s: GeneratorSettings, name: str, r: int) -> Tensors:
    """The tensors of one styled layer."""
    o = s.features(r)
    if name == "b4.input":
        tensors: Tensors = {"const": (o, 4, 4)} if s.const_input else {"weight": (16 * o, s.w_dim)}
    else:
        tensors = {"weight": (o, s.features(r // 2) if name.endswith("conv0") else o, 3, 3)}
    tensors["bias"] = (o,)
    if s.use_noise:
        tensors |= {"epilogue.noise_strength": (o,), "epilogue.noise_const": (r, r)}
    if s.use_styles:
        tensors |= {"epilogue.affine.weight": (2 * o, s.w_dim), "epilogue.affine.bias": (2 * o,)}
    return tensors


def _convolution(name: str, i: int, o: int, kernel: int) -> Tensors:
    return {f"{name}.weight": (o, i, kernel, kernel), f"{name}.bias": (o,)}


OF_THE_DATA = ("resolution", "channels", "classes", "lod")  # settings that no configuration fixes
OLD = {  # ProGAN's generator with the blur of B
    "mapping_layers": 0, "truncation": False, "use_styles": False, "const_input": False, "use_noise": False,
    "use_instance_norm": False, "use_pixel_norm": True,
}  # fmt: skip
CONFIGS: Mapping[str, Mapping[str, Any]] = {  # switches that differ from F, which E is as well
    "config-f": {},
    "config-d": {"use_noise": False},
    "config-c": {"use_noise": False, "const_input": False},
    "config-b": OLD,
    "config-a": OLD | {"blur_filter": ()},
}


def _config_name(s: GeneratorSettings) -> str:
    as_published = GeneratorSettings()
    own = {f.name: getattr(s, f.name) for f in fields(s) if getattr(s, f.name) != getattr(as_published, f.name)}
    switches = {name: value for name, value in own.items() if name not in OF_THE_DATA}
    return next((name for name, its in CONFIGS.items() if switches == its), "")


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


def _check_float(value: object, name: str, low: float, high: float) -> None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
    _check(good, name, value)


def _check_bools(settings: object, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        _check(isinstance(value, bool), name, value)
