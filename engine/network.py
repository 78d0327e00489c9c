"""What the engine asks of a generator network of any family. Letters: N batch, L style slots, W width of w, Z width
of z, C colour channels, R a resolution, F features.

A synthesis network is a list of steps that each turn a state into the next one without changing it, so that any
state can be kept and synthesis can resume behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Step:
    """One convolution, or one toRGB: the smallest unit that is computed again."""

    name: str  # e.g. "b32.conv0"
    resolution: int  # of its result
    slots: tuple[int, ...]  # rows of `ws` that it reads
    noise: int | None  # index of its noise input, None: has none


@dataclass(frozen=True, slots=True)
class State:
    """What one step hands to the next. No step writes into these tensors."""

    x: Tensor | None  # [N, F, R, R] activations; None before the first step
    image: Tensor | None  # [N, C, R, R] sum of toRGBs so far (output skips), None where there is none yet
    shortcut: Tensor | None = None  # [N, F, R, R] residual branch that waits for its block's end


class Generator(Protocol):
    """A torch module that maps latents to pictures."""

    steps: tuple[Step, ...]
    w_avg: Tensor | None  # [W], mean of w; None: no truncation

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        """z [N, Z] and class weights c [N, classes] (None when not conditional) -> w [N, W] before truncation."""

    def stored_noise(self, index: int) -> Tensor | None:
        """The model's own map [R, R] of a noise input; None where it carries none."""

    def start(self, ws: Tensor) -> State:
        """The state before the first step, for ws [N, L, W]."""

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        """The state after a step. noise: a map [1 or N, 1, R, R], strength of the recipe already in it; None: none."""

    def picture(self, state: State) -> Tensor:
        """The picture [N, C, R, R] of the state after the last step, nominally -1..1, float32."""

    def preview(self, steps: int, state: State, ws: Tensor) -> Tensor:
        """About the picture, [N, C, r, r], from the state after so many steps at a resolution r that has one; asked for
        only with Features.preview."""

    def to(self, device: torch.device) -> Generator:
        """Move to a device."""
