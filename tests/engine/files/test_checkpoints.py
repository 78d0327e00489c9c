"""Checkpoints of torch.save, zipped and as they were before: what is in them comes out, whatever lies beside it."""

import struct

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.files import opening, state_dict, torch_stream, torch_zip
from tests.engine.files.checkpoints import discriminator, generator, module_state, saved, snapshot

FORMS = {"zip": True, "stream": False}


@pytest.fixture
def written(tmp_path):
    def write(data):
        path = tmp_path / "000123.pt"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("form", FORMS)
def test_every_tensor_of_a_snapshot_comes_out(form):
    value = snapshot(latent_avg=torch.arange(4.0))
    read = torch_zip.load_zip if form == "zip" else torch_stream.load_stream
    contents = state_dict.contents(read(memoryview(saved(value, FORMS[form]))), 0)
    assert tuple(contents.networks) == ("G_ema", "G", "D")
    for ours, theirs in (("G_ema", "g_ema"), ("G", "g"), ("D", "d")):
        foreign = contents.networks[ours]()
        expected = dict(value[theirs]) | ({} if ours == "D" else {"latent_avg": value["latent_avg"]})
        assert foreign.arrays.keys() == expected.keys()
        assert all((foreign.arrays[name] == tensor.numpy()).all() for name, tensor in expected.items())
        assert foreign.settings["n_mlp"] == 2


@pytest.mark.parametrize("form", FORMS)
def test_a_snapshot_opens_and_shows_the_mean_network(form, written):
    path = written(saved(snapshot(latent_avg=torch.arange(4.0)), FORMS[form]))
    model = opening.read(path, "G")
    assert model.info.networks == ("G_ema", "G", "D")
    assert (model.info.resolution, model.info.z_dim, model.info.channels) == (8, 4, 3)
    assert (model.shown["mapping.w_avg"] == np.arange(4)).all()
    assert (model.shown["mapping.fc1.weight"] == generator(seed=2)["style.2.weight"].numpy()).all()
    assert (model.networks["G"]["mapping.fc1.weight"] == generator(seed=1)["style.2.weight"].numpy()).all()
    D = opening.read_discriminator(path)
    assert (D.tensors["b8.conv0.weight"] == discriminator()["convs.1.conv1.0.weight"].numpy()).all()


def test_both_forms_and_a_bare_state_dictionary_are_the_same_model(written):
    tensors = module_state(generator())
    files = [saved({"g_ema": tensors}), saved({"g_ema": tensors}, zipped=False), saved(tensors)]
    infos = [opening.read(written(data)).info for data in files]
    assert len({info.content_id for info in infos}) == 1
    assert [info.networks for info in infos] == [("G_ema",), ("G_ema",), ("G",)]


