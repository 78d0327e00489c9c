"""The StyleGAN generator (Karras et al. 2018, arXiv 1812.04948, figure 1b), configurations A to F by its settings.

The synthesis network is a list of steps (engine.network): one a styled layer, and a toRGB at the end, or two of them
while a resolution fades in (engine.nn.growing). Layer l reads row l of `ws` and noise input l. Letters: N batch,
L style slots, W width of w, C colour channels, F features, R resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.families.networks import StepwiseGenerator
from engine.families.stylegan.layers import (
    ConstantInput,
    DenseInput,
    Epilogue,
    Mapping,
    StyledConvolution,
    StyledUpConvolution,
)
from engine.families.stylegan.settings import GeneratorSettings, styled_layers
from engine.network import State, Step
from engine.nn import growing
from engine.nn.equalised import EqualisedConvolution

# From this resolution on one sample is kept in channels_last, which is faster; below, where convolutions sum over many
# features, it is not, and it loses a digit. Batches stay contiguous, as adain needs them.
CHANNELS_LAST = 32


class Block(nn.Module):
    """The layers of one resolution."""

    def __init__(self, s: GeneratorSettings, resolution: int) -> None:
        super().__init__()
        features = s.features(resolution)
        if resolution == 4:
            self.input = ConstantInput(s) if s.const_input else DenseInput(s)
            self.conv = StyledConvolution(s, features, 4)
        else:
            self.conv0 = StyledUpConvolution(s, s.features(resolution // 2), resolution)
            self.conv1 = StyledConvolution(s, features, resolution)
        self.torgb = EqualisedConvolution(features, s.channels, 1, equalised=s.use_equalised)


class Synthesis(nn.Module):
    """ws [N, L, W] -> picture [N, C, R, R]; the blocks only, the steps are the generator's."""

    def __init__(self, s: GeneratorSettings) -> None:
        super().__init__()
        for r in s.block_resolutions:
            setattr(self, f"b{r}", Block(s, r))


class Generator(StepwiseGenerator):
    """z [N, Z] -> picture [N, C, R, R]."""

    settings: GeneratorSettings

    def __init__(self, settings: GeneratorSettings) -> None:
        super().__init__(settings)
        self.mapping = Mapping(settings)
        self.synthesis = Synthesis(settings)

    def take(self, settings: GeneratorSettings) -> None:
        super().take(settings)
        self.steps = tuple(_steps(settings))
        self.num_ws = len(styled_layers(settings, settings.lod)) if settings.use_styles else 1

    @property
    def w_avg(self) -> Tensor | None:
        return self.mapping.w_avg

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.mapping(z, c)  # type: ignore[no-any-return]

    def stored_noise(self, index: int) -> Tensor | None:
        if not self.settings.use_noise:
            return None
        name, _ = styled_layers(self.settings, 0)[index]
        epilogue = self.synthesis.get_submodule(f"{name}.epilogue")
        assert isinstance(epilogue, Epilogue)
        return epilogue.noise_const

    def start(self, ws: Tensor) -> State:
        first = self.synthesis.get_submodule("b4.input")
        if not isinstance(first, ConstantInput):
            return State(None, None)
        return State(first.const.expand(ws.shape[0], -1, -1, -1), None)  # [N, F, 4, 4]

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        s, this = self.settings, self.steps[step]
        layer = self.synthesis.get_submodule(this.name)
        if this.name.endswith("torgb"):
            return State(state.x, growing.over(layer(state.x), state.image, s.resolution, s.lod))
        x, w = state.x, ws[:, this.slots[0]] if this.slots else None
        if x is not None and len(x) == 1 and this.resolution >= CHANNELS_LAST:
            x = x.contiguous(memory_format=torch.channels_last)
        return State(layer(x, w, noise), state.image)


def _steps(s: GeneratorSettings) -> list[Step]:
    """b4.input, b4.conv, b8.conv0, b8.conv1, ... and a torgb at the one or two resolutions that show at `lod`."""
    steps: list[Step] = []
    coloured = growing.coloured(s.resolution, s.lod)
    for i, (name, r) in enumerate(styled_layers(s, s.lod)):
        reads = (i,) if s.use_styles else (0,) if name == "b4.input" and not s.const_input else ()
        steps.append(Step(name, r, reads, i if s.use_noise else None))
        if r in coloured and name.endswith(("conv", "conv1")):
            steps.append(Step(f"b{r}.torgb", r, (), None))
    return steps
