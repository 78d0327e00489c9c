"""NVIDIA's PyTorch pickles (StyleGAN2-ADA, StyleGAN3's code base): a dict of "persistent" modules -> `Foreign`.

A module is a record of its class's name and its attributes; tensors hang in `_parameters`, `_buffers` and, through
`_modules`, in the modules inside it. The source code that each carries is never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from engine.errors import clipped
from engine.families.foreign import Foreign
from engine.files import extent
from engine.files.contents import Contents, Room, floats, joined, no_model
from engine.files.source import Damage
from engine.files.values import Record, kind_of

NETWORKS = ("G_ema", "G", "D")
# Classes of the published programs. Others compute something else with the same tensors.
CLASSES = frozenset({"Generator", "MappingNetwork", "SynthesisNetwork", "SynthesisBlock", "SynthesisLayer"})
CLASSES |= {"SynthesisInput", "ToRGBLayer", "FullyConnectedLayer", "Conv2dLayer", "MinibatchStdLayer"}
CLASSES |= {"Discriminator", "DiscriminatorBlock", "DiscriminatorEpilogue"}
POSITIONS = {  # constructor arguments that may be given without their names
    "Generator": ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels"),
    "Discriminator": ("c_dim", "img_resolution", "img_channels"),
}


def contents(value: object, size: int) -> Contents:
    """The networks of the value of a file of `size` bytes. Raises Damage where it is none of this kind."""
    if type(value) is not dict or not any(name in value for name in NETWORKS):
        raise no_model(value)
    extent.check(value, "it")
    found = {name: value[name] for name in NETWORKS if value.get(name) is not None}
    for name, record in found.items():
        if not isinstance(record, Record) or not record.persistent:
            raise Damage(f"{name} is {kind_of(record)}, not a network", "give a model")
    return Contents(
        writer="a PyTorch pickle of NVIDIA's programs",
        networks={name: partial(network, record, size) for name, record in found.items()},
    )


def network(record: Record, size: int) -> Foreign:
    """One network. Raises Damage."""
    modules = dict(_modules(record, ""))
    for module in modules.values():
        if not module.persistent or module.kind not in CLASSES:
            what = f"the network class {clipped(module.kind, 80)} is not known here"
            raise Damage(what, "give a model of NVIDIA's programs")
    state = record.state or {}
    positions, arguments = POSITIONS.get(record.kind, ()), state.get("_init_args", ())
    if type(arguments) is not tuple or len(arguments) > len(positions):
        raise Damage(f"the {clipped(record.kind, 40)} in it was made with too many arguments")
    named = _table(state, "_init_kwargs", record.kind)
    tensors = (item for path, module in modules.items() for item in _tensors(module, path))
    return Foreign(
        dialect="torch",
        kind=record.kind,
        settings=extent.plain(dict(zip(positions, arguments, strict=False)) | named, ""),
        arrays=floats(tensors, Room.of_file(size)),
        attributes={name: value for path, module in modules.items() for name, value in _attributes(module, path)},
    )


def _modules(record: Record, path: str) -> Iterator[tuple[str, Record]]:
    """A module and all inside it, by path: "", "synthesis", "synthesis.b4". `extent.check` has seen that it ends."""
    yield path, record
    for name, module in _table(record.state or {}, "_modules", path).items():
        if module is None:
            continue
        if not isinstance(module, Record):
            raise Damage(f"the module {clipped(path + name, 80)} is {kind_of(module)}")
        yield from _modules(module, joined(path, name))


def _tensors(module: Record, path: str) -> Iterator[tuple[str, object]]:
    for table in ("_parameters", "_buffers"):
        for name, value in _table(module.state or {}, table, path).items():
            if value is not None:
                yield joined(path, name), value


def _attributes(module: Record, path: str) -> Iterator[tuple[str, Any]]:
    """The attributes of a module that are plain: numbers, texts, lists of numbers."""
    for name, value in (module.state or {}).items():
        if not isinstance(name, str) or name.startswith("_"):
            continue
        try:
            yield joined(path, name), extent.plain(value, name)
        except Damage:
            continue  # modules, hooks, arrays: not what decides the arithmetic


def _table(state: dict[Any, Any], name: str, where: str) -> dict[str, Any]:
    """A dict with texts as keys, without dots, which would make one path of two. Raises Damage."""
    table = state.get(name, {})
    if type(table) is not dict or not all(type(key) is str and "." not in key for key in table):
        raise Damage(f"the table {name} of {clipped(where or 'the generator', 80)} is damaged")
    return table
