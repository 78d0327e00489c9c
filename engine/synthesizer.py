"""Runs a plan, resuming at the first step whose inputs differ from those of the last pass.

There are no flags that say what has changed: the inputs themselves are compared, so a picture that was made
incrementally equals a fresh one bit for bit, on the same device in the same precision.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine import noise
from engine.errors import Stopped
from engine.model import Model
from engine.network import State
from engine.plan import NoiseInput, Plan, StepInput, first_difference

__all__ = ["Stopped", "Synthesizer"]


class Synthesizer:
    """The states of the last pass through one model's generator."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.first = 0  # step at which the last pass began to compute; their number: nothing was computed
        self._inputs: list[StepInput] = []  # of the steps whose states are kept
        self._states: list[State] = []  # after each of these steps

    @torch.inference_mode()
    def run(self, plan: Plan, stop: Callable[[], bool] | None = None) -> Tensor:
        """The picture [1, C, R, R] of a plan, float32, nominally -1..1.

        `stop` is asked before each step; when it says True, Stopped is raised and what was computed stays valid.
        """
        self.first = first_difference(self._inputs, plan.steps)
        del self._inputs[self.first :], self._states[self.first :]
        ws = torch.from_numpy(plan.ws).to(self.model.device)[None]  # [1, L, W]
        generator = self.model.generator
        for index in range(self.first, len(plan.steps)):
            if stop is not None and stop():
                raise Stopped
            before = self._states[-1] if self._states else generator.start(ws)
            step_input = plan.steps[index]
            state = generator.run(index, before, ws, self._noise(index, step_input.noise))
            self._states.append(state)
            self._inputs.append(step_input)
        return generator.picture(self._states[-1])

    def forget(self) -> None:
        """Free the states."""
        self._inputs.clear()
        self._states.clear()

    @property
    def states(self) -> tuple[State, ...]:
        """The states after each step of the last pass, for tests and for looking into layers. Do not write to them."""
        return tuple(self._states)

    def _noise(self, index: int, wanted: NoiseInput | None) -> Tensor | None:
        """The map [1, 1, R, R] of a step, the recipe's strength in it."""
        step = self.model.generator.steps[index]
        if wanted is None or step.noise is None:
            return None
        if wanted.seed is None:
            stored = self.model.generator.stored_noise(step.noise)
            if stored is None:
                return None
            values = stored[None, None]
        else:
            # .clone(): torch cannot mark memory as read-only, and the map is kept for other pictures
            values = torch.from_numpy(noise.noise_map(wanted.seed, step.noise, step.resolution).copy())
            values = values.to(self.model.device)
        return values if wanted.strength == 1 else values * wanted.strength
