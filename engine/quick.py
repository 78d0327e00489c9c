"""A quicker precision for pictures that move: bfloat16 on a processor that has it.

Whether it is quicker here, and near enough to float32, is measured once for each model on the picture that is shown.
The processor's word is not enough: there are some that have the instructions and take longer with them.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine import device as devices
from engine.model import Model
from engine.plan import Plan
from engine.synthesizer import Synthesizer

MOST_LEVELS = 3  # grey levels of 255 that a colour may be off
LEAST_GAIN = 1.25  # times quicker; less is not worth a picture that changes when the hand rests
PROBE = 64  # pixels: at this resolution speeds are compared where the network may stop there
EVERY = 32  # highest resolutions in the low precision: more than there are

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was measured."""

    ms: float  # of a picture in float32, whole or as far as PROBE
    quick_ms: float  # of the same in bfloat16
    levels: int | None  # largest error in grey levels; None: not measured, as it is not quicker

    @property
    def worth(self) -> bool:
        """Whether moving pictures are to be made in bfloat16."""
        return self.levels is not None and self.levels <= MOST_LEVELS


def twin(model: Model) -> Model | None:
    """The same weights computing in bfloat16; None where family, device or processor have it not."""
    usable = model.device.type == "cpu" and model.dtype == torch.float32 and devices.has_bfloat16()
    if not usable or not callable(getattr(model.generator, "set_precision", None)):
        return None
    generator = copy.copy(model.generator)  # not deeply: its layers are the same objects
    generator.set_precision(torch.bfloat16, EVERY)  # type: ignore[attr-defined]  # looked for above
    return Model(model.info, generator, model.device, model.network, torch.bfloat16)


def tried(model: Model, quick: Model, plan: Plan, stop: Stop | None = None) -> Trial:
    """Measure both on one picture. Raises Stopped as Synthesizer.run does."""
    at = PROBE if model.info.resolution > PROBE else None

    def timed(which: Model) -> float:
        began = time.perf_counter()
        Synthesizer(which).run(plan, stop, at)
        return (time.perf_counter() - began) * 1000

    times = [(timed(model), timed(quick)) for _ in range(3)]  # in turns; the first pair warms up
    ms, quick_ms = (min(pair[which] for pair in times[1:]) for which in (0, 1))
    levels = None
    if ms >= LEAST_GAIN * quick_ms:
        levels = largest_error(Synthesizer(model).run(plan, stop), Synthesizer(quick).run(plan, stop))
    return Trial(ms=ms, quick_ms=quick_ms, levels=levels)


def largest_error(image: Tensor, other: Tensor) -> int:
    """In grey levels, between pictures [1, C, R, R] of -1..1."""
    levels, others = ((picture * 127.5 + 128).clamp(0, 255).to(torch.uint8).int() for picture in (image, other))
    return int((levels - others).abs().max())
