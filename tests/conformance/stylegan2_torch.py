"""StyleGAN2's networks against the public PyTorch programs StyleGAN2-ADA and StyleGAN3."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.families import family
from engine.families.foreign import Foreign
from engine.nn.fir import setup_filter
from engine.nn.minibatch_stddev import with_minibatch_stddev
from tests import reference
from tests.conformance import Case, Comparison, tf

Arrays = Mapping[str, NDArray[np.float32]]

GENERATORS = (
    "skip", "resnet", "orig", "skip_map2", "cond", "cond_embed", "clamp", "resnet_clamp", "gray16", "nonoise", "filter",
)  # fmt: skip
ACTIVATIONS = ("skip", "resnet")  # generators whose activations are stored


def foreign(kind: str, given: Mapping[str, Any]) -> Foreign:
    """A network as if it had been read from a pickle, all tensors by the weight rule. given: kwargs and weights."""
    kwargs = given["kwargs"]
    layers = kwargs.get("synthesis_kwargs" if kind == "Generator" else "block_kwargs", {})
    taps = setup_filter(layers.get("resample_filter", [1, 3, 3, 1])).numpy()
    arrays = {}
    for key, shape, rule in given["weights"]:
        if rule == "constructed":
            arrays[key] = taps
        else:
            arrays[key] = tf.filled(key, tuple(shape), rule["scale"], rule["offset"])
    # What a pickle of StyleGAN2-ADA tells of its layers: its default is no clamp, that of StyleGAN3's program is 256.
    attributes = {"b32.conv1.conv_clamp": layers.get("conv_clamp", kwargs.get("conv_clamp"))}
    return Foreign(dialect="torch", kind=kind, settings=kwargs, arrays=arrays, attributes=attributes)


def network(kind: str, given: Mapping[str, Any]) -> Any:
    """The network, converted and filled."""
    return tf.network("stylegan2", foreign(kind, given))


@cache
def generator(name: str) -> tuple[Any, dict[str, Any], dict[str, NDArray[np.float32]]]:
    """A small generator, with the description and the arrays of its file."""
    description, arrays = reference.case(f"sg2_gen_{name}")
    return network("Generator", description), description, arrays


@cache
def discriminator(name: str) -> Any:
    """A small discriminator."""
    return network("Discriminator", reference.case("sg2_disc")[0]["networks"][name])


def compared(what: str, ours: Tensor, stored: NDArray[np.float32], limit: float) -> Comparison:
    """Relative to the largest magnitude, as this reference wants it."""
    return Comparison(what=what, ours=ours.detach().numpy(), reference=stored, tolerance=limit)


def exact(what: str, ours: object, stored: object) -> Comparison:
    """Whole numbers."""
    pair = [np.atleast_1d(np.array(n, dtype=np.float64)) for n in (ours, stored)]
    return Comparison(what=what, ours=pair[0], reference=pair[1], tolerance=0, measure="exact")


@torch.inference_mode()
def generate(name: str, image: str) -> list[Comparison]:
    """ws after truncation or mixing, and the pictures, all at once and one by one."""
    G, description, arrays = generator(name)
    case = next(c for c in description["cases"] if c["image"] == image)
    ws = torch.from_numpy(arrays[case["ws"]])
    pictures = {
        "images": G.synthesize(ws, case["noise_mode"]),
        "images one by one": torch.cat([G.synthesize(row[None], case["noise_mode"]) for row in ws]),
    }
    ours = [compared(what, p, arrays[image], reference.SMALL_NETWORKS) for what, p in pictures.items()]
    return [*ours, compared("ws", _ws(G, case, arrays), arrays[case["ws"]], reference.WS)]


@torch.inference_mode()
def activations(name: str) -> list[Comparison]:
    """w, and the first sample's activations after every block and some layers."""
    G, _, arrays = generator(name)
    ours = {"w": G.map(torch.from_numpy(arrays["z"]))} | _inner(G, torch.from_numpy(arrays["ws0"][:1]))
    wanted = [key for key in arrays if key == "w" or key.startswith("inter_")]
    return [compared(key, ours[key], arrays[key], reference.SMALL_NETWORKS) for key in wanted]


def numbers(name: str) -> list[Comparison]:
    """Parameters and style slots."""
    G, description, _ = generator(name)
    counted = [sum(p.numel() for p in G.parameters()), G.num_ws]
    return [exact("parameters, slots", counted, [description["counts"]["parameters"], description["num_ws"]])]


@torch.inference_mode()
def judge(name: str, logits: str) -> list[Comparison]:
    """Scores of a discriminator."""
    description, arrays = reference.case("sg2_disc")
    case = next(c for c in description["cases"] if c["logits"] == logits)
    images, labels = (
        None if key is None else torch.from_numpy(arrays[key][: case["batch"]])
        for key in (case["image"], case["labels"])
    )
    scores = discriminator(name)(images, labels)
    return [compared("scores", scores, arrays[logits], reference.SMALL_NETWORKS)]


@torch.inference_mode()
def judging(name: str) -> list[Comparison]:
    """Parameters of a discriminator, and its activations where they are stored."""
    description, arrays = reference.case("sg2_disc")
    D, stored = discriminator(name), description["networks"][name]["counts"]["parameters"]
    ours = [exact("parameters", sum(p.numel() for p in D.parameters()), stored)]
    start = f"inter_{name}_"
    if not any(key.startswith(start) for key in arrays):
        return ours
    x = D.colours(torch.from_numpy(arrays["img"][:4]))
    for r in D.resolutions:
        x = D.down(r, x)
        ours.append(compared(f"block{r}", x[:1], arrays[f"{start}block{r}"], reference.SMALL_NETWORKS))
    channel = with_minibatch_stddev(x, D.b4.group, D.b4.stddev_channels)[:, -1:]
    return [*ours, compared("stddev channel", channel, arrays[f"{start}mbstd_channel"], reference.SMALL_NETWORKS)]


