"""What any export may ask for, and what it may ask of a model. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import RecipeError, UsageError
from engine.family import ModelInfo

MAX_KEYS = 10_000  # sources, values of psi or noise seeds in one list


def check_within(numbers: Sequence[float], low: float, high: float, what: str) -> None:
    """Refuse numbers out of range, and too many of them. Raises RecipeError."""
    if len(numbers) > MAX_KEYS:
        raise RecipeError(f"there are more than {MAX_KEYS} {what}s", "give fewer")
    if not all(low <= number <= high for number in numbers):  # NaN is not
        raise RecipeError(f"a {what} is outside {low:g} to {high:g}", "give a smaller or larger one")


def check_layers(layers: Sequence[int], info: ModelInfo) -> None:
    """Refuse slots that the model does not have. Raises UsageError."""
    if any(layer >= len(info.layers) for layer in layers):
        raise UsageError(f"this model has no layer {max(layers)}", f"give layers from 0 to {len(info.layers) - 1}")


def check_resolutions(resolutions: Sequence[int], info: ModelInfo) -> None:
    """Refuse noise where the model has none. Raises UsageError."""
    for resolution in resolutions:
        if resolution not in info.noise_resolutions:
            known = ", ".join(map(str, info.noise_resolutions)) or "none"
            raise UsageError(f"this model has no noise at {resolution}x{resolution}", f"it has noise at: {known}")
