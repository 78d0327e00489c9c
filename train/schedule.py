"""Settings that change in steps while a run goes on: the weight of R1, the learning rate. No torch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from train.config import Steps, TrainConfig

STEPPED = ("r1_gamma_from", "lr_from")
STATE = re.compile(r"state-(\d+)(\.\d{3})?\.safetensors")


def gamma_at(config: TrainConfig, seen: int) -> float:
    """Weight of R1 after `seen` pictures: a lower one may follow when the composition stands and detail is learned."""
    return _value_at(config.r1_gamma, config.r1_gamma_from, seen)


def lr_at(config: TrainConfig, seen: int) -> float:
    """Learning rate after `seen` pictures: a lower one at the end lets weights settle."""
    return _value_at(config.lr, config.lr_from, seen)


def set_rate(optimisers: Iterable[Any], lr: float) -> None:
    """Give optimisers of train.networks.adam the learning rate `lr`, each corrected as it was when it was made."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = lr * group["correction"]


def kimg_of(run: Path) -> float:
    """The kimg that a run has certainly not gone beyond, by the name of its newest state; 0: none.

    A name without a fraction may be of the first version, which left it out: then one more.
    """
    found = (STATE.fullmatch(path.name) for path in run.glob("state-*"))
    return max((float(match[1] + match[2]) if match[2] else int(match[1]) + 1 for match in found if match), default=0)


def passed(steps: Steps, kimg: float) -> Steps:
    """The steps that a run of `kimg` may have taken; those ahead of it may still be changed."""
    return tuple((at, value) for at, value in steps if at < kimg)


def _value_at(first: float, steps: Steps, seen: int) -> float:
    taken = [value for kimg, value in steps if seen >= kimg * 1000]
    return taken[-1] if taken else first
