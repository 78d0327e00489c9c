"""The whole state of a run in one safetensors file: no pickle, so that a snapshot from anywhere is safe to open.

State files are written atomically and carry a checksum; a run goes on from the newest that is whole.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from engine.errors import TrainingError
from engine.files.atomic import write_bytes
from train.networks import Networks

KEPT = 2  # state files; the models beside them are all kept


def state_path(run: Path, seen: int) -> Path:
    return run / f"state-{seen // 1000:06d}.safetensors"


def save(run: Path, n: Networks, counters: dict[str, int]) -> Path:
    """Write the state; older ones than the last `KEPT` go only when the new one is safe on disk."""
    tensors = {name: t.detach().cpu().contiguous() for name, t in _tensors(n).items()}
    if not all(bool(torch.isfinite(t).all()) for t in tensors.values()):
        raise TrainingError("the weights are no longer finite, no snapshot was written", "lower lr or raise r1_gamma")
    payload = save_tensors(tensors, metadata={"counters": json.dumps(counters)})
    path = state_path(run, counters["seen"])
    write_bytes(path, payload + hashlib.sha256(payload).digest())
    for old in sorted(run.glob("state-*.safetensors"))[:-KEPT]:
        old.unlink()
    return path


def load_newest(run: Path, n: Networks) -> dict[str, int] | None:
    """Restore the newest whole state and return its counters; None where there is none. Raises TrainingError."""
    found = sorted(run.glob("state-*.safetensors"), reverse=True)
    for path in found:
        payload, digest = _split(path.read_bytes())
        if hashlib.sha256(payload).digest() == digest:
            return _restore(payload, n)
        print(f"skipping {path.name}: it is damaged", flush=True)
    if found:
        raise TrainingError("every state file of the run is damaged", "start anew in another folder")
    return None


def _split(data: bytes) -> tuple[bytes, bytes]:
    return data[:-32], data[-32:]


def _restore(payload: bytes, n: Networks) -> dict[str, int]:
    tensors = load_tensors(payload)
    header = json.loads(payload[8 : 8 + int.from_bytes(payload[:8], "little")])
    for optimiser, network in ((n.opt_G, n.G), (n.opt_D, n.D)):
        _prepare(optimiser, network)
    with torch.no_grad():
        for name, target in _tensors(n).items():
            target.copy_(tensors[name])
    counters: dict[str, int] = json.loads(header["__metadata__"]["counters"])
    return counters


def _tensors(n: Networks) -> dict[str, Tensor]:
    """Every tensor of the state, by name; the values are the live tensors.

    Adam's mean of gradients is not among them: with beta1 = 0 it is overwritten by each step.
    """
    tensors = n.extra_state()
    for name, network in (("G", n.G), ("D", n.D), ("G_ema", n.G_ema)):
        tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    for name, optimiser, network in (("opt_G", n.opt_G, n.G), ("opt_D", n.opt_D, n.D)):
        for key, parameter in network.named_parameters():
            state: dict[str, Any] = optimiser.state.get(parameter, {})
            tensors |= {f"{name}.{key}.{slot}": state[slot] for slot in ("exp_avg_sq", "step") if slot in state}
    return tensors


def _prepare(optimiser: torch.optim.Adam, network: torch.nn.Module) -> None:
    """Give Adam the state tensors that it would make at its first step."""
    for parameter in network.parameters():
        optimiser.state[parameter] = {
            "step": torch.zeros([]),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }
