"""Reference numbers of the public implementations, and weights by the rule that they were made with.

A parameter called KEY of shape S is randn(S) of RandomState(crc32(KEY)) in float32, times a scale plus an offset.
"""

from __future__ import annotations

import json
import re
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

FOLDER = Path(__file__).parent / "data" / "reference"

# Suggested limits, as max |difference| / max |reference|.
OPERATORS, SMALL_NETWORKS, FULL_NETWORKS, WS = 1e-5, 2e-5, 1e-4, 1e-5

SCALES: list[tuple[str, float, float]] = [  # (pattern of the key, scale, offset); the first match wins
    (r"(.*\.)?mapping\.fc\d+\.weight", 100, 0),
    (r"(.*\.)?mapping\.fc\d+\.bias", 10, 0),
    (r"(.*\.)?affine\.bias", 0.1, 1),
    (r"(.*\.)?(noise_strength|w_avg|bias)", 0.1, 0),
    (r"(.*\.)?(weight|const|noise_const)", 1, 0),
]

NAMING = ("tag", "logits", "y", "out", "appended_channels", "image")  # what names an entry of a list, first found first


@cache
def case(name: str) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """(description, arrays) of a reference file."""
    with np.load(FOLDER / f"{name}.npz") as arrays:
        return json.loads((FOLDER / f"{name}.json").read_text()), dict(arrays)


@cache
def numbers(name: str) -> dict[str, Any]:
    """A reference file without arrays."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def entries(name: str) -> dict[str, Any]:
    """What a reference file holds, by name: its cases; discriminators by themselves; or, without cases, all of it."""
    found: dict[str, Any] = {}
    description = numbers(name)
    for part, value in description.items():
        start = "" if part == "cases" else f"{part}/"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found |= {start + entry[next(k for k in NAMING if k in entry)]: entry for entry in value}
        elif part == "cases" or (part == "networks" and isinstance(description["cases"], list)):
            found |= value
    return found or description


def seeded(tag: str, shape: tuple[int, ...]) -> Tensor:
    """randn seeded with a text."""
    random = np.random.RandomState(zlib.crc32(tag.encode()) & 0x7FFFFFFF)
    return torch.from_numpy(np.asarray(random.randn(*shape)).astype(np.float32))


def fill(network: nn.Module) -> nn.Module:
    """Give every tensor of a network its reference value."""
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            scale, offset = next((s, o) for pattern, s, o in SCALES if re.fullmatch(pattern, key))
            tensor.copy_(seeded(key, tuple(tensor.shape)) * np.float32(scale) + np.float32(offset))
    return network.eval()


def error(value: Tensor, expected: NDArray[np.float32]) -> float:
    """Largest difference, relative to the largest magnitude of the reference."""
    assert tuple(value.shape) == expected.shape
    return float(np.abs(value.detach().numpy() - expected).max() / np.abs(expected).max())
