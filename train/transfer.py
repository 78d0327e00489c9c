"""Starting from the weights of another model (transfer learning; ADA paper, section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.networks import Networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """What became of the tensors of one network, by name."""

    copied: tuple[str, ...]
    other_shape: tuple[str, ...]  # the network's own have another one: kept as they were
    missing: tuple[str, ...]  # the source has none of this name: kept as they were
    unused: tuple[str, ...]  # the network has none of this name


@torch.no_grad()
def copy_matching(tensors: Mapping[str, Tensor], network: nn.Module) -> Transferred:
    """Copy the tensors whose name and shape the network has; the others of the network keep their values."""
    own = network.state_dict()
    common = sorted(tensors.keys() & own.keys())
    copied = [name for name in common if tensors[name].shape == own[name].shape]
    for name in copied:
        own[name].copy_(tensors[name])
    return Transferred(
        copied=tuple(copied),
        other_shape=tuple(name for name in common if name not in set(copied)),
        missing=tuple(sorted(own.keys() - tensors.keys())),
        unused=tuple(sorted(tensors.keys() - own.keys())),
    )


def transfer(source: Mapping[str, Mapping[str, Tensor]], n: Networks) -> dict[str, Transferred]:
    """Copy what fits of a model into fresh networks, before the first step; what became of it, by network.

    source: tensors by name, by network "G", "G_ema" and "D", any of them absent. A file often holds the averaged
    generator alone: then G starts from it, and the other way round. A source without D leaves D fresh.
    """
    generators = {"G": source.get("G") or source.get("G_ema"), "G_ema": source.get("G_ema") or source.get("G")}
    found = {**generators, "D": source.get("D")}
    return {name: copy_matching(tensors, getattr(n, name)) for name, tensors in found.items() if tensors}
