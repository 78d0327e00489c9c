"""One training step: the numbers of the papers, each gradient once.

Discriminator and generator share one forward pass of the fakes. D's scores of them are differentiated twice: for the
generator's loss with respect to the pictures, for the discriminator's loss with respect to D's weights. (One gradient
cannot be had from the other by scaling: minibatch standard deviation couples the samples.)
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train import losses
from train.config import TrainConfig
from train.stats import Meter


@dataclass
class Networks:
    """What is trained, and what is kept of it. G and G_ema offer map, broadcast, synthesize and w_avg."""

    G: Any
    D: nn.Module
    G_ema: Any
    opt_G: torch.optim.Adam
    opt_D: torch.optim.Adam
    pl_mean: Tensor  # [], running mean of path lengths


def build(config: TrainConfig, device: torch.device) -> Networks:
    """Fresh networks and optimisers; their initial weights are a function of the seed."""
    from engine.families import family

    torch.manual_seed(config.seed)
    G = family(config.family).build_generator(config.generator).to(device)
    D = family(config.family).build_discriminator(config.discriminator).to(device)
    G_ema = copy.deepcopy(G).eval().requires_grad_(False)
    opt_G = _adam(G, config, config.pl_interval if config.pl_weight else 0)
    opt_D = _adam(D, config, config.r1_interval if config.r1_gamma else 0)
    return Networks(G, D, G_ema, opt_G, opt_D, torch.zeros([], device=device))


def _adam(network: nn.Module, config: TrainConfig, interval: int) -> torch.optim.Adam:
    """Adam, corrected for lazy regularisation: c = k / (k + 1), lr * c, beta ** c (StyleGAN2 paper, appendix B)."""
    c = interval / (interval + 1) if interval else 1.0
    return torch.optim.Adam(network.parameters(), lr=config.lr * c, betas=(0.0, config.beta2**c), eps=1e-8)


def train_step(n: Networks, reals: Tensor, config: TrainConfig, step: int, seen: int, meter: Meter) -> None:
    """One batch for both networks. reals [N, C, H, W] in -1..1; `seen` pictures were shown before."""
    # All draws of a step come from a state that is a function of (seed, step): a resumed run draws the same.
    torch.manual_seed((config.seed * 1_000_003 + step + 1) % 2**63)
    ws = mixed_ws(n.G, reals.shape[0], config, reals.device)
    fakes = n.G.synthesize(ws, "random")
    gamma = gamma_at(config, seen) if step % config.r1_interval == 0 else 0.0
    gradient = _discriminator_backward(n, fakes, reals, config, gamma, meter, blur_at(config, seen))
    fakes.backward(gradient)
    if config.pl_weight > 0 and step % config.pl_interval == 0:
        _path_length_backward(n, reals.shape[0], config, meter, reals.device)
    for optimiser in (n.opt_G, n.opt_D):
        optimiser.step()
        optimiser.zero_grad()
    update_ema(n, config, seen)


def mixed_ws(G: Any, count: int, config: TrainConfig, device: torch.device) -> Tensor:
    """ws [N, L, W] of fresh latents, with style mixing; moves w_avg on the way."""
    w = G.map(torch.randn(count, _z_dim(G), device=device))
    with torch.no_grad():
        G.w_avg.copy_(w.mean(dim=0).lerp(G.w_avg, config.w_avg_beta))
    ws: Tensor = G.broadcast(w)
    if config.style_mixing > 0:
        cutoff = int(torch.randint(1, ws.shape[1], ()))
        cutoff = cutoff if float(torch.rand(())) < config.style_mixing else ws.shape[1]
        second = G.broadcast(G.map(torch.randn(count, _z_dim(G), device=device)))
        ws = torch.cat([ws[:, :cutoff], second[:, cutoff:]], dim=1)
    return ws


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of [N, C, H, W] by `sigma` pixels, borders repeated; below 0.1 pixels nothing happens."""
    if sigma < 0.1:
        return pictures
    radius = min(math.ceil(3 * sigma), pictures.shape[2] - 1)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, device=pictures.device) / sigma).square())
    kernel = (taps / taps.sum()).expand(pictures.shape[1], 1, 1, -1)
    pictures = F.pad(pictures, (radius, radius, radius, radius), mode="replicate")
    pictures = F.conv2d(pictures, kernel, groups=pictures.shape[1])
    return F.conv2d(pictures, kernel.transpose(2, 3), groups=pictures.shape[1])


