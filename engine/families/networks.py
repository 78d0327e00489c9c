"""What the networks of all families share. A family adds its layers, and a generator the list of its steps.

Letters: N batch, L style slots, W width of w, Z width of z, K classes, C colour channels, I and O features, R pixels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.network import State, Step
from engine.nn import growing
from engine.nn.activation import activated
from engine.nn.box import box_down
from engine.nn.equalised import SQRT2, ActivatedConvolution, EqualisedLinear
from engine.nn.minibatch_stddev import with_minibatch_stddev

Noise = str | dict[int, Tensor]  # "const" (stored maps), "random" (fresh ones), "none", or [N, 1, R, R] by noise index


class Growing(nn.Module):
    """A network with a level of detail (engine.nn.growing). It is one of its settings, and not among the tensors."""

    settings: Any

    def __init__(self, settings: Any) -> None:
        super().__init__()
        self.take(settings)

    def take(self, settings: Any) -> None:
        """Keep settings; a generator derives its steps from them."""
        self.settings = settings

    @property
    def lod(self) -> float:
        """0 .. log2(resolution) - 2; training sets it between steps. Raises ModelFileError for any other."""
        return float(self.settings.lod)

    @lod.setter
    def lod(self, lod: float) -> None:
        self.take(dataclasses.replace(self.settings, lod=lod))


class StepwiseGenerator(Growing):
    """z [N, Z] -> picture [N, C, R, R], nominally -1..1, by steps (engine.network.Generator) and all at once.

    A family gives `take` (the steps), `map`, `start` and `run`, and what else differs from what is here.
    """

    steps: tuple[Step, ...]
    num_ws: int  # rows of `ws` that are in use

    @property
    def w_avg(self) -> Tensor | None:
        """Mean of w [W]; None: no truncation."""
        return None

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, Z] and class weights c [N, K] -> w [N, W] before truncation."""
        raise NotImplementedError

    def stored_noise(self, index: int) -> Tensor | None:
        """The network's own map [R, R] of a noise input, None where it carries none."""
        return None

    def start(self, ws: Tensor) -> State:
        """The state before the first step, for ws [N, L, W]."""
        return State(None, None)

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        """The state after a step; noise [1 or N, 1, R, R], None: none. Writes into nothing that it is given."""
        raise NotImplementedError

    def picture(self, state: State) -> Tensor:
        """The picture [N, C, R, R] of the state after the last step."""
        assert state.image is not None
        return growing.to_full_size(state.image, self.settings.resolution)

    def preview(self, steps: int, state: State, ws: Tensor) -> Tensor:
        """About the picture, [N, C, r, r], of the state after so many steps."""
        assert state.image is not None
        return state.image

    def broadcast(self, w: Tensor) -> Tensor:
        """w [N, W] -> ws [N, L, W]."""
        return w[:, None].expand(-1, self.num_ws, -1)

    def synthesize(self, ws: Tensor, noise: Noise = "const") -> Tensor:
        """All steps at once: ws [N, L, W] -> [N, C, R, R]."""
        state = self.start(ws)
        for i, step in enumerate(self.steps):
            state = self.run(i, state, ws, self.noise_map(step, len(ws), noise, ws.device))
        return self.picture(state)

    def forward(self, z: Tensor, c: Tensor | None = None, psi: float = 1.0, noise: Noise = "const") -> Tensor:
        """z [N, Z], class weights c [N, K] -> picture [N, C, R, R]. Without a mean of w psi has no effect."""
        w = self.map(z, c)
        if psi != 1 and self.w_avg is not None:
            w = self.w_avg.lerp(w, psi)
        return self.synthesize(self.broadcast(w), noise)

    def noise_map(self, step: Step, count: int, noise: Noise, device: torch.device) -> Tensor | None:
        """What a step is given, [1 or count, 1, R, R]."""
        if step.noise is None or noise == "none":
            return None
        if isinstance(noise, dict):
            return noise.get(step.noise)
        if noise == "const":
            stored = self.stored_noise(step.noise)
            return None if stored is None else stored[None, None]
        return torch.randn(count, 1, step.resolution, step.resolution, device=device)


class GrowingDiscriminator(Growing):
    """Pictures [N, C, R, R] -> numbers [N, O] by way of a block for each resolution (ProGAN paper, figure 2).

    Pictures are of full size whatever `lod` is.
    """

    def __init__(
        self,
        settings: Any,
        block: Callable[
            [Any, int], nn.Module
        ],  # of settings and resolution: [N, I, r, r] -> [N, O, r/2, r/2]; `fromrgb`
        outputs: int,
        activation: str = "lrelu",
    ) -> None:
        super().__init__(settings)
        for r in settings.block_resolutions:
            setattr(self, f"b{r}", LastBlock(settings, outputs, activation) if r == 4 else block(settings, r))

    def outputs(self, image: Tensor) -> Tensor:
        """[N, C, R, R] -> [N, O]."""
        full, lod = self.settings.resolution, self.lod
        image = growing.to_size_in_use(image, lod).contiguous(memory_format=torch.channels_last)
        r, share = growing.resolution_in_use(full, lod), growing.lower_share(full, lod)
        x: Tensor = self._block(r).fromrgb(image)
        if share:  # fades end above 4x4: there is a block, and one below it
            lower = self._block(r // 2).fromrgb(box_down(image))
            x, r = growing.faded(self._block(r)(x), lower, share), r // 2
        while r >= 4:
            x, r = self._block(r)(x), r // 2
        return x

    def _block(self, resolution: int) -> LastBlock:
        return cast(LastBlock, getattr(self, f"b{resolution}"))  # or the family's own, which has a fromrgb as well


class LastBlock(nn.Module):
    """[N, I, 4, 4] -> [N, O] (ProGAN paper, table 2)."""

    def __init__(self, s: Any, outputs: int, activation: str) -> None:
        super().__init__()
        features, hidden = s.features(4), s.features(2)
        self.group, self.stddev_channels, self.activation = s.mbstd_group, s.mbstd_channels, activation
        self.fromrgb = ActivatedConvolution(s.channels, features, 1, s.use_equalised, activation)
        self.conv = ActivatedConvolution(features + s.mbstd_channels, features, 3, s.use_equalised, activation)
        self.fc = EqualisedLinear(16 * features, hidden, gain=SQRT2, equalised=s.use_equalised)
        self.out = EqualisedLinear(hidden, outputs, equalised=s.use_equalised)

    def forward(self, x: Tensor) -> Tensor:
        """x [N, I, 4, 4] -> [N, O]: deviation over the group, convolution, two dense layers."""
        if self.stddev_channels:
            x = with_minibatch_stddev(x, self.group, self.stddev_channels)
        x = self.conv(x)
        x = activated(self.fc(x.flatten(1)), self.activation)  # flat in N, C, H, W order whatever the memory format
        return self.out(x)  # type: ignore[no-any-return]
