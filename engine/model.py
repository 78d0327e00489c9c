"""A model that is ready to draw: its generator on a device, and the w's that were computed with it."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt
import torch

from engine import families
from engine.family import ModelInfo
from engine.files.opening import ModelData
from engine.network import Generator

Array = npt.NDArray[np.float32]
KEPT_WS = 256  # the corners of some plane points and the steps of an interpolation; 2 kB each


class Model:
    """A generator with its description. Latents stay on the CPU, where they are small and quick to compare."""

    def __init__(
        self,
        info: ModelInfo,
        generator: Generator,
        device: torch.device,
        network: str = "G_ema",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.info = info
        self.dtype = dtype  # of its highest resolutions
        self.network = network  # which of the file's networks the generator is
        self.generator = generator
        self.device = device
        known = generator.w_avg if info.features.truncation else None
        self.w_avg: Array | None = None if known is None else known.detach().float().cpu().numpy()  # [W]
        self._ws: OrderedDict[tuple[bytes, tuple[float, ...]], Array] = OrderedDict()

    def w(self, z: Array, classes: tuple[float, ...]) -> Array:
        """w [W] of z [Z] before truncation. `classes`: one weight a class, empty for class 0."""
        if not classes and self.info.classes:
            classes = (1.0, *[0.0] * (self.info.classes - 1))
        key = (z.tobytes(), classes)
        found = self._ws.get(key)
        if found is None:
            found = self._ws[key] = self._mapped(z, classes)
            if len(self._ws) > KEPT_WS:
                self._ws.popitem(last=False)
        else:
            self._ws.move_to_end(key)
        return found

    @torch.inference_mode()
    def _mapped(self, z: Array, classes: tuple[float, ...]) -> Array:
        c = torch.tensor([classes], dtype=torch.float32, device=self.device) if self.info.classes else None
        w = self.generator.map(torch.from_numpy(z[None].copy()).to(self.device), c)
        return w[0].float().cpu().numpy()


def ready(data: ModelData, network: str, device: torch.device, dtype: torch.dtype) -> Model:
    """Build the generator of a file, fill it, move it."""
    module = families.family(data.info.family).build_generator(data.info.settings)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in data.networks[network].items()})
    module.eval().requires_grad_(False)
    module.to(device)
    set_precision = getattr(module, "set_precision", None)  # families whose paper has a low precision offer it
    if not callable(set_precision):
        dtype = torch.float32
    elif dtype != torch.float32:
        set_precision(dtype)
    freeze = getattr(module, "freeze", None)
    if callable(freeze):
        freeze()
    generator: Generator = module  # type: ignore[assignment]  # a family's module has that protocol
    return Model(data.info, generator, device, network, dtype)
