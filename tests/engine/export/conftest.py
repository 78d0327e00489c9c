"""A tiny model of a real family in a file, and a renderer that has it."""

import pytest

from engine.renderer import Renderer
from tests.engine.fakes import write_model


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "tiny.safetensors"
    write_model(path, classes=3)
    return path


@pytest.fixture(scope="session")
def renderer(model_file):
    renderer = Renderer("cpu")
    renderer.load(model_file)
    return renderer


@pytest.fixture(autouse=True)
def where(tmp_path, monkeypatch):
    """Each test writes into a folder of its own."""
    monkeypatch.chdir(tmp_path)
