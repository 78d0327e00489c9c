"""What a pickle of ours can hold besides plain Python data: inert things that do nothing, whatever is done to them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import clipped
from engine.files.source import Damage


@dataclass(frozen=True, slots=True)
class Name:
    """The name of something in a Python module. It is never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{clipped(self.module, 60)}.{clipped(self.name, 60)}"


@dataclass(frozen=True, slots=True, eq=False)
class LongText:
    """A text too long to be a name or a setting: source code, or bytes as protocol 2 has them. Not even decoded."""

    raw: memoryview


@dataclass(slots=True, eq=False)
class Record:
    """An object of a class that we know by name: only the class's name and the object's attributes."""

    kind: str  # e.g. "dnnlib.tflib.network.Network"; of NVIDIA's persistent objects the bare class name
    persistent: bool = False
    state: dict[object, object] | None = None  # None: not given yet

    def build(self, state: object) -> None:
        """BUILD: give it its attributes, once. Raises Damage."""
        if self.state is not None or type(state) is not dict or not all(type(key) is str for key in state):
            raise Damage(f"the state of an object of {clipped(self.kind)} is given twice or is no dict of names")
        self.state = state


def kind_of(value: object) -> str:
    """What a value is, in a word or two, for an error message; nothing of the value itself is shown but class names."""
    if isinstance(value, Record):
        return f"a {clipped(value.kind, 80)}"
    if isinstance(value, Name):
        return f"the name {value}"
    words = {bool: "a truth value", int: "a number", float: "a number", str: "a text", type(None): "nothing"}
    words |= {memoryview: "bytes", LongText: "a long text", dict: "a dict", list: "a list", tuple: "a tuple"}
    return words.get(type(value), f"a {type(value).__name__.lower()}")
