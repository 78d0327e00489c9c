"""StyleGAN's networks, and StyleGAN2's configuration A, which is the same, against the public TensorFlow programs.

Intermediate activations: where ours folds operations into one, the result of the last of them is compared, and the
comparison names the others in brackets. Folded are: a matrix product or convolution and its bias (with noise between
them: sums in another order), blur and bias, instance norm and style.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor

from engine import latents
from engine.families import family
from engine.families.foreign import Foreign
from engine.families.stylegan import convert, layers
from engine.nn.pixel_norm import pixel_norm
from tests.conformance import Case, Comparison, tf


def generator(file: str, name: str) -> list[Comparison]:
    """w of each style slot, and pictures: of the batch, and one by one, which takes other paths through our code."""
    description, arrays = tf.load(file)
    case = description["cases"][name]
    given = _foreign(description, case)
    G: Any = tf.network("stylegan", given)
    with torch.inference_mode():
        rows, ws = _styles(G, given, case, arrays)
        compared = tf.images(case, arrays, G.synthesize(ws))
        if "images_crops" in case["outputs"]:
            exact = G.double().synthesize(_styles(G, given, case, arrays)[1])
            compared = _full_size(compared, tf.images(case, arrays, exact))
        if len(ws) > 1:
            singly = torch.cat([G.synthesize(row[None]) for row in ws])
            compared += [dataclasses.replace(c, what=f"{c.what} one by one") for c in tf.images(case, arrays, singly)]
    if "ws" in case["outputs"]:
        stored = arrays[case["outputs"]["ws"]]
        ours = rows.numpy() if stored.ndim == 3 else rows[:, 0].numpy()  # one row, where all are equal
        compared.append(Comparison(what="ws", ours=ours, reference=stored, tolerance=tf.IMAGES, measure="std"))
    return compared


def _full_size(single: list[Comparison], double: list[Comparison]) -> list[Comparison]:
    """The limit holds in double precision. In single, processors differ in how they round: 1.4e-4 was seen on one, and
    2.8e-4 on another."""
    wide = [dataclasses.replace(c, what=f"{c.what} in float32", tolerance=2.5 * c.tolerance) for c in single]
    return [*double, *wide]


def discriminator(file: str, name: str) -> list[Comparison]:
    """Scores."""
    description, arrays = tf.load(file)
    case = description["cases"][name]
    D: Any = tf.network("stylegan", _foreign(description, case))
    images, labels = tf.inputs(case, arrays, "images", "labels")
    with torch.inference_mode():
        scores = D(full_size_image() if images is None else images, labels)
    return [tf.numbers("scores", scores, arrays[case["outputs"]["scores"]])]


def full_size_image() -> Tensor:
    """The picture [1, 3, 1024, 1024] that the full-size discriminator is shown."""
    description, arrays = tf.load("stylegan_1024")
    case = description["cases"]["G/psi0.7"]
    given = _foreign(description, case)
    G: Any = tf.network("stylegan", given)
    image: Tensor = G.synthesize(_styles(G, given, case, arrays)[1])
    return image


def _foreign(description: tf.Description, case: Mapping[str, Any]) -> Foreign:
    """The network of a case. Arguments of its evaluation count as the network's own."""
    given = tf.foreign(description, case["network"], case.get("set"))
    return dataclasses.replace(given, settings={**given.settings, **case.get("call_kwargs", {})})


def _styles(G: Any, given: Foreign, case: Mapping[str, Any], arrays: tf.Arrays) -> tuple[Tensor, Tensor]:
    """ws [N, L, W] as the mapping gives them, styles mixed where the case says so, and after truncation."""
    precision = next(G.parameters()).dtype
    inputs = tf.inputs(case, arrays, "latents", "latents2", "labels")
    z, z2, c = (None if x is None else x.to(precision) for x in inputs)
    ws = G.broadcast(G.map(z, c)).clone()
    if z2 is not None:
        ws[:, case["cutoff"] :] = G.broadcast(G.map(z2, c))[:, case["cutoff"] :]
    psi, cutoff = given.settings.get("truncation_psi", 0.7), given.settings.get("truncation_cutoff", 8)
    if psi is None or z2 is not None or given.settings.get("is_validation"):
        return ws, ws
    truncated = [latents.truncated(row, G.w_avg.numpy(), psi, cutoff) for row in ws.numpy()]
    return ws, torch.from_numpy(np.stack(truncated))


