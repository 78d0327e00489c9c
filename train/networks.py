"""What is trained: both networks, the averaged generator, their optimisers, and what the regularisers remember."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from train.augment.adaptive import AdaptiveP
from train.config import TrainConfig
from train.late_noise import keep_quiet
from train.parts import keep_parts


@dataclass
class Networks:
    """What is trained, and what is kept of it. G and G_ema offer map, broadcast, synthesize, steps and w_avg."""

    G: Any
    D: nn.Module
    G_ema: Any
    opt_G: torch.optim.Adam
    opt_D: torch.optim.Adam
    pl_mean: Tensor  # [], running mean of path lengths
    ada: AdaptiveP | None = None  # strength of augmentation; None: D sees pictures as they are

    def extra_state(self) -> dict[str, Tensor]:
        """What a snapshot must hold beside weights and optimisers; the live tensors."""
        ada = self.ada.tensors() if self.ada is not None else {}
        return {"pl_mean": self.pl_mean, **{f"ada.{name}": tensor for name, tensor in ada.items()}}


def build(config: TrainConfig, device: torch.device) -> Networks:
    """Fresh networks and optimisers; their initial weights are a function of the seed."""
    from engine.families import family

    torch.manual_seed(config.seed)
    G = family(config.family).build_generator(config.generator).to(device)
    D = family(config.family).build_discriminator(config.trained_discriminator).to(device)
    keep_parts(G, config.w_parts, seen=0)
    keep_quiet(G, config.noise_kimg, seen=0)
    G_ema = copy.deepcopy(G).eval().requires_grad_(False)
    if config.precision != "float32":
        lowered: Any = G  # what a family offers beside nn.Module
        lowered.set_precision(torch.bfloat16)
    return Networks(
        G,
        D,
        G_ema,
        adam(G, config, config.pl_interval if config.pl_weight else 1),
        adam(D, config, config.r1_interval if _penalised(config) else 1),
        torch.zeros([], device=device),
        _adaptive(config, device),
    )


def _penalised(config: TrainConfig) -> bool:
    """Whether D is regularised, lazily, at any time of the run."""
    return bool(config.r1_gamma or config.r2_gamma or any(gamma for _, gamma in config.r1_gamma_from))


def adam(network: nn.Module, config: TrainConfig, interval: int) -> torch.optim.Adam:
    """Adam, corrected for lazy regularisation: c = k / (k + 1), lr * c, beta ** c (StyleGAN2 paper, appendix B).

    interval: steps k from one regularisation to the next; 1: none is lazy.
    """
    c = interval / (interval + 1) if interval > 1 else 1.0
    made = torch.optim.Adam(network.parameters(), lr=config.lr * c, betas=(0.0, config.beta2**c), eps=1e-8, fused=True)
    made.param_groups[0]["correction"] = c  # see train.schedule.set_rate
    for parameter in network.parameters():  # the state that it would make at its first step: snapshots may come before
        if parameter.requires_grad:
            made.state[parameter] = {
                "step": torch.zeros([], device=parameter.device),
                "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
                "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
            }
    return made


def _adaptive(config: TrainConfig, device: torch.device) -> AdaptiveP | None:
    if config.augment == "none":
        return None
    return AdaptiveP(
        p=config.augment_p,
        target=config.augment_target,
        interval=config.augment_interval if config.augment == "ada" else 0,
        kimg=config.augment_kimg,
        device=device,
    )
