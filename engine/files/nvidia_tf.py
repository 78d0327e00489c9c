"""NVIDIA's TensorFlow pickles (ProGAN, StyleGAN, StyleGAN2, StyleGAN2-ADA): three network objects -> `Foreign`.

A network is a record with the name of the function that built it, that function's arguments, and variables; networks
inside it are records of the same kind. The source code beside them is never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from engine.errors import clipped
from engine.families.foreign import Foreign, tf_module
from engine.files import extent
from engine.files.contents import Contents, Room, floats, joined, no_model
from engine.files.numbers import Numbers, Storage
from engine.files.source import Damage
from engine.files.values import Record, kind_of
from engine.files.vocabulary import TF_NETWORKS

KINDS = frozenset(".".join(name) for name in TF_NETWORKS)
VERSIONS = (2, 3, 4, 5)


def is_network(value: object) -> bool:
    """Whether a value is a network object of these programs."""
    return isinstance(value, Record) and value.kind in KINDS


def contents(value: object, size: int) -> Contents:
    """The networks of the value of a file of `size` bytes: (G, D, Gs), or one alone. Raises Damage for others."""
    networks = value if isinstance(value, tuple) else (value,)
    if not networks or not all(is_network(network) for network in networks):
        raise no_model(value)
    if len(networks) not in (1, 3):
        raise Damage("it holds no model of three networks (G, D, Gs) and no single generator", "give a model")
    extent.check(networks, "it")
    names = ("G", "D", "G_ema") if len(networks) == 3 else ("G",)
    found = dict(zip(names, networks, strict=True))
    return Contents(
        writer="a TensorFlow pickle of NVIDIA's programs",
        networks={name: partial(network, found[name], size) for name in ("G_ema", "G", "D") if name in found},
    )


def network(record: Record, size: int) -> Foreign:
    """One network, those inside it included. Raises Damage."""
    return _network(record, Room.of_file(size))


def _network(record: Record, room: Room) -> Foreign:
    state = record.state or {}
    version = state.get("version")
    if version is None and "build_func_spec" in state:
        raise Damage("it is a ProGAN model of the Theano program", "export it with ProGAN's TensorFlow program first")
    if type(version) is not int or version not in VERSIONS:
        raise Damage("the version of its networks is not one of 2 to 5")
    kind, settings = state.get("build_func_name"), state.get("static_kwargs")
    if type(kind) is not str or type(settings) is not dict:
        raise Damage("a network in it has no build_func_name or static_kwargs")
    parts = {name: (part, _network(part, room)) for name, part in _components(state)}
    own = floats(_variables(state), room)
    inside = {joined(_name(part), key, "/"): a for part, f in parts.values() for key, a in f.arrays.items()}
    if own.keys() & inside.keys() or len(inside) != sum(len(foreign.arrays) for _, foreign in parts.values()):
        raise Damage("two of its variables have the same name")
    return Foreign(
        dialect="tf",
        kind=clipped(kind),
        module=tf_module(kind, version),
        version=version,
        settings=extent.plain(settings, ""),
        arrays=own | inside,
        parts={name: foreign for name, (_, foreign) in parts.items()},
    )


def _components(state: Mapping[Any, Any]) -> Iterator[tuple[str, Record]]:
    """`extent.check` has seen that it ends."""
    components = state.get("components", {})
    if type(components) is not dict:
        raise Damage("the components of a network in it are no dict")
    for name, part in components.items():
        if type(name) is not str or not is_network(part):
            raise Damage(f"the component {clipped(name, 60)} is {kind_of(part)}, not a network")
        yield name, part


def _name(record: Record) -> str:
    name = (record.state or {}).get("name")
    if type(name) is not str:
        raise Damage("a network in it has no name")
    return name


def _variables(state: Mapping[Any, Any]) -> Iterator[tuple[str, object]]:
    variables = state.get("variables")
    if type(variables) is not list:
        raise Damage("a network in it has no list of variables")
    for pair in variables:
        if type(pair) is not tuple or len(pair) != 2 or type(pair[0]) is not str:
            raise Damage("the variables of a network in it are no pairs of name and value")
        yield pair[0], _number(pair[1]) if type(pair[1]) is float else pair[1]


def _number(value: float) -> Numbers:
    """A variable without axes, which numpy wrote as a scalar."""
    return Numbers(Storage("f8", 1, memoryview(np.float64(value).tobytes())), (), (), 0, "<")
