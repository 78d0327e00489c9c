"""Model files: what is written is read back; whatever is damaged or lies is refused with one sentence."""

import hashlib
import json
import os
import random
import time

import numpy as np
import pytest
import safetensors.numpy

from engine.errors import ModelFileError, ModelNotFoundError, StylescopeError
from engine.files import header, native
from tests.engine.fakes import TINY, tensors_of, write_model

TENSORS = tensors_of(TINY)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "good.safetensors"
    write_model(path)
    return path.read_bytes()


@pytest.fixture
def written(tmp_path):
    def write(data):
        path = tmp_path / "model.safetensors"
        path.write_bytes(data)
        return path

    return write


def write(path, **changes):
    arguments = {"family": "stylegan2", "settings": TINY, "tensors": TENSORS, "name": "tiny"}
    return native.write(path, **arguments | changes)


def changed(good, change_meta=None, change_top=None, tail=b"", sealed=True):
    """The file with another header, sealed as if its writer had meant it: a lie, not damage."""
    length = int.from_bytes(good[:8], "little")
    top = json.loads(good[8 : 8 + length])
    meta = json.loads(top["__metadata__"]["stylescope"])
    if change_meta is not None:
        meta = change_meta(meta) or meta
    top["__metadata__"] = {"stylescope": json.dumps(meta), "stylescope-seal": "0" * 64}
    if change_top is not None:
        top = change_top(top) or top
    raw = json.dumps(top, separators=(",", ":")).encode()
    first = len(raw).to_bytes(8, "little")
    if sealed:
        raw = raw.replace(b"0" * 64, header.seal(first, raw).encode())
    return first + raw + good[8 + length :] + tail


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "m.safetensors"
    opening = {"stylescope": 1, "a": {"seed": 5}}
    content_id = write(path, opening=opening, training={"kimg": 5}, licence="MIT", origin="here", name="Ü")
    model = native.read(path)
    info = model.info
    assert (info.content_id, info.name, info.licence, info.origin) == (content_id, "Ü", "MIT", "here")
    assert info.training == {"kimg": 5}
    assert info.opening == opening | {"model": {"name": "Ü", "content_id": content_id}}
    assert (info.resolution, info.z_dim, len(info.layers), len(info.noise)) == (16, 16, 6, 5)
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert {f"G_ema.{name}" for name in model.shown} == set(TENSORS)
    for name, array in model.shown.items():
        assert (array == TENSORS[f"G_ema.{name}"]).all()
        assert array.shape == TENSORS[f"G_ema.{name}"].shape


def test_the_header_alone_says_the_same(tmp_path):
    path = tmp_path / "m.safetensors"
    write(path)
    whole = native.read(path).info
    assert native.read_info(path) == type(whole)(**{f: getattr(whole, f) for f in whole.__slots__} | {"sha256": ""})


def test_other_programs_can_read_the_tensors(good):
    tensors = safetensors.numpy.load(good)
    assert {name: a.tobytes() for name, a in tensors.items()} == {name: a.tobytes() for name, a in TENSORS.items()}


