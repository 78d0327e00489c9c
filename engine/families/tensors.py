"""Names and shapes of tensors, as settings tell them. Standard library only.

Letters: I inputs, O outputs, k width of a kernel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.families.sizes import Sizes

Tensors = dict[str, tuple[int, ...]]
BUFFERS = ("w_avg", "noise_const")  # last parts of the names of a generator's tensors that are not trained


def layer(name: str, shape: tuple[int, ...]) -> Tensors:
    """A weight of this shape, and a bias for each of its outputs."""
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def convolution(name: str, inputs: int, outputs: int, kernel: int) -> Tensors:
    """Weight [O, I, k, k] and bias [O]."""
    return layer(name, (outputs, inputs, kernel, kernel))


def mapping(inputs: int, hidden: int, outputs: int, layers: int) -> Tensors:
    """The dense layers of a mapping network."""
    widths = [inputs, *[hidden] * (layers - 1), outputs]
    tensors: Tensors = {}
    for i in range(layers):
        tensors |= layer(f"mapping.fc{i}", (widths[i + 1], widths[i]))
    return tensors


def growing_discriminator(s: Sizes, mbstd_channels: int, outputs: int) -> Tensors:
    """See engine.families.networks.GrowingDiscriminator. Those of resolutions that `lod` leaves out as well."""
    tensors: Tensors = {}
    for r in reversed(s.block_resolutions):
        i, o = s.features(r), s.features(r // 2)
        tensors |= convolution(f"b{r}.fromrgb", s.channels, i, 1)
        if r > 4:
            tensors |= convolution(f"b{r}.conv0", i, i, 3) | convolution(f"b{r}.conv1", i, o, 3)
        else:
            tensors |= convolution("b4.conv", i + mbstd_channels, i, 3)
            tensors |= layer("b4.fc", (o, 16 * i)) | layer("b4.out", (outputs, o))
    return tensors


def parameters(generator: Mapping[str, tuple[int, ...]]) -> int:
    """How many numbers of a generator are trained."""
    return sum(math.prod(shape) for name, shape in generator.items() if not name.endswith(BUFFERS))