@torch.inference_mode()
def full_size(tag: str) -> list[Comparison]:
    """A picture of a full-size network: ws, means of areas, three crops."""
    description, arrays = reference.case("sg2_full")
    case = next(c for c in description["cases"] if c["tag"] == tag)
    G = network("Generator", case)
    z = torch.from_numpy(np.random.RandomState(0).randn(1, 512).astype(np.float32))
    ws = G.broadcast(G.w_avg.lerp(G.map(z), case["truncation_psi"]))
    picture = G.synthesize(ws)[0]
    small = nn.functional.avg_pool2d(picture, picture.shape[1] // 64)
    parts = {c["array"]: picture[:, c["top"] : c["top"] + 64, c["left"] : c["left"] + 64] for c in case["crops"]}
    return [
        compared("ws", ws, arrays[f"{tag}_ws"], reference.WS),
        compared("means of areas", small, arrays[f"{tag}_avg64"], reference.FULL_NETWORKS),
        *(compared(key, part, arrays[key], reference.FULL_NETWORKS) for key, part in parts.items()),
        exact("parameters", sum(p.numel() for p in G.parameters()), case["counts"]["parameters"]),
    ]


def parameters(name: str) -> list[Comparison]:
    """Parameters of the published configurations: mapping, synthesis and discriminator; slots and features."""
    stored = reference.numbers("sg2_parameter_counts")[name]
    resolution = int(name.replace(" ", "-").split("-")[1 + name.startswith("config")])
    widths = {"resolution": resolution, "channel_base": stored["channel_base"], "channel_max": stored["channel_max"]}
    ours = widths | {"classes": stored.get("c_dim", 0)}
    told = family("stylegan2").describe(ours | {"mapping_layers": stored["mapping_layers"]})
    D = ours | {"architecture": "orig" if "D orig" in name else "resnet"}
    judged = family("stylegan2").discriminator_tensors(D)
    trained = {k: shape for k, shape in told.tensors.items() if not k.endswith(("w_avg", "noise_const"))}
    counted = {
        "G": told.parameters,
        "G_mapping": _sum(shape for k, shape in trained.items() if k.startswith("mapping.")),
        "G_synthesis": _sum(shape for k, shape in trained.items() if k.startswith("synthesis.")),
        "D": _sum(judged.values()),
    }
    features = {r: told.tensors[f"synthesis.b{r}.conv1.weight"][0] for r in stored.get("channels", {})}
    return [
        tf.counts("parameters", counted, {part: stored[part]["parameters"] for part in counted}),
        exact("slots", len(told.layers), stored["num_ws"]),
        *([tf.counts("features", features, stored["channels"])] if features else []),
    ]


def _ws(G: Any, case: Mapping[str, Any], arrays: Arrays) -> Tensor:
    """ws [N, L, W] of the file's latents as the case wants them: truncated, or rows of two latents."""
    labels = torch.from_numpy(arrays["c"]) if "c" in arrays else None
    ws: Tensor = G.broadcast(G.map(torch.from_numpy(arrays["z"]), labels)).clone()
    if "style_mixing_rows_from_z0" in case:
        return torch.cat([ws[:1, case["style_mixing_rows_from_z0"]], ws[1:2, case["style_mixing_rows_from_z1"]]], dim=1)
    below = case["truncation_cutoff"] or G.num_ws
    ws[:, :below] = G.w_avg.lerp(ws[:, :below], case["truncation_psi"])
    return ws


def _inner(G: Any, ws: Tensor) -> dict[str, Tensor]:
    """Outputs of layers (with residual blocks the convolution's own, without the branch) and of blocks."""
    found = {}
    state = G.start(ws)
    for i, step in enumerate(G.steps):
        before, state = state, G.run(i, state, ws, None if step.noise is None else G.stored_noise(step.noise))
        block, layer = step.name.split(".")
        if layer == "torgb":
            found[f"inter_{block}_torgb"] = G.synthesis.block(step.resolution).torgb(state.x, ws[:, step.slots[0]])
        else:
            found[f"inter_{block}_{layer}"] = state.x if before.shortcut is None else state.x - before.shortcut
        found |= {f"inter_block{block[1:]}_x": state.x, f"inter_block{block[1:]}_img": state.image}
    return found


def _sum(shapes: Any) -> int:
    return sum(int(np.prod(shape)) for shape in shapes)


def _cases() -> list[Case]:
    cases = []
    for name in GENERATORS:
        file = f"sg2_gen_{name}"
        cases += [Case(file=file, name=image, run=partial(generate, name, image)) for image in reference.entries(file)]
        cases.append(Case(file=file, name="counts", run=partial(numbers, name)))
        if name in ACTIVATIONS:
            cases.append(Case(file=file, name="activations", run=partial(activations, name)))
    for name, entry in reference.entries("sg2_disc").items():
        run = partial(judge, entry["network"], name) if "network" in entry else partial(judging, name)
        cases.append(Case(file="sg2_disc", name=name, run=run))
    for tag in reference.entries("sg2_full"):
        cases.append(Case(file="sg2_full", name=tag, run=partial(full_size, tag), slow=tag != "f256"))
    counts = reference.entries("sg2_parameter_counts")
    return [*cases, *(Case(file="sg2_parameter_counts", name=name, run=partial(parameters, name)) for name in counts)]


CASES: list[Case] = _cases()
