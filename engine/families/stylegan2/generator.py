"""The StyleGAN2 generator (arXiv 1912.04958, figure 7): output skips, residual blocks, neither, or growing.

The synthesis network is a list of steps (engine.network), one for each convolution and each toRGB. Slot l of `ws`
drives convolution l, and also the toRGB of the block below; the last slot drives only the last toRGB.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from engine.families.networks import Noise, StepwiseGenerator
from engine.families.stylegan2.growth import Tensors, generator_start
from engine.families.stylegan2.layers import FLOAT16_CLAMP, Convolution, Mapping
from engine.families.stylegan2.settings import GeneratorSettings
from engine.families.stylegan2.styled import StyledConvolution, ToRGB
from engine.families.stylegan2.tensors import noise_layers
from engine.network import State, Step
from engine.nn import growing
from engine.nn.fir import setup_filter, upsample2d


class Block(nn.Module):
    """The layers of one resolution. The first block starts from a learned constant instead of `conv0`."""

    def __init__(self, s: GeneratorSettings, resolution: int) -> None:
        super().__init__()
        outputs = s.features(resolution)
        if resolution == 4:
            self.const = nn.Parameter(torch.randn(outputs, 4, 4))
        else:
            inputs = s.features(resolution // 2)
            self.conv0 = StyledConvolution(inputs, outputs, s.w_dim, resolution, 2, s.use_noise, s.activation)
            if s.architecture == "resnet":
                self.skip = Convolution(inputs, outputs, 1, up=2, activation=None)
        self.conv1 = StyledConvolution(outputs, outputs, s.w_dim, resolution, 1, s.use_noise, s.activation)
        if resolution in s.colour_resolutions:
            self.torgb = ToRGB(outputs, s.channels, s.w_dim)


class Synthesis(nn.Module):
    """ws [N, L, W] -> picture [N, C, R, R]; the blocks only, the steps are the generator's."""

    resample_filter: Tensor

    def __init__(self, s: GeneratorSettings) -> None:
        super().__init__()
        self.register_buffer("resample_filter", setup_filter(s.resample_filter), persistent=False)
        for r in s.block_resolutions:
            setattr(self, f"b{r}", Block(s, r))

    def block(self, resolution: int) -> Block:
        found: Block = getattr(self, f"b{resolution}")
        return found


class MappingWithMean(Mapping):
    """The mapping network and the running mean of its outputs, for truncation."""

    w_avg: Tensor | None

    def __init__(self, s: GeneratorSettings) -> None:
        super().__init__(
            s.z_dim,
            s.classes,
            s.w_dim,
            s.mapping_layers,
            embed=s.embed_width,
            layer_features=s.layer_features,
            lr_multiplier=s.mapping_lr_multiplier,
            concatenated=s.label_input == "concatenated",
        )
        self.register_buffer("w_avg", torch.zeros(s.w_dim) if s.w_avg else None)


