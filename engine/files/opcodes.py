"""What each opcode of a pickle does to the machine's stack and memo. Everything on the stack is inert.

Meanings: Python's `pickletools`. Left out are those that no model of the families here has: INST, OBJ, EXT1-4, PERSID,
NEWOBJ_EX, NEXT_BUFFER, DUP, numbers as text, and more; whoever writes them wants something else.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from engine.files.machine import FOREIGN, NOT_TRUSTED, Machine, decoded
from engine.files.numbers import ArrayToBe, NumberType
from engine.files.source import Damage
from engine.files.values import LongText, Record, kind_of

STOP = ord(".")
REFUSED = {  # what to say of opcodes that are known and not wanted
    **dict.fromkeys(b"IL", "a number as text"),
    **dict.fromkeys(b"io", "an object made by calling a class"),
    **dict.fromkeys(b"\x82\x83\x84", "a name from a table outside, an extension"),
    **dict.fromkeys(b"P", "something outside the file"),
    **dict.fromkeys(b"\x92", "an object made with arguments"),
    **dict.fromkeys(b"\x97\x98", "a buffer outside the file"),
    **dict.fromkeys(b"\x8b", "a number of any length, even a negative one"),
}


def _key(value: object) -> object:
    """A value that may be a key of a dict or a member of a set: one whose hash is cheap and rarely that of others."""
    if type(value) is int and not -(1 << 31) <= value < 1 << 32:
        raise Damage("a number is too large to be a key of a dict or set")
    if type(value) not in (str, bool, int, type(None)):
        raise Damage(f"a key of a dict or set is {kind_of(value)}, not a text or number")
    return value


def set_of(values: list[Any]) -> set[Any]:
    """A set of values that may be in one. Raises Damage."""
    return {_key(value) for value in values}


def _protocol(m: Machine) -> None:
    version = m.number(1)
    if version > 5:
        raise Damage(f"its pickle is of the unknown protocol {version}", FOREIGN)


def _frame(m: Machine) -> None:
    if m.number(8) > len(m.data) - m.at:
        raise Damage("it ends early: a frame of its pickle goes past its end")


def _float(m: Machine) -> None:
    m.push(struct.unpack(">d", m.take(8))[0])


def _append(m: Machine, values: list[Any]) -> None:
    target = m.top()
    if type(target) is not list:
        raise Damage(f"its pickle appends to {kind_of(target)}", NOT_TRUSTED)
    target.extend(values)


def _set_items(m: Machine, items: list[Any]) -> None:
    target = m.top()
    if type(target) is not dict or len(items) % 2:
        raise Damage(f"its pickle sets items of {kind_of(target)}", NOT_TRUSTED)
    target.update((_key(key), value) for key, value in zip(items[::2], items[1::2], strict=True))


def _add_items(m: Machine) -> None:
    values = m.pop_to_mark()
    target = m.top()
    if type(target) is not set:
        raise Damage(f"its pickle adds to {kind_of(target)} as to a set", NOT_TRUSTED)
    target |= set_of(values)


def _last(count: int) -> Callable[[Machine], None]:
    """TUPLE1, 2, 3."""

    def run(m: Machine) -> None:
        values = [m.pop() for _ in range(count)]
        m.push(tuple(values[::-1]))

    return run


def _set_item(m: Machine) -> None:
    value, key = m.pop(), m.pop()
    _set_items(m, [key, value])


def _index(m: Machine) -> int:
    text = bytes(m.line())
    if not text.isdigit() or len(text) > 10:
        raise Damage("the number of a memo entry is none")
    return int(text)


def _global(m: Machine) -> None:
    module = decoded(m.line(), "utf-8")
    m.name(module, decoded(m.line(), "utf-8"))


def _stack_global(m: Machine) -> None:
    name, module = m.pop(), m.pop()
    m.name(module, name)


def _reduce(m: Machine) -> None:
    arguments, name = m.pop(), m.pop()
    call = m.word(name).call
    if call is None or type(arguments) is not tuple:
        raise Damage(f"its pickle calls {kind_of(name)}, which no model does so", NOT_TRUSTED)
    m.push(call(m, arguments))


def _new(m: Machine) -> None:
    arguments, name = m.pop(), m.pop()
    new = m.word(name).new
    if new is None or type(arguments) is not tuple or arguments:
        raise Damage(f"its pickle makes an object of {kind_of(name)}, which no model does so", NOT_TRUSTED)
    m.push(new())


def _build(m: Machine) -> None:
    state, target = m.pop(), m.top()
    if isinstance(target, (Record, NumberType, ArrayToBe)):
        m.work(len(state) if type(state) is dict else 1)
        target.build(state)
        if isinstance(target, ArrayToBe) and target.numbers is not None:
            m.spend(target.numbers.nbytes)
    elif not (m.vocabulary.metadata and type(target) is dict and type(state) is dict and state.keys() <= {"_metadata"}):
        raise Damage(f"its pickle sets attributes of {kind_of(target)}", NOT_TRUSTED)


def _outside(m: Machine) -> None:
    if m.vocabulary.outside is None:
        raise Damage("it refers to something outside the file (a persistent id)", NOT_TRUSTED)
    m.push(m.vocabulary.outside(m.pop()))


def _byte_string(size: int) -> Callable[[Machine], None]:
    """The `str` of Python 2: a text where it is short, bytes where it is not."""

    def run(m: Machine) -> None:
        text = m.text(m.number(size), "latin-1")
        m.push(text.raw if isinstance(text, LongText) else text)

    return run


def _constant(value: object) -> Callable[[Machine], None]:
    return lambda m: m.push(value)


OPCODES: dict[int, Callable[[Machine], None]] = {
    0x80: _protocol,
    0x95: _frame,
    # single values
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord("J"): lambda m: m.push(m.number(4, signed=True)),
    ord("K"): lambda m: m.push(m.number(1)),
    ord("M"): lambda m: m.push(m.number(2)),
    0x8A: lambda m: m.push(m.number(m.number(1), signed=True)),  # LONG1
    ord("G"): _float,
    # texts and bytes
    ord("V"): lambda m: m.push(decoded(m.line(), "raw_unicode_escape")),
    ord("X"): lambda m: m.push(m.text(m.number(4))),
    0x8C: lambda m: m.push(m.text(m.number(1))),
    0x8D: lambda m: m.push(m.text(m.number(8))),
    ord("U"): _byte_string(1),
    ord("T"): _byte_string(4),
    ord("C"): lambda m: m.push(m.take(m.number(1))),
    ord("B"): lambda m: m.push(m.take(m.number(4))),
    0x8E: lambda m: m.push(m.take(m.number(8))),
    0x96: lambda m: m.push(m.take(m.number(8))),  # BYTEARRAY8
    # containers
    ord("("): Machine.mark,
    ord(")"): lambda m: m.push(()),
    0x85: _last(1),
    0x86: _last(2),
    0x87: _last(3),
    ord("t"): lambda m: m.push(tuple(m.pop_to_mark())),
    ord("]"): lambda m: m.push([]),
    ord("a"): lambda m: _append(m, [m.pop()]),
    ord("e"): lambda m: _append(m, m.pop_to_mark()),
    ord("}"): lambda m: m.push({}),
    ord("s"): _set_item,
    ord("u"): lambda m: _set_items(m, m.pop_to_mark()),
    0x8F: lambda m: m.push(set()),
    0x90: _add_items,
    ord("0"): lambda m: m.pop(),
    # the memo
    0x94: lambda m: m.remember(len(m.memo)),
    ord("q"): lambda m: m.remember(m.number(1)),
    ord("r"): lambda m: m.remember(m.number(4)),
    ord("p"): lambda m: m.remember(_index(m)),
    ord("h"): lambda m: m.recall(m.number(1)),
    ord("j"): lambda m: m.recall(m.number(4)),
    ord("g"): lambda m: m.recall(_index(m)),
    # names, and what is done with them
    ord("c"): _global,
    0x93: _stack_global,
    ord("R"): _reduce,
    0x81: _new,
    ord("b"): _build,
    ord("Q"): _outside,
}
