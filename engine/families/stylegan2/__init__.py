"""StyleGAN2 (Karras et al. 2019, arXiv 1912.04958). Only the two builders import torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.families.stylegan2 import settings as s
from engine.family import Description

if TYPE_CHECKING:
    from engine.families.stylegan2.discriminator import Discriminator
    from engine.families.stylegan2.generator import Generator


class StyleGAN2:
    """See engine.family.Family."""

    name = "stylegan2"

    def describe(self, settings: Mapping[str, Any]) -> Description:
        return s.describe(s.generator_settings(settings))

    def build_generator(self, settings: Mapping[str, Any]) -> Generator:
        from engine.families.stylegan2.generator import Generator

        return Generator(s.generator_settings(settings))

    def build_discriminator(self, settings: Mapping[str, Any]) -> Discriminator:
        from engine.families.stylegan2.discriminator import Discriminator

        return Discriminator(s.discriminator_settings(settings))


FAMILY = StyleGAN2()
