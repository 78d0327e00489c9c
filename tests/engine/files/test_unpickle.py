"""The pickle machine: plain data comes out as it went in; everything else is refused before it can do anything."""

import collections
import pickle
import pickletools
import random
import struct
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import clipped
from engine.files import machine, numbers, opcodes, torch_stream, unpickle, vocabulary
from engine.files.numbers import ArrayToBe, Numbers
from engine.files.source import Damage
from engine.files.values import LongText, Name, Record
from tests.badfiles import make_badfiles as mb

NVIDIA = vocabulary.of_nvidia(torch_stream.load_storage)


def load(data, words=NVIDIA):
    return unpickle.load(memoryview(data), words)


def plain(value):
    """What came out of the machine as Python's own pickle would give it."""
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, LongText):
        return str(value.raw, "utf-8")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return value


ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(min_size=1)
KEYS = st.none() | st.booleans() | st.integers(-(2**31), 2**32 - 1) | st.text()
VALUES = st.recursive(
    ATOMS | st.sets(KEYS),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner) | st.lists(inner, min_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.integers(2, 5))
def test_plain_data_comes_out_as_it_went_in(value, protocol):
    assert plain(load(pickle.dumps(value, protocol))) == value


@given(VALUES, st.integers(2, 5))
def test_what_is_named_twice_is_one_thing(value, protocol):
    first, second = load(pickle.dumps((value, [value]), protocol))
    assert first is second[0] or plain(first) == plain(second[0])


def test_long_texts_are_not_read():
    text = "x" * 5000
    found = load(pickle.dumps([text, "y" * 4096]))
    assert isinstance(found[0], LongText)
    assert found[1] == "y" * 4096


ARRAYS = st.sampled_from(list(numbers.SIZES)).flatmap(
    lambda code: st.tuples(
        st.just(code), st.lists(st.integers(1, 4), max_size=4), st.sampled_from("<>"), st.booleans(), st.integers(2, 5)
    )
)


@given(ARRAYS)
def test_arrays_of_numpy_come_out_as_they_went_in(case):
    code, shape, order, fortran, protocol = case
    size = int(np.prod(shape)) if shape else 1
    array = np.arange(size).reshape(shape).astype(np.dtype(code).newbyteorder(order))
    array = np.asfortranarray(array) if fortran else array
    found = load(pickle.dumps(array, protocol))
    found = found.numbers if isinstance(found, ArrayToBe) else found
    if 0 not in shape:
        assert (found._array(code) == array).all()
    assert found.shape == array.shape
    if code[0] == "f":
        assert found.float32().dtype == np.float32
        assert (found.float32() == array).all()
    else:
        with pytest.raises(Damage, match="where weights belong"):
            found.float32()


@given(st.sampled_from(list(numbers.SIZES)), st.integers(0, 1), st.integers(2, 5))
def test_scalars_of_numpy_become_plain_numbers(code, value, protocol):
    found = load(pickle.dumps(np.dtype(code).type(value), protocol))
    assert found == value
    assert type(found) in (bool, int, float)


def test_ordered_dicts_and_sets_become_plain_ones():
    value = collections.OrderedDict([("b", 1), ("a", {1, 2})])
    for protocol in (2, 3, 4, 5):
        found = load(pickle.dumps(value, protocol))
        assert found == dict(value)
        assert type(found) is dict
        assert list(found) == ["b", "a"]


# --- refusals


def enc(*values):
    return b"\x80\x02" + b"".join(v if isinstance(v, bytes) else mb.enc(v) for v in values)


G, CALL, NEW = mb.Glob, mb.Call, mb.New
EVAL, SET, DTYPE = G("builtins", "eval"), G("builtins", "set"), G("numpy", "dtype")
ODICT = CALL(G("collections", "OrderedDict"))
F4 = mb.npdtype("f4")
RECORD = NEW(G("dnnlib.tflib.network", "Network"))
REBUILD = G("torch._utils", "_rebuild_tensor_v2")
STORAGE = CALL(G("torch.storage", "_load_from_bytes"), mb.Raw(b"C\xff" + bytes(255)))
LAUGH = mb.enc(("ha",)) + b"q\x000" + b"".join(b"h%ch%c\x86q%c0" % (i, i, i + 1) for i in range(60)) + b"h\x3c"

