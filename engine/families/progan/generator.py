"""The ProGAN generator (Karras et al. 2017, arXiv 1710.10196, table 2 and figure 2).

A latent enters one dense layer; two convolutions per resolution follow, each with leaky ReLU and pixel norm. Every
resolution has its own toRGB, but only those that `lod` calls for are used: see engine.nn.growing. Letters: N batch,
Z width of z, K classes, W = Z + K, C colour channels, F features, R resolution.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from engine.families.progan.layers import Convolution, UpConvolution, leaky_relu
from engine.families.progan.settings import GeneratorSettings
from engine.network import State, Step
from engine.nn import growing
from engine.nn.box import nearest_up
from engine.nn.equalised import SQRT2, EqualisedConvolution, EqualisedLinear
from engine.nn.pixel_norm import pixel_norm


class Latent(EqualisedLinear):
    """w [N, W] -> [N, F, 4, 4]: the first layer, the paper's "Conv 4 x 4". One bias a feature, not one a pixel."""

    def __init__(self, inputs: int, features: int, equalised: bool) -> None:
        # A quarter of the usual gain: the public programs count 16 W inputs, as of a 4x4 convolution.
        super().__init__(inputs, 16 * features, gain=SQRT2 / 4, equalised=equalised)
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, w: Tensor) -> Tensor:
        x = (w @ self.weight.t()).reshape(w.shape[0], -1, 4, 4) * self.weight_gain + self.bias[:, None, None]
        return x.contiguous(memory_format=torch.channels_last)


class Block(nn.Module):
    """The layers of one resolution."""

    def __init__(self, s: GeneratorSettings, resolution: int) -> None:
        super().__init__()
        features = s.features(resolution)
        if resolution == 4:
            self.dense = Latent(s.w_dim, features, s.use_equalised)
            self.conv = Convolution(features, features, s.use_equalised)
        else:
            self.conv0 = UpConvolution(s.features(resolution // 2), features, s.use_equalised, s.fused_scale)
            self.conv1 = Convolution(features, features, s.use_equalised)
        self.torgb = EqualisedConvolution(features, s.channels, 1, equalised=s.use_equalised)


class Generator(nn.Module):
    """z [N, Z] -> picture [N, C, R, R], nominally -1..1. See engine.network.Generator for the stepwise form."""

    num_ws = 1  # the latent is the only style
    w_avg: Tensor | None = None  # without a mapping network there is no truncation

    def __init__(self, settings: GeneratorSettings) -> None:
        super().__init__()
        self.settings = settings
        for r in settings.block_resolutions:
            setattr(self, f"b{r}", Block(settings, r))
        self.lod = settings.lod

    @property
    def lod(self) -> float:
        """Level of detail, 0 .. log2(resolution) - 2. Training sets it between steps; whoever keeps the network must
        write it into the settings, for it is not among the tensors."""
        return self._lod

    @lod.setter
    def lod(self, lod: float) -> None:
        self._lod = lod
        self.steps = tuple(_steps(self.settings, lod))

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, Z] and class weights c [N, K] -> what the first layer reads, [N, W]."""
        if self.settings.classes:
            assert c is not None, "a conditional network needs labels"
            z = torch.cat([z, c], dim=1)
        return pixel_norm(z) if self.settings.normalise_latents else z

    def broadcast(self, w: Tensor) -> Tensor:
        """w [N, W] -> ws [N, 1, W]."""
        return w[:, None]

    def stored_noise(self, index: int) -> Tensor | None:
        return None

    def start(self, ws: Tensor) -> State:
        return State(None, None)

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        this = self.steps[step]
        block, layer = this.name.split(".")
        module = cast(Block, getattr(self, block)).get_submodule(layer)
        if layer == "torgb":
            return self._to_rgb(module, state)
        x = module(ws[:, 0] if layer == "dense" else state.x)
        return State(self._activated(x), state.image)

    def picture(self, state: State) -> Tensor:
        assert state.image is not None
        return growing.to_full_size(state.image, self.settings.resolution)

    def synthesize(self, ws: Tensor, noise: str = "const") -> Tensor:
        """All steps at once: ws [N, 1, W] -> [N, C, R, R]. There is no noise; the word for it is ignored."""
        state = self.start(ws)
        for i in range(len(self.steps)):
            state = self.run(i, state, ws, None)
        return self.picture(state)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, Z], labels c [N, K] -> picture [N, C, R, R]."""
        return self.synthesize(self.broadcast(self.map(z, c)))

    def _activated(self, x: Tensor) -> Tensor:
        x = leaky_relu(x) if self.settings.use_leaky_relu else torch.relu(x)
        return pixel_norm(x, eps=self.settings.pixel_norm_eps) if self.settings.use_pixel_norm else x

    def _to_rgb(self, torgb: nn.Module, state: State) -> State:
        """The picture of this resolution, faded with the one below where there is one."""
        assert state.x is not None
        colours: Tensor = torgb(state.x)
        if state.image is not None:
            share = growing.lower_share(self.settings.resolution, self.lod)
            colours = growing.faded(colours, nearest_up(state.image), share)
        return State(state.x, colours)


def _steps(s: GeneratorSettings, lod: float) -> list[Step]:
    """b4.dense, b4.conv, b8.conv0, b8.conv1, ... and a torgb at the one or two resolutions that show at `lod`."""
    steps: list[Step] = []
    coloured = growing.coloured(s.resolution, lod)
    for r in growing.resolutions_in_use(s.resolution, lod):
        layers = ["dense", "conv"] if r == 4 else ["conv0", "conv1"]
        for layer in layers + (["torgb"] if r in coloured else []):
            steps.append(Step(f"b{r}.{layer}", r, (0,) if layer == "dense" else (), None))
    return steps
