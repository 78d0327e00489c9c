"""Losses and penalties, as functions of tensors: a value for each of N samples unless a comment says otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """An adversarial loss: scores [N, 1] before any sigmoid -> [N, 1]."""

    generator: Callable[[Tensor], Tensor]  # of D's scores of fakes
    fake: Callable[[Tensor], Tensor]  # the discriminator's, of fakes
    real: Callable[[Tensor], Tensor]  # the discriminator's, of reals


def _minus_log_sigmoid(scores: Tensor) -> Tensor:
    return F.softplus(-scores)


LOSSES = {
    # Goodfellow 2014, section 3: the generator maximises log D(G(z)) ...
    "logistic": Loss(generator=_minus_log_sigmoid, fake=F.softplus, real=_minus_log_sigmoid),
    # ... or minimises log(1 - D(G(z))), which saturates where D is sure
    "logistic-saturating": Loss(generator=lambda s: -F.softplus(s), fake=F.softplus, real=_minus_log_sigmoid),
    # Lim and Ye 2017
    "hinge": Loss(generator=torch.neg, fake=lambda s: F.relu(1 + s), real=lambda s: F.relu(1 - s)),
    # Arjovsky 2017; D needs a penalty: WGAN-GP
    "wgan": Loss(generator=torch.neg, fake=lambda s: s, real=torch.neg),
}


def gradient_penalty(scores: Tensor, pictures: Tensor) -> Tensor:
    """Squared norm of D's gradient at pictures, [N] (Mescheder 2018, equation 9, without gamma / 2).

    At reals it is R1, at fakes R2.
    """
    return _gradient(scores, pictures).square().sum(dim=(1, 2, 3))


def gradient_distance(scores: Tensor, mixed: Tensor, target: float = 1.0) -> Tensor:
    """((norm of D's gradient - target) / target)^2 at mixtures of reals and fakes, [N] (WGAN-GP: Gulrajani 2017,
    equation 3; ProGAN paper, appendix A.1, for the target, its gamma)."""
    norms = gradient_penalty(scores, mixed).sqrt()
    return ((norms - target) / target).square()


def path_lengths(pictures: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """|J_w^T y| per sample [N] (StyleGAN2 paper, equation 4); noise [N, C, H, W] is y before its 1/sqrt(HW)."""
    y = noise / math.sqrt(pictures.shape[2] * pictures.shape[3])
    gradient = _gradient(pictures * y, ws)  # [N, L, W]
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()


def path_penalty(lengths: Tensor, mean: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """(squared distance [N] of lengths from their running mean, the new mean []).

    The mean moves before it is compared with, and the gradient flows through what it takes from these lengths.
    """
    moved = mean.lerp(lengths.mean(), decay)
    return (lengths - moved).square(), moved.detach()


def _gradient(values: Tensor, at: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(values.sum(), at, create_graph=True)
    return gradient
