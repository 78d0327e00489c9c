"""Losses and penalties, as functions of tensors. N samples, all per batch unless a shape says otherwise."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def generator_loss(fake_scores: Tensor) -> Tensor:
    """Non-saturating logistic loss, per sample [N, 1]: -log sigmoid(D(G(z))) (Goodfellow 2014)."""
    return F.softplus(-fake_scores)


def discriminator_loss_fake(fake_scores: Tensor) -> Tensor:
    """Per sample [N, 1]: -log(1 - sigmoid(D(G(z))))."""
    return F.softplus(fake_scores)


def discriminator_loss_real(real_scores: Tensor) -> Tensor:
    """Per sample [N, 1]: -log sigmoid(D(x))."""
    return F.softplus(-real_scores)


def r1_penalty(real_scores: Tensor, reals: Tensor) -> Tensor:
    """Squared norm of D's gradient at real pictures, [N] (Mescheder 2018, equation 9, without gamma / 2)."""
    (gradient,) = torch.autograd.grad(real_scores.sum(), reals, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3))


def path_lengths(pictures: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """|J_w^T y| per sample [N] (StyleGAN2 paper, equation 4); noise [N, C, H, W] is y before its 1/sqrt(HW)."""
    y = noise / math.sqrt(pictures.shape[2] * pictures.shape[3])
    (gradient,) = torch.autograd.grad((pictures * y).sum(), ws, create_graph=True)  # [N, L, W]
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()
