"""A folder to work in, a bundled model called tiny, and a way to call a command in this process."""

import pytest

import main
from engine import library
from tests.engine.fakes import write_model


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    write_model(folder / "m.safetensors")
    write_model(folder / "classes.safetensors", classes=3)
    write_model(folder / "quiet.safetensors", use_noise=False)
    return folder


@pytest.fixture
def workplace(models, tmp_path, monkeypatch):
    """The only bundled model is called tiny."""
    monkeypatch.chdir(tmp_path)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "tiny.safetensors").write_bytes((models / "m.safetensors").read_bytes())
    monkeypatch.setattr(library, "MODELS", bundle)
    return tmp_path


@pytest.fixture
def call(workplace, capsys):
    """Call a command; its status and what it printed (on stderr when it failed)."""

    def run(*words):
        capsys.readouterr()
        status = main.main([*map(str, words), "--device", "cpu"])
        captured = capsys.readouterr()
        assert captured.err == "" or status
        return status, captured.err if status else captured.out

    return run
