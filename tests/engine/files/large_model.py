"""A full-size StyleGAN2 with random weights, as NVIDIA's PyTorch program writes it; and what it costs to open it.

    python -m tests.engine.files.large_model write FILE.pkl [--resolution 1024] [--networks G,D,G_ema]
    python -m tests.engine.files.large_model measure FILE.pkl [--times 5]

`measure` opens the file and reads it plainly in turn, in the cache, and prints the medians and the peak of memory.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine import families
from tests.badfiles import make_badfiles as mb

CLASSES = {"": "Generator", "synthesis": "SynthesisNetwork", "mapping": "MappingNetwork", "torgb": "ToRGBLayer"}
CLASSES |= {"conv0": "SynthesisLayer", "conv1": "SynthesisLayer", "b": "SynthesisBlock"}
Shapes = Mapping[str, tuple[int, ...]]


def snapshot(resolution: int = 1024, networks: str = "G,D,G_ema") -> bytes:
    """The bytes of a file of configuration F."""
    family = families.family("stylegan2")
    common = {"c_dim": 0, "img_resolution": resolution, "img_channels": 3}
    generator = {"resolution": resolution, "z_dim": 512, "w_dim": 512, "channel_base": 32768, "channel_max": 512}
    shapes = {
        "Generator": family.describe(generator).tensors,
        "Discriminator": family.discriminator_tensors({"resolution": resolution, "channel_base": 32768}),
    }
    arguments: dict[str, Any] = {
        "Generator": common | {"z_dim": 512, "w_dim": 512, "mapping_kwargs": {}, "synthesis_kwargs": {}},
        "Discriminator": common | {"channel_base": 32768, "channel_max": 512, "conv_clamp": None},
    }
    file: dict[str, Any] = {"training_set_kwargs": None, "augment_pipe": None}
    for seed, name in enumerate(networks.split(",")):
        kind = "Discriminator" if name == "D" else "Generator"
        file[name] = module(shapes[kind], kind, arguments[kind], np.random.default_rng(seed))
    return mb.pkl(file, 4)


def module(shapes: Shapes, kind: str, arguments: Mapping[str, Any], random: np.random.Generator) -> Any:
    """A module and all inside it, of the tensors with these names."""
    own = [(name, random.standard_normal(shape, np.float32)) for name, shape in shapes.items() if "." not in name]
    inner = []
    for child in dict.fromkeys(name.partition(".")[0] for name in shapes if "." in name):
        inside = {name.partition(".")[2]: shape for name, shape in shapes.items() if name.startswith(f"{child}.")}
        name = CLASSES.get(child) or CLASSES.get(child.rstrip("0123456789"), "FullyConnectedLayer")
        inner.append((child, module(inside, name, {}, random)))
    return mb.nn(kind, own, (), inner, arguments)


OPEN = """
import sys
from pathlib import Path
from engine.files import opening
from engine.files import contents, nvidia_tf, nvidia_torch, state_dict, torch_stream, torch_zip, vocabulary
import engine.families.stylegan2.convert
if sys.argv[1:]:
    opening.read(sys.argv[1])
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def peak(path: Path) -> int:
    """Bytes that opening a file takes at most, beyond what an interpreter has that has imported all for it. Linux."""
    kilobytes = []
    for words in ([], [str(path)]):
        done = subprocess.run([sys.executable, "-c", OPEN, *words], capture_output=True, text=True, check=True)
        kilobytes.append(int(done.stdout))
    return (kilobytes[1] - kilobytes[0]) * 1024


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor."""
    began = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - began[0], time.process_time() - began[1]


def measure(path: Path, times: int) -> None:
    """Print what opening costs beside plain reading."""
    from engine.files import opening

    calls = {
        "plain read": path.read_bytes,
        "plain read, sha256": lambda: hashlib.sha256(path.read_bytes()).digest(),
        "opening": lambda: opening.read(path),
    }
    found: dict[str, list[tuple[float, float]]] = {what: [] for what in calls}
    opening.read(path)
    for _ in range(times):  # in turn: the machine may have other work
        for what, call in calls.items():
            found[what].append(timed(call))
    size = path.stat().st_size
    print(f"{path.name}: {size / 1e6:.0f} MB, medians of {times}")
    for what, pairs in found.items():
        clock, processor = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        print(f"{what:<20} {clock:.2f} s on the clock, {processor:.2f} s of the processor")
    print(f"{'peak of memory':<20} {peak(path) / size:.2f} times the file")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("write", "measure"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--networks", default="G,D,G_ema")
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    if args.what == "write":
        args.path.write_bytes(snapshot(args.resolution, args.networks))
    else:
        measure(args.path, args.times)


if __name__ == "__main__":
    main()
