"""Small checkpoints in the layout of rosinality's StyleGAN2 program, written by torch itself."""

from __future__ import annotations

import argparse
import io
from typing import Any

import torch
from torch import Tensor

KERNEL = torch.outer(torch.tensor([1.0, 3.0, 3.0, 1.0]), torch.tensor([1.0, 3.0, 3.0, 1.0])) / 64
Shapes = dict[str, tuple[int, ...]]


def generator(size: int = 8, width: int = 4, layers: int = 2, seed: int = 0) -> dict[str, Tensor]:
    """The state dictionary of a generator."""
    shapes: Shapes = {}
    for i in range(1, layers + 1):
        shapes |= {f"style.{i}.weight": (width, width), f"style.{i}.bias": (width,)}
    shapes["input.input"] = (1, width, 4, 4)
    kernels: dict[str, Tensor] = {}
    for i in range(2 * size.bit_length() - 5):
        name, resolution = ("conv1", 4) if i == 0 else (f"convs.{i - 1}", 4 << ((i + 1) // 2))
        shapes |= _styled(name, width, width, 3) | {f"{name}.noise.weight": (1,), f"{name}.activate.bias": (width,)}
        shapes[f"noises.noise_{i}"] = (1, 1, resolution, resolution)
        if i % 2:
            kernels[f"{name}.conv.blur.kernel"] = 4 * KERNEL
    for i in range(size.bit_length() - 2):
        name = f"to_rgbs.{i - 1}" if i else "to_rgb1"
        shapes |= _styled(name, width, 3, 1) | {f"{name}.bias": (1, 3, 1, 1)}
        if i:
            kernels[f"{name}.upsample.kernel"] = 4 * KERNEL
    return _filled(shapes, seed) | kernels


def discriminator(size: int = 8, width: int = 4, seed: int = 0) -> dict[str, Tensor]:
    """The state dictionary of a discriminator."""
    shapes: Shapes = {"convs.0.0.weight": (width, 3, 1, 1), "convs.0.1.bias": (width,)}
    kernels: dict[str, Tensor] = {}
    for i in range(1, size.bit_length() - 2):
        shapes |= {f"convs.{i}.conv1.0.weight": (width, width, 3, 3), f"convs.{i}.conv1.1.bias": (width,)}
        shapes |= {f"convs.{i}.conv2.1.weight": (width, width, 3, 3), f"convs.{i}.conv2.2.bias": (width,)}
        shapes[f"convs.{i}.skip.1.weight"] = (width, width, 1, 1)
        kernels |= {f"convs.{i}.conv2.0.kernel": KERNEL, f"convs.{i}.skip.0.kernel": KERNEL}
    shapes |= {"final_conv.0.weight": (width, width + 1, 3, 3), "final_conv.1.bias": (width,)}
    shapes |= {"final_linear.0.weight": (width, 16 * width), "final_linear.0.bias": (width,)}
    shapes |= {"final_linear.1.weight": (1, width), "final_linear.1.bias": (1,)}
    return _filled(shapes, seed) | kernels


def snapshot(**more: Any) -> dict[str, Any]:
    """What the training script saves: networks, optimisers, arguments."""
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2, 2))])
    optimiser.param_groups[0]["params"][0].grad = torch.ones(2, 2)
    optimiser.step()
    arguments = argparse.Namespace(size=8, channel_multiplier=2, latent=4, n_mlp=2, path="data", lr=0.002, wandb=False)
    networks = {"g": generator(seed=1), "d": discriminator(), "g_ema": generator(seed=2)}
    rest = {"g_optim": optimiser.state_dict(), "d_optim": optimiser.state_dict(), "args": arguments, "ada_aug_p": 0.1}
    return networks | rest | more


def saved(value: Any, zipped: bool = True) -> bytes:
    """The file that torch writes."""
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def module_state(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state dictionary as a module gives it: ordered, with `_metadata` among its attributes."""
    holder = torch.nn.Module()
    for name, tensor in tensors.items():
        inner = holder
        *path, last = name.split(".")
        for part in path:
            if part not in inner._modules:
                inner.add_module(part, torch.nn.Module())
            inner = inner._modules[part]
        inner.register_buffer(last, tensor)
    return holder.state_dict()


def _styled(name: str, inputs: int, outputs: int, kernel: int) -> Shapes:
    return {
        f"{name}.conv.weight": (1, outputs, inputs, kernel, kernel),
        f"{name}.conv.modulation.weight": (inputs, inputs),
        f"{name}.conv.modulation.bias": (inputs,),
    }


def _filled(shapes: Shapes, seed: int) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(seed)
    return {name: torch.randn(shape, generator=random) for name, shape in shapes.items()}
