"""Pickles become plain data, and nothing else happens. The only door for pickles.

Python's own machine runs what a file asks for. This one imports nothing, looks up nothing and calls nothing from the
file: a name out of the file is a key into a table of ours (`Vocabulary`), whose functions make plain data of plain
data. What is not in the table ends the reading.
"""

from __future__ import annotations

from typing import Any

from engine.files.machine import ENDS_EARLY, FOREIGN, Machine, Vocabulary
from engine.files.opcodes import OPCODES, REFUSED, STOP
from engine.files.source import Damage

MOST_COPIES = 4  # that all tensors together may take, in units of the file; honest ones take less than one
MAX_STEPS = 600_000  # opcodes; the largest checkpoints of these families have some 100 thousand


def load(data: memoryview, vocabulary: Vocabulary, whole: int = 0) -> Any:
    """The value of a pickle that fills `data`. Raises Damage, and nothing else, for whatever is no model.

    whole: bytes of the file where `data` is only a part of it; its tensors may take a few times as many.
    """
    value, end = load_from(data, vocabulary, whole=whole)
    if end != len(data):
        raise Damage("there are bytes after its end")
    return value


def load_from(
    data: memoryview, vocabulary: Vocabulary, at: int = 0, max_steps: int = MAX_STEPS, whole: int = 0
) -> tuple[Any, int]:
    """The value of the pickle that begins at byte `at`, and where it ends. Raises Damage."""
    m = Machine(data, vocabulary, at, room=MOST_COPIES * max(len(data), whole) + 1_000_000)
    length = len(data)
    for _ in range(max_steps):
        begin = m.at
        try:
            if begin >= length:
                raise Damage(ENDS_EARLY)
            code = data[begin]
            m.at = begin + 1
            if code == STOP:
                return m.result(), m.at
            if code not in OPCODES:
                why = REFUSED.get(code, "it is no pickle, or damaged")
                raise Damage(f"the opcode {code:#04x} does not occur in models ({why})", FOREIGN)
            OPCODES[code](m)
        except Damage as damage:
            raise Damage(f"{damage.what} (byte {begin})", damage.remedy) from None
    raise Damage(f"its pickle has more steps than that of any model ({max_steps})", FOREIGN)
