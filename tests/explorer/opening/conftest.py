"""A window whose engine is slow where a test wants it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from explorer.window import Window
from tests.explorer.fake_renderer import model_info

from .slow import Slow


@pytest.fixture
def engine() -> Slow:
    """In the place of the fake engine that all windows have."""
    fake = Slow()
    path = Path("/models/fake-32.safetensors")
    fake.models[path] = model_info("fake-32", 32)
    return fake


@pytest.fixture
def slow(engine: Slow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: Window) -> Path:
    """A model that stops half-way until the test lets it go on; patience is over at once."""
    path = tmp_path / "slow-16.safetensors"
    path.write_bytes(b"stands for a model")
    engine.models[path] = model_info("slow-16", 16)
    engine.allowed = threading.Semaphore(5)
    window.commands._patience.setInterval(1)
    monkeypatch.setattr("explorer.task.TOLD", 0.0)
    return path
