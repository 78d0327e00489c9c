"""Pictures of many recipes, as many at once as the device has room for (engine.batch makes them)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from engine import batch
from engine import device as devices
from engine.errors import RenderError
from engine.model import Model
from engine.plan import resolve
from engine.recipe import Recipe
from engine.shelf import Shelf

Stop = Callable[[], bool]

MAX_BATCH = 32  # pictures at once on CUDA; more gain nothing and hold memory of the host


class Many:
    """How many pictures at once fit, as far as is known by now."""

    def __init__(self, shelf: Shelf, at_once: int) -> None:
        self._shelf = shelf
        self.at_once = at_once

    def images(self, recipes: Iterable[Recipe], stop: Stop | None) -> Iterator[tuple[Recipe, Model, Tensor]]:
        """Recipes with their models and pictures [C, R, R] on the device, made several at once."""
        waiting: list[Recipe] = []
        for recipe in recipes:
            if waiting and (len(waiting) == self.at_once or recipe.model != waiting[0].model):
                yield from self._of_one_model(waiting, stop)
                waiting = []
            waiting.append(recipe)
        yield from self._of_one_model(waiting, stop)

    def _of_one_model(self, recipes: list[Recipe], stop: Stop | None) -> Iterator[tuple[Recipe, Model, Tensor]]:
        """As many at once as fit."""
        done = 0
        while done < len(recipes):
            some = recipes[done : done + self.at_once]
            with self._shelf.errors():
                images = self._at_once(some, stop)
            if images is None:  # not while the error was at hand: its traceback holds what is to be freed
                self.at_once = max(1, len(some) // 2)
                self._shelf.forget()
                continue
            model = self._shelf.used(some[0].model).model
            yield from ((recipe, model, image) for recipe, image in zip(some, images, strict=True))
            done += len(some)

    def _at_once(self, recipes: list[Recipe], stop: Stop | None) -> Tensor | None:
        """The pictures [N, C, R, R] of some recipes; None: they do not fit at once."""
        model = self._shelf.used(recipes[0].model).model
        try:
            with torch.inference_mode():
                images = batch.run([resolve(recipe, model) for recipe in recipes], model, stop)
                if not torch.isfinite(images.sum()):
                    raise RenderError("a picture is not made of finite numbers", "bring psi, pushes and noise nearer 1")
        except (RuntimeError, MemoryError) as error:
            if len(recipes) == 1 or not devices.lacks_memory(error):
                raise
            return None
        return images
