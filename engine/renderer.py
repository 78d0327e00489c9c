"""render(recipe) -> Picture: the one object that the window's thread and the command line ask for pictures.

It keeps a few models on the device and one synthesizer each. It is used by one thread at a time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import engine
from engine import batch, families, latents
from engine import device as devices
from engine.errors import RenderError, clipped
from engine.family import ModelInfo
from engine.files import opening
from engine.files.opening import ModelData
from engine.model import Model
from engine.network import Generator
from engine.picture import Picture, Provenance
from engine.plan import resolve
from engine.recipe import Mix, ModelRef, Noise, Recipe, SavedLatent, Source
from engine.synthesizer import Stopped, Synthesizer

Array = npt.NDArray[np.float32]
Stop = Callable[[], bool]

MAX_BATCH = 32  # pictures at once on CUDA; more gain nothing and hold memory of the host
MAX_MODELS = 2  # on the device: the shown one, and the one that undo returns to

__all__ = ["RenderStats", "Renderer", "Stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderStats:
    """Figures of one picture."""

    ms: float  # from the recipe to pixels on the host
    first_step: int  # index of the first step that was computed; their number: none was
    first_name: str  # its name, e.g. "b32.conv0"; "" when nothing was computed
    reused_to: int  # resolution up to which the last pass was reused; 0: not at all
    device: str
    dtype: str


class Renderer:
    """Models on one device, and pictures of them."""

    def __init__(self, device: str = "auto", dtype: str = "auto") -> None:
        self.device = devices.choose(device)
        self.dtype = devices.choose_dtype(dtype, self.device)
        if self.device.type == "cuda":  # float32 is to mean float32; with lower precisions speed is wanted
            torch.backends.cudnn.allow_tf32 = self.dtype != torch.float32
        self._device_name = devices.described(self.device)
        self.last: RenderStats | None = None  # of the last picture that was remembered
        self._models: OrderedDict[str, Synthesizer] = OrderedDict()  # by content id, the last one used at the end
        self._batch = MAX_BATCH if self.device.type == "cuda" else 1  # pictures at once, as far as is known to fit
        self._paths: dict[str, tuple[Path, str]] = {}  # content id -> file and network of every model that was loaded
        self._files: dict[tuple[str, int, int, str | None], str] = {}  # (path, time, size, network) -> content id

    @property
    def info(self) -> ModelInfo | None:
        """The model that was used last."""
        return next(reversed(self._models.values())).model.info if self._models else None

    def load(
        self,
        path: Path | str,
        network: str | None = None,
        *,
        progress: Callable[[float], None] | None = None,
        stop: Stop | None = None,
    ) -> ModelInfo:
        """Open a model file or the newest model of a run's folder, verify it and put it on the device; at once when it
        is there already.

        network: "G_ema" or "G"; None: the one that the file shows. progress is told how much is done, 0..1; when
        stop() says True, Stopped is raised. Raises ModelFileError, ModelNotFoundError, RenderError. When it fails,
        the models that were open stay as they were.
        """
        path = Path(path)
        key = _file_key(path, network)
        known = "" if key is None else self._files.get(key, "")
        if known in self._models:
            return self._shown(known).model.info
        data = opening.read(path, network, progress, stop)
        chosen = network or data.info.networks[0]
        with self._errors():
            self._put(_ready(data, chosen, self.device, self.dtype))
        # The other network of this file has the same content id, and its place was just taken.
        self._files = {k: v for k, v in self._files.items() if v != data.info.content_id}
        if key is not None:
            self._files[key] = data.info.content_id
        self._paths[data.info.content_id] = path, chosen
        return data.info

    def render(self, recipe: Recipe, *, stop: Stop | None = None, remember: bool = True) -> Picture:
        """The picture of a recipe. Raises RenderError, and Stopped when `stop()` says True on the way.

        remember False: neither use nor keep states, for a small picture in between that should not disturb what the
        next one of a drag resumes from.
        """
        began = time.perf_counter()
        with self._errors():
            synthesizer, image = self._image(recipe, stop, remember)
            pixels = _pixels(image[0])
        if remember:
            self.last = self._stats(synthesizer, began)
        return Picture(pixels, recipe, self._provenance(synthesizer.model))

    def render_float(self, recipe: Recipe, *, stop: Stop | None = None) -> Array:
        """The picture of a recipe as float32 [C, H, W], nominally -1..1, before any rounding."""
        with self._errors():
            return self._image(recipe, stop, True)[1][0].float().cpu().numpy()

    def render_many(self, recipes: Iterable[Recipe], *, stop: Stop | None = None) -> Iterator[Picture]:
        """Pictures of recipes, one by one in their order; recipes are taken when they are needed.

        On CPU each equals that of `render` bit for bit. On CUDA as many are made at once as fit, and a picture may
        differ by a grey level; out of memory halves their number. Raises as `render` does.
        """
        if self._batch == 1:
            yield from (self.render(recipe, stop=stop) for recipe in recipes)
            return
        for recipe, model, image in self._images(recipes, stop):
            yield Picture(_pixels(image), recipe, self._provenance(model))

    def render_many_floats(self, recipes: Iterable[Recipe], *, stop: Stop | None = None) -> Iterator[Array]:
        """The same as float32 [C, H, W], nominally -1..1, before any rounding."""
        if self._batch == 1:
            yield from (self.render_float(recipe, stop=stop) for recipe in recipes)
            return
        for _, _, image in self._images(recipes, stop):
            yield image.float().cpu().numpy()

    def styles(self, recipe: Recipe) -> Array:
        """ws [L, W] that a recipe feeds to its model's generator."""
        with self._errors():
            return resolve(recipe, self._used(recipe.model).model).ws

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
        """Pictures of latents with the model that was used last: float32 [N, C, H, W], before any rounding."""
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
        for synthesizer in self._models.values():
            synthesizer.forget()
        devices.release_memory()

    # --- inside

    def _image(self, recipe: Recipe, stop: Stop | None, remember: bool) -> tuple[Synthesizer, Tensor]:
        """The picture [1, C, R, R] on the device."""
        synthesizer = self._used(recipe.model)
        devices.suit_threads(synthesizer.model.info.parameters)
        if not remember:
            synthesizer = Synthesizer(synthesizer.model)
        with torch.inference_mode():
            image = synthesizer.run(resolve(recipe, synthesizer.model), stop)
            if not torch.isfinite(image.sum()):  # one number instead of a mask of the picture's size
                raise RenderError("the picture is not made of finite numbers", "bring psi, pushes and noise nearer 1")
        return synthesizer, image

    def _images(self, recipes: Iterable[Recipe], stop: Stop | None) -> Iterator[tuple[Recipe, Model, Tensor]]:
        """Recipes with their models and pictures [C, R, R] on the device, made several at once."""
        waiting: list[Recipe] = []
        for recipe in recipes:
            if waiting and (len(waiting) == self._batch or recipe.model != waiting[0].model):
                yield from self._batches(waiting, stop)
                waiting = []
            waiting.append(recipe)
        yield from self._batches(waiting, stop)

    def _batches(self, recipes: list[Recipe], stop: Stop | None) -> Iterator[tuple[Recipe, Model, Tensor]]:
        """Recipes of one model, as many at once as fit."""
        done = 0
        while done < len(recipes):
            some = recipes[done : done + self._batch]
            with self._errors():
                images = self._batch_of(some, stop)
            if images is None:  # not while the error was at hand: its traceback holds what is to be freed
                self._batch = max(1, len(some) // 2)
                self.forget()
                continue
            model = self._used(some[0].model).model
            yield from ((recipe, model, image) for recipe, image in zip(some, images, strict=True))
            done += len(some)

    def _batch_of(self, recipes: list[Recipe], stop: Stop | None) -> Tensor | None:
        """The pictures [N, C, R, R] of some recipes; None: they do not fit at once."""
        model = self._used(recipes[0].model).model
        try:
            with torch.inference_mode():
                images = batch.run([resolve(recipe, model) for recipe in recipes], model, stop)
                if not torch.isfinite(images.sum()):
                    raise RenderError("a picture is not made of finite numbers", "bring psi, pushes and noise nearer 1")
        except (RuntimeError, MemoryError) as error:
            if len(recipes) == 1 or not _lacks_memory(error):
                raise
            return None
        return images

    def _used(self, model: ModelRef) -> Synthesizer:
        """The synthesizer of a recipe's model."""
        content_id = model.content_id or next(reversed(self._models), "")
        if content_id not in self._models and content_id in self._paths:  # it had to make room for others
            self.load(*self._paths[content_id])
        if content_id not in self._models:
            raise RenderError(f"the model {clipped(model.name or content_id, 80)} is not loaded", "open its file first")
        return self._shown(content_id)

    def _shown(self, content_id: str) -> Synthesizer:
        """Make a model the last one used. The states of the one before only take room: they are freed."""
        current = next(reversed(self._models))
        if content_id != current:
            self._models[current].forget()
            self._models.move_to_end(content_id)
        return self._models[content_id]

    def _put(self, model: Model) -> None:
        content_id = model.info.content_id
        for synthesizer in self._models.values():
            synthesizer.forget()  # as in _shown
        self._models[content_id] = Synthesizer(model)
        self._models.move_to_end(content_id)
        if len(self._models) > MAX_MODELS:
            self._models.popitem(last=False)
            devices.release_memory()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of the device become sentences; what it was too small for is freed."""
        sentence: RenderError | None = None
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            sentence = _translated(error, self.device)
            if sentence is None:
                raise
        if sentence is not None:  # not in the except block: its traceback holds the tensors that are to be freed
            self.forget()
            raise sentence

    def _stats(self, synthesizer: Synthesizer, began: float) -> RenderStats:
        steps, first = synthesizer.model.generator.steps, synthesizer.first
        return RenderStats(
            ms=1000 * (time.perf_counter() - began),
            first_step=first,
            first_name=steps[first].name if first < len(steps) else "",
            reused_to=steps[first - 1].resolution if first else 0,
            device=str(self.device),
            dtype=_name(synthesizer.model.dtype),
        )

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


def _ready(data: ModelData, network: str, device: torch.device, dtype: torch.dtype) -> Model:
    """Build the generator, fill it, move it."""
    module = families.family(data.info.family).build_generator(data.info.settings)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in data.networks[network].items()})
    module.eval().requires_grad_(False)
    module.to(device)
    set_precision = getattr(module, "set_precision", None)  # families whose paper has a low precision offer it
    if not callable(set_precision):
        dtype = torch.float32
    elif dtype != torch.float32:
        set_precision(dtype)
    generator: Generator = module  # type: ignore[assignment]  # a family's module has that protocol
    return Model(data.info, generator, device, network, dtype)


def _pixels(image: Tensor) -> npt.NDArray[np.uint8]:
    """[C, H, W] of -1..1 -> uint8 [H, W, C], truncating as the public tools do; one copy to the host."""
    shades = (image.float() * 127.5 + 128).clamp(0, 255).to(torch.uint8)
    pixels = shades.permute(1, 2, 0).contiguous().cpu().numpy()
    pixels.flags.writeable = False  # nobody else has it: Picture need not copy
    return pixels


def _translated(error: RuntimeError | MemoryError, device: torch.device) -> RenderError | None:
    """A sentence for an error of the device; None: it is an error of the program."""
    text = str(error)
    if _lacks_memory(error):
        return RenderError(f"there is not enough memory on {device}", "close other programs or take another device")
    if "CUDA error" in text or "MPS backend" in text:
        return RenderError(f"the device {device} failed ({clipped(text, 80)})", "restart, or use --device cpu")
    return None


def _lacks_memory(error: RuntimeError | MemoryError) -> bool:
    text = str(error)
    known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return known or "allocate memory" in text or "out of memory" in text


def _file_key(path: Path, network: str | None) -> tuple[str, int, int, str | None] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None  # opening it says why
    return str(path.absolute()), found.st_mtime_ns, found.st_size, network


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