def test_writing_twice_gives_the_same_bytes(tmp_path):
    assert write(tmp_path / "a") == write(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_content_id_is_that_of_the_weights_and_of_nothing_else(tmp_path):
    first = write(tmp_path / "a")
    assert write(tmp_path / "b", name="other", licence="MIT", training={"kimg": 1}) == first
    assert write(tmp_path / "c", tensors={k.replace("G_ema", "G"): v for k, v in TENSORS.items()}) == first
    changed_weights = TENSORS | {"G_ema.mapping.w_avg": TENSORS["G_ema.mapping.w_avg"] + 1}
    assert write(tmp_path / "d", tensors=changed_weights) != first
    assert write(tmp_path / "e", settings=TINY | {"conv_clamp": 256.0}) != first


def test_half_precision_files_open_as_float32(tmp_path):
    halves = {name: array.astype(np.float16) for name, array in TENSORS.items()}
    content_id = write(tmp_path / "half", tensors=halves)
    model = native.read(tmp_path / "half")
    assert {a.dtype for a in model.shown.values()} == {np.dtype(np.float32)}
    assert content_id == write(tmp_path / "whole", tensors={n: a.astype(np.float32) for n, a in halves.items()})


def test_both_networks_may_be_in_one_file_and_the_mean_one_is_shown(tmp_path):
    raw = {name.replace("G_ema", "G"): array + 1 for name, array in TENSORS.items()}
    write(tmp_path / "both", tensors=raw | TENSORS)
    model = native.read(tmp_path / "both")
    assert model.info.networks == ("G_ema", "G")
    assert model.shown is model.networks["G_ema"]
    assert (model.networks["G"]["mapping.w_avg"] == TENSORS["G_ema.mapping.w_avg"] + 1).all()


def test_no_flipped_bit_goes_unseen(good, written):
    numbers = random.Random(0)
    length = 8 + int.from_bytes(good[:8], "little")
    bits = [numbers.randrange(8 * len(good)) for _ in range(150)] + [numbers.randrange(8 * length) for _ in range(150)]
    for bit in bits:
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        path = written(data)
        with pytest.raises(ModelFileError) as refusal:
            native.read(path)
        assert refusal.value.remedy
        assert len(str(refusal.value)) < 400
        if bit < 8 * length:
            with pytest.raises(ModelFileError):
                native.read_info(path)


def test_no_cut_goes_unseen(good, written):
    for length in (*range(64), *range(64, len(good), 997), len(good) - 1):
        with pytest.raises(ModelFileError):
            native.read(written(good[:length]))


LIES = {
    "not ours": ({"change_top": lambda t: t.pop("__metadata__") and None}, "Stylescope model"),
    "metadata list": ({"change_top": lambda t: t | {"__metadata__": []}}, "Stylescope model"),
    "no seal": ({"sealed": False}, "seal"),
    "newer": ({"change_meta": lambda m: m | {"format": 2}}, "format 2"),
    "no format": ({"change_meta": lambda m: m | {"format": True}}, "format"),
    "description list": ({"change_meta": lambda m: [m]}, "no JSON object"),
    "missing entry": ({"change_meta": lambda m: m.pop("licence") and None}, "missing"),
    "unknown entry": ({"change_meta": lambda m: m | {"code": "os.system"}}, "'code'"),
    "typed wrong": ({"change_meta": lambda m: m | {"settings": []}}, "wrong type"),
    "long name": ({"change_meta": lambda m: m | {"name": "x" * 300}}, "name"),
    "half character": ({"change_meta": lambda m: m | {"name": "\ud800"}}, "proper text"),
    "class names": ({"change_meta": lambda m: m | {"class_names": ["cat"]}}, "class names"),
    "family": ({"change_meta": lambda m: m | {"family": "os"}}, "'os'"),
    "settings": ({"change_meta": lambda m: m | {"settings": {"resolution": 17}}}, "resolution"),
    "huge setting": (
        {"change_meta": lambda m: m | {"settings": TINY | {"resample_filter": [int("9" * 4000)]}}},
        "network",
    ),
    "other network": ({"change_meta": lambda m: m | {"settings": TINY | {"w_dim": 17}}}, "shape"),
    "more layers": ({"change_meta": lambda m: m | {"settings": TINY | {"mapping_layers": 3}}}, "missing"),
    "huge network": ({"change_meta": lambda m: m | {"settings": TINY | {"w_dim": 8192, "z_dim": 8192}}}, "shape"),
    "opening": ({"change_meta": lambda m: m | {"opening": {"stylescope": 1, "psi": "x"}}}, "opening recipe"),
    "content id": ({"change_meta": lambda m: m | {"content_id": "0" * 32}}, "content id"),
    "odd content id": ({"change_meta": lambda m: m | {"content_id": ""}}, "content_id"),
    "checksum": ({"change_meta": lambda m: m | {"checksum": "1" * 64}}, "checksum"),
    "trailing bytes": ({"tail": b"more"}, "bytes at its end"),
    "no tensors": ({"change_top": lambda t: {"__metadata__": t["__metadata__"]}}, "bytes at its end"),
    "no generator": ({"change_top": lambda t: {k.replace("G_ema.", "E."): v for k, v in t.items()}}, "no generator"),
}


@pytest.mark.parametrize("kind", LIES)
def test_a_file_that_lies_is_refused(kind, good, written):
    arguments, says = LIES[kind]
    with pytest.raises(ModelFileError, match=says) as refusal:
        native.read(written(changed(good, **arguments)))
    assert len(str(refusal.value)) < 400


ENTRY = "G_ema.mapping.w_avg"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"dtype": "I32"}, "dtype"),
        ({"dtype": "F65"}, "dtype"),
        ({"dtype": "F64"}, "offsets"),
        ({"dtype": ["F32"]}, "dtype"),
        ({"shape": [17]}, "shape"),
        ({"shape": [-16]}, "shape"),
        ({"shape": [16.0]}, "shape"),
        ({"shape": [True]}, "shape"),
        ({"data_offsets": [0, 2**70]}, "offsets"),
        ({"data_offsets": [64, 0]}, "offsets"),
        ({"data_offsets": [0, 64]}, "offsets"),
        ({"data_offsets": [0]}, "offsets"),
        ({"data_offsets": [-64, 0]}, "offsets"),
        ({"more": 1}, "entry"),
    ],
)
def test_an_entry_that_lies_is_refused(entry, says, good, written):
    def change(top):
        top[ENTRY] = top[ENTRY] | entry

    with pytest.raises(ModelFileError, match=says):
        native.read_info(written(changed(good, change_top=change)))


