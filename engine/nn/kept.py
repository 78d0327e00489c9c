"""What follows from a weight and is dear to compute: kept until the weight is another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class Kept:
    """A function of a weight, computed when it is asked for and the weight was written to or moved since.

    What counts is torch's own count of writes in place, by an optimiser or load_state_dict; it does not see what is
    written to `weight.data`.
    """

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        self._function = function
        self._value: Tensor | None = None
        self._of = (0, -1)  # where the weight lay, and how often it had been written to

    def of(self, weight: Tensor) -> Tensor:
        """function(weight), not to be written to."""
        if weight.is_inference():  # writes to it are not counted
            return self._function(weight)
        here = weight.data_ptr(), weight._version
        if self._value is None or self._of != here:
            self._value = None  # its memory may serve for the new one
            with torch.inference_mode(False), torch.no_grad():
                self._value, self._of = self._function(weight), here
        return self._value

    def __bool__(self) -> bool:
        """Whether there is one, of this weight or of what it was."""
        return self._value is not None

    def __deepcopy__(self, memo: dict[int, Any]) -> Kept:
        """Of another weight: nothing yet."""
        return Kept(self._function)
