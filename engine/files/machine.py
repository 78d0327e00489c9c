"""The state of one run over a pickle: bytes, stack, memo, names. Every limit that does not need numpy is here.

What the opcodes do with it is in `opcodes.py`; the loop over them, and the door for everybody else, is `unpickle.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import clipped
from engine.files.source import Damage
from engine.files.values import LongText, Name

MAX_MEMO = 500_000  # things that a pickle refers back to
MAX_MARKS = 1_000  # open at a time; honest pickles have some thirty
MAX_STACK = 500_000
MAX_TEXT = 4096  # bytes of a text that is read as one
MAX_TOIL = 2_000_000  # things that are gone through behind the opcodes; honest files have some 300 thousand
NOT_TRUSTED = "do not trust this file: get the model from its author"
ENDS_EARLY = "it ends early: it is truncated, or a length in it lies"
FOREIGN = "give a model of a program that docs/models.md names"


@dataclass(frozen=True, slots=True)
class Word:
    """What may be done with a name: called with arguments (REDUCE), made without any (NEWOBJ)."""

    call: Callable[[Machine, tuple[Any, ...]], object] | None = None
    new: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All names that a kind of pickle may hold, by (module, name), and how it may refer to what lies outside."""

    words: Mapping[tuple[str, str], Word]
    outside: Callable[[object], object] | None = None  # BINPERSID
    metadata: bool = False  # BUILD on a dict with the `_metadata` of torch's state dictionaries, which is dropped


@dataclass(slots=True)
class Machine:
    """One run over one pickle. `data` is read from `at` on, never past its end."""

    data: memoryview
    vocabulary: Vocabulary
    at: int = 0
    room: int = 0  # bytes that its arrays and tensors may still take when each is copied
    stack: list[Any] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)  # heights of the stack
    memo: dict[int, Any] = field(default_factory=dict)
    toil: int = MAX_TOIL  # things that may still be looked at

    # --- bytes

    def take(self, count: int) -> memoryview:
        """The next bytes. Looks at the length before anything else."""
        if count > len(self.data) - self.at:
            raise Damage(ENDS_EARLY)
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int, signed: bool = False) -> int:
        """A little-endian number. Half of all opcodes have one: hence without a call of `take`."""
        self.at += size
        if self.at > len(self.data):
            raise Damage(ENDS_EARLY)
        return int.from_bytes(self.data[self.at - size : self.at], "little", signed=signed)

    def line(self) -> memoryview:
        """The bytes up to the next line break, without it."""
        found = bytes(self.data[self.at : self.at + MAX_TEXT]).find(b"\n")
        if found < 0:
            raise Damage("it ends early, or a line of its pickle is too long")
        return self.take(found + 1)[:-1]

    def text(self, count: int, encoding: str = "utf-8") -> str | LongText:
        """A text of some bytes; a long one is kept as it is, unread."""
        raw = self.take(count)
        return LongText(raw) if count > MAX_TEXT else decoded(raw, encoding)

    # --- the stack

    def push(self, value: object) -> None:
        if len(self.stack) >= MAX_STACK:
            raise Damage("its pickle needs a larger stack than that of any model", FOREIGN)
        self.stack.append(value)

    def pop(self) -> Any:
        self._check_height()
        return self.stack.pop()

    def top(self) -> Any:
        self._check_height()
        return self.stack[-1]

    def mark(self) -> None:
        if len(self.marks) >= MAX_MARKS:
            raise Damage("its pickle has more open marks on its stack than that of any model", FOREIGN)
        self.marks.append(len(self.stack))

    def pop_to_mark(self) -> list[Any]:
        """Everything above the last mark, which goes too."""
        if not self.marks:
            raise Damage("its pickle has a stack underflow (no mark)")
        height = self.marks.pop()
        items = self.stack[height:]
        del self.stack[height:]
        return items

    def _check_height(self) -> None:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise Damage("its pickle has a stack underflow")

    def result(self) -> Any:
        """What is on the stack at STOP: one value."""
        value = self.pop()
        if self.stack or self.marks:
            raise Damage("something is left over on the stack of its pickle, as in no model")
        return value

    # --- memory

    def remember(self, index: int) -> None:
        if len(self.memo) >= MAX_MEMO:
            raise Damage("its pickle has a larger memo than that of any model", FOREIGN)
        self.memo[index] = self.top()

    def recall(self, index: int) -> None:
        if index not in self.memo:
            raise Damage(f"its pickle refers to a memo entry that is not there ({clipped(index, 20)})")
        self.push(self.memo[index])

    def spend(self, count: int) -> None:
        """Note that an array or tensor takes `count` bytes."""
        self.room -= count
        if self.room < 0:
            raise Damage("its arrays, taken together by shape and stride, are larger than their storage allows")

    def work(self, count: int) -> None:
        """Note that one opcode goes through `count` things: a large one can be named as often as there are opcodes."""
        self.toil -= count
        if self.toil < 0:
            raise Damage("its pickle goes through the same things far more often than that of any model", FOREIGN)

    # --- names

    def name(self, module: object, name: object) -> None:
        """A name, if it is in the table. Both parts are compared as they are: no dots are followed."""
        if type(module) is not str or type(name) is not str:
            raise Damage("a name in its pickle is no text", NOT_TRUSTED)
        if (module, name) not in self.vocabulary.words:
            raise Damage(f"it asks for {Name(module, name)}, which is not on the list of harmless names", NOT_TRUSTED)
        self.push(Name(module, name))

    def word(self, name: object) -> Word:
        """What may be done with a name on the stack."""
        if type(name) is not Name:
            raise Damage("its pickle calls something that is no name", NOT_TRUSTED)
        return self.vocabulary.words[name.module, name.name]


def decoded(raw: memoryview, encoding: str) -> str:
    """The text of some bytes. Raises Damage."""
    try:
        return str(raw, encoding, "strict" if encoding != "utf-8" else "surrogatepass")
    except ValueError:
        raise Damage("a text in its pickle is damaged") from None
