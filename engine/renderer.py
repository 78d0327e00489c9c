"""render(recipe) -> Picture: the one object that the window's thread and the command line ask for pictures.

It keeps a few models on the device (shelf.py). It is used by one thread at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import engine
from engine import device as devices
from engine import latents
from engine.errors import RenderError
from engine.family import ModelInfo
from engine.figures import Offer, RenderStats, stats_of
from engine.files import opening
from engine.many import MAX_BATCH, Many
from engine.model import Model
from engine.picture import Picture, Provenance
from engine.plan import Plan, first_shown
from engine.quick import Trial
from engine.recipe import Mix, ModelRef, Noise, Recipe, SavedLatent, Source
from engine.shelf import MAX_MODELS, Shelf
from engine.synthesizer import Stopped, Synthesizer

Array = npt.NDArray[np.float32]
Stop = Callable[[], bool]

__all__ = ["MAX_MODELS", "Offer", "RenderStats", "Renderer", "Stopped"]


class Renderer:
    """Models on one device, and pictures of them."""

    def __init__(self, device: str = "auto", dtype: str = "auto") -> None:
        self.device = devices.choose(device)
        self.dtype = devices.choose_dtype(dtype, self.device)
        if self.device.type == "cuda":  # float32 is to mean float32; with lower precisions speed is wanted
            torch.backends.cudnn.allow_tf32 = self.dtype != torch.float32
        self._device_name = devices.described(self.device)
        self.last: RenderStats | None = None  # of the last picture that was remembered
        self._shelf = Shelf(self.device, self.dtype)
        self._models = self._shelf.models  # by content id, the last one used at the end
        self._drawn: Plan | None = None  # of the last picture that was remembered
        self._many = Many(self._shelf, MAX_BATCH if self.device.type == "cuda" else 1)

    @property
    def info(self) -> ModelInfo | None:
        """The model that was used last."""
        return self._shelf.info

    def load(
        self,
        path: Path | str,
        network: str | None = None,
        *,
        progress: Callable[[float], None] | None = None,
        stop: Stop | None = None,
        data: opening.ModelData | None = None,
    ) -> ModelInfo:
        """Open a model file or the newest model of a run's folder, verify it and put it on the device; at once when it
        is there already.

        network: "G_ema" or "G"; None: the one that the file shows. progress is told how much is done, 0..1; when
        stop() says True, Stopped is raised. data: of that file and network, where it was read before. Raises
        ModelFileError, ModelNotFoundError, RenderError. When it fails, the models that were open stay as they were.
        """
        return self._shelf.load(Path(path), network, progress, stop, data)

    def render(
        self,
        recipe: Recipe,
        *,
        stop: Stop | None = None,  # asked on the way; when it says True, Stopped is raised
        remember: bool = True,  # False: a small picture in between, which is not to disturb what a drag resumes from
        stop_at: int | None = None,  # pixels that are enough: a network with output skips ends there; None: all
        quick: bool = False,  # in the quick precision, where the model has one that is worth it
    ) -> Picture:
        """The picture of a recipe. Raises RenderError, and Stopped.

        Without stop_at and quick it is always the same picture, bit for bit, whatever was rendered before.
        """
        began = time.perf_counter()
        with self._shelf.errors():
            synthesizer, image = self._image(recipe, stop, remember, stop_at, quick)
            pixels = _pixels(image[0], synthesizer.model.info)
        if remember:
            self.last = stats_of(synthesizer, 1000 * (time.perf_counter() - began))
        return Picture(pixels, recipe, self._provenance(synthesizer.model))

    def offers(self, recipe: Recipe) -> tuple[Offer, ...]:
        """What could be shown of a recipe, whole or smaller, in either precision: only what shows how it differs from
        the recipe before. Nothing where no times are known: before the first picture, and on devices that are told to
        work and not waited for (CUDA, MPS)."""
        if self.device.type != "cpu":
            return ()
        with self._shelf.errors():
            synthesizer = self._shelf.used(recipe.model)
            plan = synthesizer.resolved(recipe)
        changed = 0 if self._drawn is None else first_shown(self._drawn.steps, plan.steps)
        found = []
        for which in filter(None, (synthesizer, self._shelf.twin(synthesizer))):
            for resolution, end in which.stops.items():
                ms = which.forecast(plan, end)
                if ms is not None and (changed < end or end == len(plan.steps)):
                    found.append(Offer(resolution=resolution, quick=which is not synthesizer, ms=ms))
        return tuple(found)

    def try_quick(self, recipe: Recipe, *, stop: Stop | None = None) -> Trial | None:
        """Find out on a recipe's picture whether its model is to be drawn in the quick precision while it moves; once
        for each model. None: there is nothing to find out. Raises RenderError, and Stopped: then ask again."""
        with self._shelf.errors():
            devices.suit_threads(self.model(recipe.model).info.parameters)
            return self._shelf.try_quick(recipe, stop)

    def model(self, ref: ModelRef) -> Model:
        """The model of a recipe, which must have been loaded before. Raises RenderError."""
        with self._shelf.errors():
            return self._shelf.used(ref).model

    def render_float(self, recipe: Recipe, *, stop: Stop | None = None) -> Array:
        """What the network makes of a recipe: float32 [C, R, R], nominally -1..1, before any rounding or cropping."""
        with self._shelf.errors():
            return self._image(recipe, stop)[1][0].float().cpu().numpy()

    def render_many(self, recipes: Iterable[Recipe], *, stop: Stop | None = None) -> Iterator[Picture]:
        """Pictures of recipes, one by one in their order; recipes are taken when they are needed.

        On CPU each equals that of `render` bit for bit. On CUDA as many are made at once as fit, and a picture may
        differ by a grey level; out of memory halves their number. Raises as `render` does.
        """
        if self._many.at_once == 1:
            yield from (self.render(recipe, stop=stop) for recipe in recipes)
            return
        for recipe, model, image in self._many.images(recipes, stop):
            yield Picture(_pixels(image, model.info), recipe, self._provenance(model))

    def render_many_floats(self, recipes: Iterable[Recipe], *, stop: Stop | None = None) -> Iterator[Array]:
        """The same as float32 [C, R, R], nominally -1..1, before any rounding or cropping."""
        if self._many.at_once == 1:
            yield from (self.render_float(recipe, stop=stop) for recipe in recipes)
            return
        for _, _, image in self._many.images(recipes, stop):
            yield image.float().cpu().numpy()

    def styles(self, recipe: Recipe) -> Array:
        """ws [L, W] that a recipe feeds to its model's generator."""
        with self._shelf.errors():
            return self._shelf.used(recipe.model).resolved(recipe).ws

    def render_raw(
        self,
        *,
        z: Array | None = None,  # [N, Z]; or else:
        ws: Array | None = None,  # [N, L, W], used as they are
        labels: Array | None = None,  # [N, classes] for z; None: class 0
        psi: float = 1.0,
        cutoff: int | None = None,
        noise: Noise = Noise(),  # noqa: B008  # frozen
    ) -> Array:
        """Pictures of latents with the model that was used last: float32 [N, C, R, R], before any rounding."""
        if (z is None) == (ws is None):
            raise RenderError("latents are given as z or as ws, and not as both", "give one of them")
        rows = z if z is not None else ws
        assert rows is not None
        pictures = []
        for n, row in enumerate(rows):
            weights = () if labels is None else tuple(float(c) for c in labels[n])
            latent = SavedLatent("z" if ws is None else "ws", latents.saved(row))
            recipe = Recipe(ModelRef(), Source(latent, weights), mix=Mix(blend="linear"), noise=noise)
            if ws is None:
                recipe = Recipe(ModelRef(), recipe.a, mix=recipe.mix, psi=psi, cutoff=cutoff, noise=noise)
            pictures.append(self.render_float(recipe))
        return np.stack(pictures) if pictures else np.zeros((0, *self._shape()), np.float32)

    def forget(self) -> None:
        """Free all states; models stay."""
        self._shelf.forget()

    # --- inside

    def _image(
        self,
        recipe: Recipe,
        stop: Stop | None,
        remember: bool = True,
        stop_at: int | None = None,
        quick: bool = False,
    ) -> tuple[Synthesizer, Tensor]:
        """The picture [1, C, R, R] on the device."""
        synthesizer = self._shelf.used(recipe.model)
        devices.suit_threads(synthesizer.model.info.parameters)
        plan = synthesizer.resolved(recipe)
        if quick:
            synthesizer = self._shelf.twin(synthesizer) or synthesizer
        if not remember:
            synthesizer = Synthesizer(synthesizer.model)
        with torch.inference_mode():
            image = synthesizer.run(plan, stop, stop_at)
            if not torch.isfinite(image.sum()):  # one number instead of a mask of the picture's size
                raise RenderError("the picture is not made of finite numbers", "bring psi, pushes and noise nearer 1")
        if remember:
            self._drawn = plan
        return synthesizer, image

    def _provenance(self, model: Model) -> Provenance:
        notes = [f"network {model.network}"] if model.network != model.info.networks[0] else []
        if model.dtype != torch.float32:
            notes.append(f"highest resolutions in {_name(model.dtype)}, the others in float32")
        return Provenance(
            program=f"Stylescope {engine.__version__}",
            model=model.info.name,
            content_id=model.info.content_id,
            device=self._device_name,
            dtype=_name(model.dtype),
            notes=", ".join(notes),
        )

    def _shape(self) -> tuple[int, int, int]:
        info = self.info
        return (info.channels, info.resolution, info.resolution) if info else (3, 0, 0)


def _pixels(image: Tensor, info: ModelInfo) -> npt.NDArray[np.uint8]:
    """[C, R, R] of -1..1 -> uint8 [H, W, C] without letterbox bars, truncating as the public tools do; one copy to the
    host."""
    x, y, width, height = (round(place * image.shape[1] / info.resolution) for place in info.crop)
    image = image[:, y : y + max(height, 1), x : x + max(width, 1)]
    shades = (image.float() * 127.5 + 128).clamp(0, 255).to(torch.uint8)
    pixels = shades.permute(1, 2, 0).contiguous().cpu().numpy()
    pixels.flags.writeable = False  # nobody else has it: Picture need not copy
    return pixels


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
