"""StyleGAN2 (Karras et al. 2019, arXiv 1912.04958). Only the two builders import torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.families.stylegan2 import settings as s
from engine.families.stylegan2 import tensors
from engine.family import Description

if TYPE_CHECKING:
    from engine.families.foreign import Converted, Foreign, Role
    from engine.families.stylegan2.discriminator import Trunk
    from engine.families.stylegan2.generator import Generator


class StyleGAN2:
    """See engine.family.Family."""

    name = "stylegan2"

    def describe(self, settings: Mapping[str, Any]) -> Description:
        return tensors.describe(s.generator_settings(settings))

    def discriminator_tensors(self, settings: Mapping[str, Any]) -> Mapping[str, tuple[int, ...]]:
        return tensors.discriminator_tensors(s.discriminator_settings(settings))

    def recognise(self, foreign: Foreign) -> Role | None:
        from engine.families.stylegan2.convert import recognise

        return recognise(foreign)

    def convert(self, foreign: Foreign) -> Converted:
        from engine.families.stylegan2.convert import convert

        return convert(foreign)

    def build_generator(self, settings: Mapping[str, Any]) -> Generator:
        from engine.families.stylegan2.generator import Generator

        return Generator(s.generator_settings(settings))

    def build_discriminator(self, settings: Mapping[str, Any]) -> Trunk:
        """Architecture "msg" takes pictures at all resolutions, the others one picture."""
        from engine.families.stylegan2.discriminator import Discriminator
        from engine.families.stylegan2.discriminator_msg import MultiScaleDiscriminator

        checked = s.discriminator_settings(settings)
        return MultiScaleDiscriminator(checked) if checked.architecture == "msg" else Discriminator(checked)


FAMILY = StyleGAN2()
