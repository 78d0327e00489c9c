"""The names that model files hold, and what stands for each: plain data made of plain data.

A function here gets the arguments as the file has them, checks how many there are and of which types, and gives back
something inert. Names are compared exactly, module and name as one key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import clipped
from engine.files import numbers
from engine.files.machine import Machine, Vocabulary, Word
from engine.files.numbers import ArrayToBe, Numbers, NumberType, Storage
from engine.files.opcodes import set_of
from engine.files.source import Damage
from engine.files.values import LongText, Name, Record

Arguments = tuple[Any, ...]
NDARRAY = Name("numpy", "ndarray")
# torch's kinds of storages that may hold weights or what lies beside them; all others (complex, quantised) are unknown
STORAGES = {"Float": "f4", "Double": "f8", "Half": "f2", "BFloat16": "bf", "Long": "i8", "Int": "i4", "Short": "i2"}
STORAGES |= {"Char": "i1", "Byte": "u1", "Bool": "b1"}
STORAGE_NAMES = {("torch", f"{kind}Storage"): code for kind, code in STORAGES.items()}


def _refuse(what: str) -> Damage:
    return Damage(f"{what} in its pickle is not of the form that its program writes")


# --- Python's own


def _ordered_dict(m: Machine, arguments: Arguments) -> dict[Any, Any]:
    if arguments:
        raise _refuse("an OrderedDict")
    return {}


def _set(m: Machine, arguments: Arguments) -> set[Any]:
    if len(arguments) != 1 or type(arguments[0]) is not list:
        raise _refuse("a set")
    m.work(len(arguments[0]))
    return set_of(arguments[0])


def _encode(m: Machine, arguments: Arguments) -> memoryview:
    """Bytes as protocol 2 has them: text of which each character is a byte."""
    if len(arguments) != 2 or type(arguments[0]) not in (str, LongText) or arguments[1] != "latin1":
        raise _refuse("_codecs.encode")
    text = arguments[0]
    m.spend(len(text.raw if isinstance(text, LongText) else text))
    try:
        return memoryview((str(text.raw, "utf-8") if isinstance(text, LongText) else text).encode("latin-1"))
    except ValueError:
        raise Damage("bytes in its pickle are damaged") from None


# --- numpy


def _number_type(m: Machine, arguments: Arguments) -> NumberType:
    good = len(arguments) == 3 and type(arguments[1]) in (bool, int) and type(arguments[2]) in (bool, int)
    if not good or arguments[1:] != (False, True):
        raise _refuse("a numpy.dtype")
    return numbers.number_type(arguments[0])


def _reconstruct(m: Machine, arguments: Arguments) -> ArrayToBe:
    if len(arguments) != 3 or arguments[:2] != (NDARRAY, (0,)) or arguments[2] not in ("b", b"b"):
        raise _refuse("an array (_reconstruct)")
    return ArrayToBe()


def _scalar(m: Machine, arguments: Arguments) -> Any:
    if len(arguments) != 2:
        raise _refuse("a numpy scalar")
    return numbers.array(arguments[1], arguments[0], (), "C").item()


def _from_buffer(m: Machine, arguments: Arguments) -> Numbers:
    if len(arguments) != 4 or arguments[3] not in ("C", "F"):
        raise _refuse("an array (_frombuffer)")
    made = numbers.array(arguments[0], arguments[1], arguments[2], arguments[3])
    m.spend(made.nbytes)
    return made


# --- torch


def _tensor(m: Machine, arguments: Arguments) -> Numbers:
    """(storage, offset, size, stride, requires_grad, hooks), and metadata in newer files."""
    if len(arguments) not in (6, 7) or arguments[5] != {} or (len(arguments) == 7 and arguments[6] not in (None, {})):
        raise _refuse("a tensor")
    made = numbers.tensor(*arguments[:4])
    m.spend(made.nbytes)
    return made


def _parameter(m: Machine, arguments: Arguments) -> Numbers:
    """(tensor, requires_grad, hooks)."""
    if len(arguments) != 3 or type(arguments[0]) is not Numbers or arguments[2] != {}:
        raise _refuse("a parameter")
    return arguments[0]


def _persistent_object(m: Machine, arguments: Arguments) -> Record:
    """An object of NVIDIA's `torch_utils.persistence`. The source code that it carries is never looked at."""
    meta = arguments[0] if len(arguments) == 1 else None
    if type(meta) is not dict or meta.get("type") != "class":
        raise _refuse("a persistent object")
    if meta.get("version") != 6:
        raise Damage("its persistent objects are of a version that is not known here", "give an older file, or update")
    kind, state = meta.get("class_name"), meta.get("state")
    if type(kind) is not str or type(state) is not dict:
        raise Damage("a persistent object has no proper class_name or state")
    m.work(len(state))
    record = Record(clipped(kind), persistent=True)
    record.build(state)
    return record


