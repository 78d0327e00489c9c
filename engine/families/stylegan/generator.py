"""The StyleGAN generator (Karras et al. 2018, arXiv 1812.04948, figure 1b), configurations A to F by its settings.

The synthesis network is a list of steps (engine.network): one a styled layer, and a toRGB at the end, or two of them
while a resolution fades in (engine.nn.growing). Layer l reads row l of `ws` and noise input l. Letters: N batch,
L style slots, W width of w, Z width of z, K classes, C colour channels, F features, R resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

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
from engine.nn.box import nearest_up
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


class Generator(nn.Module):
    """z [N, Z] -> picture [N, C, R, R], nominally -1..1. See engine.network.Generator for the stepwise form."""

    def __init__(self, settings: GeneratorSettings) -> None:
        super().__init__()
        self.settings = settings
        self.mapping = Mapping(settings)
        self.synthesis = Synthesis(settings)
        self.lod = settings.lod

    @property
    def lod(self) -> float:
        """Level of detail, 0 .. log2(resolution) - 2; it decides `steps` and `num_ws`. Training sets it between steps;
        whoever keeps the network must write it into the settings, for it is not among the tensors."""
        return self._lod

    @lod.setter
    def lod(self, lod: float) -> None:
        self._lod = lod
        self.steps = tuple(_steps(self.settings, lod))
        self.num_ws = len(styled_layers(self.settings, lod)) if self.settings.use_styles else 1

    @property
    def w_avg(self) -> Tensor | None:
        return self.mapping.w_avg

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.mapping(z, c)  # type: ignore[no-any-return]

    def broadcast(self, w: Tensor) -> Tensor:
        """w [N, W] -> ws [N, L, W]."""
        return w[:, None].expand(-1, self.num_ws, -1)

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
        this = self.steps[step]
        layer = self.synthesis.get_submodule(this.name)
        if isinstance(layer, EqualisedConvolution) and not isinstance(layer, StyledConvolution):
            return self._to_rgb(layer, state)
        x, w = state.x, ws[:, this.slots[0]] if this.slots else None
        if x is not None and len(x) == 1 and this.resolution >= CHANNELS_LAST:
            x = x.contiguous(memory_format=torch.channels_last)
        return State(layer(x, w, noise), state.image)

    def picture(self, state: State) -> Tensor:
        assert state.image is not None
        return growing.to_full_size(state.image, self.settings.resolution)

    def synthesize(self, ws: Tensor, noise: str | dict[int, Tensor] = "const") -> Tensor:
        """All steps at once. ws [N, L, W] -> [N, C, R, R]. noise: "const" (stored maps), "random" (a fresh map for
        each sample and layer), "none", or maps by noise index."""
        state = self.start(ws)
        for i, step in enumerate(self.steps):
            state = self.run(i, state, ws, self._noise_map(step, ws, noise))
        return self.picture(state)

    def forward(self, z: Tensor, c: Tensor | None = None, psi: float = 1.0, noise: str = "const") -> Tensor:
        """z [N, Z], class weights c [N, K] -> picture [N, C, R, R]."""
        w = self.map(z, c)
        if psi != 1:
            assert self.w_avg is not None, "this network has no mean to truncate towards"
            w = self.w_avg.lerp(w, psi)
        return self.synthesize(self.broadcast(w), noise)

    def _noise_map(self, step: Step, ws: Tensor, noise: str | dict[int, Tensor]) -> Tensor | None:
        """[1 or N, 1, R, R]"""
        if step.noise is None or noise == "none":
            return None
        if isinstance(noise, dict):
            return noise.get(step.noise)
        if noise == "const":
            stored = self.stored_noise(step.noise)
            return None if stored is None else stored[None, None]
        return torch.randn(ws.shape[0], 1, step.resolution, step.resolution, device=ws.device)

    def _to_rgb(self, torgb: nn.Module, state: State) -> State:
        """The picture of this resolution, faded with the one below where there is one."""
        assert state.x is not None
        colours: Tensor = torgb(state.x)
        if state.image is not None:
            share = growing.lower_share(self.settings.resolution, self.lod)
            colours = growing.faded(colours, nearest_up(state.image), share)
        return State(state.x, colours)


def _steps(s: GeneratorSettings, lod: float) -> list[Step]:
    """b4.input, b4.conv, b8.conv0, b8.conv1, ... and a torgb at the one or two resolutions that show at `lod`."""
    steps: list[Step] = []
    coloured = growing.coloured(s.resolution, lod)
    for i, (name, r) in enumerate(styled_layers(s, lod)):
        reads = (i,) if s.use_styles else (0,) if name == "b4.input" and not s.const_input else ()
        steps.append(Step(name, r, reads, i if s.use_noise else None))
        if r in coloured and name.endswith(("conv", "conv1")):
            steps.append(Step(f"b{r}.torgb", r, (), None))
    return steps
