"""Finding models by name, path, run folder and content id."""

import pytest

from engine import library
from engine.errors import ModelNotFoundError
from tests.engine.fakes import write_model


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
    for name in ("x" * 5000, "a\0b"):
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
        (run / f"{name}.safetensors").write_bytes(b"")
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
