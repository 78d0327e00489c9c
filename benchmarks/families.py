"""One picture of each family's published generator with random weights: our form beside the plain one, in turns.

The plain form does one thing after the other, as the papers tell it: scaled weight, convolution, resampling, noise,
bias, activation, norm, in N, C, H, W order; up-convolutions of ProGAN, and of StyleGAN from 128 pixels on, are fused;
StyleGAN2 has a weight for each sample. With --resume: milliseconds of our form by the step at which synthesis resumes.

    OMP_NUM_THREADS=1 python benchmarks/families.py
    python benchmarks/families.py --only stylegan2-f --resume --resolution 1024 --device cuda --dtype float16
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

from engine.device import choose, tune_allocator
from engine.families import family

NETWORKS = {
    "progan": ("progan", {}),
    "stylegan": ("stylegan", {}),
    "stylegan2-e": ("stylegan2", {"channel_base": 16384}),
    "stylegan2-f": ("stylegan2", {"channel_base": 32768}),
}


def built(name: str, resolution: int):  # type: ignore[no-untyped-def]
    """The network of a name, all of whose tensors have an effect."""
    its, settings = NETWORKS[name]
    torch.manual_seed(0)
    G = family(its).build_generator({"resolution": resolution, **settings})
    for key, parameter in G.named_parameters():
        if key.endswith(("noise_strength", "const", "bias")):
            parameter.data.add_(torch.randn_like(parameter), alpha=0.1)
    return G.eval().requires_grad_(False)


# --- plain forms: ws [1, L, W] -> picture [1, C, R, R]


def plain_progan(G, ws: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    x = ws[:, 0]
    for step in G.steps:
        layer = G.get_submodule(step.name)
        weight, bias = layer.weight * layer.weight_gain, layer.bias[:, None, None]
        if step.name.endswith("torgb"):
            return F.conv2d(x, weight) + bias
        if step.name == "b4.dense":
            x = (x @ weight.t()).view(1, -1, 4, 4)
        else:
            x = fused_up(x, weight) if step.name.endswith("conv0") else F.conv2d(x, weight, padding=1)
        x = F.leaky_relu(x + bias, 0.2)
        x = x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)
    raise AssertionError("the last step is a toRGB")


def plain_stylegan(G, ws: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    x = G.synthesis.b4.input.const[None]
    for step in G.steps:
        layer = G.synthesis.get_submodule(step.name)
        if step.name.endswith("torgb"):
            return F.conv2d(x, layer.weight * layer.weight_gain) + layer.bias[:, None, None]
        if step.name.endswith("conv0"):
            weight = layer.weight * layer.weight_gain
            x = fused_up(x, weight) if step.resolution >= 128 else F.conv2d(nearest(x), weight, padding=1)
            x = F.conv2d(x, layer.blur.expand(x.shape[1], 1, 3, 3), padding=1, groups=x.shape[1])
        elif step.name != "b4.input":
            x = F.conv2d(x, layer.weight * layer.weight_gain, padding=1)
        x = x + G.stored_noise(step.noise)[None, None] * layer.epilogue.noise_strength[:, None, None]
        x = F.leaky_relu(x + layer.bias[:, None, None], 0.2)
        x = x - x.mean(dim=(2, 3), keepdim=True)
        x = x * torch.rsqrt(x.square().mean(dim=(2, 3), keepdim=True) + 1e-8)
        scale, shift = styled(layer.epilogue.affine, ws[:, step.slots[0]]).view(1, 2, -1, 1, 1).unbind(1)
        x = x * (scale + 1) + shift
    raise AssertionError("the last step is a toRGB")


def plain_stylegan2(G, ws: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    x, image, f = G.synthesis.b4.const[None], None, G.synthesis.resample_filter * 4
    for step in G.steps:
        layer = G.synthesis.get_submodule(step.name)
        style = styled(layer.affine, ws[:, step.slots[0]])
        if step.name.endswith("torgb"):
            colours = (
                F.conv2d(x, layer.weight * (style * layer.weight_gain)[0, :, None, None]) + layer.bias[:, None, None]
            )
            image = colours if image is None else filtered(spread(image), f, (2, 1, 2, 1)) + colours
            continue
        weight = layer.weight * style[0, :, None, None]
        weight = weight * torch.rsqrt(weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8)
        if step.name.endswith("conv0"):
            x = filtered(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), f, (1, 1, 1, 1))
        else:
            x = F.conv2d(x, weight, padding=1)
        x = x + G.stored_noise(step.noise) * layer.noise_strength
        x = F.leaky_relu(x + layer.bias[:, None, None], 0.2) * 2**0.5
    assert image is not None
    return image


def styled(affine, w: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    return w @ (affine.weight * affine.weight_gain).t() + affine.bias


def nearest(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


def fused_up(x: Tensor, weight: Tensor) -> Tensor:
    w = F.pad(weight.flip([2, 3]).transpose(0, 1), (1, 1, 1, 1))
    w = w[:, :, 1:, 1:] + w[:, :, :-1, 1:] + w[:, :, 1:, :-1] + w[:, :, :-1, :-1]
    return F.conv_transpose2d(x, w, stride=2, padding=1)


def spread(x: Tensor) -> Tensor:
    """Zeros between the pixels."""
    n, c, h, w = x.shape
    return F.pad(x.reshape(n, c, h, 1, w, 1), (0, 1, 0, 0, 0, 1)).reshape(n, c, 2 * h, 2 * w)


def filtered(x: Tensor, f: Tensor, sides: tuple[int, int, int, int]) -> Tensor:
    return F.conv2d(F.pad(x, sides), f.expand(x.shape[1], 1, *f.shape), groups=x.shape[1])


PLAIN = {"progan": plain_progan, "stylegan": plain_stylegan, "stylegan2": plain_stylegan2}


# --- measures


def compare(name: str, resolution: int, rounds: int) -> None:
    """CPU time, which on a busy machine says more than the clock."""
    G, plain = built(name, resolution), PLAIN[NETWORKS[name][0]]
    times: dict[str, list[float]] = {"plain": [], "ours": []}
    forms = {"plain": lambda ws: plain(G, ws), "ours": G.synthesize}
    pictures: dict[str, Tensor] = {}
    ws = G.broadcast(G.map(torch.randn(1, 512)))
    for number in range(rounds + 1):
        for form, function in forms.items():
            began = time.process_time()
            pictures[form] = function(ws)
            if number:  # the first round warms up
                times[form].append((time.process_time() - began) * 1000)
    ratios = [p / o for p, o in zip(times["plain"], times["ours"], strict=True)]
    error = ((pictures["ours"] - pictures["plain"]).abs().max() / pictures["plain"].std()).item()
    print(
        f"{name:12} {resolution}, {torch.get_num_threads()} threads, CPU ms: "
        f"plain {statistics.median(times['plain']):.0f}, ours {statistics.median(times['ours']):.0f}, "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
        f"largest difference {error:.0e} of the deviation",
        flush=True,
    )


def resume(name: str, resolution: int, rounds: int, device: torch.device, dtype: str) -> None:
    """Median milliseconds from a step to the picture's uint8 on the host."""
    G = built(name, resolution).to(device)
    if hasattr(G, "set_precision"):
        G = G.to(memory_format=torch.channels_last)
        G.set_precision(getattr(torch, dtype))
    print(f"{name} {resolution}, {device}, {dtype}, {torch.get_num_threads()} threads")
    ws = G.broadcast(G.map(torch.randn(1, 512, device=device)))
    maps = [G.noise_map(step, 1, "const", device) for step in G.steps]
    states = [G.start(ws)]
    for i in range(len(G.steps)):
        states.append(G.run(i, states[-1], ws, maps[i]))
    for r in (4, *(r for r in (64, 128, 256, 512, 1024) if r <= resolution)):
        first = next(i for i, step in enumerate(G.steps) if step.resolution == r)
        times = []
        for _ in range(rounds + 1):
            began, state = time.perf_counter(), states[first]
            for i in range(first, len(G.steps)):
                state = G.run(i, state, ws, maps[i])
            G.picture(state).mul(127.5).add(128).clamp(0, 255).to(torch.uint8).cpu()
            times.append((time.perf_counter() - began) * 1000)
        print(f"from {r:>4}: {statistics.median(times[1:]):8.1f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=NETWORKS, help="one network; else each")
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--resume", action="store_true", help="our form alone, by the step at which it resumes")
    parser.add_argument("--device", default="auto", help="with --resume")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float16", "bfloat16"), help="with --resume")
    parser.add_argument("--no-tuning", action="store_true", help="leave the allocator as the system has it")
    args = parser.parse_args()
    if not args.no_tuning:
        tune_allocator()  # for both forms
    with torch.inference_mode():
        for name in [args.only] if args.only else NETWORKS:
            if args.resume:
                resume(name, args.resolution, args.rounds, choose(args.device), args.dtype)
            else:
                compare(name, args.resolution, args.rounds)


if __name__ == "__main__":
    main()
