"""The first weights of a highest block that is new, so that a network one resolution larger begins as the smaller one.

ProGAN fades its new layers in (section 2 of its paper). StyleGAN2's networks are whole from the start, so the new block
is given weights under which it changes nothing instead (in the spirit of Net2Net, Chen 2016): the generator's picture
is that of the smaller one, enlarged; the discriminator's score that of the smaller one for the picture, reduced. From
there all weights train. Letters: R the new resolution, C the picture's channels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.families.stylegan2.layers import SLOPES
from engine.families.stylegan2.settings import DiscriminatorSettings, GeneratorSettings
from engine.nn.equalised import SQRT2

Tensors = Mapping[str, Tensor]


def generator_start(s: GeneratorSettings, smaller: Tensors) -> dict[str, Tensor]:
    """Tensors of the new toRGB: it adds nothing to the enlarged picture yet. Empty where that cannot be: pictures are
    summed only with output skips, and `smaller` must end at half of the resolution."""
    entry, below = f"synthesis.b{s.resolution}.torgb", f"synthesis.b{s.resolution // 2}.torgb.weight"
    if s.architecture != "skip" or f"{entry}.weight" in smaller or below not in smaller:
        return {}
    return {
        f"{entry}.weight": torch.zeros(s.channels, s.features(s.resolution), 1, 1),
        f"{entry}.bias": torch.zeros(s.channels),
    }


def discriminator_start(s: DiscriminatorSettings, smaller: Tensors, own: Tensors) -> dict[str, Tensor]:
    """Tensors of the new block: it hands the features of the smaller network's fromRGB on, of the reduced picture.

    Leaky ReLU is undone by its mirror image: a(x) - a(-x) = (1 + slope) x. So a colour x_c is carried by a pair of
    features a(x_c), a(-x_c) through fromRGB and the first convolution, and the second one, which reduces, is the
    smaller network's fromRGB. Features that are left keep their random weights; nothing that follows listens to them.

    own: the fresh tensors of the network. Empty where that cannot be: other architectures and activations, fewer than
    2 C features at R, or `smaller` of other widths.
    """
    top, below = f"b{s.resolution}", f"b{s.resolution // 2}.fromrgb"
    channels, inner, outer = s.channels, s.features(s.resolution), s.features(s.resolution // 2)
    entry = smaller.get(f"{below}.weight")  # [O, C, 1, 1]
    if entry is None or tuple(entry.shape) != (outer, channels, 1, 1) or f"{top}.fromrgb.weight" in smaller:
        return {}
    if s.architecture != "resnet" or s.activation not in SLOPES or 2 * channels > inner:
        return {}
    start = {name: t.detach().clone() for name, t in own.items() if name.startswith(f"{top}.")}
    undone = 1 + SLOPES[s.activation]
    colour, convolution = (1 / n**0.5 for n in (channels, 9 * inner))  # the equalising gains
    start[f"{top}.conv0.weight"][: 2 * channels] = 0
    start[f"{top}.conv1.weight"].zero_()
    start[f"{top}.skip.weight"].zero_()
    start[f"{top}.fromrgb.weight"][: 2 * channels] = 0
    for c in range(channels):
        there, back = 2 * c, 2 * c + 1  # the features a(x_c) and a(-x_c)
        for feature, sign in ((there, 1.0), (back, -1.0)):
            identity = sign / (SQRT2 * undone * convolution)
            start[f"{top}.fromrgb.weight"][feature, c, 0, 0] = sign / (SQRT2 * colour)
            start[f"{top}.conv0.weight"][feature, there, 1, 1] = identity
            start[f"{top}.conv0.weight"][feature, back, 1, 1] = -identity
            # A block's output is divided by sqrt 2 (its shortcut is still zero); what fromRGB gave is not.
            start[f"{top}.conv1.weight"][:, feature, 1, 1] = 2 * colour * identity * entry[:, c, 0, 0]
    for name in ("fromrgb", "conv0"):
        start[f"{top}.{name}.bias"][: 2 * channels] = 0
    start[f"{top}.conv1.bias"] = SQRT2 * smaller[f"{below}.bias"].detach().clone()
    return start
