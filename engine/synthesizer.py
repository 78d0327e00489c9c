"""Runs a plan, resuming at the first step whose inputs differ from those of the last pass.

There are no flags that say what has changed: the inputs themselves are compared, so a picture that was made
incrementally equals a fresh one bit for bit, on the same device in the same precision. A network with output skips may
stop at a lower resolution and show about what would become of it; the next pass goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from engine import noise
from engine.errors import Stopped
from engine.model import Model
from engine.network import State
from engine.pace import Pace
from engine.plan import NoiseInput, Plan, StepInput, first_difference, resolve
from engine.recipe import Recipe

__all__ = ["Stopped", "Synthesizer"]


class Synthesizer:
    """The states of the last pass through one model's generator."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.first = 0  # step at which the last pass began to compute; `end`: nothing was computed
        self.end = 0  # steps that the last pass went through
        self._pace = Pace([step.resolution for step in model.generator.steps])
        self._plan: tuple[Recipe, Plan] | None = None  # the last one
        self._inputs: list[StepInput] = []  # of the steps whose states are kept
        self._states: list[State] = []  # after each of these steps

    @torch.inference_mode()
    def run(self, plan: Plan, stop: Callable[[], bool] | None = None, stop_at: int | None = None) -> Tensor:
        """The picture [1, C, R, R] of a plan, float32, nominally -1..1.

        `stop` is asked before each step; when it says True, Stopped is raised and what was computed stays valid.
        stop_at: pixels that are enough: a network with output skips ends at the first of its resolutions that has
        them; None: all of it.
        """
        whole = len(plan.steps)
        self.end = whole
        if stop_at is not None:
            self.end = min((end for resolution, end in self.stops.items() if resolution >= stop_at), default=whole)
        self.first = min(first_difference(self._inputs, plan.steps), self.end)
        if self.first < self.end:
            del self._inputs[self.first :], self._states[self.first :]
        ws = torch.from_numpy(plan.ws).to(self.model.device)[None]  # [1, L, W]
        generator = self.model.generator
        for index in range(self.first, self.end):
            if stop is not None and stop():
                raise Stopped
            began = time.perf_counter()
            before = self._states[-1] if self._states else generator.start(ws)
            step_input = plan.steps[index]
            state = generator.run(index, before, ws, self.noise_of(index, step_input.noise))
            self._states.append(state)
            self._inputs.append(step_input)
            self._pace.note(index, (time.perf_counter() - began) * 1000)
        last = self._states[self.end - 1]
        if self.end == whole:
            return generator.picture(last)
        began = time.perf_counter()
        image = generator.preview(self.end, last, ws)
        self._pace.note_preview(self.end, (time.perf_counter() - began) * 1000)
        return image

    @property
    def stops(self) -> dict[int, int]:
        """Resolutions at which there is a picture of the network, and the number of steps until then."""
        steps, info = self.model.generator.steps, self.model.info
        if not info.features.preview:
            return {info.resolution: len(steps)}
        return {step.resolution: index + 1 for index, step in enumerate(steps)}

    def resolved(self, recipe: Recipe) -> Plan:
        """The plan of a recipe; the last one is kept, for it is asked for twice. Raises RenderError."""
        if self._plan is None or self._plan[0] is not recipe:
            self._plan = recipe, resolve(recipe, self.model)
        return self._plan[1]

    def forecast(self, plan: Plan, end: int) -> float | None:
        """Milliseconds of a pass over a plan that ends after so many steps; None: they are not known."""
        return self._pace.forecast(min(first_difference(self._inputs, plan.steps), end), end)

    def forget(self) -> None:
        """Free the states."""
        self._plan = None
        self._inputs.clear()
        self._states.clear()

    @property
    def states(self) -> tuple[State, ...]:
        """The states after each step of the last pass, for tests and for looking into layers. Do not write to them."""
        return tuple(self._states)

    def noise_of(self, index: int, wanted: NoiseInput | None) -> Tensor | None:
        """The map [1, 1, R, R] of a step, the recipe's strength in it."""
        if wanted is None or self.model.generator.steps[index].noise is None:
            return None
        values = self._map(index, wanted.seed)
        if wanted.second is not None:
            first, second = noise.shares(wanted.turn)
            other = self._map(index, wanted.second)
            assert other is not None  # a seed's own
            values = second * other if values is None else first * values + second * other
        return values if values is None or wanted.strength == 1 else values * wanted.strength

    def _map(self, index: int, seed: int | None) -> Tensor | None:
        """The map [1, 1, R, R] of a seed, or the stored one, if the model has it."""
        step = self.model.generator.steps[index]
        assert step.noise is not None
        if seed is None:
            stored = self.model.generator.stored_noise(step.noise)
            return None if stored is None else stored[None, None]
        # .clone(): torch cannot mark memory as read-only, and the map is kept for other pictures
        return torch.from_numpy(noise.noise_map(seed, step.noise, step.resolution).copy()).to(self.model.device)
