"""The ProGAN generator (Karras et al. 2017, arXiv 1710.10196, table 2 and figure 2).

A latent enters one dense layer; two convolutions per resolution follow, each with leaky ReLU and pixel norm. Every
resolution has its own toRGB, but only those that `lod` calls for are used: see engine.nn.growing. Letters: N batch,
Z width of z, K classes, W = Z + K, F features, R resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.families.networks import StepwiseGenerator
from engine.families.progan.layers import UpConvolution
from engine.families.progan.settings import GeneratorSettings
from engine.network import State, Step
from engine.nn import growing
from engine.nn.activation import activated
from engine.nn.equalised import SQRT2, EqualisedConvolution, EqualisedMaps
from engine.nn.pixel_norm import pixel_norm


class Block(nn.Module):
    """The layers of one resolution."""

    def __init__(self, s: GeneratorSettings, resolution: int) -> None:
        super().__init__()
        features = s.features(resolution)
        if resolution == 4:
            self.dense = EqualisedMaps(s.w_dim, features, s.use_equalised)
            self.conv = EqualisedConvolution(features, features, 3, SQRT2, s.use_equalised)
        else:
            self.conv0 = UpConvolution(s.features(resolution // 2), features, 3, SQRT2, s.use_equalised)
            self.conv1 = EqualisedConvolution(features, features, 3, SQRT2, s.use_equalised)
        self.torgb = EqualisedConvolution(features, s.channels, 1, equalised=s.use_equalised)


class Generator(StepwiseGenerator):
    """z [N, Z] -> picture. There is no mapping network, no mean of w to truncate towards, no noise."""

    settings: GeneratorSettings
    num_ws = 1  # the latent is the only style

    def __init__(self, settings: GeneratorSettings) -> None:
        super().__init__(settings)
        for r in settings.block_resolutions:
            setattr(self, f"b{r}", Block(settings, r))

    def take(self, settings: GeneratorSettings) -> None:
        super().take(settings)
        self.steps = tuple(_steps(settings))

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, Z] and class weights c [N, K] -> what the first layer reads, [N, W]."""
        if self.settings.classes:
            assert c is not None, "a conditional network needs labels"
            z = torch.cat([z, c], dim=1)
        return pixel_norm(z) if self.settings.normalise_latents else z

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        s, this = self.settings, self.steps[step]
        layer = self.get_submodule(this.name)
        if this.name.endswith("torgb"):
            return State(state.x, growing.over(layer(state.x), state.image, s.resolution, s.lod))
        x: Tensor = layer(ws[:, 0] if this.name == "b4.dense" else state.x)
        return State(self._activated(x.contiguous(memory_format=torch.channels_last)), state.image)

    def _activated(self, x: Tensor) -> Tensor:
        x = activated(x, "lrelu" if self.settings.use_leaky_relu else "relu")
        return pixel_norm(x, eps=self.settings.pixel_norm_eps) if self.settings.use_pixel_norm else x


def _steps(s: GeneratorSettings) -> list[Step]:
    """b4.dense, b4.conv, b8.conv0, b8.conv1, ... and a torgb at the one or two resolutions that show at `lod`."""
    steps: list[Step] = []
    coloured = growing.coloured(s.resolution, s.lod)
    for r in growing.resolutions_in_use(s.resolution, s.lod):
        layers = ["dense", "conv"] if r == 4 else ["conv0", "conv1"]
        for layer in layers + (["torgb"] if r in coloured else []):
            steps.append(Step(f"b{r}.{layer}", r, (0,) if layer == "dense" else (), None))
    return steps