def test_tensors_that_are_views_of_others_come_out_as_they_were(written):
    tensors = generator()
    whole = torch.cat([t.reshape(-1) for t in tensors.values()])
    places = np.cumsum([0, *(t.numel() for t in tensors.values())])
    views = {
        name: whole[a : a + t.numel()].view(t.shape) for (name, t), a in zip(tensors.items(), places, strict=False)
    }
    views["style.1.weight"] = tensors["style.1.weight"].t().contiguous().t()
    for zipped in FORMS.values():
        shown = opening.read(written(saved({"g_ema": views}, zipped))).info.content_id
        assert shown == opening.read(written(saved({"g_ema": tensors}))).info.content_id


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_weights_of_other_precisions_become_float32(dtype, written):
    exact = {name: tensor.to(torch.bfloat16).to(torch.float16).float() for name, tensor in generator().items()}
    exact = {name: tensor.to(dtype).float() for name, tensor in exact.items()}
    path = written(saved({"g_ema": {name: tensor.to(dtype) for name, tensor in exact.items()}}))
    assert opening.read(path).info.content_id == opening.read(written(saved({"g_ema": exact}))).info.content_id


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"g_ema": {"a": torch.zeros(2)}}, "no model known here"),
        ({"g_ema": {"a": torch.zeros(2, dtype=torch.int64)}}, "the tensor a holds whole numbers"),
        ({"g_ema": {"a": torch.tensor([0.0, np.nan])}}, "the tensor a holds NaN"),
        ({"g_ema": {"a": torch.tensor([1e300], dtype=torch.float64)}}, "infinity"),
        ({"g_ema": {"a": 1.0}}, "a is a number, not a tensor"),
        ({"g_ema": {1: torch.zeros(2)}}, "not the state dictionary"),
        ({"g_ema": torch.zeros(2)}, "g_ema is a numbers|g_ema is .*not the state dictionary"),
        ({"g_ema": generator() | {"convs.0.conv.weight": torch.zeros(1, 4, 4, 3, 2)}}, "convs.0.conv.weight"),
        ({"g_ema": {k: t for k, t in generator().items() if k != "to_rgb1.bias"}}, "to_rgb1.bias"),
        ({"d": discriminator()}, "no generator"),
        ({"a": torch.zeros(2), "b": "text"}, "no model"),
        ([torch.zeros(2)], "no model"),
        ({"g_ema": torch.zeros(2, dtype=torch.complex64)}, "torch.ComplexFloatStorage"),
        ({"g_ema": torch.nn.Linear(2, 2)}, "torch.nn.modules.linear.Linear"),
        ({"g_ema": {}, "device": torch.device("cpu")}, "torch.device"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_checkpoint_of_something_else_is_refused(form, value, says, written):
    with pytest.raises(ModelFileError, match=says) as refusal:
        opening.read(written(saved(value, FORMS[form])))
    assert str(refusal.value).startswith("000123.pt cannot be opened: ")


def change(data, old, new):
    assert old in data
    return data.replace(old, new)


ZIP = saved({"g_ema": {"a": torch.zeros(5)}})
DIRECTORY = ZIP.index(b"PK\1\2")
ZIP_LIES = {
    "cut": (ZIP[:-1], "directory"),
    "longer": (ZIP + b"x", "directory"),
    "before it": (b"PK  " + ZIP, "damaged"),
    "comment": (ZIP[:-2] + b"\1\0", "damaged"),
    "no entries": (ZIP[:-14] + bytes(4) + ZIP[-10:], "data.pkl"),
    "too many entries": (ZIP[:-14] + b"\xff\x7f\xff\x7f" + ZIP[-10:], "damaged"),
    "directory elsewhere": (ZIP[:-6] + struct.pack("<I", 4) + ZIP[-2:], "damaged"),
    "compressed": (ZIP[: DIRECTORY + 10] + b"\x08" + ZIP[DIRECTORY + 11 :], "compressed"),
    "encrypted": (ZIP[: DIRECTORY + 8] + b"\x01" + ZIP[DIRECTORY + 9 :], "encrypted"),
    "other name": (ZIP.replace(b"archive/data.pkl", b"archive/data.pk1", 1), "differ"),
    "two pickles": (change(ZIP, b"archive/.format_version", b"archive_format/data.pkl"), "more than one data.pkl"),
    "a name that is cut off": (change(ZIP, b"archive/version", b"archive/versio\0"), "damaged"),
    "data": (change(ZIP, bytes(20), b"\1" + bytes(19)), "damaged"),
}


@pytest.mark.parametrize("kind", ZIP_LIES)
def test_a_zip_archive_that_lies_is_refused(kind, written):
    data, says = ZIP_LIES[kind]
    with pytest.raises(ModelFileError, match=says):
        opening.read(written(data))


STREAM = saved({"g_ema": {"a": torch.zeros(5)}}, zipped=False)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (STREAM[:-1], "ends early"),
        (STREAM + b"x", "after its end"),
        (change(STREAM, struct.pack("<q", 5) + bytes(20), struct.pack("<q", -5) + bytes(20)), "length"),
        (change(STREAM, struct.pack("<q", 5) + bytes(20), struct.pack("<q", 1 << 60) + bytes(20)), "length"),
        (change(STREAM, b"little_endianq\x02\x88", b"little_endianq\x02\x89"), "big-endian"),
        (change(STREAM, b"M\xe9\x03.", b"M\xe8\x03."), "does not begin as torch files do"),
    ],
)
def test_a_stream_that_lies_is_refused(data, says, written):
    with pytest.raises(ModelFileError, match=says):
        opening.read(written(data))
