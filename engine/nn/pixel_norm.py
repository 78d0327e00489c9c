"""Pixelwise feature normalisation (ProGAN paper, section 4.2): no layer can make the signal grow without bound."""

from __future__ import annotations

from torch import Tensor


def pixel_norm(x: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x of any shape, scaled so that the mean square along `dim` is 1: b = a / sqrt(mean(a^2) + eps)."""
    return x * (x.square().mean(dim=dim, keepdim=True) + eps).rsqrt()
