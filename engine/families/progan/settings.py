"""Constructor settings of ProGAN's networks, checked, and what they say about a network. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.families import tensors
from engine.families.checks import check_bools, check_number, check_whole, made
from engine.families.sizes import Sizes
from engine.families.tensors import Tensors
from engine.family import Description, Features, LayerInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings(Sizes):
    """What generator and discriminator have in common."""

    use_equalised: bool = True  # equalised learning rate (section 4.1)
    fused_scale: bool = True  # convolve and resample at once: D takes means before its ReLU, not after; G is the same

    def __post_init__(self) -> None:
        Sizes.__post_init__(self)  # super() does not know the class that slots=True makes
        check_bools(self, "use_equalised", "fused_scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings(NetworkSettings):
    """All that decides the shape and arithmetic of a generator."""

    z_dim: int = 512
    normalise_latents: bool = True  # to unit mean square, labels included
    use_pixel_norm: bool = True  # section 4.2
    pixel_norm_eps: float = 1e-8
    use_leaky_relu: bool = True  # False: ReLU

    def __post_init__(self) -> None:
        NetworkSettings.__post_init__(self)
        check_whole(self, "z_dim", 1, 8192)
        check_bools(self, "normalise_latents", "use_pixel_norm", "use_leaky_relu")
        check_number(self, "pixel_norm_eps", 0, 1)

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
        check_whole(self, "mbstd_group", 1, 4096, or_none=True)
        check_whole(self, "mbstd_channels", 0, 1)


def generator_settings(data: Mapping[str, Any]) -> GeneratorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return made(GeneratorSettings, data)


def discriminator_settings(data: Mapping[str, Any]) -> DiscriminatorSettings:
    """Settings of plain data, such as a file's header. Raises ModelFileError."""
    return made(DiscriminatorSettings, data)


def describe(s: GeneratorSettings) -> Description:
    """What the window and the file reader need to know of a generator, without building it."""
    its = generator_tensors(s)
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
        tensors=its,
        parameters=tensors.parameters(its),
    )


def generator_tensors(s: GeneratorSettings) -> Tensors:
    """Every tensor of a generator; those of resolutions that `lod` leaves out as well."""
    o = s.features(4)
    its: Tensors = {"b4.dense.weight": (16 * o, s.w_dim), "b4.dense.bias": (o,)}
    its |= tensors.convolution("b4.conv", o, o, 3) | tensors.convolution("b4.torgb", o, s.channels, 1)
    for r in s.block_resolutions[1:]:
        o = s.features(r)
        its |= tensors.convolution(f"b{r}.conv0", s.features(r // 2), o, 3)
        its |= tensors.convolution(f"b{r}.conv1", o, o, 3) | tensors.convolution(f"b{r}.torgb", o, s.channels, 1)
    return its


def discriminator_tensors(s: DiscriminatorSettings) -> Tensors:
    """Every tensor of a discriminator: the score and one logit a class are its outputs."""
    return tensors.growing_discriminator(s, s.mbstd_channels, 1 + s.classes)
