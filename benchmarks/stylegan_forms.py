"""StyleGAN's synthesis (configuration F, random weights) in our form and in the plain one, in turns: CPU time, ratio.

The plain form does one thing after the other, as the public program's graph does: scaled weight, convolution, blur,
noise, bias, activation, mean, variance, style, in N, C, H, W order; up-convolutions are fused from 128 pixels on.

OMP_NUM_THREADS=1 python benchmarks/stylegan_forms.py --resolution 256 --rounds 5
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.device import tune_allocator
from engine.families import family


def plain(G, ws: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    """ws [1, L, W] -> picture [1, C, R, R]."""
    x = None
    for step in G.steps:
        layer = G.synthesis.get_submodule(step.name)
        if step.name.endswith("torgb"):
            x = F.conv2d(x, layer.weight * layer.weight_gain) + layer.bias[:, None, None]
            continue
        if step.name == "b4.input":
            x = layer.const[None]
        elif step.name.endswith("conv0"):
            x = blurred(upscaled(x, layer.weight * layer.weight_gain), layer.blur)
        else:
            x = F.conv2d(x, layer.weight * layer.weight_gain, padding=1)
        x = x + G.stored_noise(step.noise)[None, None] * layer.epilogue.noise_strength[:, None, None]
        x = F.leaky_relu(x + layer.bias[:, None, None], 0.2)
        x = x - x.mean(dim=(2, 3), keepdim=True)
        x = x * torch.rsqrt(x.square().mean(dim=(2, 3), keepdim=True) + 1e-8)
        affine = layer.epilogue.affine
        style = ws[:, step.slots[0]] @ (affine.weight * affine.weight_gain).t() + affine.bias
        scale, shift = style.view(len(ws), 2, -1, 1, 1).unbind(1)
        x = x * (scale + 1) + shift
    assert x is not None
    return x


def upscaled(x: Tensor, weight: Tensor) -> Tensor:
    if x.shape[-1] < 64:
        return F.conv2d(F.interpolate(x, scale_factor=2, mode="nearest"), weight, padding=1)
    w = F.pad(weight.flip([2, 3]).transpose(0, 1), (1, 1, 1, 1))
    w = w[:, :, 1:, 1:] + w[:, :, :-1, 1:] + w[:, :, 1:, :-1] + w[:, :, :-1, :-1]
    return F.conv_transpose2d(x, w, stride=2, padding=1)


def blurred(x: Tensor, taps: Tensor) -> Tensor:
    return F.conv2d(x, taps.expand(x.shape[1], 1, 3, 3), padding=1, groups=x.shape[1])


def milliseconds(function) -> tuple[float, Tensor]:  # type: ignore[no-untyped-def]
    """CPU time, which on a busy machine says more than the clock."""
    began = time.process_time()
    result = function()
    return (time.process_time() - began) * 1000, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    tune_allocator()  # for both forms
    torch.manual_seed(0)
    G = family("stylegan").build_generator({"resolution": args.resolution})
    for name, parameter in G.named_parameters():
        if name.endswith(("noise_strength", "const")):  # as they begin, all maps of the first layer are flat
            parameter.data.normal_(0, 0.1)
    G.eval().requires_grad_(False)
    times: dict[str, list[float]] = {"plain": [], "ours": []}
    with torch.inference_mode():
        ws = G.broadcast(G.map(torch.randn(1, 512)))
        for number in range(args.rounds + 1):
            plain_ms, expected = milliseconds(lambda: plain(G, ws))
            our_ms, picture = milliseconds(lambda: G.synthesize(ws))
            if number:  # the first round warms up
                times["plain"].append(plain_ms)
                times["ours"].append(our_ms)
    ratios = [p / o for p, o in zip(times["plain"], times["ours"], strict=True)]
    error = ((picture - expected).abs().max() / expected.std()).item()
    print(
        f"config-f {args.resolution}, {torch.get_num_threads()} threads, CPU ms: "
        f"plain {statistics.median(times['plain']):.0f}, ours {statistics.median(times['ours']):.0f}, "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
        f"largest difference {error:.0e} of the deviation"
    )


if __name__ == "__main__":
    main()
