"""Finding models by name, path, run folder and content id."""

import shutil
from pathlib import Path

import pytest

from engine import library
from engine.errors import ModelFileError, ModelNotFoundError, Stopped
from engine.files import opening
from tests.engine.fakes import write_model

PICKLE = Path(__file__).parents[1] / "data" / "pickles" / "torch" / "sg2ada_tiny.pkl"


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    folder = tmp_path / "bundle"
    folder.mkdir()
    monkeypatch.setattr(library, "MODELS", folder)
    return folder


def test_a_bundled_model_is_found_by_name_and_the_default_without(bundle):
    ids = {name: write_model(bundle / f"{name}.safetensors", seed) for seed, name in enumerate(["a", "portraits-64"])}
    assert library.find("a") == bundle / "a.safetensors"
    assert library.find() == bundle / "portraits-64.safetensors"
    assert library.find_content_id(ids["a"]) == bundle / "a.safetensors"
    (bundle / "portraits-64.safetensors").unlink()
    assert library.find() == bundle / "a.safetensors"


def test_a_path_is_found_and_a_missing_one_says_what_there_is(bundle, tmp_path):
    write_model(bundle / "a.safetensors")
    (tmp_path / "mine").write_bytes(b"")
    assert library.find(tmp_path / "mine") == tmp_path / "mine"
    with pytest.raises(ModelNotFoundError, match="bundled models are: a"):
        library.find("b")
    for name in ("x" * 5000, "a\0b", "~nobody-of-this-name/x"):
        with pytest.raises(ModelNotFoundError):
            library.find(name)


def test_without_bundled_models_a_path_is_asked_for(bundle):
    with pytest.raises(ModelNotFoundError, match="give the path"):
        library.find()


def test_the_newest_model_of_a_run_is_taken(bundle, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(ModelNotFoundError, match="holds no model"):
        library.find(str(run))
    for name in ("model-000100", "model-000020", "state-000200", ".model-000300.safetensors.1.tmp"):
        write_model(run / f"{name}.safetensors")
    assert library.find(str(run)) == run / "model-000100.safetensors"


def test_a_content_id_is_looked_for_among_recent_files_and_neighbours(bundle, tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(b"junk")
    first = write_model(tmp_path / "first.safetensors", 1)
    (tmp_path / "far").mkdir()
    second = write_model(tmp_path / "far" / "second.safetensors", 2)
    picture = tmp_path / "picture.png"
    assert library.find_content_id(first, near=picture) == tmp_path / "first.safetensors"
    assert library.find_content_id(first, near=tmp_path) == tmp_path / "first.safetensors"
    assert library.find_content_id(second, near=picture) is None
    recent = [tmp_path / "gone", tmp_path / "far" / "second.safetensors"]
    assert library.find_content_id(second, recent=recent) == recent[1]
    assert library.find_content_id("", near=tmp_path / "none") is None


def test_a_model_of_another_program_is_found_by_its_content_id(bundle, tmp_path):
    shutil.copy(PICKLE, tmp_path / "theirs.pkl")
    (tmp_path / "broken.pkl").write_bytes(b"\x80\x04.")
    content_id = opening.read_info(PICKLE).content_id
    assert library.find_content_id(content_id, near=tmp_path / "picture.png") == tmp_path / "theirs.pkl"
    assert library.find_content_id(content_id, recent=[tmp_path / "theirs.pkl"]) == tmp_path / "theirs.pkl"


def test_only_a_few_models_of_other_programs_are_opened_to_find_one(bundle, tmp_path, monkeypatch):
    for i in range(30):
        (tmp_path / f"{i}.pkl").write_bytes(b"\x80\x04.")
    opened = []

    def refuse(path, stop):
        opened.append(path)
        raise ModelFileError("no model")

    monkeypatch.setattr(opening, "read_info", refuse)
    assert library.find_content_id("0" * 32, near=tmp_path) is None
    assert len(opened) == library.MAX_FOREIGN


def test_a_search_among_models_of_other_programs_can_be_given_up(bundle, tmp_path):
    shutil.copy(PICKLE, tmp_path / "a.pkl")
    with pytest.raises(Stopped):
        library.find_content_id("0" * 32, tmp_path, stop=lambda: True)
