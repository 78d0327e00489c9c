"""Networks out of sound pickles: what is odd in them is named, and none can be made to fill memory or time."""

import struct
import time

import numpy as np
import pytest

from engine.errors import ModelFileError, ModelNotFoundError
from engine.families import foreign
from engine.files import contents, extent, opening
from engine.files.source import Damage
from engine.files.values import Record
from tests.badfiles import make_badfiles as mb

SECONDS = 5  # of processor time


@pytest.fixture
def refusal(tmp_path):
    """What is said of a file, and how long that took."""

    def of(data):
        path = tmp_path / "model.pkl"
        path.write_bytes(data)
        began = time.process_time()
        with pytest.raises(ModelFileError) as caught:
            opening.read(path)
        assert time.process_time() - began < SECONDS
        assert len(str(caught.value)) < 500
        return str(caught.value)

    return of


def get(index):
    return mb.Raw(b"j" + struct.pack("<I", index))


def put(value, index, protocol=3):
    """A value that is remembered under a number."""
    return mb.Raw(mb.enc(value, protocol) + b"r" + struct.pack("<I", index))


# --- what is odd is named


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"G_ema": 7}, "G_ema is a number, not a network"),
        ({"G_ema": {}}, "G_ema is a dict, not a network"),
        ({"G_ema": mb.nn("Generator", modules=[("synthesis", 7)])}, "the module synthesis is a number"),
        ({"G_ema": mb.nn("Generator", modules=[("a.b", mb.nn("SynthesisLayer"))])}, "_modules of the generator"),
        ({"G_ema": mb.nn("Generator", modules=[("a", mb.nn("Sequential"))])}, "class Sequential is not known"),
        ({"G_ema": mb.nn("Generator", [("w", 7)])}, "w is a number, not a tensor"),
        ({"G_ema": mb.nn("Generator", [("w", np.zeros(1, "f4"))], [("w", np.zeros(1, "f4"))])}, "w is there twice"),
        ({"G_ema": mb.nn("Generator", kwargs={"z_dim": float("inf")})}, "z_dim is infinite"),
        ({"G_ema": mb.nn("Generator", kwargs={"z_dim": 10**30})}, "z_dim is infinite, not a number or too large"),
        ({"G_ema": mb.nn("Generator", kwargs={"a": {"b": [1] * 2000}})}, "the setting a.b is too long"),
        ({"G_ema": mb.nn("Generator", kwargs={"a": mb.Raw(b"C\x01x")})}, "the setting a is bytes"),
        ({"G_ema": mb.nn("Generator", args=[1] * 6)}, "too many arguments"),
        ({"G_ema": mb.nn("Generator", meta={"type": "function"})}, "a persistent object"),
        ({"G_ema": mb.nn("Generator", meta={"version": 7})}, "of a version that is not known"),
        ({"G": None, "D": None, "G_ema": None}, "no generator"),
        (mb.tf_network("G", "G_main", {}, [("a", 7)]), "a is a number, not a tensor"),
        (mb.tf_network("G", "G_main", {}, [("a", 1.0), ("a", 1.0)]), "a is there twice"),
        (mb.tf_network("G", "G_main", {"resolution": float("nan")}, []), "resolution is infinite, not a number"),
        (mb.tf_network("G", "G_main", {}, [], {"synthesis": 7}), "the component synthesis is a number"),
        (mb.tf_network("G", 7, {}, []), "no build_func_name"),
        (
            mb.tf_network("G", "G_other", {}, [("a", 1.0)]),
            "no family has a generator called G_other with tensors such as a",
        ),
        (mb.tf_network("G", "G_other", {}, [], cls=("os", "Network")), "os.Network"),
        (mb.Build(mb.New(mb.Glob("network", "Network")), {"build_func_spec": {}}), "Theano"),
        ((1, 2, 3), "no model"),
        ((), "no model"),
        ([], "no model"),
    ],
)
def test_what_is_odd_in_a_network_is_named(value, says, refusal):
    assert says in refusal(mb.pkl(value, 3))


def test_positional_arguments_are_named():
    """As they were in the constructors of the public classes."""
    from engine.files import nvidia_torch, torch_stream, unpickle, vocabulary

    data = mb.pkl({"G_ema": mb.nn("Generator", args=(1, 2, 3), kwargs={"img_channels": 4})}, 3)
    value = unpickle.load(memoryview(data), vocabulary.of_nvidia(torch_stream.load_storage))
    found = nvidia_torch.contents(value, len(data)).networks["G_ema"]()
    assert found.settings == {"z_dim": 1, "c_dim": 2, "w_dim": 3, "img_channels": 4}


