"""The draws of one pass through the pipe: what happens to each of N pictures (ADA paper, appendix B, algorithm 1).

Each augmentation draws a strength, then whether it happens at all. Everything but the noise map is drawn on the CPU, so
that the same pictures are augmented in the same way on every device.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from train.augment import matrices as m
from train.augment.settings import PipeSettings

BAND_POWER = (10 / 13, 1 / 13, 1 / 13, 1 / 13)  # expected power spectrum of natural pictures, lowest band first


class Source(Protocol):
    """Where random numbers come from. The name says what they are for."""

    def uniform(self, name: str, *shape: int) -> Tensor:
        """Numbers in 0..1."""

    def normal(self, name: str, *shape: int) -> Tensor:
        """Numbers of mean 0 and deviation 1."""

    def noise_map(self, *shape: int) -> Tensor:
        """The same, where pictures are."""


class Torch:
    """torch's global generators."""

    def __init__(self, device: torch.device | None = None) -> None:
        self.device = device  # of pictures

    def uniform(self, name: str, *shape: int) -> Tensor:
        return torch.rand(shape)

    def normal(self, name: str, *shape: int) -> Tensor:
        return torch.randn(shape)

    def noise_map(self, *shape: int) -> Tensor:
        return torch.randn(shape, device=self.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What happens to N pictures [N, C, H, W]; None: nothing of this kind."""

    geometry: Tensor | None  # [N, 3, 3], from a pixel of the result to the picture's, both measured from the centre
    colour: Tensor | None  # [N, 4, 4], of homogeneous RGB
    bands: Tensor | None  # [N, 4], gain of each frequency band
    sigma: Tensor | None  # [N], of additive noise
    noise: Tensor | None  # [N, C, H, W], unit deviation
    hole_centre: Tensor | None  # [N, 2], x and y of the cut-out square, in 0..1
    hole_size: Tensor | None  # [N], of it, in 0..1


def draw_parameters(s: PipeSettings, p: float, shape: tuple[int, int, int, int], source: Source) -> Parameters:
    """What happens to pictures of shape (N, C, H, W) at strength p, 0 or more."""
    n, channels, height, width = shape
    d = _Draw(source, n, p)
    geometry = _geometry(s, d, height, width) if s.any_of("blit", "geom") else None
    colour = _colour(s, d, channels > 2) if s.any_of("color") else None
    bands = _bands(s, d) if s.any_of("filter") else None
    sigma = noise = hole_size = hole_centre = None
    if s.noise > 0:
        sigma = d.gated("noise", s.noise, d.normal("noise").abs() * s.noise_std, 0)
        noise = source.noise_map(*shape)
    if s.cutout > 0:
        hole_size = d.gated("cutout", s.cutout, torch.full([n], s.cutout_size), 0)
        hole_centre = source.uniform("cutout centre", n, 2)
    return Parameters(
        geometry=geometry,
        colour=colour,
        bands=bands,
        sigma=sigma,
        noise=noise,
        hole_centre=hole_centre,
        hole_size=hole_size,
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws for N pictures."""

    source: Source
    n: int
    p: float

    def uniform(self, name: str, *more: int) -> Tensor:
        return self.source.uniform(name, self.n, *more)

    def normal(self, name: str, *more: int) -> Tensor:
        return self.source.normal(name, self.n, *more)

    def signed(self, name: str, *more: int) -> Tensor:
        """Uniform in -1..1."""
        return self.uniform(name, *more) * 2 - 1

    def gated(self, name: str, multiplier: float, value: Tensor, otherwise: float) -> Tensor:
        """value [N, ...] with probability multiplier * p, per picture."""
        return self._kept(name, torch.tensor(self.p) * multiplier, value, otherwise)

    def gated_rotation(self, name: str, multiplier: float, value: Tensor) -> Tensor:
        """As `gated`; before and after the stretch, so that either happens with probability multiplier * p."""
        either = (1 - torch.tensor(self.p) * multiplier).clamp(0, 1)
        return self._kept(name, 1 - either.sqrt(), value, 0)

    def _kept(self, name: str, probability: Tensor, value: Tensor, otherwise: float) -> Tensor:
        gate = self.uniform(f"{name} gate").view(-1, *[1] * (value.ndim - 1))
        return torch.where(gate < probability, value, torch.full_like(value, otherwise))


def _geometry(s: PipeSettings, d: _Draw, height: int, width: int) -> Tensor:
    """The inverse of all transformations in a row: each multiplies its own inverse from the right."""
    inverse = torch.eye(3).repeat(d.n, 1, 1)
    if s.xflip > 0:
        flip = d.gated("xflip", s.xflip, (d.uniform("xflip") * 2).floor(), 0)
        inverse = inverse @ m.scaling(1 / (1 - 2 * flip), torch.ones(d.n))
    if s.rotate90 > 0:
        quarters = d.gated("rotate90", s.rotate90, (d.uniform("rotate90") * 4).floor(), 0)
        inverse = inverse @ m.rotation(quarters * (math.pi / 2))
    if s.xint > 0:
        shift = d.gated("xint", s.xint, d.signed("xint", 2) * s.xint_max, 0)
        inverse = inverse @ m.translation(-(shift[:, 0] * width).round(), -(shift[:, 1] * height).round())
    if s.scale > 0:
        factor = d.gated("scale", s.scale, (d.normal("scale") * s.scale_std).exp2(), 1)
        inverse = inverse @ m.scaling(1 / factor, 1 / factor)
    if s.rotate > 0:
        angle = d.gated_rotation("rotate before", s.rotate, d.signed("rotate before") * (math.pi * s.rotate_max))
        inverse = inverse @ m.rotation(angle)
    if s.aniso > 0:
        factor = d.gated("aniso", s.aniso, (d.normal("aniso") * s.aniso_std).exp2(), 1)
        inverse = inverse @ m.scaling(1 / factor, factor)
    if s.rotate > 0:
        angle = d.gated_rotation("rotate after", s.rotate, d.signed("rotate after") * (math.pi * s.rotate_max))
        inverse = inverse @ m.rotation(angle)
    if s.xfrac > 0:
        shift = d.gated("xfrac", s.xfrac, d.normal("xfrac", 2) * s.xfrac_std, 0)
        inverse = inverse @ m.translation(-shift[:, 0] * width, -shift[:, 1] * height)
    return inverse


def _colour(s: PipeSettings, d: _Draw, has_hues: bool) -> Tensor:
    """Each augmentation multiplies from the left."""
    transform = torch.eye(4).repeat(d.n, 1, 1)
    eye = torch.eye(3)
    if s.brightness > 0:
        offset = d.gated("brightness", s.brightness, d.normal("brightness") * s.brightness_std, 0)
        transform = m.colour(eye.repeat(d.n, 1, 1), offset) @ transform
    if s.contrast > 0:
        factor = d.gated("contrast", s.contrast, (d.normal("contrast") * s.contrast_std).exp2(), 1)
        transform = m.colour(eye * factor[:, None, None]) @ transform
    if s.lumaflip > 0:
        flip = d.gated("lumaflip", s.lumaflip, (d.uniform("lumaflip") * 2).floor(), 0)
        transform = m.colour(eye - 2 * m.GREY * flip[:, None, None]) @ transform
    if s.hue > 0 and has_hues:
        angle = d.gated("hue", s.hue, d.signed("hue") * (math.pi * s.hue_max), 0)
        transform = m.hue_rotation(angle) @ transform
    if s.saturation > 0 and has_hues:
        factor = d.gated("saturation", s.saturation, (d.normal("saturation") * s.saturation_std).exp2(), 1)
        transform = m.colour(m.GREY + (eye - m.GREY) * factor[:, None, None]) @ transform
    return transform


def _bands(s: PipeSettings, d: _Draw) -> Tensor:
    """Gains [N, 4]: each band in turn is amplified, then all are scaled to keep the expected power."""
    gains = torch.ones(d.n, len(s.imgfilter_bands))
    power = torch.tensor(BAND_POWER)
    for band, strength in enumerate(s.imgfilter_bands):
        name = f"band {band}"
        factor = d.gated(name, s.imgfilter * strength, (d.normal(name) * s.imgfilter_std).exp2(), 1)
        amplified = torch.ones_like(gains)
        amplified[:, band] = factor
        gains = gains * amplified / (power * amplified.square()).sum(dim=1, keepdim=True).sqrt()
    return gains
