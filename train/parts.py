"""Each group of layers reads its own part of w, as BigGAN's hierarchical latents (arXiv 1809.11096, section 3.1) and
unlike StyleGAN, whose layers all read all of w.

A small network decides nearly everything, colours too, in its coarse layers, which leaves the others nothing to do. A
narrow part for the coarse layers leaves the rest of what varies to those that follow. The network and its files are
StyleGAN2's own: affine weights for the other parts are zero and stay it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.errors import TrainingError


class StyledNetwork(Protocol):
    """A generator that tells which weights read w."""

    num_ws: int

    def style_weights(self) -> Iterator[tuple[int, Tensor]]:
        """(slot, weight [*, W]) of each affine transformation."""
        ...


def check_parts(parts: tuple[tuple[float, float], ...]) -> None:
    """Raises TrainingError unless `parts` are (slot, values): slots growing from 0 on, each with one value or more."""
    slots = [slot for slot, _ in parts]
    whole = all(number == int(number) for part in parts for number in part)
    if parts and (slots[0] != 0 or sorted(set(slots)) != slots or not whole or min(n for _, n in parts) < 1):
        remedy = "give growing slots from 0 on, each with how many values it reads, such as 0:12,4:20"
        raise TrainingError("w_parts is no division of w", remedy)


@torch.no_grad()
def keep_parts(G: Any, parts: tuple[tuple[float, float], ...]) -> None:
    """Zero what layers would read of the parts of others. Values of w that are in no part are read by nobody.

    parts: (first slot, number of values), ...; a part is that of all slots up to the next one's first.
    Raises TrainingError where the network has no such weights or w is too narrow.
    """
    if not parts:
        return
    if not hasattr(G, "style_weights"):
        raise TrainingError("w_parts is not known to this family", "train a StyleGAN2 preset, or leave it out")
    network: StyledNetwork = G
    ends = [sum(int(n) for _, n in parts[: i + 1]) for i in range(len(parts))]
    for slot, weight in network.style_weights():
        if ends[-1] > weight.shape[1]:
            raise TrainingError(f"w_parts are {ends[-1]} values and w has {weight.shape[1]}", "give fewer")
        mine = max(i for i, (first, _) in enumerate(parts) if first <= slot)
        weight[:, : ends[mine] - int(parts[mine][1])] = 0
        weight[:, ends[mine] :] = 0