def gamma_at(config: TrainConfig, seen: int) -> float:
    """Weight of R1: a second, usually lower one may follow when the composition stands and detail is learned."""
    late = config.r1_gamma_late
    return config.r1_gamma if late is None or seen < config.r1_late_kimg * 1000 else late


def blur_at(config: TrainConfig, seen: int) -> float:
    """Sigma in pixels of the blur that fades out in the beginning of a run."""
    return config.blur_sigma * max(1 - seen / (config.blur_kimg * 1000), 0.0)


def _z_dim(G: Any) -> int:
    return int(G.settings.z_dim)


def _discriminator_backward(
    n: Networks,
    fakes: Tensor,
    reals: Tensor,
    config: TrainConfig,
    gamma: float,  # weight of R1 in this step, 0: none
    meter: Meter,
    sigma: float = 0.0,  # pixels, of the blur that D sees everything through
) -> Tensor:
    """Accumulate D's gradients; return that of the generator's loss with respect to the fakes."""
    weights = list(n.D.parameters())
    shown = fakes.detach().requires_grad_()
    fake_scores = n.D(blurred(shown, sigma))
    loss_G = losses.generator_loss(fake_scores)
    (gradient,) = torch.autograd.grad(loss_G.mean(), shown, retain_graph=True)
    loss_fake = losses.discriminator_loss_fake(fake_scores)
    loss_fake.mean().backward(inputs=weights)
    reals = reals.detach().requires_grad_(gamma > 0)
    real_scores = n.D(blurred(reals, sigma))
    loss_real = losses.discriminator_loss_real(real_scores)
    total = loss_real.mean()
    if gamma > 0:
        penalty = losses.r1_penalty(real_scores, reals)
        total = total + penalty.mean() * (gamma / 2 * config.r1_interval)
        meter.add("r1", penalty)
    total.backward(inputs=weights)
    meter.add("loss_G", loss_G)
    meter.add("loss_D", loss_fake.mean() + loss_real.mean())
    meter.add("score_fake", fake_scores)
    meter.add("score_real", real_scores)
    return gradient


def _path_length_backward(n: Networks, count: int, config: TrainConfig, meter: Meter, device: torch.device) -> None:
    """Path length regularisation on half a batch (StyleGAN2 paper, equation 4, appendix B)."""
    ws = mixed_ws(n.G, max(count // 2, 1), config, device)
    pictures = n.G.synthesize(ws, "random")
    lengths = losses.path_lengths(pictures, ws, torch.randn_like(pictures))
    with torch.no_grad():
        n.pl_mean.lerp_(lengths.mean(), 0.01)
    penalty = (lengths - n.pl_mean).square()
    (penalty.mean() * (config.pl_weight * config.pl_interval)).backward()
    meter.add("pl_penalty", penalty)


@torch.no_grad()
def update_ema(n: Networks, config: TrainConfig, seen: int) -> None:
    """G_ema moves towards G with a half-life in kimg, shorter while little was seen."""
    half_life = min(config.ema_kimg * 1000, seen * config.ema_rampup)
    beta = 0.5 ** (config.batch / max(half_life, 1e-8))
    for averaged, current in zip(n.G_ema.parameters(), n.G.parameters(), strict=True):
        averaged.lerp_(current, 1 - beta)
    for kept, new in zip(n.G_ema.buffers(), n.G.buffers(), strict=True):
        kept.copy_(new)
