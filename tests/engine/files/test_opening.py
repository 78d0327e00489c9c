"""The door of all model files: kinds are told by content, work can be watched and ended, memory is given back."""

import json
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

import main
from engine.errors import ModelFileError, ModelNotFoundError, StylescopeError
from engine.files import opening, source
from tests.engine.fakes import TINY, tensors_of, write_model

ROOT = Path(__file__).parents[3]
PICKLES = ROOT / "tests" / "data" / "pickles"
TORCH, TF = PICKLES / "torch" / "sg2ada_tiny.pkl", PICKLES / "tf" / "stylegan2_tiny.pkl"


@pytest.fixture
def written(tmp_path):
    def write(data, name="model.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


# --- what a file is


@pytest.mark.parametrize("name", ["a.pkl", "a.txt", "a", "a.safetensors", "a.pt", "ü 模.bin"])
def test_a_kind_is_told_by_content_and_not_by_name(name, tmp_path):
    expected = opening.read(TORCH).info.content_id
    shutil.copy(TORCH, tmp_path / name)
    assert opening.read(tmp_path / name).info.content_id == expected
    content_id = write_model(tmp_path / name)
    assert opening.read(tmp_path / name).info.content_id == content_id


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture, not a model"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "a picture, not a model"),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(50), "a picture, not a model"),
        (b"  <!DOCTYPE HTML><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x1f\x8b\x08" + bytes(50), "compressed"),
        (bytes(257) + b"ustar" + bytes(300), "tar archive"),
        (b"PK\x03\x04" + bytes(50), "zip archive"),
        (b"PK\x05\x06" + bytes(18), "zip archive"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"hello, I am a text", "not a model in a format known here"),
        (bytes(4096), "not a model in a format known here"),
        (b"\x80\x04N.", "no model"),
    ],
)
def test_what_is_no_model_is_called_what_it_is(data, says, written):
    for read in (opening.read, opening.read_info, opening.read_discriminator):
        with pytest.raises(ModelFileError, match=f"model.bin cannot be opened: .*{says}") as refusal:
            read(written(data))
        assert refusal.value.remedy


def test_a_large_archive_of_photos_is_not_read(written, monkeypatch):
    path = written(b"PK\x03\x04" + bytes(100))
    with open(path, "r+b") as file:
        file.truncate(3_000_000_000)  # sparse
    monkeypatch.setattr(opening, "read_all", None)
    with pytest.raises(ModelFileError, match=r"zip archive without data\.pkl"):
        opening.read(path)


def test_a_file_larger_than_any_model_is_not_read(written):
    path = written(b"\x80\x04")
    with open(path, "r+b") as file:
        file.truncate(source.MAX_FILE + 1)
    with pytest.raises(ModelFileError, match="larger than any model"):
        opening.read(path)


def test_names_that_are_no_files_are_refused(tmp_path):
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    for read in (opening.read, opening.read_info, opening.read_discriminator):
        for name in ("none", "dangling"):
            with pytest.raises(ModelNotFoundError, match="not found"):
                read(tmp_path / name)
        with pytest.raises(ModelNotFoundError, match="holds no model"):
            read(tmp_path)
        for path in (tmp_path / "loop", "a\0b", "x" * 5000, "/dev/zero"):
            with pytest.raises(StylescopeError):
                read(path)
        if hasattr(os, "mkfifo"):
            pipe = tmp_path / "pipe"
            pipe.unlink(missing_ok=True)
            os.mkfifo(pipe)
            with pytest.raises(ModelFileError, match="not a regular file"):
                read(pipe)


# --- networks


def test_a_network_is_chosen_and_the_description_stays_that_of_the_shown_one():
    for path in (TORCH, TF):
        shown, raw = opening.read(path), opening.read(path, "G")
        assert shown.info == raw.info
        assert shown.networks.keys() == {"G_ema"}
        assert raw.networks.keys() == {"G_ema", "G"}
        assert raw.shown is raw.networks["G_ema"]
        assert any((raw.networks["G"][name] != array).any() for name, array in raw.shown.items())


@pytest.mark.parametrize("make", [lambda path: shutil.copy(TORCH, path), write_model])
def test_a_network_that_is_not_there_is_refused_with_those_that_are(make, tmp_path):
    make(tmp_path / "m")
    has = ", ".join(opening.read(tmp_path / "m").info.networks)
    with pytest.raises(ModelFileError, match="m has no network E") as refusal:
        opening.read(tmp_path / "m", "E")
    assert refusal.value.remedy == f"it has {has}"
    with pytest.raises(ModelFileError, match="network D"):
        opening.read(tmp_path / "m", "D")


def test_our_own_files_have_no_discriminator(tmp_path):
    write_model(tmp_path / "m")
    with pytest.raises(ModelFileError, match="no discriminator"):
        opening.read_discriminator(tmp_path / "m")


# --- watching


@pytest.mark.parametrize("make", [lambda path: shutil.copy(TORCH, path), write_model])
def test_progress_grows_from_0_to_1(make, tmp_path):
    make(tmp_path / "m")
    seen = []
    opening.read(tmp_path / "m", progress=seen.append)
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) >= 4


