"""Constructor settings of StyleGAN's networks, checked, and what they say about a network. Standard library only.

The paper's configurations (arXiv 1812.04948, table 1) are switches of one generator: A has none of what is new, B blurs
where it resamples, C has the mapping network and styles, D a learned constant as its input, E noise, F is E trained
with style mixing. StyleGAN2's configuration A is F, its large form F at `channel_base` 32768.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.families import tensors
from engine.families.checks import check, check_bools, check_choice, check_filter, check_number, check_whole, made
from engine.families.sizes import Sizes
from engine.families.tensors import Tensors
from engine.family import Description, Features, LayerInfo, NoiseInfo

ACTIVATIONS = ("lrelu", "relu")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings(Sizes):
    """What generator and discriminator have in common."""

    activation: str = "lrelu"
    use_equalised: bool = True  # equalised learning rate
    blur_filter: tuple[float, ...] = (1.0, 2.0, 1.0)  # behind up- and before down-convolutions; empty: none

    def __post_init__(self) -> None:
        Sizes.__post_init__(self)  # super() does not know the class that slots=True makes
        check_choice(self, "activation", ACTIVATIONS)
        check_bools(self, "use_equalised")
        check_filter(self, "blur_filter", 0)


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
        NetworkSettings.__post_init__(self)
        for name in ("z_dim", "w_dim", "layer_features"):
            check_whole(self, name, 1, 8192)
        check_whole(self, "mapping_layers", 0, 64)
        check_number(self, "mapping_lr_multiplier", 1e-6, 1e3)
        check_choice(self, "mapping_activation", ACTIVATIONS)
        check_bools(self, "normalise_latents", "truncation", "use_styles", "const_input", "use_noise")
        check_bools(self, "use_instance_norm", "use_pixel_norm")
        check(self.mapping_layers > 0 or self.w_dim == self.mapping_inputs, "w_dim", self.w_dim)

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
        check_whole(self, "mbstd_group", 1, 4096, or_none=True)
        check_whole(self, "mbstd_channels", 0, 64)
        check(self.features(4) % max(self.mbstd_channels, 1) == 0, "mbstd_channels", self.mbstd_channels)


def generator_settings(data: Mapping[str, Any]) -> GeneratorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return made(DiscriminatorSettings, data)


def describe(s: GeneratorSettings) -> Description:
    """What the window and the file reader need to know of a generator, without building it.

    Layers that `lod` leaves out have tensors, but no style slots and no noise inputs; all others keep their numbers.
    """
    its = generator_tensors(s)
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
        tensors=its,
        parameters=tensors.parameters(its),
    )


def styled_layers(s: GeneratorSettings, lod: float) -> list[tuple[str, int]]:
    """(name, resolution) of the layers that count at `lod`, in order. Layer i reads row i of ws and noise input i."""
    names = {r: ("input", "conv") if r == 4 else ("conv0", "conv1") for r in s.block_resolutions}
    return [(f"b{r}.{name}", r) for r, pair in names.items() for name in pair if r <= s.resolution >> int(lod)]


def generator_tensors(s: GeneratorSettings) -> Tensors:
    """Every tensor of a generator; those of layers that `lod` leaves out as well."""
    its: Tensors = {"mapping.w_avg": (s.w_dim,)} if s.truncation else {}
    if s.classes:
        its["mapping.embed"] = (s.z_dim, s.classes)
    its |= tensors.mapping(s.mapping_inputs, s.layer_features, s.w_dim, s.mapping_layers)
    for name, r in styled_layers(s, 0):
        its |= {f"synthesis.{name}.{part}": shape for part, shape in _layer_tensors(s, name, r).items()}
    for r in s.block_resolutions:
        its |= tensors.convolution(f"synthesis.b{r}.torgb", s.features(r), s.channels, 1)
    return its


def discriminator_tensors(s: DiscriminatorSettings) -> Tensors:
    """Every tensor of a discriminator, which scores each class where there are some."""
    return tensors.growing_discriminator(s, s.mbstd_channels, max(s.classes, 1))


def _layer_tensors(s: GeneratorSettings, name: str, r: int) -> Tensors:
    """The tensors of one styled layer."""
    o = s.features(r)
    if name == "b4.input":
        its: Tensors = {"const": (o, 4, 4)} if s.const_input else {"weight": (16 * o, s.w_dim)}
    else:
        its = {"weight": (o, s.features(r // 2) if name.endswith("conv0") else o, 3, 3)}
    its["bias"] = (o,)
    if s.use_noise:
        its |= {"epilogue.noise_strength": (o,), "epilogue.noise_const": (r, r)}
    return its | (tensors.layer("epilogue.affine", (2 * o, s.w_dim)) if s.use_styles else {})


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
