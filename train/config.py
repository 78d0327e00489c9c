"""All that decides a training run, as one frozen value: printed at the start and saved beside the run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import TrainingError, clipped
from train.augment.settings import check_bands, pipe_settings
from train.w_parts import Parts, check_parts

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

    A field that an older config.json lacks takes its default, so a default never changes. Checks itself and raises
    TrainingError, so that no senseless run begins.
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
    lr_from: Steps = ()  # (kimg, lr), ...: another learning rate from there on
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
    w_parts: Parts = ()  # (slot, values, kimg), ...: parts of w that layers read, see train.parts; (): all read all
    noise_kimg: float = 0.0  # until then the generator has no noise, see train.late_noise
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
        for name, (least, most) in LIMITS.items():
            _check_number(name, getattr(self, name), least, most)
        for name, of in (("r1_gamma_from", "r1_gamma"), ("lr_from", "lr")):
            _check_steps(name, getattr(self, name), *LIMITS[of])
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise TrainingError(
                    f"there is no {name} {clipped(repr(getattr(self, name)), 60)}", f"known are {', '.join(known)}"
                )
        check_parts(self.w_parts)
        pipe = pipe_settings(self.augment_pipe, self.augment_settings)
        if self.augment != "none" and pipe.any_of("filter"):
            check_bands(self.resolution, self.resolution)

    @property
    def trained_discriminator(self) -> Mapping[str, Any]:
        """The discriminator's settings, with the layers that are not trained."""
        return {**self.discriminator, "freeze_layers": self.freeze_d} if self.freeze_d else self.discriminator


ABOVE_0, MOST = math.ulp(0.0), 1e9
SEED = (0, 2**32 - 1)  # what numpy takes
# The least and the most that each number may be; no infinity and no NaN is between.
LIMITS: Mapping[str, tuple[float, float]] = {
    "seed": SEED,
    "data_seed": SEED,
    "data_count": (1, MOST),
    "batch": (1, 65_536),
    "kimg": (ABOVE_0, MOST),
    "lr": (ABOVE_0, 1),
    "beta2": (0, 0.999999),
    "style_mixing": (0, 1),
    "noise_kimg": (0, MOST),
    "w_avg_beta": (0, 1),
    "drift": (0, MOST),
    "gp_weight": (0, MOST),
    "gp_target": (ABOVE_0, MOST),
    "r1_gamma": (0, MOST),
    "r2_gamma": (0, MOST),
    "r1_interval": (1, MOST),
    "pl_weight": (0, MOST),
    "pl_interval": (1, MOST),
    "pl_decay": (0, 1),
    "pl_shrink": (1, MOST),
    "blur_sigma": (0, MOST),
    "blur_kimg": (ABOVE_0, MOST),
    "freeze_d": (0, MOST),
    "augment_p": (0, 1),
    "augment_target": (-1, 1),
    "augment_interval": (1, MOST),
    "augment_kimg": (ABOVE_0, MOST),
    "ema_kimg": (0, MOST),
    "ema_rampup": (0, MOST),
    "batch_gpu": (0, MOST),
    "keep_every": (0, MOST),
    "snapshot_kimg": (ABOVE_0, MOST),
    "tick_kimg": (ABOVE_0, MOST),
    "swd_kimg": (0, MOST),
    "swd_pictures": (1, MOST),
}

# The settings inside a setting, by the letter that stands for them before a point: "G.z_dim".
PREFIXES = {"G": "generator", "D": "discriminator", "A": "augment_settings"}


def to_dict(config: TrainConfig) -> dict[str, Any]:
    """Plain data for JSON."""
    return {**dataclasses.asdict(config), **{name: dict(getattr(config, name)) for name in PREFIXES.values()}}


def from_dict(data: Mapping[str, Any]) -> TrainConfig:
    """The config of plain data. Raises TrainingError for entries that are unknown."""
    unknown = set(data) - {f.name for f in dataclasses.fields(TrainConfig)}
    if unknown:
        raise TrainingError(f"unknown training setting {clipped(sorted(unknown)[0])}", "remove it or update Stylescope")
    steps = {
        name: tuple((float(kimg), float(value)) for kimg, value in data.get(name, ()))
        for name in ("r1_gamma_from", "lr_from")
    }
    parts = tuple((int(slot), int(values), float(kimg)) for slot, values, kimg in data.get("w_parts", ()))
    return TrainConfig(**{**data, **steps, "w_parts": parts})


def _check_steps(name: str, steps: Steps, least: float, most: float) -> None:
    for kimg, value in steps:
        _check_number(name, kimg, 0, MOST)
        _check_number(name, value, least, most)
    if list(steps) != sorted(steps):
        raise TrainingError(f"{name} goes back", "give its steps with growing kimg")


def _check_number(name: str, value: float, least: float, most: float) -> None:
    if least <= value <= most:
        return
    lower = "a number above 0" if least == ABOVE_0 else f"{least:g} or more"
    wanted = lower if most == MOST else f"{lower}, up to {most:.12g}"
    raise TrainingError(f"{name} is {value:.12g}", f"give {wanted}")
