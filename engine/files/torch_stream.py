"""What torch.save wrote before its zip files: five pickles one after the other, then the numbers of each storage.

Such a stream lies around every single tensor of NVIDIA's PyTorch pickles, and whole files of torch before 1.6 are one.
Order: a magic number, 1001, facts on the machine, the object, the keys of its storages; then for each key the number of
elements (int64) and the elements. torch's own reader of it is a full unpickler; this one knows next to no names.
"""

from __future__ import annotations

from typing import Any

from engine.errors import clipped
from engine.files import vocabulary
from engine.files.machine import Machine, Vocabulary
from engine.files.numbers import STORED, Storage
from engine.files.source import Damage
from engine.files.unpickle import MAX_STEPS, load_from

MAGIC = 0x1950A86A20F9469CFC6C
BEGIN = b"\x80\x02\x8a\x0a" + MAGIC.to_bytes(10, "little") + b"."  # the first of the five, as every version writes it
FEW_STEPS = 100  # opcodes of each of the five


def load_stream(data: memoryview) -> Any:
    """The object of a whole file. Raises Damage."""
    table = vocabulary.StorageTable(6, lambda key, size: None)
    return _load(data, table, vocabulary.of_checkpoint(table), MAX_STEPS)


def load_storage(m: Machine, arguments: tuple[Any, ...]) -> Storage:
    """`_load_from_bytes`: the storage of a stored tensor. Raises Damage."""
    if len(arguments) != 1 or type(arguments[0]) is not memoryview:
        raise Damage("a stored tensor has no bytes")
    m.work(5 * FEW_STEPS)
    table = vocabulary.StorageTable(6, lambda key, size: None)
    try:
        storage = _load(arguments[0], table, vocabulary.of_storage(table), FEW_STEPS)
    except Damage as damage:
        raise Damage(f"a stored tensor is damaged: {damage.what}", damage.remedy) from None
    if type(storage) is not Storage:
        raise Damage("a stored tensor holds something else")
    return storage


def _load(data: memoryview, table: vocabulary.StorageTable, words: Vocabulary, max_steps: int) -> Any:
    nothing = vocabulary.of_nothing()
    magic, at = load_from(data, nothing, 0, FEW_STEPS)
    version, at = load_from(data, nothing, at, FEW_STEPS)
    facts, at = load_from(data, nothing, at, FEW_STEPS)
    if magic != MAGIC or version != 1001 or type(facts) is not dict:
        raise Damage("it does not begin as torch files do (magic number)")
    if facts.get("little_endian") is not True:
        raise Damage("it is of a big-endian machine", "convert it there")
    value, at = load_from(data, words, at, max_steps)
    keys, at = load_from(data, nothing, at, max_steps)
    if type(keys) is not list or len(keys) != len(table.found) or not all(type(k) is str for k in keys):
        raise Damage("the list of its storages does not fit its tensors")
    for key in keys:
        if key not in table.found or table.found[key].raw is not None:
            raise Damage("the list of its storages does not fit its tensors")
        at = _fill(data, at, table.found[key], key)
    if at != len(data):
        raise Damage("there are bytes after its end")
    return value


def _fill(data: memoryview, at: int, storage: Storage, key: str) -> int:
    """Give a storage its bytes, and the place behind them."""
    end = at + 8 + storage.count * STORED[storage.code]
    if end > len(data) or int.from_bytes(data[at : at + 8], "little", signed=True) != storage.count:
        raise Damage(f"the length of storage {clipped(key, 20)} does not fit, or it ends early")
    storage.raw = data[at + 8 : end]
    return end