def test_what_is_beside_the_networks_may_be_anything_harmless(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(
        mb.ada_file(3, extra={"progress": [1.5, None, {"a": (1, 2)}], "augment_pipe": mb.nn("AugmentPipe")})
    )
    assert opening.read(path).info.networks == ("G_ema",)
    path.write_bytes(mb.pkl({"G_ema": mb.ada_generator(), "D": mb.nn("TheirOwn")}, 3))
    assert opening.read(path).info.networks == ("G_ema",)


def test_the_module_of_a_tensorflow_network_follows_from_its_version():
    told = {("G_paper", 2): "networks", ("G_paper", 3): "networks_progan", ("G_style", 3): "networks_stylegan"}
    told |= {("G_style", 4): "networks_stylegan", ("G_main", 4): "networks_stylegan2", ("G_main", 5): "networks"}
    for (kind, version), module in told.items():
        assert foreign.tf_module(kind, version) == module


# --- bombs: small files that would become large


def test_a_thousand_names_of_one_tensor(refusal):
    big = mb.tensor(np.zeros(250_000, "f4"))
    names = [("first", put(big, 9999)), *((f"n{i}", get(9999)) for i in range(1000))]
    assert "larger than the file" in refusal(mb.ada_file(3, g=mb.nn("Generator", buffers=names)))


def test_a_thousand_components_of_one_variable(refusal):
    one = put(mb.nparray(np.zeros(250_000, "f4")), 9999)
    parts = {f"p{i}": mb.tf_network(f"p{i}", "G", {}, [("v", one if i == 0 else get(9999))]) for i in range(300)}
    assert "larger than the file" in refusal(mb.pkl(mb.tf_network("G", "G_main", {}, [], parts), 3))


def test_names_that_grow_with_depth(refusal):
    module = mb.nn("SynthesisLayer", buffers=[(f"b{i}", mb.tensor(np.zeros(1, "f4"))) for i in range(50)])
    for _ in range(10):
        module = mb.nn("SynthesisBlock", modules=[("n" * 4000, module)])
    assert "is too long" in refusal(mb.ada_file(3, g=mb.nn("Generator", modules=[("a", module)])))


def test_modules_that_are_each_other_many_times(refusal):
    module = put(mb.nn("SynthesisLayer"), 5000)
    for i in range(1, 40):
        inner = [("a", module), ("b", get(5000 + i - 1))]
        module = put(mb.nn("SynthesisBlock", modules=inner), 5000 + i)
    assert "too deep, too large, or contains itself" in refusal(
        mb.ada_file(3, g=mb.nn("Generator", modules=[("a", module)]))
    )


def test_many_keys_of_one_large_thing(refusal):
    large = put([[None] * 100 for _ in range(500)], 7777)
    extra = {"first": large} | {f"k{i}": get(7777) for i in range(2000)}
    assert "too deep, too large" in refusal(mb.ada_file(3, extra=extra))


def test_settings_that_are_each_other_many_times(refusal):
    value = put(["a"] * 30, 6000)
    for i in range(1, 4):
        value = put([value, *[get(6000 + i - 1)] * 20], 6000 + i)
    assert "is too large" in refusal(mb.ada_file(3, kw={"surprise": value}))


@pytest.mark.parametrize("depth", [60_000])
def test_things_nested_too_deeply_go_away_quietly(depth, refusal):
    """Nested records, dicts, lists and tuples: neither reading, nor refusing, nor freeing them recurses."""
    record = mb.enc(mb.New(mb.Glob("dnnlib.tflib.network", "Network")))
    chains = {
        "records": _nested_records(record, depth // 8),
        "lists": b"]" * depth + b"a" * (depth - 1),
        "tuples": b"N" + b"\x85" * depth,
    }
    for chain in chains.values():
        assert "cannot be opened" in refusal(b"\x80\x02" + chain + b".")


def _nested_records(record, depth):
    """Each the attribute of the next: take the last from the memo, and build a record around it."""
    step = b"r\x02\0\0\0" + b"0" + record + b"}X\x01\0\0\0aj\x02\0\0\0sb"
    return b"N" + step * depth


def test_extent_counts_what_is_reached_and_not_what_is_there():
    value = ["x"]
    for _ in range(16):
        value = [value, value]
    extent.check(value, "it")  # 65,536 ways: still walked through
    with pytest.raises(Damage, match="too deep"):
        extent.check([value, value, value], "it")
    value = []
    value.append(value)
    with pytest.raises(Damage, match="contains itself"):
        extent.check(value, "it")
    record = Record("a")
    record.build({"a": record})
    with pytest.raises(Damage, match="contains itself"):
        extent.check(record, "it")
    deep = None
    for _ in range(extent.MAX_DEPTH + 2):
        deep = (deep,)
    with pytest.raises(Damage, match="too deep"):
        extent.check(deep, "it")


def test_names_are_joined_with_a_limit():
    assert contents.joined("", "a") == "a"
    assert contents.joined("a", "b") == "a.b"
    with pytest.raises(Damage, match="too long"):
        contents.joined("a" * contents.MAX_NAME, "b")


def test_a_missing_file_is_not_a_damaged_one(tmp_path):
    with pytest.raises(ModelNotFoundError):
        opening.read(tmp_path / "none.pkl")