ATTACKS = {
    # what is called
    "a name as text": (enc("builtins", "eval", b"\x93."), "builtins.eval"),
    "a name that is no text": (enc(1, 2, b"\x93."), "no text"),
    "a name in bytes": (enc(mb.Raw(b"C\x08builtins"), mb.Raw(b"C\x04eval"), b"\x93."), "no text"),
    "a name with dots": (enc("collections", "OrderedDict.__init__", b"\x93."), "OrderedDict.__init__"),
    "a module with dots": (enc("numpy", "core.multiarray._reconstruct", b"\x93."), "not on the list"),
    "an allowed name of another module": (enc(G("os", "OrderedDict"), b"."), "os.OrderedDict"),
    "a name with spaces": (enc(b"cbuiltins \nset\n."), "not on the list"),
    "a name with NUL": (enc(b"cbuiltins\0\nset\n."), "not on the list"),
    "a call of a text": (enc("eval", ("1",), b"R."), "no name"),
    "a call of a dict": (enc({}, (), b"R."), "no name"),
    "a call of the result of a call": (enc(CALL(ODICT), b"."), "no name"),
    "a call without a tuple": (enc(SET, [1], b"R."), "calls the name builtins.set"),
    "a call of what is only a name": (enc(CALL(G("numpy", "ndarray"), (4,)), b"."), "numpy.ndarray"),
    "a call of a class": (enc(CALL(G("dnnlib.tflib.network", "Network")), b"."), "calls"),
    "an object of a function": (enc(NEW(SET), b"."), "makes an object of"),
    "an object with arguments": (enc(NEW(G("dnnlib.util", "EasyDict"), {"a": 1}), b"."), "makes an object of"),
    "a subclass of a list": (enc(mb.Raw(b"ccollections\ndeque\n)R.")), "collections.deque"),
    # attributes
    "attributes of a name": (enc(mb.Build(SET, {"__call__": 1}), b"."), "sets attributes of the name"),
    "attributes of a dict": (enc(mb.Build({}, {"_metadata": 1}), b"."), "sets attributes of a dict"),
    "attributes of an ordered dict": (enc(mb.Build(ODICT, {"items": 1}), b"."), "sets attributes of a dict"),
    "attributes of a list": (enc(mb.Build([], {"append": 1}), b"."), "sets attributes of a list"),
    "attributes of a text": (enc(mb.Build("a", {}), b"."), "sets attributes of a text"),
    "attributes twice": (enc(mb.Build(mb.Build(RECORD, {}), {}), b"."), "given twice"),
    "attributes as a tuple": (enc(mb.Build(RECORD, (None, {"a": 1})), b"."), "no dict"),
    "attributes without names": (enc(mb.Build(RECORD, {1: 1}), b"."), "no dict of names"),
    "attributes of a persistent object": (
        enc(mb.Build(CALL(G("torch_utils.persistence", "_reconstruct_persistent_obj"), {}), {}), b"."),
        "persistent",
    ),
    "an array that is built twice": (
        enc(mb.Build(mb.nparray(np.zeros(1, "f4")), (1, (0,), F4, False, b"x")), b"."),
        "form",
    ),
    "a dtype that is built twice": (enc(mb.Build(F4, (3, "<", None, None, None, -1, -1, 0)), b"."), "described"),
    # what is changed
    "append to a tuple": (enc((), 1, b"a."), "appends to a tuple"),
    "append to a record": (enc(RECORD, 1, b"a."), "appends to a dnnlib"),
    "append to a text": (enc("a", b"(", 1, b"e."), "appends to a text"),
    "items of a list": (enc([1], 0, 1, b"s."), "sets items of a list"),
    "items of a record": (enc(RECORD, "a", 1, b"s."), "sets items of a dnnlib"),
    "items of a set": (enc(b"\x8f", "a", 1, b"s."), "sets items of a set"),
    "half an item": (enc({}, b"(", 1, b"u."), "sets items"),
    "add to a list": (enc([], b"(", 1, b"\x90."), "as to a set"),
    # keys
    "a tuple as key": (enc({}, (1, 2), 1, b"s."), "a key of a dict or set is a tuple"),
    "a number too large as key": (enc({}, 2**61, 1, b"s."), "too large to be a key"),
    "a number too small as key": (enc({}, -(2**40), 1, b"s."), "too large to be a key"),
    "a fraction as key": (enc({}, 0.5, 1, b"s."), "a key of a dict or set is a number"),
    "a record as key": (enc({}, RECORD, 1, b"s."), "a key"),
    "a name as key": (enc({}, SET, 1, b"s."), "a key"),
    "bytes as key": (enc({}, mb.Raw(b"C\x01a"), 1, b"s."), "a key"),
    "a long text as key": (enc({}, "a" * 5000, 1, b"s."), "a key of a dict or set is a long text"),
    "a tuple in a set": (enc(CALL(SET, [(1,)]), b"."), "a key of a dict or set is a tuple"),
    "a laugh in a set": (b"\x80\x02" + mb.enc(SET) + b"]" + LAUGH + b"a\x85R.", "a key of a dict or set is a tuple"),
    # arguments
    "a set of a text": (enc(CALL(SET, "abc"), b"."), "a set"),
    "an ordered dict of pairs": (enc(CALL(G("collections", "OrderedDict"), [("a", 1)]), b"."), "OrderedDict"),
    "bytes by another codec": (enc(CALL(G("_codecs", "encode"), "a", "punycode"), b"."), "_codecs.encode"),
    "bytes of a number": (enc(CALL(G("_codecs", "encode"), 1, "latin1"), b"."), "_codecs.encode"),
    "bytes that are none": (enc(CALL(G("_codecs", "encode"), "\u1234", "latin1"), b"."), "damaged"),
    "a dtype of objects": (enc(CALL(DTYPE, "O8", False, True), b"."), "'O8'"),
    "a dtype of records": (enc(CALL(DTYPE, "f4,f4", False, True), b"."), "'f4,f4'"),
    "a dtype of a list": (enc(CALL(DTYPE, [("a", "f4")], False, True), b"."), "not one of plain numbers"),
    "a dtype of texts": (enc(CALL(DTYPE, "U1000000000", False, True), b"."), "plain numbers"),
    "a dtype of a laugh": (b"\x80\x02" + mb.enc(DTYPE) + LAUGH + b"\x89\x88\x87R.", "plain numbers"),
    "an aligned dtype": (enc(CALL(DTYPE, "f4", True, True), b"."), "numpy.dtype"),
    "a dtype with fields": (
        enc(mb.Build(CALL(DTYPE, "f4", False, True), (3, "<", None, ("x",), {"x": 1}, -1, -1, 0)), b"."),
        "described",
    ),
    "a dtype with a size": (
        enc(mb.Build(CALL(DTYPE, "f4", False, True), (3, "<", None, None, None, 1 << 30, 1, 0)), b"."),
        "fields",
    ),
    "a scalar of no bytes": (enc(CALL(G("numpy.core.multiarray", "scalar"), F4), b"."), "scalar"),
    "a scalar of too many bytes": (
        enc(CALL(G("numpy.core.multiarray", "scalar"), F4, mb.Raw(b"C\x08" + bytes(8))), b"."),
        "shape",
    ),
    "an array of another class": (
        enc(CALL(G("numpy.core.multiarray", "_reconstruct"), SET, (0,), mb.Raw(b"C\x01b")), b"."),
        "_reconstruct",
    ),
    "an array without bytes": (enc(mb.nparray(np.zeros(2, "f4"), raw=b""), b"."), "shape"),
    "an array of a list": (enc(mb.nparray(np.zeros(2, "f4"), shape=[2]), b"."), "shape"),
    "an array of too many axes": (enc(mb.nparray(np.zeros(1, "f4"), shape=(1,) * 9), b"."), "shape"),
    "an array of truth as axes": (enc(mb.nparray(np.zeros(1, "f4"), shape=(True,)), b"."), "shape"),
    "a parameter of a number": (enc(CALL(G("torch._utils", "_rebuild_parameter"), 1, False, ODICT), b"."), "parameter"),
    "a tensor of a number": (enc(CALL(REBUILD, 1, 0, (1,), (1,), False, ODICT), b"."), "storage"),
    "a tensor with hooks": (
        enc(mb.tensor(np.zeros(1, "f4")), b"0", CALL(REBUILD, STORAGE, 0, (1,), (1,), False, {"a": EVAL}), b"."),
        "stored tensor|eval",
    ),
    "a storage of a text": (enc(CALL(G("torch.storage", "_load_from_bytes"), "abc"), b"."), "no bytes"),
    "a storage of nothing": (enc(STORAGE, b"."), "stored tensor"),
    # the stack and the memo
    "an empty stack": (b"\x80\x02.", "underflow"),
    "a mark that is popped": (b"\x80\x02(0.", "underflow"),
    "what lies below a mark": (b"\x80\x02K\x01(a.", "underflow"),
    "a mark without end": (b"\x80\x02K\x01(.", "underflow|left over"),
    "two values": (b"\x80\x02K\x01K\x02.", "left over"),
    "a tuple without mark": (b"\x80\x02K\x01t.", "no mark"),
    "an empty memo": (b"\x80\x02h\x00.", "memo"),
    "a memo of nothing": (b"\x80\x02q\x00.", "underflow"),
    "a memo entry below zero": (b"\x80\x02K\x01p-1\n.", "memo"),
    "a memo entry in other digits": (b"\x80\x02K\x01p\xd9\xa3\n.", "memo"),
    # bytes
    "nothing": (b"\x80\x02", "ends early"),
    "bytes after it": (b"\x80\x02N.N.", "after its end"),
    "two protocols": (b"\x80\x02\x80\x06N.", "protocol"),
    "a text that is none": (b"\x80\x02X\x02\0\0\0\xff\xff.", "damaged"),
    "a line without end": (b"\x80\x02c" + b"a" * 5000, "too long"),
    "an unknown opcode": (b"\x80\x02\xff.", "opcode 0xff"),
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_an_attack_is_refused(kind):
    data, says = ATTACKS[kind]
    with pytest.raises(Damage, match=says) as refusal:
        load(data)
    assert "byte" in refusal.value.what or "after its end" in refusal.value.what
    assert len(refusal.value.what) < 300


@pytest.mark.parametrize("code", sorted(set(range(256)) - set(opcodes.OPCODES) - {opcodes.STOP}))
def test_every_other_opcode_is_refused(code):
    for before in (b"", b"(", b"K\x01K\x01", mb.enc(G("builtins", "set")) + b")"):
        with pytest.raises(Damage, match=f"opcode {code:#04x}"):
            load(b"\x80\x02" + before + bytes([code]) + bytes(64))


def test_the_opcodes_of_honest_files_are_all_there_and_mean_what_they_mean():
    names = {op.code: op.name for op in pickletools.opcodes}
    wanted = """PROTO FRAME MARK POP NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINFLOAT UNICODE BINUNICODE
        BINUNICODE8 SHORT_BINUNICODE BINBYTES BINBYTES8 SHORT_BINBYTES BYTEARRAY8 BINSTRING SHORT_BINSTRING EMPTY_DICT
        EMPTY_LIST EMPTY_SET EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 APPEND APPENDS SETITEM SETITEMS ADDITEMS GET BINGET
        LONG_BINGET PUT BINPUT LONG_BINPUT MEMOIZE GLOBAL STACK_GLOBAL REDUCE NEWOBJ BUILD BINPERSID"""
    assert {names[chr(code)] for code in opcodes.OPCODES} == set(wanted.split())


def random_pickle(numbers_of):
    """A string of opcodes with arguments that mostly fit: much more of it is run than of random bytes."""
    parts = [b"\x80\x04"]
    names = [*NVIDIA.words, ("builtins", "eval")]
    for _ in range(numbers_of.randrange(1, 60)):
        code = numbers_of.choice(list(opcodes.OPCODES))
        if code == ord("c") or numbers_of.random() < 0.1:
            module, name = numbers_of.choice(names)
            parts.append(f"c{module}\n{name}\n".encode())
        elif code in b"KqhU\x8cC\x8a\x80":
            parts.append(bytes([code, 3]) + b"abc")
        elif code in b"JXTBrj":
            parts.append(bytes([code]) + struct.pack("<I", numbers_of.choice((0, 1, 3, 2**31 - 1))) + b"abc")
        elif code in (0x8D, 0x8E, 0x95, 0x96, ord("G")):
            parts.append(bytes([code]) + struct.pack("<Q", numbers_of.choice((0, 2, 2**63))) + b"ab")
        elif code in b"pgV":
            parts.append(bytes([code]) + b"1\n")
        else:
            parts.append(bytes([code]))
    return b"".join(parts) + b"."


def test_random_programs_end_as_values_or_as_damage():
    numbers_of, ended = random.Random(5), collections.Counter()
    outside = vocabulary.StorageTable(5, lambda key, size: memoryview(bytes(size)) if size < 100 else None)
    for words in (NVIDIA, vocabulary.of_checkpoint(outside), vocabulary.of_storage(outside)):
        for _ in range(4000):
            try:
                load(random_pickle(numbers_of), words)
                ended["value"] += 1
            except Damage as damage:
                ended["damage" if len(damage.what) < 300 else "too long"] += 1
    assert ended["value"] > 5
    assert ended.keys() == {"value", "damage"}


# --- bombs: time and memory


def test_number_keys_cannot_be_made_to_collide():
    """Keys of 32 bits whose low bits are equal: the worst that fits into the limit."""
    keys = [j << 15 for j in range(1 << 17)]
    body = b"".join(b"\x8a\x05" + struct.pack("<q", key)[:5] + b"N" for key in keys)
    began = time.process_time()
    assert len(load(b"\x80\x02}(" + body + b"u.")) == len(keys)
    assert time.process_time() - began < 5


def test_an_endless_program_ends():
    began = time.process_time()
    with pytest.raises(Damage, match="more steps"):
        load(b"\x80\x02" + b"N0" * unpickle.MAX_STEPS + b"N.")
    assert time.process_time() - began < 10


def test_the_same_bytes_cannot_be_many_arrays():
    raw = bytes(1 << 16)
    array = mb.nparray(np.zeros(1 << 14, "f4"))
    data = pickle.dumps([np.frombuffer(raw, "f4")], 2)
    assert load(data)[0].numbers.nbytes == len(raw)
    many = enc(array, b"0", *[b"]"], b".")
    assert load(many) == []
    again = b"".join(
        mb.enc(G("numpy._core.numeric", "_frombuffer"))
        + b"(h\x00"
        + mb.enc(F4)
        + mb.enc((1 << 14,))
        + mb.enc("C")
        + b"tR"
        for _ in range(100)
    )
    stored = b"B" + struct.pack("<I", len(raw)) + raw + b"q\x000"
    with pytest.raises(Damage, match="larger than their storage"):
        load(b"\x80\x03" + stored + b"(" + again + b"t.")


MANY, AGAIN = 20_000, 200
STATE = b"}(" + b"".join(mb.enc(f"k{i}") + b"N" for i in range(MANY)) + b"uq\0000"
NAMED = {"type": "class", "version": 6, "class_name": "Generator", "state": mb.Raw(b"h\x00")}
ONE = mb.storage_bytes(bytes(4), "f4", 1)
# What one opcode goes through or copies, however large it is; then the opcodes that do it again
LABOURS = {
    "a set": (b"](" + b"".join(b"J" + struct.pack("<i", i) for i in range(MANY)) + b"eq\0000", SET, b"h\0\x85"),
    "bytes": (mb.enc("a" * 500_000) + b"q\0000", G("_codecs", "encode"), b"h\0" + mb.enc("latin1") + b"\x86"),
    "an object": (STATE, G("torch_utils.persistence", "_reconstruct_persistent_obj"), mb.enc((NAMED,))),
    "attributes": (STATE, None, mb.enc(RECORD) + b"h\0b"),
    "a stored tensor": (
        mb.enc((mb.Raw(b"B" + struct.pack("<I", len(ONE)) + ONE),)) + b"q\0000",
        None,
        (mb.enc(G("torch.storage", "_load_from_bytes")) + b"h\0R") * 25,
    ),
}


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("what", LABOURS)
def test_large_things_cannot_be_gone_through_again_and_again(what, kept):
    first, name, arguments = LABOURS[what]
    once = (b"" if name is None else mb.enc(name)) + arguments + (b"" if name is None else b"R")
    again = b"(" + AGAIN * once + b"t" if kept else AGAIN * (b"(" + once + b"t0") + b"N"
    began = time.process_time()
    with pytest.raises(Damage, match=r"more often than that of any model|larger than their storage"):
        load(b"\x80\x03" + first + again + b".")
    assert time.process_time() - began < 5


@pytest.mark.parametrize("shape", [(0, 2**39, 2**39), (2**39,) * 7 + (0,), (2**39, 2**39, 0)])
def test_an_empty_array_has_a_possible_shape(shape):
    none = np.zeros(0, "f4")
    for value in (mb.nparray(none, shape=shape), mb.tensor(none, size=shape, stride=(1,) * len(shape))):
        with pytest.raises(Damage, match="shape of an empty array"):
            load(enc(value, b"."))
    assert load(enc(mb.nparray(none, shape=(0, 512)), b".")).numbers.float32().shape == (0, 512)


def test_values_are_inert():
    """Nothing that comes out of a pickle does anything by itself: no property, no comparison, no call."""
    for kind in (Name, LongText, Record, Numbers, ArrayToBe, numbers.NumberType, numbers.Storage):
        own = {name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")}
        assert own <= {"build", "float32", "item"}
        assert "__call__" not in vars(kind)
        assert "__getattr__" not in vars(kind)
        assert "__reduce__" not in vars(kind)
    assert machine.MAX_TEXT <= 4096
    assert clipped("x" * 1000) == "x" * 117 + "..."