# --- intermediate activations


def activations(name: str) -> list[Comparison]:
    """Every stored tensor of one sample's way through the network, as far as ours computes it."""
    description, arrays = tf.load("stylegan_activations")
    case = description["cases"][name]
    given = _foreign(description, case)
    G: Any = tf.network("stylegan", given)
    z = torch.from_numpy(arrays[case["inputs"]["latents"]])[:1]
    with torch.inference_mode():
        seen = {"pixel_norm": pixel_norm(z)} | _mapping_activations(G, z)
        ws = G.broadcast(G.map(z))
        seen |= _synthesis_activations(G, ws) | {"ws": ws, "images": G.synthesize(ws)}
    stored = {what: arrays[key] for what, key in case["outputs"].items()}
    compared, folded = [], []
    for what in stored:
        if what not in seen:  # a later one of the same scope stands for it
            folded.append(what)
            continue
        scope = what.rpartition("/")[0]
        its = [f for f in folded if f.rpartition("/")[0] == scope]
        folded = [f for f in folded if f not in its]
        names = what if not its else f"{what} (and in it {', '.join(f.rpartition('/')[2] for f in its)})"
        value = seen[what].numpy()
        compared.append(Comparison(what=names, ours=value, reference=stored[what], tolerance=tf.IMAGES, measure="std"))
    assert not folded, f"nothing stands for {folded}"
    return compared


def _mapping_activations(G: Any, z: Tensor) -> dict[str, Tensor]:
    with _recorded("activated") as calls:
        G.map(z)
    return {
        name: value
        for i, (before, after) in enumerate(calls["activated"])
        for name, value in ((f"Dense{i}/apply_bias", before), (f"Dense{i}/leaky_relu", after))
    }


def _synthesis_activations(G: Any, ws: Tensor) -> dict[str, Tensor]:
    seen: dict[str, Tensor] = {}
    state, full = G.start(ws), G.settings.resolution
    for i, step in enumerate(G.steps):
        r, _, layer = step.name[1:].partition(".")
        noise = None if step.noise is None else G.stored_noise(step.noise)[None, None]
        with _recorded("activated", "adain", "blurred") as calls:
            state = G.run(i, state, ws, noise)
        if layer == "torgb":
            continue
        scope = f"{r}x{r}/{ {'input': 'Const', 'conv': 'Conv', 'conv0': 'Conv0_up', 'conv1': 'Conv1'}[layer] }"
        for before, _ in calls["blurred"]:  # of separate scaling, conv2d is the same tensor
            seen |= {f"{scope}/upscale2d_conv2d": before, f"{scope}/conv2d": before}
        ((biased, active),) = calls["activated"]
        ((_, styled),) = calls["adain"]
        style = G.synthesis.get_submodule(step.name).epilogue.affine(ws[:, step.slots[0]])
        seen |= {f"{scope}/apply_bias": biased, f"{scope}/leaky_relu": active, f"{scope}/style_mod": styled}
        seen[f"{scope}/StyleMod/apply_bias"] = style
        if layer in ("conv", "conv1"):  # the public program computes all toRGBs, whatever the level of detail
            torgb = G.synthesis.get_submodule(f"b{r}.torgb")
            seen[f"ToRGB_lod{(full // int(r)).bit_length() - 1}/apply_bias"] = torgb(state.x)
    return seen


@contextmanager
def _recorded(*names: str) -> Iterator[dict[str, list[tuple[Tensor, Tensor]]]]:
    """(first argument, result) of each call of functions that the layers call; copies, for some overwrite the first."""
    calls: dict[str, list[tuple[Tensor, Tensor]]] = {name: [] for name in names}

    def recording(name: str, function: Callable[..., Tensor], x: Tensor, *args: Any) -> Tensor:
        before = x.clone()
        result = function(x, *args)
        calls[name].append((before, result.clone()))
        return result

    with ExitStack() as stack:
        for name in names:
            recorder = partial(recording, name, getattr(layers, name))
            stack.enter_context(mock.patch.object(layers, name, recorder))
        yield calls


