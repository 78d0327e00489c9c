"""What a run would be: its networks tensor by tensor, and the memory that it takes, from settings alone. No torch."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from engine import families
from train.config import TrainConfig

Shapes = Mapping[str, tuple[int, ...]]
SAVED = 2.5  # bytes kept for each that a convolution gives: peak memory of stylegan2-auto at 128, batch 4, on a CPU


def table(config: TrainConfig, ranks: int = 1) -> str:
    """Tensors by layer, parameters, and the memory of one process."""
    family = families.family(config.family)
    networks = {
        "G": family.describe(config.generator).tensors,
        "D": family.discriminator_tensors(config.discriminator),
    }
    lines = []
    for name, shapes in networks.items():
        rows = [
            f"  {key:<36} {'x'.join(map(str, shape)) or '1':<18} {math.prod(shape):>12,}"
            for key, shape in shapes.items()
        ]
        total = sum(math.prod(shape) for shape in shapes.values())
        lines += [f"{name}: {total:,} numbers in {len(shapes)} tensors", *rows]
    each = config.batch_gpu or config.batch // ranks
    fixed, variable = memory(networks["G"], networks["D"], each, config)
    lines.append(
        f"memory of a process, estimated: {fixed / 1e9:.2f} GB of weights and moments, "
        f"{variable / 1e9:.2f} GB of activations for {each} samples at a time"
    )
    return "\n".join(lines)


def memory(G: Shapes, D: Shapes, samples: int, config: TrainConfig) -> tuple[float, float]:
    """(bytes of weights, gradients and moments; bytes of activations) of one process."""
    of_G, of_D = (4 * sum(math.prod(shape) for shape in shapes.values()) for shapes in (G, D))
    numbers = sum(_activations(shapes) for shapes in (G, D))
    width = 4 if config.precision == "float32" else 3  # the lower resolutions stay as they are
    return 5.0 * of_G + 4.0 * of_D, SAVED * numbers * width * samples


def _activations(shapes: Shapes) -> int:
    """Numbers that the convolutions give for one sample: features times pixels of the block's resolution."""
    total = 0
    for name, shape in shapes.items():
        block = re.search(r"\bb(\d+)\.", name)
        if len(shape) == 4 and block is not None:
            total += shape[0] * int(block[1]) ** 2
    return total
