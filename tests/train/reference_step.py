"""Networks, draws and reports of the reference files, for the phases of a training step."""

import copy
import dataclasses
from collections import defaultdict

import numpy as np
import torch

from train.division import Division
from train.draws import Draws
from train.networks import Networks, adam
from train.presets import preset
from train.step import Step

LOSSES = 1e-4  # limits of the reference, relative to the largest
GRADIENTS = 1e-4  # of norms; sums and probe products have slack for what cancels in them


class Recorder:
    """A meter that keeps every value."""

    def __init__(self):
        self.values = defaultdict(list)

    def add(self, name, value):
        self.values[name].append(value.detach() if isinstance(value, torch.Tensor) else value)


class StoredDraws(Draws):
    """Latents by phase and other draws of a file; the noise maps that the networks carry."""

    def __init__(self, latents, labels=None, path_noise=None, mixture=None, dtype=torch.float32):
        self.dtype = dtype
        self.stored, self.given, self.y, self.mixture = latents, labels, path_noise, mixture
        self.style_mixing, self.device = 0, None

    def latents(self, phase, count, width):
        stored = self.stored[phase] if isinstance(self.stored, dict) else self.stored
        return torch.from_numpy(stored[:count]).to(self.dtype)

    def noise(self, G, count):
        return "const"

    def labels(self, count):
        return None if self.given is None else self.given[:count]

    def path_noise(self, *shape):
        return torch.from_numpy(self.y).to(self.dtype)

    def uniform(self, name, *shape):
        return torch.from_numpy(self.mixture).flatten().to(self.dtype)


def reference_config(**changes):
    """The published step, with all of its regularisers off."""
    base = dataclasses.replace(preset("stylegan2-e", 32), r1_gamma=0.0, r1_interval=2, pl_weight=0.0)
    return dataclasses.replace(base, **changes)


def in_double(G, D):
    """Both networks in float64, so that rounding turns no activation's sign, which would move whole gradients."""
    if hasattr(G, "set_precision"):
        G.set_precision(torch.float64, 20)
    synthesize = G.synthesize
    G.synthesize = lambda ws, noise: synthesize(ws, noise).double()
    return G.double(), D.double()


def networks(G, D, config):
    G, D = G.requires_grad_(), D.requires_grad_()
    G_ema = copy.deepcopy(G).requires_grad_(False)
    opt_G = adam(G, config, config.pl_interval if config.pl_weight else 1)
    opt_D = adam(D, config, config.r1_interval if config.r1_gamma else 1)
    return Networks(G, D, G_ema, opt_G, opt_D, torch.zeros([], dtype=next(G.parameters()).dtype))


def step_of(n, config, draws, reals, labels=None, number=0):
    reals = torch.from_numpy(reals).to(draws.dtype)
    return Step(
        n=n, config=config, draws=draws, meter=Recorder(), reals=reals, labels=labels, number=number, seen=10**6,
        division=Division(batch=len(reals)),
    )  # fmt: skip


def close(ours, stored, tolerance=LOSSES, name=""):
    ours, stored = np.asarray(ours, dtype=np.float64), np.asarray(stored, dtype=np.float64)
    assert ours.shape == stored.shape, name
    assert np.abs(ours - stored).max() <= tolerance * max(np.abs(stored).max(), 1e-30), name
