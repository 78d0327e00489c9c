"""All that decides a training run, as one frozen value: printed at the start and saved beside the run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import TrainingError, clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Names and units follow the papers; kimg is a thousand pictures shown to the discriminator."""

    preset: str
    family: str
    generator: Mapping[str, Any] = field(hash=False)  # the family's own settings
    discriminator: Mapping[str, Any] = field(hash=False)
    resolution: int
    data: str = "portraits"
    data_count: int = 50_000  # pictures drawn, for procedural data
    data_seed: int = 0
    seed: int = 0  # of initial weights, latents, noise and order of the data
    kimg: float = 500.0  # when the run is over
    batch: int = 16
    lr: float = 0.002  # Adam's, of both networks
    beta2: float = 0.99  # beta1 is 0 throughout (ProGAN paper, appendix A)
    r1_gamma: float = 1.0  # weight of the gradient penalty (Mescheder 2018)
    r1_gamma_late: float | None = None  # gamma from r1_late_kimg on; None: as before
    r1_late_kimg: float = 100.0
    r1_interval: int = 16  # steps from one penalty to the next (StyleGAN2 paper, "lazy regularization")
    pl_weight: float = 0.0  # path length regularisation (StyleGAN2 paper, equation 4); 0: off
    pl_interval: int = 4
    blur_sigma: float = 0.0  # pixels; D sees everything blurred at first (StyleGAN3 paper, appendix F), 0: off
    blur_kimg: float = 50.0  # the blur fades to nothing over these
    style_mixing: float = 0.9  # probability (StyleGAN paper, section 3.1)
    w_avg_beta: float = 0.995  # decay of the running mean of w
    ema_kimg: float = 20.0  # half-life of the averaged generator
    ema_rampup: float = 0.05  # half-life is at most this share of what was seen
    snapshot_kimg: float = 20.0
    tick_kimg: float = 1.0  # from one progress line to the next

    def __post_init__(self) -> None:
        positive = ("kimg", "batch", "lr", "r1_interval", "pl_interval", "snapshot_kimg", "tick_kimg", "data_count")
        for name in positive:
            if not getattr(self, name) > 0:
                raise TrainingError(f"{name} is {getattr(self, name)}", "give a number above 0")
        if not 0 <= self.style_mixing <= 1:
            raise TrainingError(f"style_mixing is {self.style_mixing}", "give a probability from 0 to 1")


# What may change when a run is continued: how long it goes on and how often it reports, nothing that it computes.
CHANGEABLE = frozenset({"kimg", "snapshot_kimg", "tick_kimg"})


def to_dict(config: TrainConfig) -> dict[str, Any]:
    """Plain data for JSON."""
    return {
        **dataclasses.asdict(config),
        "generator": dict(config.generator),
        "discriminator": dict(config.discriminator),
    }


def from_dict(data: Mapping[str, Any]) -> TrainConfig:
    """The config of plain data. Raises TrainingError for entries that are unknown."""
    unknown = set(data) - {f.name for f in dataclasses.fields(TrainConfig)}
    if unknown:
        raise TrainingError(f"unknown training setting {clipped(sorted(unknown)[0])}", "remove it or update Stylescope")
    return TrainConfig(**data)


def with_settings(config: TrainConfig, settings: list[str]) -> TrainConfig:
    """Apply `key=value` texts, as of --set. `G.key` and `D.key` reach the networks' settings. Raises TrainingError."""
    for text in settings:
        key, sign, value = text.partition("=")
        if not sign:
            raise TrainingError(f"--set {clipped(text)} has no =", "write --set key=value")
        config = _with(config, key.strip(), value.strip())
    return config


def _with(config: TrainConfig, key: str, value: str) -> TrainConfig:
    network, _, name = key.partition(".")
    if name and network in ("G", "D"):
        which = "generator" if network == "G" else "discriminator"
        settings: dict[str, Any] = {which: {**getattr(config, which), name: _parsed(value)}}
        return dataclasses.replace(config, **settings)
    kinds = {f.name: type(getattr(config, f.name)) for f in dataclasses.fields(config)}
    if kinds.get(key) not in (int, float, str):
        raise TrainingError(f"there is no setting {clipped(key)}", f"known are {', '.join(sorted(kinds))}")
    try:
        return dataclasses.replace(config, **{key: kinds[key](value)})
    except ValueError:
        raise TrainingError(f"setting {key} is {clipped(value)}", f"give a {kinds[key].__name__}") from None


def _parsed(value: str) -> Any:
    if value in ("true", "false", "none"):
        return {"true": True, "false": False, "none": None}[value]
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if math.isfinite(number) and number == int(number) else number


def changed(old: TrainConfig, new: TrainConfig) -> list[str]:
    """Names of settings that differ and may not, for continuing a run."""
    before, after = to_dict(old), to_dict(new)
    return sorted(k for k in after if k not in CHANGEABLE and before.get(k) != after[k])
