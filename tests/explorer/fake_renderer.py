"""An engine without torch: its picture is a plain function of the recipe, and tests say when it works or fails."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine import recipe_json
from engine.errors import ModelFileError, RenderError
from engine.family import ModelInfo
from engine.picture import Picture
from engine.recipe import Recipe

from . import fakes


@dataclass(frozen=True)
class Stats:
    ms: float = 1.0
    first_step: int = 0
    first_name: str = ""
    reused_to: int = 0
    resolution: int = 32
    device: str = "cpu"
    dtype: str = "float32"


@dataclass(frozen=True)
class Offered:
    """As engine.renderer.Offer, without torch."""

    resolution: int
    quick: bool
    ms: float


def model_info(name: str = "fake-32", resolution: int = 32) -> ModelInfo:
    """A header with a name and an opening recipe of its own."""
    info = fakes.model_info(resolution, content_id=hashlib.sha256(name.encode()).hexdigest()[:32])
    opening = {"stylescope": 1, "psi": 0.7, "a": {"seed": 1234}, "b": {"seed": 98}}
    return replace(info, name=name, opening=opening, licence="CC0")


def pixels_of(recipe: Recipe, side: int = 32) -> np.ndarray:
    """Pixels [side, side, 3] that differ whenever recipes do."""
    digest = hashlib.sha256(recipe_json.dumps(recipe).encode()).digest()
    seed = int.from_bytes(digest[:4], "little")
    return np.random.RandomState(seed).randint(0, 256, (side, side, 3)).astype(np.uint8)


class FakeRenderer:
    """Tests set `gate` to hold it, `refuse` to make it fail, `offered` to make it slow, and read `rendered`."""

    def __init__(self) -> None:
        self.models: dict[Path, ModelInfo] = {}
        self.rendered: list[Recipe] = []
        self.loaded: list[Path] = []
        self.at_hand: set[str] = set()  # content ids
        self.last = Stats()
        self.gate = threading.Event()
        self.gate.set()
        self.busy = threading.Event()  # set while a picture is made
        self.stopped = 0  # pictures that were given up
        self.refuse: Callable[[Recipe], BaseException | None] = lambda recipe: None
        self.offered: tuple[Offered, ...] = ()
        self.made: list[tuple[int | None, bool]] = []  # what was asked of each picture that is remembered
        self.tried: list[Recipe] = []

    def load(self, path: Path, **_: object) -> ModelInfo:
        self.loaded.append(path)
        if path not in self.models:
            raise ModelFileError(f"{path.name} is not a model", "choose another file")
        self.at_hand.add(self.models[path].content_id)
        return self.models[path]

    def offers(self, recipe: Recipe) -> tuple[Offered, ...]:
        return self.offered

    def try_quick(self, recipe: Recipe, *, stop: Callable[[], bool] | None = None) -> None:
        self.tried.append(recipe)

    def render(
        self,
        recipe: Recipe,
        *,
        stop: Callable[[], bool] | None = None,
        remember: bool = True,
        stop_at: int | None = None,
        quick: bool = False,
    ) -> Picture:
        from engine.synthesizer import Stopped

        self.busy.set()
        while not self.gate.wait(0.005):
            if stop is not None and stop():
                self.busy.clear()
                self.stopped += 1
                raise Stopped
        self.busy.clear()
        if recipe.model.content_id not in self.at_hand:
            raise RenderError(f"the model {recipe.model.name} is not loaded", "open its file first")
        error = self.refuse(recipe)
        if error is not None:
            raise error
        if remember:
            self.rendered.append(recipe)
            self.made.append((stop_at, quick))
        return Picture(pixels_of(recipe, 32 if stop_at is None else min(32, stop_at)), recipe)
