"""The whole state of a run in one safetensors file: no pickle, so that a snapshot from anywhere is safe to open.

Beside the tensors the header holds a JSON text with the counters and a SHA-256 over all other bytes. A file is written
atomically, read back and compared; a run goes on from the newest that is whole. (Files of the first version are not
sealed in the header; the SHA-256 is behind their end.)
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from engine.errors import TrainingError, clipped
from engine.files.atomic import write_atomically
from train.networks import Networks

KEPT = 3  # newest state files; the models beside them are all kept
NAME = re.compile(r"state-(\d+(?:\.\d{3})?)\.safetensors")
SEAL = b'"sha256":"'
NO_SEAL = b"0" * 64
PIECE = 1 << 24  # bytes written at a time
GONE_WRONG = "start another run with a lower lr or a higher r1_gamma; --transfer takes over what this one learned"


@dataclass
class Counters:
    """How far a run is."""

    seen: int = 0  # pictures shown
    step: int = 0
    seconds: int = 0  # of training, all sessions together
    skipped: int = 0  # steps whose gradients were no finite numbers
    in_a_row: int = 0  # of them, the last ones
    detours: int = 0  # how often the run went back to a snapshot
    snapshots: int = 0
    measured: int = 0  # pictures shown when the distance was measured last

    @property
    def kimg(self) -> float:
        return self.seen / 1000


def state_path(run: Path, seen: int) -> Path:
    return run / f"state-{stamp(seen)}.safetensors"


def stamp(seen: int) -> str:
    """The kimg in the names of a moment's files: "000012", or "000012.304" where they are no whole number."""
    return f"{seen // 1000:06d}" + (f".{seen % 1000:03d}" if seen % 1000 else "")


def states(run: Path) -> list[Path]:
    """The state files of a run, the newest first."""
    numbered = [(float(match[1]), path) for path in run.iterdir() if (match := NAME.fullmatch(path.name))]
    return [path for _, path in sorted(numbered, reverse=True)]


def save(
    run: Path, n: Networks, counters: Counters, keep_every: int = 0, distances: Mapping[int, float] | None = None
) -> Path:
    """Write the state; older ones go only when the new one is safe on disk.

    distances: measured until now, by pictures shown; the state of the smallest is kept. Raises TrainingError,
    StylescopeError; what was there before is as it was.
    """
    found = {name: t.detach().cpu().contiguous() for name, t in tensors(n).items()}
    if not all(bool(torch.isfinite(t).all()) for t in found.values()):
        raise TrainingError("the weights are no longer finite, no snapshot was written", GONE_WRONG)
    told = {"counters": json.dumps(dataclasses.asdict(counters)), "sha256": NO_SEAL.decode()}
    data = _sealed(save_tensors(found, metadata=told))
    path = state_path(run, counters.seen)
    _check_space(run, len(data))
    with write_atomically(path) as file:
        for at in range(0, len(data), PIECE):
            file.write(data[at : at + PIECE])
    if not _is_whole(path.read_bytes()):
        raise TrainingError(f"{path.name} reads back otherwise than it was written", "check the disk")
    for old in _superfluous(states(run), keep_every, distances or {}):
        old.unlink()
    return path


def load_newest(run: Path, n: Networks) -> Counters | None:
    """Restore the newest whole state and return its counters; None where there is none. Raises TrainingError."""
    found = states(run)
    for path in found:
        data = _read(path)
        if data is not None:
            return _restore(path, data, n)
        print(f"skipping {path.name}: it is damaged", flush=True)
    if found:
        raise TrainingError("every state file of the run is damaged", "start anew in another folder")
    return None


def newest_weights(run: Path) -> dict[str, dict[str, Tensor]] | None:
    """The weights in the newest whole state, by name by network G, G_ema and D; None where there is none."""
    for path in states(run):
        data = _read(path)
        if data is not None:
            found = load_tensors(data)
            return {
                network: {k[len(network) + 1 :]: t for k, t in found.items() if k.startswith(f"{network}.")}
                for network in ("G", "G_ema", "D")
            }
    return None


def metadata(path: Path) -> dict[str, Any]:
    """What the header of a state file tells, unchecked; empty where it tells nothing."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            top = json.loads(file.read(min(length, 1 << 26)))
        return {key: json.loads(text) for key, text in top["__metadata__"].items() if key != "sha256"}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def tensors(n: Networks) -> dict[str, Tensor]:
    """Every tensor of the state, by name; the values are the live tensors.

    Adam's mean of gradients is not among them: with beta1 = 0 it is overwritten by each step.
    """
    found = n.extra_state()
    for name, network in (("G", n.G), ("D", n.D), ("G_ema", n.G_ema)):
        found |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    for name, optimiser, network in (("opt_G", n.opt_G, n.G), ("opt_D", n.opt_D, n.D)):
        for key, parameter in network.named_parameters():
            state: dict[str, Any] = optimiser.state.get(parameter, {})
            found |= {f"{name}.{key}.{slot}": state[slot] for slot in ("exp_avg_sq", "step") if slot in state}
    return found


# --- the file


def _sealed(data: bytes) -> bytearray:
    """The file with the SHA-256 of itself, whose digits count as zeros, in its header."""
    sealed = bytearray(data)
    place = sealed.index(SEAL + NO_SEAL) + len(SEAL)
    sealed[place : place + 64] = hashlib.sha256(data).hexdigest().encode()
    return sealed


def _read(path: Path) -> bytes | None:
    """The safetensors file that a state file is, or holds; None if it is damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if _is_whole(data):
        return data
    behind = memoryview(data)[:-32]  # of the first version
    return bytes(behind) if hashlib.sha256(behind).digest() == data[-32:] else None


def _is_whole(data: bytes) -> bool:
    place = data.find(SEAL, 0, 8 + int.from_bytes(data[:8], "little")) + len(SEAL)
    if place < len(SEAL):
        return False
    digest = hashlib.sha256(data[:place] + NO_SEAL)
    digest.update(memoryview(data)[place + 64 :])
    return digest.hexdigest().encode() == data[place : place + 64]


def _restore(path: Path, data: bytes, n: Networks) -> Counters:
    own = tensors(n)
    try:
        stored = load_tensors(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        told = json.loads(header["__metadata__"]["counters"])
        with torch.no_grad():
            for name, target in own.items():
                if stored[name].shape != target.shape:
                    raise KeyError(name)
                target.copy_(stored[name])
    except (LookupError, SafetensorError) as error:
        what = f"{path.name} does not fit the networks of this run ({clipped(error, 60)})"
        raise TrainingError(what, "continue it with the version that wrote it") from None
    return Counters(**{f.name: told[f.name] for f in dataclasses.fields(Counters) if f.name in told})


def _superfluous(found: list[Path], keep_every: int, distances: Mapping[int, float]) -> list[Path]:
    """State files, newest first, that are neither among the newest nor the best nor every so many-th."""
    told = {path: metadata(path).get("counters", {}) for path in found}
    far = {path: distances[told[path]["seen"]] for path in found if told[path].get("seen") in distances}
    best = min(far, key=lambda path: far[path], default=None)
    return [
        path
        for path in found[KEPT:]
        if path != best and not (keep_every and told[path].get("snapshots", 1) % keep_every == 0)
    ]


def _check_space(run: Path, needed: int) -> None:
    free = shutil.disk_usage(run).free
    if free < needed:
        what = f"the disk of {clipped(run)} has {free / 1e6:,.0f} MB left, a snapshot takes {needed / 1e6:,.0f}"
        raise TrainingError(what, "free some space and run again to resume from the last one")