class Generator(StepwiseGenerator):
    """z [N, Z] -> picture [N, C, R, R]."""

    settings: GeneratorSettings

    def __init__(self, settings: GeneratorSettings) -> None:
        super().__init__(settings)
        self.mapping = MappingWithMean(settings)
        self.synthesis = Synthesis(settings)
        self._noise_names = [name for name, _ in noise_layers(settings)]
        self.low_dtype = torch.float32
        self.low_from = settings.resolution + 1

    def take(self, settings: GeneratorSettings) -> None:
        super().take(settings)
        self.steps = tuple(_steps(settings))
        self.num_ws = settings.num_ws

    @property
    def w_avg(self) -> Tensor | None:
        return self.mapping.w_avg

    def set_precision(self, dtype: torch.dtype, resolutions: int = 4) -> None:
        """Compute the `resolutions` highest resolutions in `dtype`, the others in float32.

        float16 layers are clipped to +-256, as the ADA paper trains them; bfloat16 needs no clipping.
        """
        self.low_dtype = dtype
        self.low_from = max(self.settings.resolution >> (resolutions - 1), 8)

    def grown_from(self, smaller: Tensors) -> dict[str, Tensor]:
        """First tensors of the highest toRGB, given those of a network of half the resolution; see growth."""
        return generator_start(self.settings, smaller)

    def freeze(self) -> None:
        """The weights seldom change from now on: pictures are made quicker, with more memory."""
        for layer in self.modules():
            if isinstance(layer, StyledConvolution):
                layer.freeze()

    def style_weights(self) -> Iterator[tuple[int, Tensor]]:
        """(slot, weight [inputs, W]) of each affine transformation of w, in the order of the steps."""
        for step in self.steps:
            layer: Any = self.synthesis.get_submodule(step.name)
            yield step.slots[0], layer.affine.weight

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.mapping(z, c)  # type: ignore[no-any-return]

    def stored_noise(self, index: int) -> Tensor | None:
        return self._convolution(self._noise_names[index]).noise_const if self._noise_names else None

    def start(self, ws: Tensor) -> State:
        const = self.synthesis.block(4).const.expand(ws.shape[0], -1, -1, -1)
        return State(const.contiguous(memory_format=torch.channels_last), None)

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        this = self.steps[step]
        w = ws[:, this.slots[0]]
        dtype = self.low_dtype if this.resolution >= self.low_from else ws.dtype
        clamp = self.settings.conv_clamp or (FLOAT16_CLAMP if dtype == torch.float16 else None)
        assert state.x is not None
        state = State(state.x.to(dtype), state.image, state.shortcut)
        block = self.synthesis.block(this.resolution)
        f = self.synthesis.resample_filter
        if this.name.endswith("torgb"):
            return self._to_rgb(block, state, w, clamp)
        if this.name.endswith("conv0"):
            return self._conv0(block, state, w, noise, clamp, f)
        return self._conv1(block, state, w, noise, clamp, f)

    def preview(self, steps: int, state: State, ws: Tensor) -> Tensor:
        """With output skips: the picture so far, and the colours that the layers to come would add if it had no detail
        beyond its pixels. Without these it is paler, and shows nothing of their styles."""
        x, image = state.x, state.image
        assert x is not None
        assert image is not None
        x = x.to(ws.dtype)
        for step in self.steps[steps:]:
            block, w = self.synthesis.block(step.resolution), ws[:, step.slots[0]]
            if step.name.endswith("torgb"):
                image = image + block.torgb(x, w, self.settings.conv_clamp)
            else:
                layer = block.conv0 if step.name.endswith("conv0") else block.conv1
                x = layer.smooth(x, w, self.settings.conv_clamp)
        return image

    def pyramid(self, ws: Tensor, noise: Noise = "const") -> list[Tensor]:
        """The pictures of all resolutions on the way, [N, C, 4, 4] to [N, C, R, R]: what a multi-scale discriminator
        is shown. For output skips, whose toRGBs add to a picture at each resolution."""
        assert self.settings.architecture == "skip", "a picture at each resolution takes output skips"
        pictures = []
        state = self.start(ws)
        for i, step in enumerate(self.steps):
            state = self.run(i, state, ws, self.noise_map(step, len(ws), noise, ws.device))
            if step.name.endswith("torgb") and state.image is not None:
                pictures.append(state.image)
        return pictures

    def _conv0(
        self, block: Block, state: State, w: Tensor, noise: Tensor | None, clamp: float | None, f: Tensor
    ) -> State:
        assert state.x is not None
        shortcut = None
        if self.settings.architecture == "resnet":
            shortcut = block.skip(state.x, f, gain=math.sqrt(0.5))
        return State(block.conv0(state.x, w, noise, f, clamp=clamp), state.image, shortcut)

    def _conv1(
        self, block: Block, state: State, w: Tensor, noise: Tensor | None, clamp: float | None, f: Tensor
    ) -> State:
        assert state.x is not None
        if state.shortcut is None:
            return State(block.conv1(state.x, w, noise, f, clamp=clamp), state.image)
        x = block.conv1(state.x, w, noise, f, gain=math.sqrt(0.5), clamp=clamp)
        return State(state.shortcut + x, state.image)

    def _to_rgb(self, block: Block, state: State, w: Tensor, clamp: float | None) -> State:
        colours = block.torgb(state.x, w, clamp).to(w.dtype)
        if self.settings.architecture == "growing":  # the picture below fades out while this resolution fades in
            return State(state.x, growing.over(colours, state.image, self.settings.resolution, self.lod))
        if state.image is not None:
            colours = upsample2d(state.image, self.synthesis.resample_filter) + colours
        return State(state.x, colours)

    def _convolution(self, name: str) -> StyledConvolution:
        found = self.synthesis.get_submodule(name)
        assert isinstance(found, StyledConvolution)
        return found


def _steps(s: GeneratorSettings) -> list[Step]:
    """b4.conv1, [b4.torgb], b8.conv0, b8.conv1, [b8.torgb], ... as far as the resolution in use."""
    noise = {name: i for i, (name, _) in enumerate(noise_layers(s))}
    coloured = growing.coloured(s.resolution, s.lod) if s.architecture == "growing" else s.colour_resolutions
    steps: list[Step] = []
    slot = 0
    for r in growing.resolutions_in_use(s.resolution, s.lod):
        for layer in ("conv1",) if r == 4 else ("conv0", "conv1"):
            name = f"b{r}.{layer}"
            steps.append(Step(name, r, (slot,), noise.get(name)))
            slot += 1
        if r in coloured:
            steps.append(Step(f"b{r}.torgb", r, (slot,), None))
    return steps
