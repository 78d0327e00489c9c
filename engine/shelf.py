"""The models that are at hand on one device, each with the states of its last pass; the last one used is at the end."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from engine import device as devices
from engine import quick
from engine.errors import RenderError, clipped
from engine.family import ModelInfo
from engine.files import opening
from engine.model import Model, ready
from engine.recipe import ModelRef, Recipe
from engine.synthesizer import Synthesizer

Stop = Callable[[], bool]

MAX_MODELS = 2  # on the device: the shown one, and the one that undo returns to


class Shelf:
    """Opens files, brings back what had to make room, and frees what the device is too small for."""

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self._device, self._dtype = device, dtype
        self.models: OrderedDict[str, Synthesizer] = OrderedDict()  # by content id
        self._quick: dict[str, Synthesizer] = {}  # their twins in the quick precision, where those are worth it
        self._trials: dict[str, quick.Trial | None] = {}  # None: there was nothing to try
        self._paths: dict[str, tuple[Path, str]] = {}  # content id -> file and network of every model that was loaded
        self._files: dict[tuple[str, int, int, str | None], str] = {}  # (path, time, size, network) -> content id

    @property
    def info(self) -> ModelInfo | None:
        """The model that was used last."""
        return next(reversed(self.models.values())).model.info if self.models else None

    def load(
        self,
        path: Path,
        network: str | None,
        progress: Callable[[float], None] | None,
        stop: Stop | None,
        data: opening.ModelData | None,
    ) -> ModelInfo:
        """As Renderer.load."""
        key = _file_key(path, network)
        known = "" if key is None else self._files.get(key, "")
        if known in self.models:
            return self._shown(known).model.info
        data = data or opening.read(path, network, progress, stop)
        chosen = network or data.info.networks[0]
        with self.errors():
            self._put(ready(data, chosen, self._device, self._dtype))
        # The other network of this file has the same content id, and its place was just taken.
        self._files = {k: v for k, v in self._files.items() if v != data.info.content_id}
        if key is not None:
            self._files[key] = data.info.content_id
        self._paths[data.info.content_id] = path, chosen
        return data.info

    def used(self, model: ModelRef) -> Synthesizer:
        """The synthesizer of a recipe's model. Raises RenderError when that was never loaded."""
        content_id = model.content_id or next(reversed(self.models), "")
        if content_id not in self.models and content_id in self._paths:  # it had to make room for others
            self.load(*self._paths[content_id], None, None, None)
        if content_id not in self.models:
            raise RenderError(f"the model {clipped(model.name or content_id, 80)} is not loaded", "open its file first")
        return self._shown(content_id)

    def twin(self, synthesizer: Synthesizer) -> Synthesizer | None:
        """The twin of a model in the quick precision; None: there is none that is worth it."""
        return self._quick.get(synthesizer.model.info.content_id)

    def try_quick(self, recipe: Recipe, stop: Stop | None) -> quick.Trial | None:
        """As Renderer.try_quick."""
        synthesizer = self.used(recipe.model)
        model = synthesizer.model
        content_id = model.info.content_id
        if content_id not in self._trials:
            twin = quick.twin(model)
            trial = None if twin is None else quick.tried(model, twin, synthesizer.resolved(recipe), stop)
            self._trials[content_id] = trial
            if twin is not None and trial is not None and trial.worth:
                self._quick[content_id] = Synthesizer(twin)
        return self._trials[content_id]

    def forget(self) -> None:
        """Free all states; models stay."""
        for content_id in self.models:
            self._forget(content_id)
        devices.release_memory()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Errors of the device become sentences; what it was too small for is freed."""
        sentence: RenderError | None = None
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            sentence = devices.sentence(error, self._device)
            if sentence is None:
                raise
        if sentence is not None:  # not in the except block: its traceback holds the tensors that are to be freed
            self.forget()
            raise sentence

    def _shown(self, content_id: str) -> Synthesizer:
        """Make a model the last one used. The states of the one before only take room: they are freed."""
        current = next(reversed(self.models))
        if content_id != current:
            self._forget(current)
            self.models.move_to_end(content_id)
        return self.models[content_id]

    def _put(self, model: Model) -> None:
        content_id = model.info.content_id
        for other in self.models:
            self._forget(other)  # as in _shown
        self._drop(content_id)
        self.models[content_id] = Synthesizer(model)
        if len(self.models) > MAX_MODELS:
            self._drop(next(iter(self.models)))
            devices.release_memory()

    def _forget(self, content_id: str) -> None:
        self.models[content_id].forget()
        if content_id in self._quick:
            self._quick[content_id].forget()

    def _drop(self, content_id: str) -> None:
        for known in (self.models, self._quick, self._trials):
            known.pop(content_id, None)


def _file_key(path: Path, network: str | None) -> tuple[str, int, int, str | None] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None  # opening it says why
    return str(path.absolute()), found.st_mtime_ns, found.st_size, network
