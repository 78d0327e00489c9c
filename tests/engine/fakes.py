"""A tiny generator of no real family, whose every feature can be switched off, and models of real families in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine import families
from engine.family import Features, LayerInfo, ModelInfo, NoiseInfo
from engine.files import native
from engine.model import Model
from engine.network import State, Step

CPU = torch.device("cpu")
TINY = {  # StyleGAN2 of 16x16 that renders in about a millisecond
    "resolution": 16,
    "z_dim": 16,
    "w_dim": 16,
    "mapping_layers": 2,
    "channel_base": 256,
    "channel_max": 16,
}


class FakeGenerator(nn.Module):
    """Three resolutions of one step each: x <- tanh(upsampled x * style + noise). Counts what it is asked for."""

    def __init__(self, info: ModelInfo) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(7)
        self.info = info
        layers = info.layers
        self.steps = tuple(
            Step(f"b{layer.resolution}", layer.resolution, (i,), i if info.noise else None)
            for i, layer in enumerate(layers)
        )
        self.matrix = torch.randn(info.z_dim + info.classes, info.w_dim, generator=random)
        self.w_avg = torch.randn(info.w_dim, generator=random) / 4 if info.features.truncation else None
        self.maps = [torch.randn(layer.resolution, layer.resolution, generator=random) for layer in layers]
        self.mapped = 0  # calls of map
        self.ran: list[int] = []  # steps that were run

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        self.mapped += 1
        if not self.info.features.mapping:
            return z
        return torch.tanh((z if c is None else torch.cat([z, c], dim=1)) @ self.matrix)

    def stored_noise(self, index: int) -> Tensor | None:
        return self.maps[index] if self.info.features.stored_noise else None

    def start(self, ws: Tensor) -> State:
        return State(torch.ones(ws.shape[0], 3, 4, 4), None)

    def run(self, step: int, state: State, ws: Tensor, noise: Tensor | None) -> State:
        self.ran.append(step)
        this = self.steps[step]
        assert state.x is not None
        x = F.interpolate(state.x, size=(this.resolution, this.resolution))
        x = x * ws[:, this.slots[0], :3, None, None]
        return State(torch.tanh(x if noise is None else x + noise / 4), None)

    def picture(self, state: State) -> Tensor:
        assert state.x is not None
        return state.x


def fake_info(layers: int = 3, classes: int = 0, noise: bool = True, **features: bool) -> ModelInfo:
    """The header of a fake: z = w = 6, one layer a resolution. Features are on unless they are named False."""
    resolutions = [4 * 2**i for i in range(layers)]
    names = ("mapping", "truncation", "layer_styles", "stored_noise", "preview")
    return ModelInfo(
        name="fake",
        family="fake",
        config="",
        resolution=resolutions[-1],
        channels=3,
        z_dim=6,
        w_dim=6,
        layers=tuple(LayerInfo(index=i, resolution=r, label=str(r)) for i, r in enumerate(resolutions)),
        noise=tuple(NoiseInfo(index=i, resolution=r, name=f"b{r}") for i, r in enumerate(resolutions)) if noise else (),
        classes=classes,
        features=Features(**{name: features.get(name, True) for name in names}),
        parameters=0,
        networks=("G_ema",),
        content_id="fake",
    )


def fake_model(layers: int = 3, classes: int = 0, noise: bool = True, **features: bool) -> Model:
    """A fake that is ready to draw."""
    info = fake_info(layers, classes, noise, **features)
    return Model(info, FakeGenerator(info), CPU)


def tensors_of(settings: dict[str, object], seed: int = 0, family: str = "stylegan2") -> dict[str, np.ndarray]:
    """Random tensors of a generator, none of them without effect."""
    torch.manual_seed(seed)
    state = families.family(family).build_generator(settings).state_dict()
    for name, tensor in state.items():
        if name.endswith(("w_avg", "noise_strength")):
            tensor.normal_(0, 0.3)
    return {f"G_ema.{name}": tensor.numpy() for name, tensor in state.items()}


def write_model(path: Path, seed: int = 0, name: str = "tiny", **settings: object) -> str:
    """A model file of random weights; its content id."""
    settings = TINY | settings
    return native.write(
        path,
        family="stylegan2",
        settings=settings,
        tensors=tensors_of(settings, seed),
        name=name,
        licence="CC0-1.0",
        origin="made by a test",
    )
