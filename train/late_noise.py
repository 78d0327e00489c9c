"""A generator that is given no noise at first, so that it has to draw what is there.

Noise is the quickest way to the power of fine detail: a thin network scatters dots along outlines with it, which the
discriminator prefers to smooth ones, and draws no sharp line from there on (docs/bundled-models.md).
"""

from __future__ import annotations

import torch

from engine.errors import TrainingError


@torch.no_grad()
def keep_quiet(G: torch.nn.Module, kimg: float, seen: int) -> None:
    """Zero the strengths of noise while fewer than `kimg` thousand pictures were shown; after that they are learned.

    Raises TrainingError where the network has no noise and `kimg` is above 0.
    """
    if not kimg:
        return
    strengths = [p for name, p in G.named_parameters() if name.endswith("noise_strength")]
    if not strengths:
        raise TrainingError("noise_kimg is set for a generator without noise", "leave it out")
    if seen < kimg * 1000:
        for strength in strengths:
            strength.zero_()
