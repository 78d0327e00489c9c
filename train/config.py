"""All that decides a training run, as one frozen value: printed at the start and saved beside the run."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import TrainingError, clipped
from train.augment.settings import pipe_settings

Steps = tuple[tuple[float, float], ...]

CHOICES = {
    "phases": ("shared", "published"),
    "loss": ("logistic", "logistic-saturating", "hinge", "wgan"),
    "augment": ("none", "ada", "fixed"),
    "precision": ("float32", "bfloat16"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Names and units follow the papers; kimg is a thousand pictures shown to the discriminator.

    A field that an older config.json lacks takes its default, so a default never changes.
    """

    preset: str
    family: str
    generator: Mapping[str, Any] = field(hash=False)  # the family's own settings
    discriminator: Mapping[str, Any] = field(hash=False)
    resolution: int
    data: str = "portraits"
    data_count: int = 50_000  # pictures drawn, for procedural data
    data_seed: int = 0
    mirror: bool = False  # half of the reals are shown flipped left to right
    seed: int = 0  # of initial weights, latents, noise and order of the data
    kimg: float = 500.0  # when the run is over
    batch: int = 16
    phases: str = "shared"  # one forward pass of the fakes for both networks, or "published": fresh ones in each phase
    lr: float = 0.002  # Adam's, of both networks
    beta2: float = 0.99  # beta1 is 0 throughout (ProGAN paper, appendix A)
    loss: str = "logistic"  # non-saturating (Goodfellow 2014); see train.losses
    drift: float = 0.0  # weight of squared real scores (ProGAN paper, appendix A.1: 0.001 with WGAN-GP)
    gp_weight: float = 0.0  # lambda of WGAN-GP, 10 in its paper (Gulrajani 2017); 0: off
    gp_target: float = 1.0  # norm that its gradients are drawn to (ProGAN paper, appendix A.1)
    r1_gamma: float = 1.0  # weight of the gradient penalty (Mescheder 2018)
    r1_gamma_from: Steps = ()  # (kimg, gamma), ...: another gamma from there on
    r2_gamma: float = 0.0  # weight of the same penalty at fakes
    r1_interval: int = 16  # steps from one penalty to the next (StyleGAN2 paper, "lazy regularization"); 1: not lazy
    pl_weight: float = 0.0  # path length regularisation (StyleGAN2 paper, equation 4); 0: off
    pl_interval: int = 4
    pl_decay: float = 0.01  # share of the newest lengths in their running mean
    pl_shrink: int = 2  # path lengths are taken of this part of a batch
    blur_sigma: float = 0.0  # pixels; D sees everything blurred at first (StyleGAN3 paper, appendix F), 0: off
    blur_kimg: float = 50.0  # the blur fades to nothing over these
    augment: str = "none"  # "ada": D sees all pictures augmented, p is adapted (ADA paper); "fixed": p stays
    augment_pipe: str = "bgc"  # blitting, geometry, colour; see train.augment.settings
    augment_settings: Mapping[str, Any] = field(default_factory=dict, hash=False)  # other than the pipe's own
    augment_p: float = 0.0  # at the start, or throughout
    augment_target: float = 0.6  # of the mean sign of real scores
    augment_interval: int = 4  # steps from one change of p to the next
    augment_kimg: float = 500.0  # in which p may move by 1
    freeze_d: int = 0  # layers of D that are not trained, from the highest resolution on (Freeze-D, Mo 2020)
    style_mixing: float = 0.9  # probability (StyleGAN paper, section 3.1)
    w_avg_beta: float = 0.995  # decay of the running mean of w
    ema_kimg: float = 20.0  # half-life of the averaged generator
    ema_rampup: float = 0.05  # half-life is at most this share of what was seen; 0: no such limit
    transfer: str = ""  # the model whose weights the run began with
    precision: str = "float32"  # "bfloat16": the four highest resolutions of G and all of D compute in it
    batch_gpu: int = 0  # samples computed at a time; 0: as many as fit
    snapshot_kimg: float = 20.0
    keep_every: int = 0  # every so many snapshots, one is kept for ever beside the newest and the best
    swd_kimg: float = 0.0  # pictures / 1000 from one measure of the sliced Wasserstein distance to the next; 0: none
    swd_pictures: int = 1024  # of each kind that it compares
    tick_kimg: float = 1.0  # from one progress line to the next

    def __post_init__(self) -> None:
        for name in POSITIVE:
            if not getattr(self, name) > 0:
                raise TrainingError(f"{name} is {getattr(self, name)}", "give a number above 0")
        for name in NOT_NEGATIVE:
            if not getattr(self, name) >= 0:
                raise TrainingError(f"{name} is {getattr(self, name)}", "give 0 or more")
        if list(self.r1_gamma_from) != sorted(self.r1_gamma_from):
            raise TrainingError("r1_gamma_from goes back", "give its steps with growing kimg")
        if not 0 <= self.style_mixing <= 1:
            raise TrainingError(f"style_mixing is {self.style_mixing}", "give a probability from 0 to 1")
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise TrainingError(
                    f"there is no {name} {clipped(repr(getattr(self, name)), 60)}", f"known are {', '.join(known)}"
                )
        pipe_settings(self.augment_pipe, self.augment_settings)