def _record(name: tuple[str, str]) -> Word:
    """A class whose objects are made without arguments and then given their attributes."""
    return Word(new=lambda: Record(".".join(name)))


COMMON: dict[tuple[str, str], Word] = {
    ("collections", "OrderedDict"): Word(call=_ordered_dict),
    ("builtins", "set"): Word(call=_set),
    ("__builtin__", "set"): Word(call=_set),
    ("_codecs", "encode"): Word(call=_encode),
    ("numpy", "dtype"): Word(call=_number_type),
    ("numpy", "ndarray"): Word(),
    ("torch._utils", "_rebuild_tensor_v2"): Word(call=_tensor),
    ("torch._utils", "_rebuild_parameter"): Word(call=_parameter),
}
for _core in ("numpy.core", "numpy._core"):  # numpy 2 has another name for it
    COMMON[_core + ".multiarray", "_reconstruct"] = Word(call=_reconstruct)
    COMMON[_core + ".multiarray", "scalar"] = Word(call=_scalar)
    COMMON[_core + ".numeric", "_frombuffer"] = Word(call=_from_buffer)

# Network objects of NVIDIA's TensorFlow programs; of ProGAN's there are two layouts of modules.
TF_NETWORKS = (("tfutil", "Network"), ("network", "Network"), ("dnnlib.tflib.network", "Network"))
EASY_DICTS = (("dnnlib.util", "EasyDict"), ("dnnlib", "EasyDict"), ("config", "EasyDict"))


def of_nvidia(load_storage: Callable[[Machine, Arguments], Storage]) -> Vocabulary:
    """The names in .pkl files of NVIDIA's programs. `load_storage` reads the bytes of a stored tensor."""
    words = dict(COMMON)
    words |= {name: _record(name) for name in TF_NETWORKS}
    words |= {name: Word(new=dict) for name in EASY_DICTS}
    words["torch_utils.persistence", "_reconstruct_persistent_obj"] = Word(call=_persistent_object)
    words["torch.storage", "_load_from_bytes"] = Word(call=load_storage)
    return Vocabulary(words)


def of_checkpoint(outside: Callable[[object], object]) -> Vocabulary:
    """The names in what `torch.save` writes of state dictionaries; `outside` finds a storage of a tensor."""
    namespace = ("argparse", "Namespace")  # the arguments of the training script
    words = COMMON | dict.fromkeys(STORAGE_NAMES, Word()) | {namespace: _record(namespace)}
    return Vocabulary(words, outside, metadata=True)


def of_storage(outside: Callable[[object], object]) -> Vocabulary:
    """The names in a stored tensor inside of a pickle: only those of kinds of storages."""
    return Vocabulary(dict.fromkeys(STORAGE_NAMES, Word()), outside)


def of_nothing() -> Vocabulary:
    """No names at all."""
    return Vocabulary({})


class StorageTable:
    """The storages that the tensors of a `torch.save` file refer to, by key."""

    def __init__(self, parts: int, bytes_of: Callable[[str, int], memoryview | None]) -> None:
        self.found: dict[str, Storage] = {}
        self._parts = parts  # of a reference: 5, in the old form 6
        self._bytes_of = bytes_of  # of a key and a number of bytes; None: they come later

    def __call__(self, reference: object) -> Storage:
        """The storage of ("storage", kind, key, place, count[, None]). Raises Damage."""
        good = type(reference) is tuple and len(reference) == self._parts and reference[0] == "storage"
        if not good:
            raise _refuse("a reference to a storage (a persistent id)")
        assert isinstance(reference, tuple)
        kind, key, count = reference[1], reference[2], reference[4]
        code = STORAGE_NAMES.get((kind.module, kind.name)) if type(kind) is Name else None
        if code is None or type(key) is not str or type(count) is not int or reference[5:] not in ((), (None,)):
            raise _refuse("a reference to a storage")
        if not key.isascii() or not key.isdigit():
            raise Damage(f"the key {clipped(repr(key), 60)} of a storage is no number")
        known = self.found.get(key)
        if known is None:
            if not 0 <= count < 1 << 40:
                raise Damage("the length of a stored tensor is not possible")
            size = count * numbers.STORED[code]
            known = self.found[key] = Storage(code, count, self._bytes_of(key, size))
        if (known.code, known.count) != (code, count):
            raise Damage(f"two tensors differ about the length of storage {clipped(key, 20)}")
        return known
