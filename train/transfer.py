"""Starting from the weights of another model (transfer learning; ADA paper, section 4.3)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine import library
from engine.errors import TrainingError, clipped
from engine.files import opening
from engine.files.atomic import write_bytes
from train import checkpoint, folder
from train.config import TrainConfig
from train.late_noise import keep_quiet
from train.networks import Networks
from train.parts import keep_parts
from train.samples import fake_grid, write_png


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """What became of the tensors of one network, by name."""

    copied: tuple[str, ...]
    grown: tuple[str, ...]  # of a new highest block: set so that it changes nothing yet
    other_shape: tuple[str, ...]  # the network's own have another one: kept as they were
    missing: tuple[str, ...]  # the source has none of this name: kept as they were
    unused: tuple[str, ...]  # the network has none of this name


@torch.no_grad()
def copy_matching(tensors: Mapping[str, Tensor], network: nn.Module) -> Transferred:
    """Copy the tensors whose name and shape the network has; the others of the network keep their values.

    A network of twice the resolution begins as the smaller one where its family knows how (`grown_from`).
    """
    own = network.state_dict()
    known: Any = network  # what a family offers beside nn.Module
    grown: dict[str, Tensor] = known.grown_from(tensors) if hasattr(known, "grown_from") else {}
    for name, tensor in grown.items():
        own[name].copy_(tensor)
    common = sorted(tensors.keys() & own.keys())
    copied = [name for name in common if tensors[name].shape == own[name].shape]
    for name in copied:
        own[name].copy_(tensors[name])
    return Transferred(
        copied=tuple(copied),
        grown=tuple(sorted(grown)),
        other_shape=tuple(name for name in common if name not in set(copied)),
        missing=tuple(sorted(own.keys() - tensors.keys() - grown.keys())),
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


Report = Mapping[str, Transferred]


def begin_with(config: TrainConfig, n: Networks) -> Report:
    """Give fresh networks the weights of config.transfer; what became of them.

    Raises TrainingError, ModelFileError, ModelNotFoundError.
    """
    family, source = weights_of(config.transfer)
    if family != config.family:
        what = f"{clipped(config.transfer)} is a {family} model, the preset trains {config.family}"
        raise TrainingError(what, "transfer from a model of the same family")
    report = transfer(source, n)
    for network in (n.G, n.G_ema):
        keep_parts(network, config.w_parts, seen=0)
        keep_quiet(network, config.noise_kimg, seen=0)
    weights = {name for name, p in n.G.named_parameters() if p.dim() > 1}  # biases fit many networks
    if not weights & {name for found in report.values() for name in found.copied}:
        remedy = "take a preset with the widths of that model, see --set G.channel_base"
        raise TrainingError(f"no tensor of {clipped(config.transfer)} fits the networks", remedy)
    return report


def write_report(
    report: Report, config: TrainConfig, n: Networks, run: Path, labels: NDArray[np.float32] | None = None
) -> None:
    """transfer.json, and what the networks show before the first step (samples/start.png). labels: of the grid."""
    write_bytes(run / "transfer.json", json.dumps({k: asdict(v) for k, v in report.items()}, indent=1).encode())
    write_png(run / "samples" / "start.png", fake_grid(n.G_ema, config.seed, labels=labels))


def weights_of(name: str) -> tuple[str, dict[str, dict[str, Tensor]]]:
    """(family, tensors by name by network) of a model file, a bundled model, or a run's folder, which has D too."""
    path = Path(os.path.expanduser(name))
    if path.is_dir() and (path / "config.json").exists():
        weights = checkpoint.newest_weights(path)
        if weights is not None:
            return folder.stored_config(path).family, weights
    file = library.find(name)
    model = opening.read(file)
    info = model.info
    networks = dict(model.networks)
    if "G" in info.networks and "G" not in networks:
        networks |= opening.read(file, "G").networks
    if "D" in info.networks:
        networks["D"] = opening.read_discriminator(file).tensors
    return info.family, {k: {name: torch.from_numpy(a) for name, a in v.items()} for k, v in networks.items()}


def told(name: str, report: Report) -> list[str]:
    """The report in words, a line for each network."""
    lines = []
    for network in ("G", "G_ema", "D"):
        found = report.get(network)
        if found is None:
            lines.append(f"transfer: {network} begins anew, {clipped(name, 60)} has none")
            continue
        parts = [f"{len(found.copied)} tensors from {clipped(name, 60)}"]
        for kind, names in (
            ("of a new highest block that changes nothing yet", found.grown),
            ("of another shape", found.other_shape),
            ("not there", found.missing),
            ("unused", found.unused),
        ):
            if names:
                parts.append(f"{len(names)} {kind} ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})")
        lines.append(f"transfer: {network}: {'; '.join(parts)}")
    return lines