# --- parameter counts

BASELINE = {
    "use_styles": False, "use_pixel_norm": True, "use_instance_norm": False, "mapping_layers": 0,
    "truncation_psi": None, "const_input_layer": False, "use_noise": False,
}  # fmt: skip
ABLATIONS: Mapping[str, Mapping[str, Any]] = {  # arguments of the public program
    "G": {},
    "G_B_tuned_baseline": BASELINE,
    "G_C_mapping_styles": {"const_input_layer": False, "use_noise": False},
    "G_D_const_input": {"use_noise": False},
    "D": {"num_channels": 3, "resolution": 1024},
}


def parameters(name: str) -> list[Comparison]:
    """Parameters of a network of published size: of every layer, and all together."""
    stored = tf.load_counts("stylegan_param_counts")[name]
    role = name[0]
    settings = _settings(role, ABLATIONS[name])
    its = family("stylegan")
    module = its.build_generator(settings) if role == "G" else its.build_discriminator(settings)
    counted = {"total": sum(p.numel() for p in module.parameters())}
    first = "Const" if settings.get("const_input", True) else "Dense"
    for key, parameter in module.named_parameters():
        layer = _their_layer(key, role, first)
        counted[layer] = counted.get(layer, 0) + parameter.numel()
    compared = [tf.counts("parameters", counted, stored["layers"] | {"total": stored["total"]})]
    if role == "G":
        told = its.describe(settings).parameters
        compared.append(tf.counts("parameters as described", {"total": told}, {"total": stored["total"]}))
    return compared


def _settings(role: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ours for arguments of the public program, as its conversion gives them."""
    given = Foreign(dialect="tf", kind={"G": "G_style", "D": "D_basic"}[role], settings=arguments, arrays={})
    return convert.settings_of(given)


def _their_layer(key: str, role: str, first: str) -> str:
    """The public program's layer of our parameter: "synthesis.b8.conv0.epilogue.affine.weight" -> ".../StyleMod"."""
    if key.startswith("mapping."):
        return f"G_mapping/Dense{key.split('.')[1].removeprefix('fc')}"
    block, layer, *rest = key.removeprefix("synthesis.").split(".")
    r = int(block[1:])
    names = {"input": first, "conv": "Conv", "fc": "Dense0", "out": "Dense1"}
    names |= {"conv0": "Conv0_up", "conv1": "Conv1"} if role == "G" else {"conv0": "Conv0", "conv1": "Conv1_down"}
    theirs = f"{r}x{r}/{names[layer]}" if layer in names else f"{layer}_lod{(1024 // r).bit_length() - 1}"
    theirs = theirs.replace("torgb", "ToRGB").replace("fromrgb", "FromRGB")
    part = "/StyleMod" if "affine" in rest else "/Noise" if "noise_strength" in rest else ""
    return f"{'G_synthesis/' if role == 'G' else ''}{theirs}{part}"


CASES: list[Case] = [
    *tf.cases("stylegan_small", partial(generator, "stylegan_small"), lambda name: True),
    *tf.cases("stylegan_activations", activations, lambda name: True),
    *tf.cases("stylegan_D_small", partial(discriminator, "stylegan_D_small"), lambda name: not name.startswith("P_")),
    *tf.cases("stylegan2_small_G", partial(generator, "stylegan2_small_G"), lambda name: name.startswith("Ga/")),
    *tf.cases("stylegan2_small_D", partial(discriminator, "stylegan2_small_D"), lambda name: name.startswith("Da/")),
    *tf.cases("stylegan_1024", partial(generator, "stylegan_1024"), lambda name: name.startswith("G/"), slow=True),
    *tf.cases("stylegan_1024", partial(discriminator, "stylegan_1024"), lambda name: name.startswith("D"), slow=True),
    *(Case(file="tf/stylegan_param_counts", name=name, run=partial(parameters, name)) for name in ABLATIONS),
]
