"""ProGAN's networks against the public TensorFlow program, and against its copy in StyleGAN's code base."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from engine.families import family
from engine.nn import growing
from tests.conformance import Case, Comparison, tf


def run(file: str, name: str) -> list[Comparison]:
    """A case of a generator or of a discriminator."""
    description, arrays = tf.load(file)
    case = description["cases"][name]
    module = network(file, case["network"], case["set"]["lod"])
    with torch.inference_mode():
        if "latents" in case["inputs"]:
            return tf.images(case, arrays, module(*tf.inputs(case, arrays, "latents", "labels")))
        (images,) = tf.inputs(case, arrays, "images")
        outputs = module.scores_and_labels(full_size_image() if images is None else images)
    ours = dict(zip(("scores", "labels"), outputs, strict=True))
    return [tf.numbers(what, ours[what], arrays[key]) for what, key in case["outputs"].items()]


def network(file: str, name: str, lod: float) -> Any:
    """A network of a reference file at a level of detail."""
    return tf.network("progan", tf.foreign(tf.load(file)[0], name, {"lod": lod}))


def full_size_image() -> Tensor:
    """The picture [1, 3, 1024, 1024] that the full-size discriminator is shown."""
    description, arrays = tf.load("progan_1024")
    image: Tensor = network("progan_1024", "G", 0)(*tf.inputs(description["cases"]["G/lod0"], arrays, "latents"))
    return image


def reals(name: str) -> list[Comparison]:
    """Real pictures on their way into a growing discriminator."""
    description, arrays = tf.load("progan_small")
    case = description["cases"][name]
    pictures = torch.from_numpy(arrays[case["inputs"]["reals"]]).float() / 127.5 - 1
    stored = arrays[case["outputs"]["reals"]]
    ours = growing.faded_reals(pictures, stored.shape[-1], case["set"]["lod"])
    return [Comparison(what="reals", ours=ours.numpy(), reference=stored, tolerance=tf.IMAGES, measure="std")]


def parameters(role: str) -> list[Comparison]:
    """Parameters of the network of the paper's table 2: of every layer, and all together."""
    its = family("progan")
    module = its.build_generator({}) if role == "G" else its.build_discriminator({})
    return [tf.counts("parameters", _counted(module, role), _stored(role))]


def _stored(role: str) -> dict[str, int]:
    numbers = tf.load_counts("progan_param_counts")[role]
    return numbers["layers"] | {"total": numbers["total"]}


def _counted(module: nn.Module, role: str) -> dict[str, int]:
    """Parameters under the names of the public program."""
    counted = {"total": sum(p.numel() for p in module.parameters())}
    for name, parameter in module.named_parameters():
        block, layer, _ = name.split(".")
        theirs = _their_name(int(block[1:]), layer, role)
        counted[theirs] = counted.get(theirs, 0) + parameter.numel()
    return counted


def _their_name(resolution: int, layer: str, role: str) -> str:
    if layer in ("torgb", "fromrgb"):
        return f"{'ToRGB' if layer == 'torgb' else 'FromRGB'}_lod{int(math.log2(1024 // resolution))}"
    resampling = {"G": {"conv0": "Conv0_up"}, "D": {"conv1": "Conv1_down"}}[role]
    names = {"dense": "Dense", "fc": "Dense0", "out": "Dense1", "conv": "Conv", "conv0": "Conv0", "conv1": "Conv1"}
    return f"{resolution}x{resolution}/{(names | resampling)[layer]}"


CASES: list[Case] = [
    *tf.cases("progan_small", partial(run, "progan_small"), lambda name: name.startswith(("G_", "D_"))),
    *tf.cases("progan_small", reals, lambda name: name.startswith("process_reals")),
    *tf.cases("stylegan_D_small", partial(run, "stylegan_D_small"), lambda name: name.startswith("P_")),
    *tf.cases("progan_1024", partial(run, "progan_1024"), lambda name: True, slow=True),
    *(Case(file="tf/progan_param_counts", name=role, run=partial(parameters, role)) for role in ("G", "D")),
]
