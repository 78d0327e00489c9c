"""Each group of layers reads its own part of w, as BigGAN's hierarchical latents (arXiv 1809.11096, section 3.1) and
unlike StyleGAN, whose layers all read all of w. A part may open later than others.

A small network decides nearly everything, colours too, in its coarse layers, which leaves the others nothing to do, and
it never gives back what they once decide. So the fine layers come first: while the coarse ones read nothing, colours
can only be learned there. The network and its files are StyleGAN2's own: the other affine weights are zero and stay it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.errors import TrainingError
from train.w_parts import Parts, check_width


class StyledNetwork(Protocol):
    """A generator that tells which weights read w."""

    def style_weights(self) -> Iterator[tuple[int, Tensor]]:
        """(slot, weight [*, W]) of each affine transformation."""
        ...


@torch.no_grad()
def keep_parts(G: Any, parts: Parts, seen: int, before: int = -1, seed: int = 0) -> None:
    """Zero what layers would read of the parts of others, or of a part that is closed; values of w that are in no part
    are read by nobody. A part that opens gets fresh weights, a function of the seed.

    seen, before: pictures shown by now, and at the step before (-1: this is the beginning, all weights are fresh).
    Raises TrainingError where the network has no such weights or w is too narrow.
    """
    if not parts:
        return
    if not hasattr(G, "style_weights"):
        raise TrainingError("w_parts is not known to this family", "train a StyleGAN2 preset, or leave it out")
    network: StyledNetwork = G
    ends = [sum(n for _, n, _ in parts[: i + 1]) for i in range(len(parts))]
    for number, (slot, weight) in enumerate(network.style_weights()):
        check_width(parts, weight.shape[1])
        mine = max(i for i, (first, _, _) in enumerate(parts) if first <= slot)
        _, values, kimg = parts[mine]
        if seen < kimg * 1000:
            weight.zero_()
        elif 0 <= before < kimg * 1000:
            draw = torch.Generator().manual_seed(seed * 1_000_003 + number)
            weight.copy_(torch.randn(weight.shape, generator=draw))
        weight[:, : ends[mine] - values] = 0
        weight[:, ends[mine] :] = 0
