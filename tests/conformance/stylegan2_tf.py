"""StyleGAN2's networks against the public TensorFlow program. Its configuration A is in stylegan.py."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from engine.families import family
from engine.families.stylegan2 import convert_tf
from engine.families.stylegan2.settings import discriminator_settings, generator_settings
from engine.families.stylegan2.tensors import discriminator_tensors, generator_tensors
from engine.families.tensors import BUFFERS
from tests.conformance import Case, Comparison, tf

# The networks of table 1 at 1024 by their names in the reference: ours, where not as by default.
E, F = {"resolution": 1024, "channel_base": 16384}, {"resolution": 1024, "channel_base": 32768}
GENERATORS = {
    "G_config-f": F,
    "G_config-e-Gskip": E,
    "G_config-e-Gorig": E | {"architecture": "orig"},
    "G_config-e-Gresnet": E | {"architecture": "resnet"},
    "G_config-bcd": E | {"architecture": "growing"},
}
DISCRIMINATORS = {
    "D_config-f": F,
    "D_config-e-Dresnet": E,
    "D_config-e-Dorig": E | {"architecture": "orig"},
    "D_config-e-Dskip": E | {"architecture": "skip"},
    "D_config-bcd": E | {"architecture": "growing"},
}


def network(file: str, case: tf.Description) -> Any:
    """The network of a case, at its level of detail."""
    return tf.network("stylegan2", tf.foreign(tf.load(file)[0], case["network"], case.get("set")))


def generate(file: str, name: str) -> list[Comparison]:
    """A case of a generator: ws before truncation, and pictures."""
    description, arrays = tf.load(file)
    case = description["cases"][name]
    G = network(file, case)
    with torch.inference_mode():
        ws = _ws(G, case, arrays)
        pictures = tf.images(case, arrays, G.synthesize(_truncated(G, ws, case)))
    if "ws" in case["outputs"]:
        stored = arrays[case["outputs"]["ws"]]
        ours = ws[:, : stored.shape[1]] if stored.ndim == 3 else ws[:, 0]
        pictures.append(Comparison(what="ws", ours=ours.numpy(), reference=stored, tolerance=tf.IMAGES, measure="std"))
    return pictures


def judge(file: str, name: str) -> list[Comparison]:
    """A case of a discriminator: scores."""
    description, arrays = tf.load(file)
    case = description["cases"][name]
    images, labels = tf.inputs(case, arrays, "images", "labels")
    with torch.inference_mode():
        scores = network(file, case)(full_size_image() if images is None else images, labels)
    return [tf.numbers("scores", scores, arrays[case["outputs"]["scores"]])]


def full_size_image() -> Tensor:
    """The picture [1, 3, 1024, 1024] that the full-size discriminator is shown."""
    description, arrays = tf.load("stylegan2_1024")
    case = description["cases"]["G/psi0.5"]
    G = network("stylegan2_1024", case)
    image: Tensor = G.synthesize(_truncated(G, _ws(G, case, arrays), case))
    return image


def parameters(name: str) -> list[Comparison]:
    """Parameters of the paper's networks: of every layer, and all together."""
    stored = tf.load_counts("stylegan2_param_counts")[name]
    if name in GENERATORS:
        s = generator_settings(GENERATORS[name])
        tensors, table = generator_tensors(s), convert_tf.generator_table(s)
    else:
        d = discriminator_settings(DISCRIMINATORS[name])
        tensors, table = discriminator_tensors(d), convert_tf.discriminator_table(d)
    counted = {"total": 0}
    for ours, (theirs, _) in table.items():
        if not ours.endswith(BUFFERS):
            size = int(torch.Size(tensors[ours]).numel())
            layer = theirs.rpartition("/")[0]
            counted[layer] = counted.get(layer, 0) + size
            counted["total"] += size
    return [tf.counts("parameters", counted, stored["layers"] | {"total": stored["total"]})]


def configuration_a(name: str) -> list[Comparison]:
    """Parameters of configuration A, which is StyleGAN: those of each layer are compared in stylegan.py."""
    its, sizes = family("stylegan"), {"resolution": 1024, "channels": 3}
    total = its.describe(sizes).parameters
    if name.startswith("D"):
        total = sum(int(torch.Size(shape).numel()) for shape in its.discriminator_tensors(sizes).values())
    stored = tf.load_counts("stylegan2_param_counts")[name]["total"]
    return [tf.counts("parameters in total", {"total": total}, {"total": stored})]


def _ws(G: Any, case: tf.Description, arrays: tf.Arrays) -> Tensor:
    """ws [N, L, W] before truncation; of two latents where styles are mixed."""
    latents, second, labels = tf.inputs(case, arrays, "latents", "latents2", "labels")
    ws: Tensor = G.broadcast(G.map(latents, labels))
    if second is None:
        return ws
    cutoff = case["cutoff"]
    return torch.cat([ws[:, :cutoff], G.broadcast(G.map(second, labels))[:, cutoff:]], dim=1)


def _truncated(G: Any, ws: Tensor, case: tf.Description) -> Tensor:
    """By default psi 0.5 for all layers; not when a network is validated, nor in the mixing cases."""
    given = case.get("call_kwargs", {"truncation_psi": 1})
    psi = 1 if given.get("is_validation") else given.get("truncation_psi", 0.5)
    below = given.get("truncation_cutoff") or ws.shape[1]
    return torch.cat([G.w_avg.lerp(ws[:, :below], psi), ws[:, below:]], dim=1)


def _is_here(name: str) -> bool:
    return not name.startswith(("Ga", "Da"))


CASES: list[Case] = [
    *tf.cases("stylegan2_small_G", partial(generate, "stylegan2_small_G"), _is_here),
    *tf.cases("stylegan2_small_D", partial(judge, "stylegan2_small_D"), _is_here),
    *tf.cases("stylegan2_1024", partial(generate, "stylegan2_1024"), lambda name: name.startswith("G"), slow=True),
    *tf.cases("stylegan2_1024", partial(judge, "stylegan2_1024"), lambda name: name.startswith("D"), slow=True),
    *(
        Case(file="tf/stylegan2_param_counts", name=name, run=partial(parameters, name))
        for name in (*GENERATORS, *DISCRIMINATORS)
    ),
    *(
        Case(file="tf/stylegan2_param_counts", name=name, run=partial(configuration_a, name))
        for name in ("G_config-a", "D_config-a")
    ),
]
