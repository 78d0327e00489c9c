"""Several plans through one model's generator at once, for devices where that is faster than one by one.

Batched kernels may round differently: a picture may differ by a grey level from the one that is made alone. Letters:
N pictures, L style slots, W width of w, C colour channels, R resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.model import Model
from engine.plan import NoiseInput, Plan
from engine.synthesizer import Stopped, Synthesizer


@torch.inference_mode()
def run(plans: Sequence[Plan], model: Model, stop: Callable[[], bool] | None = None) -> Tensor:
    """The pictures [N, C, R, R] of some plans, float32, nominally -1..1. Raises Stopped as Synthesizer.run does."""
    generator, single = model.generator, Synthesizer(model)
    ws = torch.from_numpy(np.stack([plan.ws for plan in plans])).to(model.device)  # [N, L, W]
    state = generator.start(ws)
    for index in range(len(generator.steps)):
        if stop is not None and stop():
            raise Stopped
        state = generator.run(index, state, ws, _noise([plan.steps[index].noise for plan in plans], index, single))
    return generator.picture(state)


def _noise(wanted: Sequence[NoiseInput | None], index: int, single: Synthesizer) -> Tensor | None:
    """The maps [1 or N, 1, R, R] of a step; a picture without noise among others gets zeros."""
    distinct = {noise: single.noise_of(index, noise) for noise in dict.fromkeys(wanted)}  # drawn once each
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    some = next((noise for noise in distinct.values() if noise is not None), None)
    if some is None:
        return None
    maps = [distinct[noise] for noise in wanted]
    return torch.cat([torch.zeros_like(some) if map_ is None else map_ for map_ in maps])
