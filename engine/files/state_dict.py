"""Checkpoints of torch.save that hold state dictionaries, as rosinality's StyleGAN2 program writes them -> `Foreign`.

A dict with "g_ema", "g", "d" (state dictionaries), "latent_avg", the optimisers' states and the training script's
arguments, each of them where the writer had it; or one state dictionary alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from engine.errors import clipped
from engine.families.foreign import Foreign
from engine.files import extent
from engine.files.contents import Contents, Room, floats, no_model
from engine.files.numbers import Numbers
from engine.files.source import Damage
from engine.files.values import Record, kind_of

NETWORKS = {"G_ema": "g_ema", "G": "g", "D": "d"}


def contents(value: object, size: int) -> Contents:
    """The networks of the value of a file of `size` bytes. Raises Damage where it is none of this kind."""
    if type(value) is not dict or not value:
        raise no_model(value)
    extent.check(value, "it")
    found = {ours: value[theirs] for ours, theirs in NETWORKS.items() if theirs in value}
    if not found and all(type(key) is str and isinstance(item, Numbers) for key, item in value.items()):
        found = {"G": value}
    if not found:
        raise no_model(value)
    return Contents(
        writer="a PyTorch checkpoint",
        networks={name: partial(network, name, state, value, size) for name, state in found.items()},
    )


def network(name: str, state: object, checkpoint: Mapping[Any, Any], size: int) -> Foreign:
    """One network of a checkpoint. Raises Damage."""
    if type(state) is not dict or not all(type(key) is str for key in state):
        raise Damage(f"{NETWORKS[name]} is {kind_of(state)}, not the state dictionary of a model")
    tensors: dict[str, object] = dict(state)
    if name != "D" and "latent_avg" in checkpoint:
        tensors["latent_avg"] = checkpoint["latent_avg"]
    return Foreign(
        dialect="rosinality",
        kind="Discriminator" if name == "D" else "Generator",
        settings=_settings(checkpoint.get("args")),
        arrays=floats(tensors.items(), Room.of_file(size)),
    )


def _settings(arguments: object) -> dict[str, Any]:
    """The training script's arguments that are plain; {} where they are not in the file."""
    state = arguments.state if isinstance(arguments, Record) and arguments.kind == "argparse.Namespace" else None
    plain: dict[str, Any] = {}
    for name, value in (state or {}).items():
        if isinstance(name, str) and isinstance(value, (bool, int, float, str, type(None))):
            try:
                plain[clipped(name)] = extent.plain(value, name)
            except Damage:
                continue  # a learning rate that is not finite decides nothing here
    return plain
