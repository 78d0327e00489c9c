"""Changes to a configuration: the texts of --set, and what keeps a run from being continued with another one."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

from engine.errors import TrainingError, clipped
from train import schedule
from train.config import PREFIXES, Steps, TrainConfig, to_dict
from train.w_parts import Parts

# What may change when a run is continued: how long it goes on and how often it reports, nothing that it computes.
CHANGEABLE = frozenset({"kimg", "snapshot_kimg", "tick_kimg", "keep_every", "swd_kimg", "batch_gpu"})
OTHERWISE = {"preset": "--preset", "data": "--data", "family": "another --preset"}  # how they are said, not by --set


def with_settings(config: TrainConfig, settings: list[str]) -> TrainConfig:
    """Apply `key=value` texts, as of --set; `G.key`, `D.key` and `A.key` reach the settings of the networks and of
    augmentation. Raises TrainingError."""
    for text in settings:
        key, sign, value = text.partition("=")
        if not sign:
            raise TrainingError(f"--set {clipped(text)} has no =", "write --set key=value")
        config = _with(config, key.strip(), value.strip())
    return config


def _with(config: TrainConfig, key: str, value: str) -> TrainConfig:
    prefix, _, name = key.partition(".")
    if name and prefix in PREFIXES:
        which = PREFIXES[prefix]
        inner: dict[str, Any] = {which: {**getattr(config, which), name: _parsed(value)}}
        return dataclasses.replace(config, **inner)
    kinds = {f.name: str(f.type) for f in dataclasses.fields(config) if f.name not in PREFIXES.values()}
    if key in OTHERWISE:
        raise TrainingError(f"{key} is not changed by --set", f"give {OTHERWISE[key]}")
    if key not in kinds:
        networks = "G.KEY, D.KEY and A.KEY of the networks and the augmentation"
        known = ", ".join(sorted(kinds.keys() - OTHERWISE.keys()))
        raise TrainingError(f"there is no setting {clipped(repr(key), 60)}", f"known are {known}, {networks}")
    try:
        settings: dict[str, Any] = {key: READERS[kinds[key]](value)}
    except (ValueError, KeyError):
        kind = KINDS.get(kinds[key], kinds[key])
        raise TrainingError(f"setting {key} is {clipped(repr(value), 60)}", f"give {kind}") from None
    return dataclasses.replace(config, **settings)


def _steps(text: str) -> Steps:
    """ "115:0.3,282:0.1", or "none"."""
    pairs = [] if text == "none" else [part.split(":") for part in text.split(",")]
    return tuple((float(kimg), float(value)) for kimg, value in pairs)


def _parts(text: str) -> Parts:
    """ "0:16:24,4:112:0", or "none"."""
    parts = [] if text == "none" else [part.split(":") for part in text.split(",")]
    return tuple((int(slot), int(values), float(kimg)) for slot, values, kimg in parts)


KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "Steps": "KIMG:VALUE,KIMG:VALUE or none",
    "Parts": "SLOT:VALUES:KIMG,SLOT:VALUES:KIMG or none",
}
READERS: Mapping[str, Any] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    "Steps": _steps,
    "Parts": _parts,
}


def _parsed(value: str) -> Any:
    if "," in value:
        return [_parsed(part.strip()) for part in value.split(",")]
    if value in ("true", "false", "none"):
        return {"true": True, "false": False, "none": None}[value]
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if math.isfinite(number) and number == int(number) else number


def differences(
    old: TrainConfig, new: TrainConfig, besides: frozenset[str] = frozenset(), kimg: float = math.inf
) -> list[str]:
    """What keeps a run of `kimg` from being continued, such as "lr (0.002, not 0.1)": settings that differ and may not.
    What changes in steps may differ in those that are still ahead. Distances of other numbers of pictures are not
    comparable: which state is the best would no longer be known."""
    if not old.swd_kimg:
        besides |= {"swd_pictures"}
    before, after = (_flat(json.loads(json.dumps(to_dict(_until(config, kimg))))) for config in (old, new))
    names = sorted(before.keys() | after.keys())
    return [
        f"{name} ({clipped(before.get(name), 40)}, not {clipped(after.get(name), 40)})"
        for name in names
        if name not in CHANGEABLE | besides and before.get(name) != after.get(name)
    ]


def _until(config: TrainConfig, kimg: float) -> TrainConfig:
    steps: dict[str, Any] = {name: schedule.passed(getattr(config, name), kimg) for name in schedule.STEPPED}
    return dataclasses.replace(config, **steps)


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the names that --set takes."""
    letters = {field: letter for letter, field in PREFIXES.items()}
    inner = {f"{letters[k]}.{name}": v for k, values in data.items() if k in letters for name, v in values.items()}
    return {**{k: v for k, v in data.items() if k not in letters}, **inner}
