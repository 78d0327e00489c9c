"""The TensorFlow reference files: networks filled by their weight rule, and comparisons with what is stored of a case.

The rule: the variable KEY of shape S is randn(S) of RandomState(crc32(KEY)) in float32, times a scale plus an offset,
both listed beside it in the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.families import family
from engine.families.foreign import Converted, Foreign
from tests import reference
from tests.conformance import Case, Comparison

Description = Mapping[str, Any]
Arrays = Mapping[str, NDArray[np.float32]]

IMAGES, SCORES, FULL_SIZE = 1e-4, 1e-4, 2e-4  # the limits that the reference suggests: of std, of max, of std

VERSIONS = {"networks": 2, "networks_progan": 3, "networks_stylegan": 3, "networks_stylegan2": 4}


def load(file: str) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """(description, arrays) of a file such as "progan_small"."""
    return reference.case(f"tf/{file}")


def load_counts(file: str) -> Any:
    """A file of parameter counts and shapes, which has no arrays."""
    return json.loads((reference.FOLDER / "tf" / f"{file}.json").read_text())


def foreign(description: Description, network: str, values: Mapping[str, float] | None = None) -> Foreign:
    """A network of a file as if it had been read from a pickle, all variables filled by the rule.

    values: scalars to set, e.g. a case's "set": {"lod": 1.5}, in the network and in its sub-networks.
    """
    given = description["networks"][network]
    module, _, kind = given["func"].rpartition(".")
    arrays = {key: filled(key, tuple(shape), scale, offset) for key, shape, scale, offset in given["weights"]}
    for name, value in (values or {}).items():
        for key in arrays:
            if key.rpartition("/")[2] == name:
                arrays[key] = np.float32(value).reshape(())
    return Foreign(
        dialect="tf", kind=kind, module=module, version=VERSIONS[module], settings=given["kwargs"], arrays=arrays
    )


def filled(key: str, shape: tuple[int, ...], scale: float, offset: float) -> NDArray[np.float32]:
    """The values of a variable."""
    return reference.seeded(key, shape).numpy() * np.float32(scale) + np.float32(offset)


def network(family_name: str, given: Foreign) -> nn.Module:
    """The network that a family makes of a foreign one, in evaluation mode."""
    return built(family_name, family(family_name).convert(given))


def built(family_name: str, converted: Converted) -> nn.Module:
    """A converted network with its tensors."""
    its = family(family_name)
    build = its.build_generator if converted.role == "G" else its.build_discriminator
    module = build(converted.settings)
    module.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in converted.tensors.items()})
    return module.eval().requires_grad_(False)


def inputs(case: Description, arrays: Arrays, *names: str) -> list[Tensor | None]:
    """The inputs of a case by their role; None for one that is not there or, as labels may be, of width 0."""
    found = [arrays[case["inputs"][name]] if name in case["inputs"] else None for name in names]
    return [None if array is None or not array.shape[-1] else torch.from_numpy(array) for array in found]


def images(case: Description, arrays: Arrays, ours: Tensor) -> list[Comparison]:
    """Pictures [N, C, H, W] beside what is stored of them: whole, or block means, crops and statistics."""
    compared = []
    for what, key in case["outputs"].items():
        if what in PICTURES:
            value = PICTURES[what](ours, case)[: len(arrays[key])].numpy()
            tolerance = IMAGES if what == "images" else FULL_SIZE
            measure = "max" if what == "stats" else "std"
            compared.append(
                Comparison(what=what, ours=value, reference=arrays[key], tolerance=tolerance, measure=measure)
            )
    assert compared, "nothing is stored of this picture"
    return compared


def numbers(what: str, ours: Tensor, stored: NDArray[np.float32], tolerance: float = SCORES) -> Comparison:
    """Scores, logits or losses, relative to the largest of them."""
    return Comparison(what=what, ours=ours.detach().numpy(), reference=stored, tolerance=tolerance, measure="max")


def counts(what: str, ours: Mapping[str, int], stored: Mapping[str, int]) -> Comparison:
    """Parameters by layer, the total among them as "total". Names must agree as well."""
    assert set(ours) == set(stored), sorted(set(ours) ^ set(stored))[:5]
    pair = [np.array([numbers[name] for name in sorted(stored)], dtype=np.float64) for numbers in (ours, stored)]
    return Comparison(what=what, ours=pair[0], reference=pair[1], tolerance=0, measure="exact")


def cases(
    file: str, run: Callable[[str], list[Comparison]], wanted: Callable[[str], bool], slow: bool = False
) -> list[Case]:
    """The cases of a file whose name is wanted; `run` is called with the name."""
    names = [name for name in load(file)[0]["cases"] if wanted(name)]
    return [Case(file=f"tf/{file}", name=name, run=partial(run, name), slow=slow) for name in names]


def _crops(image: Tensor, case: Description) -> Tensor:
    """[N, crops, C, 64, 64]."""
    return torch.stack([image[:, :, y : y + 64, x : x + 64] for y, x in case["crops_yx"]], dim=1)


def _statistics(image: Tensor, case: Description) -> Tensor:
    numbers = image.double()
    return torch.stack([numbers.mean(), numbers.std(correction=0), numbers.min(), numbers.max()])


PICTURES: dict[str, Callable[[Tensor, Description], Tensor]] = {
    "images": lambda image, case: image,
    "images_area64": lambda image, case: torch.nn.functional.avg_pool2d(image, image.shape[-1] // 64),
    "images_crops": _crops,
    "stats": _statistics,
}
