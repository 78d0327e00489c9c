"""StyleGAN (Karras et al. 2018, arXiv 1812.04948). Only the two builders import torch, only `convert` numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.families.stylegan import settings as s
from engine.family import Description

if TYPE_CHECKING:
    from engine.families.foreign import Converted, Foreign, Role
    from engine.families.stylegan.discriminator import Discriminator
    from engine.families.stylegan.generator import Generator


class StyleGAN:
    """See engine.family.Family."""

    name = "stylegan"

    def describe(self, settings: Mapping[str, Any]) -> Description:
        return s.describe(s.generator_settings(settings))

    def discriminator_tensors(self, settings: Mapping[str, Any]) -> Mapping[str, tuple[int, ...]]:
        return s.discriminator_tensors(s.discriminator_settings(settings))

    def recognise(self, foreign: Foreign) -> Role | None:
        from engine.families.stylegan import convert

        return convert.recognise(foreign)

    def convert(self, foreign: Foreign) -> Converted:
        from engine.families.stylegan import convert

        return convert.convert(foreign)

    def build_generator(self, settings: Mapping[str, Any]) -> Generator:
        from engine.families.stylegan.generator import Generator

        return Generator(s.generator_settings(settings))

    def build_discriminator(self, settings: Mapping[str, Any]) -> Discriminator:
        from engine.families.stylegan.discriminator import Discriminator

        return Discriminator(s.discriminator_settings(settings))


FAMILY = StyleGAN()
