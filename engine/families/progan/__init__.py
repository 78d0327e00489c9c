"""ProGAN (Karras et al. 2017, arXiv 1710.10196). Only the two builders import torch, only `convert` numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.families.progan import settings as s
from engine.family import Description

if TYPE_CHECKING:
    from engine.families.foreign import Converted, Foreign, Role
    from engine.families.progan.discriminator import Discriminator
    from engine.families.progan.generator import Generator


class ProGAN:
    """See engine.family.Family."""

    name = "progan"

    def describe(self, settings: Mapping[str, Any]) -> Description:
        return s.describe(s.generator_settings(settings))

    def discriminator_tensors(self, settings: Mapping[str, Any]) -> Mapping[str, tuple[int, ...]]:
        return s.discriminator_tensors(s.discriminator_settings(settings))

    def recognise(self, foreign: Foreign) -> Role | None:
        from engine.families.progan import convert

        return convert.recognise(foreign)

    def convert(self, foreign: Foreign) -> Converted:
        from engine.families.progan import convert

        return convert.convert(foreign)

    def build_generator(self, settings: Mapping[str, Any]) -> Generator:
        from engine.families.progan.generator import Generator

        return Generator(s.generator_settings(settings))

    def build_discriminator(self, settings: Mapping[str, Any]) -> Discriminator:
        from engine.families.progan.discriminator import Discriminator

        return Discriminator(s.discriminator_settings(settings))


FAMILY = ProGAN()
