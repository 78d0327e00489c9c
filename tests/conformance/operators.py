"""Our operators against those of the public PyTorch programs, forward and, where they are stored, gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.families.stylegan2.layers import SLOPES, activated
from engine.nn import fir
from engine.nn.convolution import conv2d_resample, modulated_conv2d
from engine.nn.equalised import SQRT2, EqualisedLinear
from engine.nn.minibatch_stddev import with_minibatch_stddev
from engine.nn.pixel_norm import pixel_norm
from tests import reference
from tests.conformance import Case, Comparison

Entry = Mapping[str, Any]  # of a list of cases


def is_ours(entry: Entry) -> bool:
    """Whether an activation is one of ours: three kinds, each with its own slope, biases of axis 1."""
    args = entry.get("args", {})
    return "act" not in args or (
        args["act"] in ("lrelu", "relu", "swish") and "alpha" not in args and args.get("dim", 1) == 1
    )


def array(file: str, name: str | None) -> Tensor | None:
    """A fresh copy of a stored array."""
    return None if name is None else torch.from_numpy(reference.case(file)[1][name]).clone()


def compared(file: str, entry: Entry, ours: Mapping[str, Tensor | None]) -> list[Comparison]:
    """Each of our tensors beside the array that the entry names for it, where it names one."""
    arrays = reference.case(file)[1]
    return [
        Comparison(what=what, ours=t.detach().numpy(), reference=arrays[entry[what]], tolerance=reference.OPERATORS)
        for what, t in ours.items()
        if what in entry and t is not None
    ]


def seeded(rule: str, like: Tensor) -> Tensor:
    """What the text "randn seeded with TAG" means."""
    return reference.seeded(rule.split()[-1], tuple(like.shape))


def resampled(entry: Entry) -> list[Comparison]:
    """upfirdn2d and its three wrappers."""
    x = array("ops_upfirdn2d", entry["x"]).requires_grad_()
    f = None if entry["filter"] == "none" else array("ops_upfirdn2d", "filter_" + entry["filter"])
    y = getattr(fir, entry["op"])(x, f, **entry["args"])
    (dx,) = torch.autograd.grad(y, x, seeded(entry["dy_rule"], y))
    return compared("ops_upfirdn2d", entry, {"y": y, "dx": dx})


def filter_set_up(entry: Entry) -> list[Comparison]:
    return compared("ops_upfirdn2d", entry, {"out": fir.setup_filter(entry["f"], **entry["args"])})


def convolved(entry: Entry) -> list[Comparison]:
    x, w, f = (array("ops_conv", name) for name in ("x", entry["w"], entry["f"]))
    return compared("ops_conv", entry, {"y": conv2d_resample(x, w, f, **entry["args"])})


def modulated(entry: Entry) -> list[Comparison]:
    x, weight, styles = (array("ops_conv", n).requires_grad_() for n in ("x", entry["w"], "styles"))
    noise, f = (array("ops_conv", entry[n]) for n in ("noise", "resample_filter"))
    y = modulated_conv2d(x, weight, styles, noise, f, **entry["args"])
    ours = {"y": y}
    if "dx" in entry:
        gradients = torch.autograd.grad(y, (x, weight, styles), seeded(entry["dy_rule"], y))
        ours |= dict(zip(("dx", "dw", "ds"), gradients, strict=True))
    return compared("ops_conv", entry, ours)


def activation(entry: Entry) -> list[Comparison]:
    """Bias, activation, gain, clamp; first and second derivative."""
    args, x = entry["args"], array("ops_misc", "x").requires_grad_()
    bias = array("ops_misc", entry["bias"])
    y = activated(x[..., None], bias, args.get("gain", SQRT2), args.get("clamp"), args["act"])[..., 0]
    (dx,) = torch.autograd.grad(y, x, seeded(entry["dy_rule"], y), create_graph=True)
    ours: dict[str, Tensor | None] = {"y": y, "dx": dx}
    if "d2x" in entry:
        (ours["d2x"],) = torch.autograd.grad((dx * seeded(entry["ddx_rule"], dx)).sum(), x)
    return compared("ops_misc", entry, ours)


def normalised(entry: Entry) -> list[Comparison]:
    return compared("ops_misc", entry, {"y": pixel_norm(array("ops_misc", entry["x"]))})


def deviation(entry: Entry) -> list[Comparison]:
    x = array("ops_misc", "mb_x")[: entry["batch"]]
    appended = with_minibatch_stddev(x, entry["group_size"], entry["num_channels"])[:, x.shape[1] :]
    return compared("ops_misc", entry, {"appended_channels": appended})


def dense(entry: Entry) -> list[Comparison]:
    """A dense layer, and leaky ReLU also inside it, as the mapping networks have it."""
    weight, bias, x = (array("ops_misc", name) for name in ("fc_w", "fc_b", "fc_x"))
    kind, found = entry["activation"], []
    for inside in (False, True) if kind == "lrelu" else (False,):
        layer = EqualisedLinear(weight.shape[1], weight.shape[0], activate=inside, lr_multiplier=entry["lr_multiplier"])
        layer.load_state_dict({"weight": weight, "bias": bias})
        y = layer(x)
        y = y if inside or kind == "linear" else activated(y, None, activation=kind)
        found += compared("ops_misc", entry, {"y": y})
    return found


def defaults(entry: Entry) -> list[Comparison]:
    """Slope and gain of the activations that we have."""
    stored = [[entry[kind]["alpha"], entry[kind]["gain"]] for kind in ("lrelu", "relu", "swish")]
    ours = [[SLOPES["lrelu"], SQRT2], [SLOPES["relu"], SQRT2], [0.0, SQRT2]]
    return [
        Comparison(what="slopes, gains", ours=np.array(ours), reference=np.array(stored), tolerance=0, measure="exact")
    ]


RUN: dict[str, Callable[[Entry], list[Comparison]]] = {  # by the beginning of the name
    "ops_upfirdn2d:setup_filter/": filter_set_up,
    "ops_upfirdn2d:": resampled,
    "ops_conv:conv2d_resample/": convolved,
    "ops_conv:modulated_conv2d/": modulated,
    "ops_misc:bias_act/": activation,
    "ops_misc:normalize_2nd_moment/": normalised,
    "ops_misc:minibatch_stddev/": deviation,
    "ops_misc:fully_connected/": dense,
}


def _cases() -> list[Case]:
    cases = [Case(file="ops_misc", name="activation_defaults", run=partial(defaults, _defaults()))]
    for file in ("ops_upfirdn2d", "ops_conv", "ops_misc"):
        for name, entry in reference.entries(file).items():
            if is_ours(entry):
                run = next(run for start, run in RUN.items() if f"{file}:{name}".startswith(start))
                cases.append(Case(file=file, name=name, run=partial(run, entry)))
    return cases


def _defaults() -> Entry:
    found: Entry = reference.numbers("ops_misc")["activation_defaults"]
    return found


CASES: list[Case] = _cases()