@pytest.mark.parametrize("make", [lambda path: shutil.copy(TORCH, path), write_model])
def test_opening_ends_wherever_it_is_told_to(make, tmp_path):
    make(tmp_path / "m")
    looks = []
    opening.read(tmp_path / "m", stop=lambda: bool(looks.append(1)))
    for last in range(len(looks)):
        seen = []
        with pytest.raises(opening.Stopped):
            opening.read(tmp_path / "m", stop=lambda seen=seen, last=last: bool(seen.append(1)) or len(seen) > last)
        assert len(seen) == last + 1


def test_no_thread_is_left_behind(written, monkeypatch):
    monkeypatch.setattr(source, "SMALL", 0)  # always hash on a thread
    before = threading.active_count()
    opening.read(TORCH)
    with pytest.raises(ModelFileError):
        opening.read(written(TORCH.read_bytes()[:-1]))
    asked = []
    with pytest.raises(opening.Stopped):
        opening.read(TORCH, stop=lambda: bool(asked.append(1)) or len(asked) > 2)
    assert threading.active_count() == before


# --- the file stays its owner's


@pytest.mark.parametrize("make", [lambda path: shutil.copy(TORCH, path), write_model])
def test_what_was_read_does_not_change_with_the_file(make, tmp_path):
    path = tmp_path / "m"
    make(path)
    model = opening.read(path)
    before = {name: array.copy() for name, array in model.shown.items()}
    with open(path, "r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.truncate(10)
    assert all((model.shown[name] == array).all() for name, array in before.items())
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("make", [lambda path: shutil.copy(TORCH, path), write_model])
def test_no_file_stays_open_or_mapped(make, tmp_path):
    path = tmp_path / "unmistakable-name"
    make(path)
    model = opening.read(path)
    assert str(path) not in Path("/proc/self/maps").read_text()
    handles = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    assert str(path) not in handles
    assert model.info.networks


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "m"
    shutil.copy(TORCH, path)

    def shrink():
        os.truncate(path, 1000)
        return False

    with pytest.raises(ModelFileError, match="became shorter"):
        opening.read(path, stop=shrink)


def test_a_file_that_vanishes_while_it_is_read_is_read_to_its_end(tmp_path):
    path = tmp_path / "m"
    shutil.copy(TORCH, path)
    assert opening.read(path, stop=lambda: path.unlink(missing_ok=True) is not None).info.family
    assert not path.exists()


def test_arrays_are_ready_for_torch():
    import torch

    for path in (TORCH, TF):
        for array in opening.read(path).shown.values():
            assert array.flags.c_contiguous
            assert array.flags.aligned
            assert array.flags.writeable
            assert torch.from_numpy(array).shape == array.shape


def test_the_description_of_a_foreign_file_is_remembered_until_it_changes(tmp_path, monkeypatch):
    path = tmp_path / "m"
    shutil.copy(TORCH, path)
    info = opening.read_info(path)
    monkeypatch.setattr(opening, "model_of", None)
    assert opening.read_info(path) is info
    monkeypatch.undo()
    shutil.copy(TF, path)
    assert opening.read_info(path).content_id == opening.read(TF).info.content_id


def test_a_large_pickle_without_an_end_is_not_read(written, monkeypatch):
    path = written(b"\x80\x04")
    with open(path, "r+b") as file:
        file.truncate(1 << 30)  # takes no room
    monkeypatch.setattr(opening, "_all", None)
    with pytest.raises(ModelFileError, match="it is truncated"):
        opening.read(path)


def test_what_surprises_a_reader_is_a_sentence_too(tmp_path, monkeypatch):
    def surprised(*_):
        raise ZeroDivisionError("of a fault of ours")

    monkeypatch.setattr(opening, "model_of", surprised)
    with pytest.raises(ModelFileError, match="it is not as its program writes it"):
        opening.read(TF)


# --- convert


def test_convert_of_our_own_file_keeps_all_that_it_says(tmp_path):
    opening_recipe = {"stylescope": 1, "a": {"seed": 3}}
    before, after = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    opening.native.write(
        before, family="stylegan2", settings=TINY, tensors=tensors_of(TINY), name="n", licence="MIT", origin="o",
        training={"kimg": 1}, opening=opening_recipe,
    )  # fmt: skip
    assert main.main(["convert", str(before), str(after), "--quiet"]) == 0
    assert before.read_bytes() == after.read_bytes()
    assert main.main(["convert", str(before), str(after), "--quiet", "--name", "m", "--licence", "CC0-1.0"]) == 0
    assert (opening.read_info(after).name, opening.read_info(after).licence) == ("m", "CC0-1.0")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([str(TORCH), "out.pkl"], "ends .safetensors"),
        ([str(TORCH), "out.safetensors", "--network", "D"], "cannot be converted alone"),
        ([str(TORCH), "nowhere/out.safetensors"], "does not exist"),
        ([str(PICKLES / "torch" / "sg3t_tiny.pkl"), "out.safetensors"], "StyleGAN3"),
        (["none.pkl", "out.safetensors"], "there is no model none.pkl"),
    ],
)
def test_a_convert_that_cannot_be_leaves_nothing(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main.main(["convert", *words]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""
    assert not list(tmp_path.iterdir())


def test_convert_names_what_it_wrote(tmp_path, capsys):
    out = tmp_path / "out.safetensors"
    assert main.main(["convert", str(TF), str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert main.main(["convert", str(TF), str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"file": str(out), "network": "G_ema", "content_id": opening.read(TF).info.content_id}