POSITIVE = (
    *(
        "kimg",
        "batch",
        "lr",
        "r1_interval",
        "pl_interval",
        "pl_shrink",
        "gp_target",
        "augment_interval",
        "augment_kimg",
    ),
    *("blur_kimg", "snapshot_kimg", "tick_kimg", "data_count", "swd_pictures"),
)
NOT_NEGATIVE = (
    *("drift", "gp_weight", "r1_gamma", "r2_gamma", "pl_weight", "augment_p", "freeze_d", "ema_rampup"),
    *("batch_gpu", "keep_every", "swd_kimg"),
)

# What may change when a run is continued: how long it goes on and how often it reports, nothing that it computes.
CHANGEABLE = frozenset(
    {"kimg", "snapshot_kimg", "tick_kimg", "keep_every", "swd_kimg", "swd_pictures", "batch_gpu", "transfer"}
)

# What --set writes before a key to reach settings inside a setting.
PREFIXES = {"G": "generator", "D": "discriminator", "A": "augment_settings"}


def to_dict(config: TrainConfig) -> dict[str, Any]:
    """Plain data for JSON."""
    return {**dataclasses.asdict(config), **{name: dict(getattr(config, name)) for name in PREFIXES.values()}}


def from_dict(data: Mapping[str, Any]) -> TrainConfig:
    """The config of plain data. Raises TrainingError for entries that are unknown."""
    unknown = set(data) - {f.name for f in dataclasses.fields(TrainConfig)}
    if unknown:
        raise TrainingError(f"unknown training setting {clipped(sorted(unknown)[0])}", "remove it or update Stylescope")
    steps = tuple((float(kimg), float(value)) for kimg, value in data.get("r1_gamma_from", ()))
    return TrainConfig(**{**data, "r1_gamma_from": steps})


def with_settings(config: TrainConfig, settings: list[str]) -> TrainConfig:
    """Apply `key=value` texts, as of --set; `G.key`, `D.key` and `A.key` reach the settings of the networks and of
    augmentation. Raises TrainingError."""
    for text in settings:
        key, sign, value = text.partition("=")
        if not sign:
            raise TrainingError(f"--set {clipped(text)} has no =", "write --set key=value")
        config = _with(config, key.strip(), value.strip())
    return config


def _with(config: TrainConfig, key: str, value: str) -> TrainConfig:
    prefix, _, name = key.partition(".")
    if name and prefix in PREFIXES:
        which = PREFIXES[prefix]
        inner: dict[str, Any] = {which: {**getattr(config, which), name: _parsed(value)}}
        return dataclasses.replace(config, **inner)
    kinds = {f.name: str(f.type) for f in dataclasses.fields(config) if f.name not in PREFIXES.values()}
    if key not in kinds:
        networks = "G.KEY, D.KEY and A.KEY of the networks and the augmentation"
        raise TrainingError(f"there is no setting {clipped(key)}", f"known are {', '.join(sorted(kinds))}, {networks}")
    try:
        settings: dict[str, Any] = {key: READERS[kinds[key]](value)}
    except (ValueError, KeyError):
        raise TrainingError(f"setting {key} is {clipped(value)}", f"give a value of type {kinds[key]}") from None
    return dataclasses.replace(config, **settings)


def _steps(text: str) -> Steps:
    """ "115:0.3,282:0.1", or "none"."""
    pairs = [] if text == "none" else [part.split(":") for part in text.split(",")]
    return tuple((float(kimg), float(value)) for kimg, value in pairs)


READERS: Mapping[str, Any] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    "Steps": _steps,
}


def _parsed(value: str) -> Any:
    if value in ("true", "false", "none"):
        return {"true": True, "false": False, "none": None}[value]
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if math.isfinite(number) and number == int(number) else number


def differences(old: TrainConfig, new: TrainConfig, besides: frozenset[str] = frozenset()) -> list[str]:
    """What keeps a run from being continued, such as "lr (0.002, not 0.1)": settings that differ and may not."""
    before, after = (_flat(json.loads(json.dumps(to_dict(config)))) for config in (old, new))
    names = sorted(before.keys() | after.keys())
    return [
        f"{name} ({clipped(before.get(name), 40)}, not {clipped(after.get(name), 40)})"
        for name in names
        if name not in CHANGEABLE | besides and before.get(name) != after.get(name)
    ]


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the names that --set takes."""
    letters = {field: letter for letter, field in PREFIXES.items()}
    inner = {f"{letters[k]}.{name}": v for k, values in data.items() if k in letters for name, v in values.items()}
    return {**{k: v for k, v in data.items() if k not in letters}, **inner}