def test_tensors_that_do_not_belong_are_refused(good, written):
    for name in ("D.b4.weight", "G_ema.../../etc/passwd", "G_ema.x" * 5000, "\0"):
        entry = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
        data = changed(good, change_top=lambda top, name=name, entry=entry: top | {name: entry})
        with pytest.raises(ModelFileError, match="belong") as refusal:
            native.read_info(written(data))
        assert len(str(refusal.value)) < 400


RAW = {
    "empty": b"",
    "short": b"1234567",
    "header of no length": bytes(8),
    "header past the end": (100).to_bytes(8, "little") + b"{}",
    "header of 2^63": (2**63).to_bytes(8, "little") + b"{}",
    "not JSON": (8).to_bytes(8, "little") + b"notjson!",
    "not UTF-8": (4).to_bytes(8, "little") + b"\xff\xfe{}",
    "deep": (200_000).to_bytes(8, "little") + b'{"a":' + b"[" * 199_995,
    "twice": (13).to_bytes(8, "little") + b'{"a":1,"a":1}',
    "NaN": (9).to_bytes(8, "little") + b'{"a":NaN}',
    "list": (2).to_bytes(8, "little") + b"[]",
}


@pytest.mark.parametrize("kind", RAW)
def test_what_is_no_model_at_all_is_refused(kind, written):
    with pytest.raises(ModelFileError, match=r"model\.safetensors cannot be opened: .*(header|JSON).* - ") as refusal:
        native.read(written(RAW[kind]))
    assert len(str(refusal.value)) < 400


def test_a_header_of_millions_of_lists_is_not_parsed(written):
    text = b'{"a":[' + b"[]," * 200_000 + b"[]]}"
    began = time.process_time()
    with pytest.raises(ModelFileError, match="more parts than that of any model"):
        native.read_info(written(len(text).to_bytes(8, "little") + text))
    assert time.process_time() - began < 2


def test_a_large_header_is_not_read(tmp_path):
    path = tmp_path / "large"
    with open(path, "wb") as file:  # sparse
        file.write((3_000_000_000).to_bytes(8, "little") + b"{")
        file.truncate(3_000_000_100)
    with pytest.raises(ModelFileError, match="too large"):
        native.read(path)


def test_names_that_are_no_files_are_refused(tmp_path):
    with pytest.raises(ModelNotFoundError):
        native.read(tmp_path / "none")
    with pytest.raises(ModelFileError, match="folder"):
        native.read_info(tmp_path)
    with pytest.raises(ModelFileError):
        native.read_info("a\0b")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelFileError, match="regular file"):
            native.read(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tensors": TENSORS | {ENTRY: np.full(16, np.nan, np.float32)}}, "NaN"),
        ({"tensors": TENSORS | {ENTRY: np.zeros(16)}}, "float64"),
        ({"tensors": TENSORS | {ENTRY: np.zeros(17, np.float32)}}, "shape"),
        ({"tensors": {}}, "no generator"),
        ({"name": ""}, "name"),
        ({"family": "none"}, "not known"),
        ({"training": {"loss": float("nan")}}, "JSON"),
        ({"opening": {"psi": 1}}, "opening"),
    ],
)
def test_a_file_that_would_not_open_is_not_written(changes, says, tmp_path):
    with pytest.raises(StylescopeError, match=says):
        write(tmp_path / "m", **changes)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_not_finite_are_refused(good, written):
    """A writer that lies fully: seal, checksum and content id fit, the numbers do not."""
    length = 8 + int.from_bytes(good[:8], "little")
    data = good[:length] + np.full((len(good) - length) // 4, np.inf, np.float32).tobytes()
    checksum = hashlib.sha256(data[length:]).hexdigest()
    with pytest.raises(ModelFileError, match="infinity"):
        native.read(written(changed(data, lambda m: m | {"checksum": checksum})))
